package store

import (
	"context"

	"github.com/google/uuid"

	"zat/crypto/grant"
)

// Backing returns the way of the team's recovery identity into a vault.
func (s *Store) Backing(ctx context.Context, vault uuid.UUID) (grant.Grant, error) {
	return one(ctx, s, func(r scanner) (g grant.Grant, err error) {
		g.Why = "recovery"
		return g, r.Scan(&g.Vault, &g.Member, &g.Recipient, &g.Vouch, &g.Sealed, &g.By, at{&g.From})
	}, `SELECT vault, member, recipient, vouch, sealed, given_by, since FROM backing WHERE vault = $1`, vault)
}

// PutBacking stores it, in the place of an earlier one.
func (t *Tx) PutBacking(g grant.Grant) error {
	if err := t.Touch(grant.Vault{ID: g.Vault, Recipient: g.Key}); err != nil {
		return err
	}
	return t.run(`INSERT INTO backing (vault, member, recipient, vouch, sealed, given_by, since) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (vault) DO UPDATE SET member = $2, recipient = $3, vouch = $4, sealed = $5, given_by = $6, since = $7`,
		g.Vault, g.Member, g.Recipient, g.Vouch, g.Sealed, g.By, ms(g.From))
}

// DropBacking deletes it.
func (t *Tx) DropBacking(vault uuid.UUID) error {
	return t.run(`DELETE FROM backing WHERE vault = $1`, vault)
}

// Unbacked lists the team's vaults into which a recovery identity has no way.
func (s *Store) Unbacked(ctx context.Context, team, backing uuid.UUID) ([]uuid.UUID, error) {
	return many(ctx, s, scanID, `SELECT v.id FROM vault v JOIN shred_key k ON k.vault = v.id LEFT JOIN backing b ON b.vault = v.id
		WHERE v.team = $1 AND (b.member IS NULL OR b.member <> $2) ORDER BY v.created, v.id`, team, backing)
}

// Paper returns what is known of a team's recovery identity.
func (s *Store) Paper(ctx context.Context, team uuid.UUID) (grant.Paper, error) {
	return one(ctx, s, func(r scanner) (p grant.Paper, err error) {
		return p, r.Scan(&p.Team, &p.ID, at{&p.Made}, &p.MadeBy, at{&p.Used}, &p.Kept)
	}, `SELECT team, id, made, made_by, used, kept FROM team_recovery WHERE team = $1`, team)
}

// PutPaper stores it, in the place of an earlier one.
func (t *Tx) PutPaper(p grant.Paper) error {
	return t.run(`INSERT INTO team_recovery (team, id, made, made_by, used, kept) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (team) DO UPDATE SET id = $2, made = $3, made_by = $4, used = $5, kept = $6`, p.Team, p.ID, ms(p.Made), p.MadeBy, ms(p.Used), p.Kept)
}

// KeepPaper records that the end of a team's recovery identity was typed back.
func (t *Tx) KeepPaper(team uuid.UUID) error {
	return t.run(`UPDATE team_recovery SET kept = 1 WHERE team = $1`, team)
}
