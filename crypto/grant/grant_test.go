package grant_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/crypto/grant"
	"zat/crypto/keys"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func identity(t testing.TB) *keys.Identity {
	t.Helper()
	id, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestOpen(t *testing.T) {
	me, other := identity(t), identity(t)
	v, key, err := grant.NewVault(uuid.New(), grant.Case, now)
	if err != nil {
		t.Fatal(err)
	}
	g, err := grant.Give(v, key, grant.Grant{Member: uuid.New(), Why: "participant", From: now, Until: now.Add(time.Hour)}, me.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	second, _, err := grant.NewVault(v.Team, grant.Case, now)
	if err != nil {
		t.Fatal(err)
	}
	shredded := v
	shredded.Shred = make([]byte, 32)
	theirs, longer, elsewhere, moved := g, g, g, g
	theirs.Member = uuid.New()
	longer.Until = time.Time{}
	moved.Recipient = other.Recipient()
	elsewhere.Vault = second.ID
	for _, c := range []struct {
		name string
		v    grant.Vault
		g    grant.Grant
		key  *keys.Identity
		at   time.Time
		open bool
	}{
		{"in force", v, g, me, now, true},
		{"to the last moment", v, g, me, now.Add(time.Hour - 1), true},
		{"at its end", v, g, me, now.Add(time.Hour), false},
		{"that was lengthened", v, longer, me, now, false},
		{"written over to another key", v, moved, me, now, false},
		{"before its beginning", v, g, me, now.Add(-time.Second), false},
		{"with another's key", v, g, other, now, false},
		{"in a row of another member", v, theirs, me, now, false},
		{"in a row of another vault", second, elsewhere, me, now, false},
		{"of a case whose shred key is gone", shredded, g, me, now, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, err := grant.Open(c.v, c.g, c.key, c.at)
			if c.open != (err == nil) {
				t.Fatalf("opens: %v", err)
			}
			if err != nil && !errors.Is(err, grant.ErrNone) {
				t.Errorf("%v, want ErrNone", err)
			}
			if err == nil && k.Recipient() != v.Recipient {
				t.Error("opens another vault's key")
			}
		})
	}
	forever, err := grant.Give(v, key, grant.Grant{Member: uuid.New(), Why: "role", From: now}, me.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := grant.Open(v, forever, me, now.AddDate(10, 0, 0)); err != nil {
		t.Errorf("a grant without an end ends: %v", err)
	}
}

// TestGiveWantsTheVaultsKey makes a grant of a key that is not the vault's.
func TestGiveWantsTheVaultsKey(t *testing.T) {
	v, _, err := grant.NewVault(uuid.New(), grant.Case, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := grant.Give(v, identity(t), grant.Grant{Member: uuid.New(), From: now}, identity(t).Recipient()); err == nil {
		t.Error("a grant of another key is made")
	}
}
