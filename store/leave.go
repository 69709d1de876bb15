package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/staff"
	"zat/crypto/grant"
	"zat/fault"
)

const dutySelect = `SELECT c.id, (SELECT count(*) FROM item i WHERE i.vault = c.id AND i.kind IN ('agreement', 'feedback') AND i.done = 0 AND i.responsible = $1), c.lead = $1
	FROM case_file c WHERE c.closed = 0 AND (c.lead = $1
	OR EXISTS (SELECT 1 FROM item i WHERE i.vault = c.id AND i.kind IN ('agreement', 'feedback') AND i.done = 0 AND i.responsible = $1)) ORDER BY c.id`

func scanDuty(r scanner) (d staff.Duty, err error) {
	return d, r.Scan(&d.Case, &d.Agreements, &d.Lead)
}

// Duties lists the open cases in which a member leads or has open agreements.
func (s *Store) Duties(ctx context.Context, member uuid.UUID) ([]staff.Duty, error) {
	return many(ctx, s, scanDuty, dutySelect, member)
}

// Duties is Store.Duties as this change sees it.
func (t *Tx) Duties(member uuid.UUID) ([]staff.Duty, error) {
	return manyIn(t, scanDuty, dutySelect, member)
}

// Member is Store.Member as this change sees it.
func (t *Tx) Member(id uuid.UUID) (account.Member, error) {
	m, err := scanMember(t.row(memberSelect+`WHERE m.id = $1`, id))
	if none(err) {
		err = fault.New(fault.NotFound, "error.notfound")
	}
	return m, err
}

// GrantsOf is Store.GrantsOf as this change sees it.
func (t *Tx) GrantsOf(member uuid.UUID) ([]grant.Grant, error) {
	return manyIn(t, scanGrant, grantSelect+`WHERE member = $1`, member)
}

// HandOver gives open agreements and leads to another member.
func (t *Tx) HandOver(from, to uuid.UUID) error {
	if err := t.run(`UPDATE item SET responsible = $2 WHERE kind IN ('agreement', 'feedback') AND done = 0 AND responsible = $1`, from, to); err != nil {
		return err
	}
	return t.run(`UPDATE case_file SET lead = $2, revision = revision + 1 WHERE lead = $1 AND closed = 0`, from, to)
}

// CoordinatorsBut counts the coordinators, but one, who can open the register.
func (t *Tx) CoordinatorsBut(team, member uuid.UUID) (int, error) {
	n := 0
	err := t.row(`SELECT count(*) FROM vault v JOIN vault_grant g ON g.vault = v.id JOIN member m ON m.id = g.member
		JOIN account a ON a.id = m.account WHERE v.team = $1 AND v.kind = 'register' AND m.id <> $2 AND m.ended = 0 AND m.joined > 0
		AND m.role = 'coordinator' AND g.recipient = a.recipient AND g.until = 0`, team, member).Scan(&n)
	return n, err
}

// EndDisclosuresTo deletes the names disclosed to a member.
func (t *Tx) EndDisclosuresTo(member uuid.UUID) ([]uuid.UUID, error) {
	return manyIn(t, scanID, `DELETE FROM disclosure WHERE member = $1 RETURNING case_id`, member)
}

// EndMember ends a membership with all that hangs on it.
func (t *Tx) EndMember(m account.Member, when time.Time) ([]grant.Vault, error) {
	ended, err := t.first(`UPDATE member SET ended = $2 WHERE id = $1 AND ended = 0`, m.ID, ms(when))
	if err != nil {
		return nil, err
	}
	if !ended {
		return nil, fault.New(fault.Conflict, "error.leave.gone")
	}
	vaults, err := manyIn(t, func(r scanner) (v grant.Vault, err error) {
		return v, r.Scan(&v.ID, &v.Team, &v.Kind)
	}, `SELECT v.id, v.team, v.kind FROM vault v JOIN vault_grant g ON g.vault = v.id WHERE g.member = $1 ORDER BY v.id`, m.ID)
	if err != nil {
		return nil, err
	}
	for _, v := range vaults {
		if err := t.DeleteGrant(v.ID, m.ID, when); err != nil {
			return nil, err
		}
	}
	for _, query := range []string{
		`UPDATE visit SET ended = 1, box = NULL WHERE member = $1`,
		`DELETE FROM invitation WHERE member = $1`,
		`DELETE FROM draft WHERE member = $1`,
		`DELETE FROM question WHERE asked_of = $1 AND answered = 0`,
		`DELETE FROM attendee WHERE member = $1 AND session IN (SELECT id FROM session WHERE state = 'planned')`,
	} {
		if err := t.run(query, m.ID); err != nil {
			return nil, err
		}
	}
	return vaults, nil
}

// HeldBy lists the vaults for which a member has a grant.
func (t *Tx) HeldBy(member uuid.UUID) ([]staff.Held, error) {
	return manyIn(t, func(r scanner) (h staff.Held, err error) {
		return h, r.Scan(&h.Vault.ID, &h.Vault.Team, &h.Vault.Kind, &h.Why)
	}, `SELECT v.id, v.team, v.kind, g.why FROM vault v JOIN vault_grant g ON g.vault = v.id WHERE g.member = $1 ORDER BY v.id`, member)
}

// SetRole gives a member another role.
func (t *Tx) SetRole(m account.Member, role account.Role) error {
	changed, err := t.first(`UPDATE member SET role = $2 WHERE id = $1 AND role = $3 AND ended = 0`, m.ID, string(role), string(m.Role))
	if err != nil {
		return err
	}
	if !changed {
		return fault.New(fault.Conflict, "error.leave.gone")
	}
	queries := []string{`UPDATE visit SET ended = 1, box = NULL WHERE member = $1`}
	if !role.AtTable() {
		queries = append(queries, `DELETE FROM disclosure WHERE member = $1`, `DELETE FROM question WHERE asked_of = $1 AND answered = 0`,
			`DELETE FROM attendee WHERE member = $1 AND session IN (SELECT id FROM session WHERE state = 'planned')`)
	}
	for _, q := range queries {
		if err := t.run(q, m.ID); err != nil {
			return err
		}
	}
	return nil
}
