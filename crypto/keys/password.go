package keys

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"

	"zat/crypto/internal/agebox"
)

// Cost is what one run of Argon2id takes.
type Cost struct {
	MemoryKiB uint32
	Time      uint32
	Threads   uint8
}

// Standard is the cost of every password outside tests: 64 MiB, three passes,
// one lane (design: "Keys"; above the OWASP minimum).
var Standard = Cost{MemoryKiB: 64 * 1024, Time: 3, Threads: 1}

// ErrPassword is returned for a wrong password.
var ErrPassword = errors.New("keys: wrong password")

// PasswordLock is what the database keeps of a password: nothing that opens
// anything without it. The TOTP secret is sealed by the same run of Argon2id,
// so that a stolen database yields no second factor either.
type PasswordLock struct {
	Salt     []byte
	Cost     Cost
	Verifier []byte
	Identity []byte // age identity, sealed
	TOTP     []byte // TOTP secret, sealed
}

// LockWithPassword seals the identity and the TOTP secret under a password.
// owner is the account's id: a copy cannot be moved to another account.
func LockWithPassword(password string, owner string, cost Cost, id *Identity, totp []byte) (PasswordLock, error) {
	salt := make([]byte, 16)
	rand.Read(salt)
	keys, err := derive(password, salt, cost)
	if err != nil {
		return PasswordLock{}, err
	}
	secret := agebox.Marshal(id)
	defer clear(secret)
	lock := PasswordLock{Salt: salt, Cost: cost, Verifier: keys.verifier}
	if lock.Identity, err = wrap(keys.wrapping, "identity/"+owner, secret); err != nil {
		return PasswordLock{}, err
	}
	lock.TOTP, err = wrap(keys.totp, "totp/"+owner, totp)
	return lock, err
}

// Unlock opens the identity and the TOTP secret. It takes one run of Argon2id
// whatever the outcome.
func (l PasswordLock) Unlock(password string, owner string) (*Identity, []byte, error) {
	keys, err := derive(password, l.Salt, l.Cost)
	if err != nil {
		return nil, nil, err
	}
	if subtle.ConstantTimeCompare(keys.verifier, l.Verifier) != 1 {
		return nil, nil, ErrPassword
	}
	secret, err := unwrap(keys.wrapping, "identity/"+owner, l.Identity)
	if err != nil {
		return nil, nil, err
	}
	defer clear(secret)
	id, err := agebox.Parse(secret)
	if err != nil {
		return nil, nil, err
	}
	totp, err := unwrap(keys.totp, "totp/"+owner, l.TOTP)
	return id, totp, err
}

// NoPassword is the lock of somebody who has passkeys only: no password opens it.
func NoPassword(cost Cost) PasswordLock {
	salt := make([]byte, 16)
	rand.Read(salt)
	return PasswordLock{Salt: salt, Cost: cost, Verifier: []byte{}, Identity: []byte{}, TOTP: []byte{}}
}

// Decoy spends the time of one Unlock, for an address that nobody has.
func Decoy(password string, cost Cost) {
	derive(password, make([]byte, 16), cost)
}

// Digest returns 32 bytes of a public text, at the price of one Unlock: for what
// people compare by voice, where trying many texts must not be cheap.
func Digest(text string, cost Cost) []byte {
	return argon2.IDKey([]byte(text), []byte("zat/v1/digest..."), cost.Time, cost.MemoryKiB, cost.Threads, 32)
}

type derived struct{ verifier, wrapping, totp []byte }

func derive(password string, salt []byte, c Cost) (derived, error) {
	master := argon2.IDKey([]byte(password), salt, c.Time, c.MemoryKiB, c.Threads, 32)
	defer clear(master)
	var d derived
	for _, k := range []struct {
		out  *[]byte
		info string
	}{{&d.verifier, "zat/v1/verifier"}, {&d.wrapping, "zat/v1/identity"}, {&d.totp, "zat/v1/totp"}} {
		key, err := hkdf.Key(sha256.New, master, salt, k.info, 32)
		if err != nil {
			return derived{}, fmt.Errorf("deriving keys: %w", err)
		}
		*k.out = key
	}
	return d, nil
}

// wrap seals a short secret under a symmetric key; label binds it to its place.
func wrap(key []byte, label string, secret []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("wrapping: %w", err)
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(secret)+aead.Overhead())
	rand.Read(nonce)
	return aead.Seal(nonce, nonce, secret, []byte(label)), nil
}

func unwrap(key []byte, label string, box []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("unwrapping: %w", err)
	}
	if len(box) < aead.NonceSize() {
		return nil, agebox.ErrOpen
	}
	secret, err := aead.Open(nil, box[:aead.NonceSize()], box[aead.NonceSize():], []byte(label))
	if err != nil {
		return nil, agebox.ErrOpen
	}
	return secret, nil
}
