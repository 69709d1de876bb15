package keys

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"zat/crypto/internal/agebox"
)

// PRFSize is how many bytes a passkey's pseudo-random function gives (WebAuthn
// level 3, 10.1.4).
const PRFSize = 32

// ErrPRF is returned for a value that no passkey gives.
var ErrPRF = errors.New("keys: not the value of a passkey")

// PasskeyLock is what the database keeps of the way in by a passkey.
type PasskeyLock struct {
	Salt     []byte
	Identity []byte // age identity, sealed; empty for a passkey that opens nothing
}

// Opens reports whether the passkey opens the identity.
func (l PasskeyLock) Opens() bool { return len(l.Identity) > 0 }

// LockWithPasskey seals the identity under what the passkey's pseudo-random function
// gave. owner is the account's id.
func LockWithPasskey(prf []byte, owner string, id *Identity) (PasskeyLock, error) {
	l := PasskeyLock{Salt: make([]byte, 16)}
	rand.Read(l.Salt)
	key, err := l.key(prf)
	if err != nil {
		return PasskeyLock{}, err
	}
	secret := agebox.Marshal(id)
	defer clear(secret)
	l.Identity, err = wrap(key, "passkey/identity/"+owner, secret)
	return l, err
}

// Unlock opens what LockWithPasskey sealed, or fails with ErrOpen.
func (l PasskeyLock) Unlock(prf []byte, owner string) (*Identity, error) {
	key, err := l.key(prf)
	if err != nil {
		return nil, err
	}
	secret, err := unwrap(key, "passkey/identity/"+owner, l.Identity)
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	return agebox.Parse(secret)
}

func (l PasskeyLock) key(prf []byte) ([]byte, error) {
	if len(prf) != PRFSize {
		return nil, ErrPRF
	}
	key, err := hkdf.Key(sha256.New, prf, l.Salt, "zat/v1/passkey/identity", 32)
	if err != nil {
		return nil, fmt.Errorf("deriving keys: %w", err)
	}
	return key, nil
}
