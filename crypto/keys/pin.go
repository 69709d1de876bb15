package keys

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"zat/crypto/internal/agebox"
)

// PIN tags the PIN of a session with its owner's identity: whoever has the database alone
// cannot try the few PINs that there are.
func PIN(id *Identity, session, pin string) ([]byte, error) {
	secret := agebox.Marshal(id)
	defer clear(secret)
	key, err := hkdf.Key(sha256.New, secret, nil, "zat/v1/pin/"+session, 32)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	h := hmac.New(sha256.New, key)
	h.Write([]byte(pin))
	return h.Sum(nil), nil
}
