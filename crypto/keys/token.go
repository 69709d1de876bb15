package keys

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"zat/crypto/internal/agebox"
)

// Token is 256 random bits that a browser keeps in a cookie or a person gets
// in a link. The database holds only its hash.
type Token struct{ b [32]byte }

// ErrToken is returned for text that is no token.
var ErrToken = errors.New("keys: not a token")

// NewToken draws a token.
func NewToken() Token {
	var t Token
	rand.Read(t.b[:])
	return t
}

// ParseToken reads the text form of a token.
func ParseToken(s string) (Token, error) {
	var t Token
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != len(t.b) {
		return Token{}, ErrToken
	}
	copy(t.b[:], b)
	return t, nil
}

// Secret returns the text form, for the cookie or the link only.
func (t Token) Secret() string { return base64.RawURLEncoding.EncodeToString(t.b[:]) }

// Hash returns what the database may know of the token.
func (t Token) Hash() []byte {
	h := sha256.Sum256(append([]byte("zat/v1/token-hash/"), t.b[:]...))
	return h[:]
}

func (t Token) Format(f fmt.State, _ rune)   { io.WriteString(f, "[redacted]") }
func (t Token) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }

// SealForToken seals an identity so that only the holder of the token opens it:
// a stolen database opens no session.
func SealForToken(t Token, owner string, id *Identity) ([]byte, error) {
	key, err := t.key()
	if err != nil {
		return nil, err
	}
	secret := agebox.Marshal(id)
	defer clear(secret)
	return wrap(key, "session/"+owner, secret)
}

// OpenWithToken opens what SealForToken sealed.
func OpenWithToken(t Token, owner string, box []byte) (*Identity, error) {
	key, err := t.key()
	if err != nil {
		return nil, err
	}
	secret, err := unwrap(key, "session/"+owner, box)
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	return agebox.Parse(secret)
}

func (t Token) key() ([]byte, error) {
	key, err := hkdf.Key(sha256.New, t.b[:], nil, "zat/v1/session", 32)
	if err != nil {
		return nil, fmt.Errorf("deriving session key: %w", err)
	}
	return key, nil
}
