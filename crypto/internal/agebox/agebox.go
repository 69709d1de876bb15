// Package agebox is the only place that calls age. It lies in an internal
// folder so that nothing outside crypto can decrypt: code that wants content
// has to go through crypto/seal, which asks for a receipt of the access log.
//
// Every key is hybrid post-quantum (X25519 with ML-KEM-768), from the first
// day: age refuses to mix hybrid and classic recipients in one file.
package agebox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"filippo.io/age"
)

// MaxRecipients is the most recipients one file may have: age writes more and
// cannot read them back (measured, see the architecture page).
const MaxRecipients = 1024

// ErrOpen is returned for every file that cannot be opened, whatever the
// cause: wrong key, damaged, or tampered with.
var ErrOpen = errors.New("agebox: cannot be opened with this key")

// Identity is a secret key. It prints as [redacted] under every verb.
type Identity struct{ id *age.HybridIdentity }

// Generate returns a new random identity.
func Generate() (*Identity, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, fmt.Errorf("generating identity: %w", err)
	}
	return &Identity{id}, nil
}

// Parse reads an identity from the form that Marshal gives.
func Parse(secret []byte) (*Identity, error) {
	id, err := age.ParseHybridIdentity(string(secret))
	if err != nil {
		return nil, ErrOpen // the cause could quote the secret
	}
	return &Identity{id}, nil
}

// Marshal returns the secret in its text form, to be sealed at once.
func Marshal(i *Identity) []byte { return []byte(i.id.String()) }

// Recipient returns the public half, "age1pq1…".
func (i *Identity) Recipient() string { return i.id.Recipient().String() }

func (i *Identity) String() string               { return "[redacted]" }
func (i *Identity) GoString() string             { return "[redacted]" }
func (i *Identity) Format(f fmt.State, _ rune)   { io.WriteString(f, "[redacted]") }
func (i *Identity) MarshalJSON() ([]byte, error) { return []byte(`"[redacted]"`), nil }

// Pending is a file whose header is being made: the costly half of sealing, which
// needs the recipients and not yet the text. A Pending that is never finished
// costs nothing more.
type Pending struct {
	out  bytes.Buffer
	w    io.WriteCloser
	err  error
	done chan struct{}
}

// Begin starts a file to all recipients, beside what the caller goes on to do.
func Begin(recipients ...string) *Pending {
	p := &Pending{done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.w, p.err = begin(&p.out, recipients)
	}()
	return p
}

// Finish seals the plaintext and returns the file. It is called once.
func (p *Pending) Finish(plaintext []byte) ([]byte, error) {
	<-p.done
	if p.err != nil {
		return nil, p.err
	}
	return finish(p.w, &p.out, plaintext)
}

// Encrypt seals plaintext to all recipients.
func Encrypt(plaintext []byte, recipients ...string) ([]byte, error) {
	var out bytes.Buffer
	w, err := begin(&out, recipients)
	if err != nil {
		return nil, err
	}
	return finish(w, &out, plaintext)
}

func begin(out io.Writer, recipients []string) (io.WriteCloser, error) {
	if len(recipients) == 0 || len(recipients) > MaxRecipients {
		return nil, fmt.Errorf("sealing to %d recipients: between 1 and %d are possible", len(recipients), MaxRecipients)
	}
	list := make([]age.Recipient, len(recipients))
	for i, s := range recipients {
		r, err := parsed.get(s)
		if err != nil {
			return nil, err
		}
		list[i] = r
	}
	w, err := age.Encrypt(out, list...)
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return w, nil
}

func finish(w io.WriteCloser, out *bytes.Buffer, plaintext []byte) ([]byte, error) {
	if _, err := w.Write(plaintext); err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return out.Bytes(), nil
}

// Decrypt opens an age file. It reads to the end before it returns a byte,
// since a tampered tail shows only there.
func Decrypt(i *Identity, file []byte) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(file), i.id)
	if err != nil {
		return nil, ErrOpen
	}
	var out bytes.Buffer
	out.Grow(len(file))
	if _, err := io.Copy(&out, r); err != nil {
		return nil, ErrOpen
	}
	return out.Bytes(), nil
}

// parsed keeps parsed recipients: parsing one costs about as much as using it,
// and a school has a few hundred. It holds public keys only.
var parsed = recipients{known: map[string]*age.HybridRecipient{}}

type recipients struct {
	mu    sync.Mutex
	known map[string]*age.HybridRecipient
}

const maxParsed = 512

func (c *recipients) get(s string) (*age.HybridRecipient, error) {
	c.mu.Lock()
	r := c.known[s]
	c.mu.Unlock()
	if r != nil {
		return r, nil
	}
	r, err := age.ParseHybridRecipient(s)
	if err != nil {
		return nil, fmt.Errorf("parsing recipient: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= maxParsed {
		clear(c.known)
	}
	c.known[s] = r
	return r, nil
}
