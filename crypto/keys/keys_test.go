package keys_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"zat/crypto/keys"
)

// cheap is a cost for tests only.
var cheap = keys.Cost{MemoryKiB: 64, Time: 1, Threads: 1}

func identity(t testing.TB) *keys.Identity {
	t.Helper()
	id, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(id.Recipient(), "age1pq1") {
		t.Fatalf("a recipient that is not hybrid: %.10s", id.Recipient())
	}
	return id
}

func TestPasswordLock(t *testing.T) {
	id, second := identity(t), []byte("twaalf bytes")
	l, err := keys.LockWithPassword("lang en van mij", "owner", cheap, id, second)
	if err != nil {
		t.Fatal(err)
	}
	back, totp, err := l.Unlock("lang en van mij", "owner")
	if err != nil || back.Recipient() != id.Recipient() || !bytes.Equal(totp, second) {
		t.Fatalf("does not open again: %v", err)
	}
	if _, _, err := l.Unlock("lang en van mij ", "owner"); !errors.Is(err, keys.ErrPassword) {
		t.Errorf("another password: %v", err)
	}
	if _, _, err := l.Unlock("lang en van mij", "another"); err == nil {
		t.Error("a lock moved to another account opens")
	}
	mixed, err := keys.LockWithPassword("een andere lange zin", "owner", cheap, identity(t), second)
	if err != nil {
		t.Fatal(err)
	}
	mixed.Identity = l.Identity
	if _, _, err := mixed.Unlock("een andere lange zin", "owner"); err == nil {
		t.Error("an identity of another lock opens")
	}
	if bytes.Contains(l.TOTP, second) {
		t.Error("the second factor is readable")
	}
}

func TestToken(t *testing.T) {
	tok, id := keys.NewToken(), identity(t)
	back, err := keys.ParseToken(tok.Secret())
	if err != nil || !bytes.Equal(back.Hash(), tok.Hash()) {
		t.Fatalf("a token changes on its way: %v", err)
	}
	box, err := keys.SealForToken(tok, "owner", id)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := keys.OpenWithToken(back, "owner", box); err != nil || got.Recipient() != id.Recipient() {
		t.Errorf("does not open: %v", err)
	}
	if _, err := keys.OpenWithToken(keys.NewToken(), "owner", box); !errors.Is(err, keys.ErrOpen) {
		t.Errorf("another token: %v", err)
	}
	if _, err := keys.OpenWithToken(tok, "another", box); !errors.Is(err, keys.ErrOpen) {
		t.Errorf("another session: %v", err)
	}
	if out := fmt.Sprintf("%v %s %+v %#v %x", tok, tok, tok, tok, tok); strings.Contains(out, tok.Secret()) || !strings.Contains(out, "[redacted]") {
		t.Error("a token prints itself")
	}
	if out := fmt.Sprintf("%v %s %+v %#v", id, id, id, id); strings.Contains(out, "SECRET") {
		t.Error("an identity prints itself")
	}
}

func TestParseTokenRefuses(t *testing.T) {
	good := keys.NewToken().Secret()
	for name, s := range map[string]string{"empty": "", "short": good[:42], "long": good + "A", "other letters": strings.Repeat("!", 43), "padded": good + "="} {
		if _, err := keys.ParseToken(s); !errors.Is(err, keys.ErrToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// BenchmarkUnlock is what one sign-in costs at the standard setting.
func BenchmarkUnlock(b *testing.B) {
	l, err := keys.LockWithPassword("lang en van mij", "owner", keys.Standard, identity(b), []byte("twaalf bytes"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := l.Unlock("lang en van mij", "owner"); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzToken: what reads as a token is the one text form of it.
func FuzzToken(f *testing.F) {
	f.Add(keys.NewToken().Secret())
	f.Add("")
	f.Add(strings.Repeat("A", 43))
	f.Fuzz(func(t *testing.T, s string) {
		token, err := keys.ParseToken(s)
		if err != nil {
			return
		}
		again, err := keys.ParseToken(token.Secret())
		if err != nil || again != token {
			t.Errorf("a token does not read as itself: %v", err)
		}
	})
}
