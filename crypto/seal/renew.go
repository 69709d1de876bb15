package seal

import (
	"bytes"

	"zat/account"
	"zat/crypto/internal/agebox"
)

// Place is what sort of row holds sealed bytes.
type Place string

const (
	InItem   Place = "item"
	InReply  Place = "reply"  // to a signal of the inbox
	InAnswer Place = "answer" // to a question of recognition
	InPupil  Place = "pupil"
	InLink   Place = "link" // from a case to its pupil
)

// Placed is a sealed text with its place. Also are those who open it besides the
// holders of the vault's key.
type Placed struct {
	Place  Place
	Header Header
	Also   []string
	Sealed Sealed
}

// Renew seals the text anew to other recipients. Nobody gets to see it, so it
// asks for no receipt; where the text belongs is checked as in Open.
func Renew(key account.Key, p Placed, recipients ...string) (Sealed, error) {
	id, ok := key.(*agebox.Identity)
	if !ok || id == nil {
		return nil, ErrOpen
	}
	head, err := p.Header.marshal()
	if err != nil {
		return nil, err
	}
	plain, err := agebox.Decrypt(id, p.Sealed)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	if !bytes.HasPrefix(plain, head) {
		return nil, ErrMoved
	}
	return agebox.Encrypt(plain, recipients...)
}
