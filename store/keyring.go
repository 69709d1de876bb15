package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zat/account/keyring"
	"zat/crypto/grant"
	"zat/crypto/seal"
)

// UpdateKeys runs a change of keys.
func (s *Store) UpdateKeys(ctx context.Context, fn func(keyring.Tx) error) error {
	return s.update(ctx, func(tx *Tx) error { return fn(tx) })
}

// StaleVaults lists a team's vaults that wait for a new key.
func (s *Store) StaleVaults(ctx context.Context, team uuid.UUID) ([]keyring.Stale, error) {
	return many(ctx, s, func(r scanner) (w keyring.Stale, err error) {
		v := &w.Vault
		return w, r.Scan(&v.ID, &v.Team, &v.Kind, &v.Recipient, at{&w.Since})
	}, `SELECT v.id, v.team, v.kind, v.recipient, w.since FROM stale_vault w JOIN vault v ON v.id = w.vault WHERE v.team = $1 ORDER BY w.since, v.id`, team)
}

// Vaults lists a team's vaults.
func (s *Store) Vaults(ctx context.Context, team uuid.UUID) ([]grant.Vault, error) {
	return many(ctx, s, scanVault, vaultSelect+`WHERE v.team = $1 ORDER BY v.kind, v.created, v.id`, team)
}

// Holders returns the grants of a vault with their members.
func (s *Store) Holders(ctx context.Context, vault uuid.UUID) ([]keyring.Holder, error) {
	return many(ctx, s, func(r scanner) (h keyring.Holder, err error) {
		m := &h.Member
		return h, r.Scan(append(grantFields(&h.Grant), &m.ID, &m.Account, &m.Team, &m.Organisation, &m.OrgName, &m.External, &m.Role, &m.Name, &m.Email, &m.Recipient, at{&m.Ended})...)
	}, `SELECT g.vault, g.member, g.recipient, g.vouch, g.sealed, g.given_by, g.basis, g.why, g.since, g.until,
		m.id, m.account, m.team, m.organisation, o.name, o.external, m.role, a.name, a.email, `+ownRecipient+`, m.ended
		FROM vault_grant g JOIN member m ON m.id = g.member JOIN account a ON a.id = m.account JOIN organisation o ON o.id = m.organisation
		WHERE g.vault = $1 ORDER BY a.name, m.id`, vault)
}

// Inventory lists a team's vaults with how many can open them.
func (s *Store) Inventory(ctx context.Context, team uuid.UUID, now time.Time) ([]keyring.Held, error) {
	return many(ctx, s, func(r scanner) (h keyring.Held, err error) {
		return h, r.Scan(&h.Vault, &h.Kind, &h.Pseudonym, at{&h.Keyed}, at{&h.Waiting}, &h.Holders, &h.Backed)
	}, `SELECT v.id, v.kind, coalesce(c.pseudonym, ''), v.keyed, coalesce(w.since, 0), (SELECT count(*) FROM vault_grant g JOIN member m ON m.id = g.member JOIN account a ON a.id = m.account
			WHERE g.vault = v.id AND m.ended = 0 AND g.recipient = a.recipient AND g.since <= $2 AND (g.until = 0 OR g.until > $2)),
			EXISTS (SELECT 1 FROM backing b JOIN team_recovery r ON r.id = b.member WHERE b.vault = v.id AND r.team = v.team)
		FROM vault v LEFT JOIN case_file c ON c.id = v.id LEFT JOIN stale_vault w ON w.vault = v.id
		WHERE v.team = $1 ORDER BY v.kind, c.pseudonym, v.created, v.id`, team, ms(now))
}

// PastKeys returns a vault's earlier keys, each sealed to its present one.
func (s *Store) PastKeys(ctx context.Context, vault uuid.UUID) ([]grant.Past, error) {
	return many(ctx, s, func(r scanner) (p grant.Past, err error) {
		return p, r.Scan(&p.Recipient, &p.Sealed)
	}, `SELECT recipient, sealed FROM past_key WHERE vault = $1`, vault)
}

