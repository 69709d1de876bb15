// Package seal turns texts into sealed bytes and opens them again, against a
// receipt of the access log only.
//
// What is sealed carries inside it where it belongs: team, vault, item, kind,
// author and sequence. Opening checks them against the row, because age tells
// nobody who sealed a file: without this an insider could move a text to
// another case or put his own in somebody else's place. The caller must take
// the header from the row that holds the bytes.
package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/internal/agebox"
)

// Header says where a sealed text belongs.
type Header struct {
	Team   uuid.UUID
	Vault  uuid.UUID
	Item   uuid.UUID
	Kind   string // at most 32 bytes
	Author uuid.UUID
	Seq    uint64
}

// Sealed is sealed bytes. It prints as [sealed] under every verb.
type Sealed []byte

func (Sealed) String() string               { return "[sealed]" }
func (Sealed) GoString() string             { return "[sealed]" }
func (Sealed) Format(f fmt.State, _ rune)   { io.WriteString(f, "[sealed]") }
func (Sealed) MarshalJSON() ([]byte, error) { return []byte(`"[sealed]"`), nil }

// Text is opened text. It prints as [redacted] under every verb, in JSON and in
// slog; Reveal gives what it says, for the page that was asked for.
type Text struct{ s string }

// NewText returns a text that prints as [redacted].
func NewText(s string) Text { return Text{s} }

// Reveal returns the text itself.
func (t Text) Reveal() string { return t.s }

func (Text) String() string               { return "[redacted]" }
func (Text) GoString() string             { return "[redacted]" }
func (Text) Format(f fmt.State, _ rune)   { io.WriteString(f, "[redacted]") }
func (Text) MarshalJSON() ([]byte, error) { return []byte(`"[redacted]"`), nil }

var (
	// ErrReceipt is returned when no durable line covers what is to be opened.
	ErrReceipt = errors.New("seal: no receipt for this text")
	// ErrMoved is returned when a text is sealed for another place than its row.
	ErrMoved = errors.New("seal: text belongs elsewhere")
	// ErrOpen is returned when the bytes do not open with this key.
	ErrOpen = agebox.ErrOpen
)

const version = 1

func (h Header) marshal() ([]byte, error) {
	if len(h.Kind) == 0 || len(h.Kind) > 32 {
		return nil, fmt.Errorf("sealing: kind %q is not between 1 and 32 bytes", h.Kind)
	}
	b := make([]byte, 0, 128)
	b = append(b, version, byte(len(h.Kind)))
	b = append(b, h.Kind...)
	for _, id := range []uuid.UUID{h.Team, h.Vault, h.Item, h.Author} {
		b = append(b, id[:]...)
	}
	return binary.BigEndian.AppendUint64(b, h.Seq), nil
}

// Seal seals a text to all recipients.
func Seal(h Header, t Text, recipients ...string) (Sealed, error) {
	head, err := h.marshal()
	if err != nil {
		return nil, err
	}
	return agebox.Encrypt(append(head, t.s...), recipients...)
}

// Pending is a sealing that was begun before the text and its sequence were known.
type Pending struct {
	box *agebox.Pending
	to  string
}

// Begin starts sealing to one recipient, beside what the caller goes on to do: most
// of the work is in the key exchange, and need not happen inside a transaction.
func Begin(recipient string) *Pending { return &Pending{agebox.Begin(recipient), recipient} }

// To reports whether the sealing is for this recipient. A nil Pending is for none.
func (p *Pending) To(recipient string) bool { return p != nil && p.to == recipient }

// Finish seals the text. It is called once.
func (p *Pending) Finish(h Header, t Text) (Sealed, error) {
	head, err := h.marshal()
	if err != nil {
		return nil, err
	}
	return p.box.Finish(append(head, t.s...))
}

// Open opens a text. It fails with ErrReceipt unless the receipt covers the
// header's vault or item, and with ErrMoved unless the text was sealed for just
// this header.
func Open(r audit.Receipt, key account.Key, h Header, s Sealed) (Text, error) {
	if !r.Covers(h.Team, h.Vault, h.Item) {
		return Text{}, ErrReceipt
	}
	id, ok := key.(*agebox.Identity)
	if !ok || id == nil {
		return Text{}, ErrOpen
	}
	head, err := h.marshal()
	if err != nil {
		return Text{}, err
	}
	plain, err := agebox.Decrypt(id, s)
	if err != nil {
		return Text{}, err
	}
	body, ok := bytes.CutPrefix(plain, head)
	if !ok {
		return Text{}, ErrMoved
	}
	return Text{string(body)}, nil
}
