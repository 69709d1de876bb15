package seal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/keys"
	"zat/crypto/logtree"
	"zat/crypto/seal"
)

// ledger keeps lines in memory; receipts come from the real log.
type ledger struct{ f logtree.Frontier }

func (l *ledger) UpdateLog(_ context.Context, fn func(audit.Tx) error) error { return fn(l) }
func (l *ledger) LogFrontier(uuid.UUID) (logtree.Frontier, error)            { return l.f, nil }
func (l *ledger) ProcessingVersion(uuid.UUID) (int, error)                   { return 1, nil }
func (l *ledger) InsertLogEntry(_ uuid.UUID, _ audit.Entry, next logtree.Frontier) error {
	l.f = next
	return nil
}

func receipt(t testing.TB, team, about uuid.UUID) audit.Receipt {
	t.Helper()
	log := &audit.Log{Store: &ledger{}, Now: time.Now, System: "test"}
	a := account.Actor{Member: uuid.New(), Team: team, Role: account.Coordinator}
	r, err := log.Look(context.Background(), a.Team, audit.By(a, audit.CaseRead, audit.ObjCase, about).For(audit.PurposeCare, ""))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func header() seal.Header {
	return seal.Header{Team: uuid.New(), Vault: uuid.New(), Item: uuid.New(), Kind: "note", Author: uuid.New(), Seq: 3}
}

func identity(t testing.TB) *keys.Identity {
	t.Helper()
	id, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

const secret = "geheim, en niet van hier"

func TestOpen(t *testing.T) {
	id, other, h := identity(t), identity(t), header()
	sealed, err := seal.Seal(h, seal.NewText(secret), id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("geheim")) {
		t.Fatal("sealed bytes hold the text")
	}
	change := func(fn func(*seal.Header)) seal.Header { x := h; fn(&x); return x }
	elsewhere := change(func(x *seal.Header) { x.Team = uuid.New() })
	for _, c := range []struct {
		name string
		r    audit.Receipt
		key  account.Key
		h    seal.Header
		b    []byte
		want error
	}{
		{"with a line about its vault", receipt(t, h.Team, h.Vault), id, h, sealed, nil},
		{"with a line about the item", receipt(t, h.Team, h.Item), id, h, sealed, nil},
		{"without a line", audit.Receipt{}, id, h, sealed, seal.ErrReceipt},
		{"with a line about something else", receipt(t, h.Team, uuid.New()), id, h, sealed, seal.ErrReceipt},
		{"with another key", receipt(t, h.Team, h.Vault), other, h, sealed, seal.ErrOpen},
		{"with a line in another team's log", receipt(t, elsewhere.Team, h.Vault), id, h, sealed, seal.ErrReceipt},
		{"in another team", receipt(t, elsewhere.Team, h.Vault), id, elsewhere, sealed, seal.ErrMoved},
		{"as another item", receipt(t, h.Team, h.Vault), id, change(func(x *seal.Header) { x.Item = uuid.New() }), sealed, seal.ErrMoved},
		{"as another kind", receipt(t, h.Team, h.Vault), id, change(func(x *seal.Header) { x.Kind = "signal" }), sealed, seal.ErrMoved},
		{"by another author", receipt(t, h.Team, h.Vault), id, change(func(x *seal.Header) { x.Author = uuid.New() }), sealed, seal.ErrMoved},
		{"at another place", receipt(t, h.Team, h.Vault), id, change(func(x *seal.Header) { x.Seq++ }), sealed, seal.ErrMoved},
		{"cut short", receipt(t, h.Team, h.Vault), id, h, sealed[:len(sealed)-1], seal.ErrOpen},
		{"with a tail", receipt(t, h.Team, h.Vault), id, h, append(bytes.Clone(sealed), 0), seal.ErrOpen},
		{"empty", receipt(t, h.Team, h.Vault), id, h, nil, seal.ErrOpen},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, err := seal.Open(c.r, c.key, c.h, c.b)
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if want := map[bool]string{true: secret}[c.want == nil]; text.Reveal() != want {
				t.Errorf("opened %d bytes", len(text.Reveal()))
			}
		})
	}
}

// TestMovedVault takes a text to another vault whose key the thief holds.
func TestMovedVault(t *testing.T) {
	id, h := identity(t), header()
	sealed, err := seal.Seal(h, seal.NewText(secret), id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	h.Vault = uuid.New()
	if _, err := seal.Open(receipt(t, h.Team, h.Vault), id, h, sealed); !errors.Is(err, seal.ErrMoved) {
		t.Errorf("%v", err)
	}
}

// TestDamage changes every byte of a sealed text once: none opens.
func TestDamage(t *testing.T) {
	id, h := identity(t), header()
	r := receipt(t, h.Team, h.Vault)
	sealed, err := seal.Seal(h, seal.NewText(secret), id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(sealed); i += 7 {
		b := bytes.Clone(sealed)
		b[i] ^= 1
		if text, err := seal.Open(r, id, h, b); err == nil || text.Reveal() != "" {
			t.Fatalf("opens with byte %d changed", i)
		}
	}
}

func TestPending(t *testing.T) {
	id, h := identity(t), header()
	p := seal.Begin(id.Recipient())
	if !p.To(id.Recipient()) || p.To("age1pq1other") || (*seal.Pending)(nil).To(id.Recipient()) {
		t.Error("a sealing that was begun is for another recipient")
	}
	sealed, err := p.Finish(h, seal.NewText(secret))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := seal.Open(receipt(t, h.Team, h.Vault), id, h, sealed); err != nil || text.Reveal() != secret {
		t.Errorf("%v", err)
	}
	if _, err := seal.Begin("no recipient").Finish(h, seal.NewText(secret)); err == nil {
		t.Error("seals to nobody")
	}
}

// TestNothingPrints formats texts in every way that reaches a log by accident.
func TestNothingPrints(t *testing.T) {
	text := seal.NewText(secret)
	sealed := seal.Sealed("zat-sealed-bytes")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T%v"} {
		for _, v := range []any{text, &text, []seal.Text{text}, sealed, struct{ T seal.Text }{text}} {
			out := fmt.Sprintf(verb, v)
			if strings.Contains(out, "geheim") || strings.Contains(out, "67656865696d") || strings.Contains(out, "zat-sealed") {
				t.Errorf("%s prints %s", verb, out)
			}
		}
	}
	b, err := json.Marshal(map[string]any{"t": text, "s": sealed})
	if err != nil || string(b) != `{"s":"[sealed]","t":"[redacted]"}` {
		t.Errorf("JSON is %s, %v", b, err)
	}
}
