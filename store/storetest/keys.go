package storetest

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account/keyring"
	"zat/crypto/grant"
	"zat/crypto/seal"
	"zat/fault"
	"zat/meeting"
)

// rekeying: a vault gets another key only when nothing changed since it was read,
// and what was made for the old key is refused after that.
func rekeying(t *testing.T, w *world) {
	id := w.newCase("Reiger-27", start, time.Time{})
	it := meeting.Item{ID: uuid.New(), Team: w.team, Vault: id, Seq: 1, Kind: meeting.Note, Author: w.member, At: start, Sealed: []byte("old")}
	w.must(w.s.UpdateMeeting(w.ctx, func(tx meeting.Tx) error { _, err := tx.InsertItem(it); return err }))
	before, err := w.s.Vault(w.ctx, id)
	w.must(err)
	after := before
	after.Recipient, after.Shred, after.Keyed = "s", make([]byte, 32), start.Add(time.Hour)
	after.Shred[0] = 1
	swap := func(from grant.Vault) (swapped bool) {
		w.must(w.s.UpdateKeys(w.ctx, func(tx keyring.Tx) (err error) {
			swapped, err = tx.SwapVault(from, after)
			return err
		}))
		return swapped
	}
	w.must(w.s.UpdateKeys(w.ctx, func(tx keyring.Tx) error { return tx.Touch(before) }))
	if swap(before) {
		t.Error("a vault that changed meanwhile got a new key")
	}
	before, err = w.s.Vault(w.ctx, id)
	w.must(err)
	if !swap(before) {
		t.Fatal("a vault at rest got no new key")
	}
	now, err := w.s.Vault(w.ctx, id)
	w.must(err)
	if now.Recipient != "s" || now.Shred[0] != 1 || !now.Keyed.Equal(after.Keyed) {
		t.Errorf("the vault has key %q since %v", now.Recipient, now.Keyed)
	}
	oldKey(t, w, before)
	replacing(t, w, now, it.ID)
	waiting(t, w, id)
}

// oldKey: what was made for the key that a vault had before is refused.
func oldKey(t *testing.T, w *world, before grant.Vault) {
	for name, fn := range map[string]func(tx keyring.Tx) error{
		"touch": func(tx keyring.Tx) error { return tx.Touch(before) },
		"grant": func(tx keyring.Tx) error {
			return tx.PutGrant(grant.Grant{Vault: before.ID, Key: "r", Member: w.member, Recipient: "m", Vouch: []byte("v"), Sealed: []byte("g"), From: start})
		},
	} {
		if err := w.s.UpdateKeys(w.ctx, fn); !fault.Is(err, fault.Busy) {
			t.Errorf("%s for the old key: %v, want busy", name, err)
		}
	}
	err := w.s.UpdateMeeting(w.ctx, func(tx meeting.Tx) error { _, err := tx.NextSeq(before); return err })
	if !fault.Is(err, fault.Busy) {
		t.Errorf("a text for the old key: %v, want busy", err)
	}
}

// replacing: a text is replaced where it is in this vault, and nowhere else.
func replacing(t *testing.T, w *world, now grant.Vault, item uuid.UUID) {
	w.must(w.s.UpdateKeys(w.ctx, func(tx keyring.Tx) error {
		for _, c := range []struct {
			vault uuid.UUID
			want  bool
		}{{now.ID, true}, {uuid.New(), false}} {
			there, err := tx.PutSealed(c.vault, seal.Placed{Place: seal.InItem, Header: seal.Header{Item: item}, Sealed: []byte("new")})
			if err != nil || there != c.want {
				t.Errorf("replacing a text: %v, %v, want %v", there, err, c.want)
			}
		}
		n, err := tx.CountSealed(now)
		if n != 1 {
			t.Errorf("%d texts are counted", n)
		}
		return err
	}))
	got, err := w.s.Item(w.ctx, item)
	w.must(err)
	if string(got.Sealed) != "new" {
		t.Errorf("the text is %d bytes of something else", len(got.Sealed))
	}
}

// waiting: a vault waits from the end of a grant until it is cleared, once.
func waiting(t *testing.T, w *world, id uuid.UUID) {
	count := func() int {
		list, err := w.s.StaleVaults(w.ctx, w.team)
		w.must(err)
		return len(list)
	}
	if count() != 0 {
		t.Error("a vault waits of which no grant ended")
	}
	for range 2 {
		w.must(w.s.UpdateKeys(w.ctx, func(tx keyring.Tx) error { return tx.DeleteGrant(id, w.member, start) }))
	}
	if count() != 1 {
		t.Errorf("%d vaults wait after the end of a grant", count())
	}
	w.must(w.s.UpdateKeys(w.ctx, func(tx keyring.Tx) error { return tx.ClearStale(id) }))
	if count() != 0 {
		t.Error("a vault with a new key waits on")
	}
}