// SwapVault gives a vault its new key, unless it changed since before was read.
func (t *Tx) SwapVault(before, after grant.Vault) (bool, error) {
	same, err := t.first(`UPDATE vault SET recipient = $2, keyed = $3, changes = changes + 1 WHERE id = $1 AND recipient = $4 AND changes = $5`,
		after.ID, after.Recipient, ms(after.Keyed), before.Recipient, before.Changes)
	if err != nil || !same {
		return false, err
	}
	return t.first(`UPDATE shred_key SET key = $2 WHERE vault = $1`, after.ID, after.Shred)
}

// sealedAt says how a text at a place is replaced and counted: $1 is the vault,
// $2 the row, $3 the sealed bytes. Each place is named here and nowhere else.
var sealedAt = map[seal.Place]struct{ update, count string }{
	seal.InItem: {`UPDATE item SET sealed = $3 WHERE vault = $1 AND id = $2`,
		`SELECT count(*) FROM item WHERE vault = $1`},
	seal.InReply: {`UPDATE inbox SET reply = $3 WHERE item = (SELECT id FROM item WHERE id = $2 AND vault = $1)`,
		`SELECT count(*) FROM inbox x JOIN item i ON i.id = x.item WHERE i.vault = $1 AND length(x.reply) > 0`},
	seal.InAnswer: {`UPDATE question SET sealed = $3 WHERE id = $2 AND team = (SELECT team FROM vault WHERE id = $1 AND kind = 'inbox')`,
		`SELECT count(*) FROM question q JOIN vault v ON v.team = q.team AND v.kind = 'inbox' WHERE v.id = $1 AND q.answered > 0`},
	seal.InPupil: {`UPDATE register_entry SET sealed = $3 WHERE id = $2 AND team = (SELECT team FROM vault WHERE id = $1 AND kind = 'register')`,
		`SELECT count(*) FROM register_entry e JOIN vault v ON v.team = e.team AND v.kind = 'register' WHERE v.id = $1`},
	seal.InLink: {`UPDATE case_link SET sealed = $3 WHERE case_id = $2 AND team = (SELECT team FROM vault WHERE id = $1 AND kind = 'register')`,
		`SELECT count(*) FROM case_link l JOIN vault v ON v.team = l.team AND v.kind = 'register' WHERE v.id = $1`},
}

// PutSealed replaces one sealed text of a vault.
func (t *Tx) PutSealed(vault uuid.UUID, p seal.Placed) (bool, error) {
	at, ok := sealedAt[p.Place]
	if !ok {
		return false, fmt.Errorf("there is no place %q", p.Place)
	}
	return t.first(at.update, vault, p.Header.Item, []byte(p.Sealed))
}

// CountSealed counts what is sealed for a vault's key.
func (t *Tx) CountSealed(v grant.Vault) (int, error) {
	all := 0
	for _, at := range sealedAt {
		n := 0
		if err := t.row(at.count, v.ID).Scan(&n); err != nil {
			return 0, err
		}
		all += n
	}
	return all, nil
}

// DropGrantsOf deletes all grants of a vault.
func (t *Tx) DropGrantsOf(vault uuid.UUID) error {
	return t.run(`DELETE FROM vault_grant WHERE vault = $1`, vault)
}

// PutPast replaces the earlier keys of a vault.
func (t *Tx) PutPast(vault uuid.UUID, keys []grant.Past) error {
	if err := t.run(`DELETE FROM past_key WHERE vault = $1`, vault); err != nil {
		return err
	}
	for _, p := range keys {
		if err := t.run(`INSERT INTO past_key (vault, recipient, sealed) VALUES ($1, $2, $3)`, vault, p.Recipient, p.Sealed); err != nil {
			return err
		}
	}
	return nil
}

// MarkStale lets a vault wait for a new key.
func (t *Tx) MarkStale(vault uuid.UUID, since time.Time) error {
	if err := t.run(`UPDATE vault SET changes = changes + 1 WHERE id = $1`, vault); err != nil {
		return err
	}
	return t.run(`INSERT INTO stale_vault (vault, since) VALUES ($1, $2) ON CONFLICT DO NOTHING`, vault, ms(since))
}

// ClearStale takes a vault off the list of those that wait.
func (t *Tx) ClearStale(vault uuid.UUID) error {
	return t.run(`DELETE FROM stale_vault WHERE vault = $1`, vault)
}
