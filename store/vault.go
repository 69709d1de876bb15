package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zat/crypto/grant"
	"zat/fault"
)

const vaultSelect = `SELECT v.id, v.team, v.kind, v.recipient, k.key, v.created, v.keyed, v.changes FROM vault v JOIN shred_key k ON k.vault = v.id `

func scanVault(r scanner) (v grant.Vault, err error) {
	return v, r.Scan(&v.ID, &v.Team, &v.Kind, &v.Recipient, &v.Shred, at{&v.Created}, at{&v.Keyed}, &v.Changes)
}

// Vault returns a vault that was not destroyed.
func (s *Store) Vault(ctx context.Context, id uuid.UUID) (grant.Vault, error) {
	return one(ctx, s, scanVault, vaultSelect+`WHERE v.id = $1`, id)
}

// TeamVault returns the team's own vault of a kind.
func (s *Store) TeamVault(ctx context.Context, team uuid.UUID, k grant.Kind) (grant.Vault, error) {
	return one(ctx, s, scanVault, vaultSelect+`WHERE v.team = $1 AND v.kind = $2`, team, string(k))
}

const (
	grantColumns = `vault, member, recipient, vouch, sealed, given_by, basis, why, since, until`
	grantSelect  = `SELECT ` + grantColumns + ` FROM vault_grant `
)

func grantFields(g *grant.Grant) []any {
	return []any{&g.Vault, &g.Member, &g.Recipient, &g.Vouch, &g.Sealed, &g.By, &g.Basis, &g.Why, at{&g.From}, at{&g.Until}}
}

func scanGrant(r scanner) (g grant.Grant, err error) { return g, r.Scan(grantFields(&g)...) }

// Grant returns a member's grant of a vault.
func (s *Store) Grant(ctx context.Context, vault, member uuid.UUID) (grant.Grant, error) {
	return one(ctx, s, scanGrant, grantSelect+`WHERE vault = $1 AND member = $2`, vault, member)
}

// GrantsOf returns all grants of a member.
func (s *Store) GrantsOf(ctx context.Context, member uuid.UUID) ([]grant.Grant, error) {
	return many(ctx, s, scanGrant, grantSelect+`WHERE member = $1`, member)
}

// InsertVault stores a vault and its shred key.
func (t *Tx) InsertVault(v grant.Vault) error {
	if err := t.run(`INSERT INTO vault (id, team, kind, recipient, created, keyed) VALUES ($1, $2, $3, $4, $5, $6)`, v.ID, v.Team, string(v.Kind), v.Recipient, ms(v.Created), ms(v.Keyed)); err != nil {
		return err
	}
	return t.run(`INSERT INTO shred_key (vault, key) VALUES ($1, $2)`, v.ID, v.Shred)
}

// PutGrant stores a grant, in the place of an earlier one.
func (t *Tx) PutGrant(g grant.Grant) error {
	if err := t.Touch(grant.Vault{ID: g.Vault, Recipient: g.Key}); err != nil {
		return err
	}
	return t.run(`INSERT INTO vault_grant (`+grantColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (vault, member) DO UPDATE SET recipient = $3, vouch = $4, sealed = $5, given_by = $6, basis = $7, why = $8, since = $9, until = $10`,
		g.Vault, g.Member, g.Recipient, g.Vouch, g.Sealed, g.By, g.Basis, g.Why, ms(g.From), ms(g.Until))
}

// ReplaceGrant stores a grant in the place of one that was read.
func (t *Tx) ReplaceGrant(was, g grant.Grant) (bool, error) {
	if err := t.Touch(grant.Vault{ID: g.Vault, Recipient: g.Key}); err != nil {
		return false, err
	}
	return t.first(`UPDATE vault_grant SET recipient = $3, vouch = $4, sealed = $5, given_by = $6, basis = $7, why = $8, since = $9, until = $10
		WHERE vault = $1 AND member = $2 AND vouch = $11`,
		g.Vault, g.Member, g.Recipient, g.Vouch, g.Sealed, g.By, g.Basis, g.Why, ms(g.From), ms(g.Until), was.Vouch)
}

// DeleteGrant ends a grant at once.
func (t *Tx) DeleteGrant(vault, member uuid.UUID, when time.Time) error {
	gone, err := t.first(`DELETE FROM vault_grant WHERE vault = $1 AND member = $2`, vault, member)
	if err != nil || !gone {
		return err
	}
	return t.MarkStale(vault, when)
}

// DropGrants deletes the grants that ended and returns them.
func (t *Tx) DropGrants(now time.Time) ([]grant.Grant, error) {
	gone, err := manyIn(t, scanGrant, `DELETE FROM vault_grant WHERE until > 0 AND until <= $1 RETURNING `+grantColumns, ms(now))
	if err != nil {
		return nil, err
	}
	for _, g := range gone {
		if err := t.MarkStale(g.Vault, now); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

// Touch counts a change of what a vault holds.
func (t *Tx) Touch(v grant.Vault) error {
	same, err := t.first(`UPDATE vault SET changes = changes + 1 WHERE id = $1 AND recipient = $2`, v.ID, v.Recipient)
	if err == nil && !same {
		err = rekeyed()
	}
	return err
}

// NextSeq takes the next sequence number of a vault.
func (t *Tx) NextSeq(v grant.Vault) (uint64, error) {
	var n int64
	err := t.row(`UPDATE vault SET next_seq = next_seq + 1, changes = changes + 1 WHERE id = $1 AND recipient = $2 RETURNING next_seq - 1`, v.ID, v.Recipient).Scan(&n)
	if none(err) {
		err = rekeyed()
	}
	return uint64(n), err
}

func rekeyed() error { return fault.New(fault.Busy, "error.again") }
