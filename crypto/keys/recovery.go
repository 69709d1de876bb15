package keys

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"strings"

	"zat/crypto/internal/agebox"
)

// RecoveryCode is what a member prints and keeps: 145 random bits and a check
// character, in six groups of five (ASVS 5.0, 11.5.1, asks 128). It opens his identity when his password or
// his phone is lost. There is too much of it to be guessed, so it needs no
// Argon2id.
type RecoveryCode struct{ s string }

// Crockford's base32: no I, L, O or U, which are misread or misheard.
const (
	codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength  = 30
	codeGroup   = 5
)

// ErrCode is returned for text that is no recovery code, as after a slip of the
// pen.
var ErrCode = errors.New("keys: not a recovery code")

// NewRecoveryCode draws a code.
func NewRecoveryCode() RecoveryCode {
	b := make([]byte, codeLength-1)
	rand.Read(b)
	for i := range b {
		b[i] = codeLetters[b[i]%32] // 256 is a multiple of 32: no letter is likelier
	}
	return RecoveryCode{string(b) + string(checkLetter(b))}
}

// ParseRecoveryCode reads a code as people type it: in either case, with or
// without dashes and spaces, O for 0, I and L for 1.
func ParseRecoveryCode(typed string) (RecoveryCode, error) {
	var b []byte
	for _, r := range strings.ToUpper(typed) {
		switch {
		case r == 'O':
			r = '0'
		case r == 'I' || r == 'L':
			r = '1'
		case r == '-' || r == ' ' || r == '\t' || r == '\r' || r == '\n' || r == '\u00a0' || r == '\u2013':
			continue
		}
		if r > 'Z' || strings.IndexByte(codeLetters, byte(r)) < 0 || len(b) == codeLength {
			return RecoveryCode{}, ErrCode
		}
		b = append(b, byte(r))
	}
	if len(b) != codeLength || b[codeLength-1] != checkLetter(b[:codeLength-1]) {
		return RecoveryCode{}, ErrCode
	}
	return RecoveryCode{string(b)}, nil
}

// checkLetter tells one wrong letter, and two that were swapped.
func checkLetter(b []byte) byte {
	h := sha256.Sum256(append([]byte("zat/v1/recovery-check/"), b...))
	return codeLetters[h[0]%32]
}

// Secret returns the text form, for the one who prints it only.
func (c RecoveryCode) Secret() string {
	var groups []string
	for i := 0; i+codeGroup <= len(c.s); i += codeGroup {
		groups = append(groups, c.s[i:i+codeGroup])
	}
	return strings.Join(groups, "-")
}

// EndsWith reports whether somebody typed back the last group, which proves that
// he has it before his eyes.
func (c RecoveryCode) EndsWith(typed string) bool {
	typed = strings.NewReplacer("O", "0", "I", "1", "L", "1", " ", "", "-", "").Replace(strings.ToUpper(typed))
	return len(c.s) == codeLength && typed == c.s[codeLength-codeGroup:]
}

func (c RecoveryCode) Format(f fmt.State, _ rune)   { io.WriteString(f, "[redacted]") }
func (c RecoveryCode) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }

// CodeLock is what the database keeps of a recovery code.
type CodeLock struct {
	Salt     []byte
	Verifier []byte
	Identity []byte // age identity, sealed
	TOTP     []byte // TOTP secret, sealed
}

// LockWithCode seals the identity and the TOTP secret under a code. owner is the
// account's id.
func LockWithCode(c RecoveryCode, owner string, id *Identity, totp []byte) (CodeLock, error) {
	l := CodeLock{Salt: make([]byte, 16)}
	rand.Read(l.Salt)
	d, err := c.derive(l.Salt)
	if err != nil {
		return CodeLock{}, err
	}
	secret := agebox.Marshal(id)
	defer clear(secret)
	l.Verifier = d.verifier
	if l.Identity, err = wrap(d.wrapping, "recovery/identity/"+owner, secret); err != nil {
		return CodeLock{}, err
	}
	l.TOTP, err = wrap(d.totp, "recovery/totp/"+owner, totp)
	return l, err
}

// Unlock opens what LockWithCode sealed, or fails with ErrPassword.
func (l CodeLock) Unlock(c RecoveryCode, owner string) (*Identity, []byte, error) {
	d, err := c.derive(l.Salt)
	if err != nil {
		return nil, nil, err
	}
	if subtle.ConstantTimeCompare(d.verifier, l.Verifier) != 1 {
		return nil, nil, ErrPassword
	}
	secret, err := unwrap(d.wrapping, "recovery/identity/"+owner, l.Identity)
	if err != nil {
		return nil, nil, err
	}
	defer clear(secret)
	id, err := agebox.Parse(secret)
	if err != nil {
		return nil, nil, err
	}
	totp, err := unwrap(d.totp, "recovery/totp/"+owner, l.TOTP)
	return id, totp, err
}

func (c RecoveryCode) derive(salt []byte) (derived, error) {
	var d derived
	for _, k := range []struct {
		out  *[]byte
		info string
	}{{&d.verifier, "zat/v1/recovery/verifier"}, {&d.wrapping, "zat/v1/recovery/identity"}, {&d.totp, "zat/v1/recovery/totp"}} {
		key, err := hkdf.Key(sha256.New, []byte(c.s), salt, k.info, 32)
		if err != nil {
			return derived{}, fmt.Errorf("deriving keys: %w", err)
		}
		*k.out = key
	}
	return d, nil
}
