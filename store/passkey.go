package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zat/account/signin"
	"zat/fault"
)

const passkeySelect = `SELECT id, account, ref, name, credential, salt, identity, created, used FROM passkey `

func scanPasskey(r scanner) (k signin.Passkey, err error) {
	return k, r.Scan(&k.ID, &k.Account, &k.Ref, &k.Name, &k.Credential, &k.Lock.Salt, &k.Lock.Identity, at{&k.Created}, at{&k.Used})
}

// Passkeys lists the passkeys of an account.
func (s *Store) Passkeys(ctx context.Context, acc uuid.UUID) ([]signin.Passkey, error) {
	return many(ctx, s, scanPasskey, passkeySelect+`WHERE account = $1 ORDER BY created, ref`, acc)
}

// Passkey returns a passkey.
func (s *Store) Passkey(ctx context.Context, id []byte) (signin.Passkey, error) {
	return one(ctx, s, scanPasskey, passkeySelect+`WHERE id = $1`, id)
}

// InsertPasskey stores a passkey.
func (t *Tx) InsertPasskey(k signin.Passkey) error {
	return t.run(`INSERT INTO passkey (id, account, ref, name, credential, salt, identity, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		k.ID, k.Account, k.Ref, k.Name, k.Credential, k.Lock.Salt, k.Lock.Identity, ms(k.Created))
}

// UsePasskey records that a passkey was used.
func (t *Tx) UsePasskey(id, credential []byte, when time.Time) error {
	return t.run(`UPDATE passkey SET credential = $2, used = $3 WHERE id = $1`, id, credential, ms(when))
}

// DeletePasskey deletes a passkey of an account.
func (t *Tx) DeletePasskey(acc uuid.UUID, ref string) (bool, error) {
	return t.first(`DELETE FROM passkey WHERE account = $1 AND ref = $2`, acc, ref)
}

// DropPasskeys deletes all passkeys of an account.
func (t *Tx) DropPasskeys(acc uuid.UUID) error {
	return t.run(`DELETE FROM passkey WHERE account = $1`, acc)
}

// PasskeysThatOpen counts the passkeys that open the account's keys.
func (t *Tx) PasskeysThatOpen(acc uuid.UUID) (int, error) {
	n := 0
	err := t.row(`SELECT count(*) FROM passkey WHERE account = $1 AND length(identity) > 0`, acc).Scan(&n)
	return n, err
}

// maxChallenges is how many of a kind may be open at once: anybody can ask for one, and
// a flood of one kind leaves room for the others.
const maxChallenges = 10_000

// PutChallenge keeps a challenge and forgets those that are over.
func (t *Tx) PutChallenge(c signin.Challenge, now time.Time) error {
	if err := t.run(`DELETE FROM challenge WHERE until < $1`, ms(now)); err != nil {
		return err
	}
	stored, err := t.first(`INSERT INTO challenge (hash, kind, account, data, until) SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM challenge WHERE kind = $2) < $6`,
		c.Hash, c.Kind, c.Account, c.Data, ms(c.Until), maxChallenges)
	if err == nil && !stored {
		err = fault.New(fault.Busy, "error.again")
	}
	return err
}

// TakeChallenge deletes a challenge and returns it.
func (t *Tx) TakeChallenge(hash []byte) (c signin.Challenge, err error) {
	err = t.row(`DELETE FROM challenge WHERE hash = $1 RETURNING hash, kind, account, data, until`, hash).Scan(&c.Hash, &c.Kind, &c.Account, &c.Data, at{&c.Until})
	if none(err) {
		err = fault.New(fault.NotFound, "error.notfound")
	}
	return c, err
}

// RenewVisit gives a session another token, and a proof.
func (t *Tx) RenewVisit(old, hash, box []byte, proved time.Time) (bool, error) {
	return t.first(`UPDATE visit SET hash = $2, box = $3, proved = $4, covered = 0, touched = $4, pin_tries = 0 WHERE hash = $1 AND ended = 0`, old, hash, box, ms(proved))
}
