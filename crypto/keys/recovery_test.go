package keys_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"zat/crypto/keys"
)

// TestRecoveryCode: a code opens what it locked, as people type it, and nothing
// else does.
func TestRecoveryCode(t *testing.T) {
	id, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	code := keys.NewRecoveryCode()
	lock, err := keys.LockWithCode(code, "me", id, []byte("totp"))
	if err != nil {
		t.Fatal(err)
	}
	secret := code.Secret()
	for name, typed := range map[string]string{"as printed": secret, "lower case": strings.ToLower(secret), "without dashes": strings.ReplaceAll(secret, "-", ""),
		"with spaces": strings.ReplaceAll(secret, "-", " "), "misread": strings.NewReplacer("0", "O", "1", "l").Replace(secret), "long dashes": strings.ReplaceAll(secret, "-", "–")} {
		c, err := keys.ParseRecoveryCode(typed)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, totp, err := lock.Unlock(c, "me")
		if err != nil || got.Recipient() != id.Recipient() || string(totp) != "totp" {
			t.Errorf("%s does not open: %v", name, err)
		}
	}
	if _, _, err := lock.Unlock(keys.NewRecoveryCode(), "me"); !errors.Is(err, keys.ErrPassword) {
		t.Errorf("another code: %v", err)
	}
	if _, _, err := lock.Unlock(code, "you"); err == nil {
		t.Error("a lock moved to another account opens")
	}
	if !code.EndsWith(strings.ToLower(secret[30:])) || code.EndsWith(secret[:5]) || code.EndsWith("") || (keys.RecoveryCode{}).EndsWith("") {
		t.Error("the last group is not told from others")
	}
	if s := fmt.Sprintf("%v %+v %#v %s", code, code, code, code); strings.Contains(s, secret[:5]) {
		t.Error("a code prints itself")
	}
	raw := bytes.Join([][]byte{lock.Salt, lock.Verifier, lock.Identity, lock.TOTP}, nil)
	if bytes.Contains(raw, []byte("AGE-SECRET")) || bytes.Contains(raw, []byte("totp")) {
		t.Error("the lock holds a secret in the clear")
	}
}

// TestSlipOfThePen: of the codes with one letter wrong nearly all are refused
// before anything is tried.
func TestSlipOfThePen(t *testing.T) {
	secret, slips := keys.NewRecoveryCode().Secret(), 0
	for i := range secret {
		if secret[i] == '-' {
			continue
		}
		letter := "A"
		if secret[i] == 'A' {
			letter = "B"
		}
		if _, err := keys.ParseRecoveryCode(secret[:i] + letter + secret[i+1:]); err == nil {
			slips++
		}
	}
	if slips > 5 {
		t.Errorf("%d of 25 slips pass for a code", slips)
	}
}

func FuzzRecoveryCode(f *testing.F) {
	f.Add(keys.NewRecoveryCode().Secret())
	f.Add("ooooo-iiiii-lllll-00000-11111")
	f.Add("\u212a é\xff")
	f.Fuzz(func(t *testing.T, typed string) {
		c, err := keys.ParseRecoveryCode(typed)
		if err != nil {
			return
		}
		again, err := keys.ParseRecoveryCode(c.Secret())
		if err != nil || again != c {
			t.Errorf("a code does not read back")
		}
	})
}
