package agebox

import (
	"bytes"
	"fmt"

	"filippo.io/age"
)

// NewFileKey makes a key for files that leave zat. It is X25519, which every version of
// the age command reads; what lies in the database has hybrid keys. secret is its text
// form.
func NewFileKey() (secret, recipient string, err error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", fmt.Errorf("making a key for files: %w", err)
	}
	return id.String(), id.Recipient().String(), nil
}

// EncryptFile encrypts a file for such keys, at least one.
func EncryptFile(plain []byte, recipients ...string) ([]byte, error) {
	var to []age.Recipient
	for _, r := range recipients {
		x, err := age.ParseX25519Recipient(r)
		if err != nil {
			return nil, fmt.Errorf("reading a recipient: %w", err)
		}
		to = append(to, x)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	if err != nil {
		return nil, fmt.Errorf("encrypting a file: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("encrypting a file: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encrypting a file: %w", err)
	}
	return out.Bytes(), nil
}
