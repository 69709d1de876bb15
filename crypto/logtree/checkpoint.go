package logtree

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is what a log commits to: that it had this size and this root.
type Checkpoint struct {
	Origin string
	Size   uint64
	Root   Hash
}

// Signer signs the checkpoints of one log.
type Signer struct{ s note.Signer }

// Verifier checks the checkpoints of one log: those of its key, and those that keys
// before it signed as long as they were its key.
type Verifier struct {
	v    note.Verifier
	past []pastKey
}

type pastKey struct {
	v     note.Verifier
	until uint64 // size of the log when the key was replaced
}

// ErrCheckpoint is returned for text that is no checkpoint of this log.
var ErrCheckpoint = errors.New("logtree: not a checkpoint of this log")

// GenerateKey returns a new secret Ed25519 key in the text form of a signed note.
// It belongs outside the database.
func GenerateKey(origin string) (secret string, err error) {
	secret, _, err = note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return "", fmt.Errorf("generating log key: %w", err)
	}
	return secret, nil
}

// PublicOf returns the public half of a secret key. A signed note's key is
// PRIVATE+KEY+name+hash+data, where data is the algorithm and the seed in base64.
func PublicOf(secret string) (string, error) {
	s, err := ParseSigner(secret)
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(secret)
	data, err := base64.StdEncoding.DecodeString(text[len("PRIVATE+KEY+"+s.Origin()+"+00000000+"):])
	if err != nil || len(data) != 1+ed25519.SeedSize {
		return "", errors.New("logtree: not a log key")
	}
	return note.NewEd25519VerifierKey(s.Origin(), ed25519.NewKeyFromSeed(data[1:]).Public().(ed25519.PublicKey))
}

// ParseSigner reads a secret key.
func ParseSigner(secret string) (*Signer, error) {
	s, err := note.NewSigner(strings.TrimSpace(secret))
	if err != nil {
		return nil, errors.New("logtree: not a log key") // the cause could quote the key
	}
	return &Signer{s}, nil
}

// ParseVerifier reads a public key.
func ParseVerifier(public string) (*Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return nil, fmt.Errorf("reading public log key: %w", err)
	}
	return &Verifier{v: v}, nil
}

// Past adds a key that the log had before. What it signed of a larger log than there
// was when it was replaced counts for nothing: by then it may have been stolen.
func (v *Verifier) Past(public string, until uint64) error {
	p, err := ParseVerifier(public)
	if err != nil {
		return err
	}
	if p.v.Name() != v.v.Name() {
		return fmt.Errorf("%w: origin %q", ErrCheckpoint, p.v.Name())
	}
	if p.v.KeyHash() != v.v.KeyHash() {
		v.past = append(v.past, pastKey{p.v, until})
	}
	return nil
}

// Origin returns the log's name, the first line of its checkpoints.
func (s *Signer) Origin() string { return s.s.Name() }

// Sign returns the signed checkpoint, a C2SP signed note.
func (s *Signer) Sign(size uint64, root Hash) ([]byte, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n", s.s.Name(), size, base64.StdEncoding.EncodeToString(root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, s.s)
	if err != nil {
		return nil, fmt.Errorf("signing checkpoint: %w", err)
	}
	return signed, nil
}

// Open checks the signature and returns the checkpoint.
func (v *Verifier) Open(signed []byte) (Checkpoint, error) {
	known := []note.Verifier{v.v}
	for _, p := range v.past {
		known = append(known, p.v)
	}
	n, err := note.Open(signed, note.VerifierList(known...))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %v", ErrCheckpoint, err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != v.v.Name() {
		return Checkpoint{}, fmt.Errorf("%w: origin %q", ErrCheckpoint, c.Origin)
	}
	if !v.signedInTime(n.Sigs, c.Size) {
		return Checkpoint{}, fmt.Errorf("%w: signed with a key that was replaced", ErrCheckpoint)
	}
	return c, nil
}

func (v *Verifier) signedInTime(sigs []note.Signature, size uint64) bool {
	for _, s := range sigs {
		if s.Hash == v.v.KeyHash() {
			return true
		}
		for _, p := range v.past {
			if s.Hash == p.v.KeyHash() && size <= p.until {
				return true
			}
		}
	}
	return false
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) < 4 {
		return Checkpoint{}, ErrCheckpoint
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: size", ErrCheckpoint)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	c := Checkpoint{Origin: lines[0], Size: size}
	if err != nil || len(root) != len(c.Root) {
		return Checkpoint{}, fmt.Errorf("%w: root", ErrCheckpoint)
	}
	copy(c.Root[:], root)
	return c, nil
}
