package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/crypto/seal"
	"zat/fault"
	"zat/meeting"
	"zat/pseudonym"
)

// UpdateMeeting runs a change of the work.
func (s *Store) UpdateMeeting(ctx context.Context, fn func(meeting.Tx) error) error {
	return s.update(ctx, func(tx *Tx) error { return fn(tx) })
}

const caseColumns = `c.id, c.team, c.pseudonym, c.phase, c.domains, c.band, c.lead, c.evaluate_on, c.opened, c.opened_by, c.closed, c.last_at, c.revision`

type caseScan struct {
	c       meeting.Case
	domains string
}

func (x *caseScan) dest() []any {
	c := &x.c
	return []any{&c.ID, &c.Team, &c.Pseudonym, &c.Phase, &x.domains, &c.Band, &c.Lead, at{&c.EvaluateOn}, at{&c.Opened}, &c.OpenedBy, at{&c.Closed}, at{&c.LastAt}, &c.Revision}
}

func (x *caseScan) value() meeting.Case {
	for _, d := range strings.Fields(x.domains) {
		x.c.Domains = append(x.c.Domains, meeting.Domain(d))
	}
	return x.c
}

func joinDomains(list []meeting.Domain) string {
	out := make([]string, len(list))
	for i, d := range list {
		out[i] = string(d)
	}
	return strings.Join(out, " ")
}

const accessSelect = `SELECT ` + caseColumns + `, v.id, v.team, v.kind, v.recipient, k.key, v.created, g.recipient, g.vouch, g.sealed, g.given_by, g.basis, g.why, g.since, g.until
		FROM case_file c JOIN vault v ON v.id = c.id JOIN shred_key k ON k.vault = c.id
		LEFT JOIN vault_grant g ON g.vault = c.id AND g.member = $2 WHERE c.id = $1`

func scanAccess(r scanner) (a meeting.Access, err error) {
	var x caseScan
	var sealed, vouch []byte
	var by, basis sql.Null[uuid.UUID]
	var why, recipient sql.NullString
	var since, until sql.NullInt64
	v, g := &a.Vault, &a.Grant
	err = r.Scan(append(x.dest(), &v.ID, &v.Team, &v.Kind, &v.Recipient, &v.Shred, at{&v.Created}, &recipient, &vouch, &sealed, &by, &basis, &why, &since, &until)...)
	if err != nil {
		return a, err
	}
	a.Case, a.Granted = x.value(), sealed != nil
	g.Vault, g.Sealed, g.By, g.Basis, g.Why = v.ID, sealed, by.V, basis.V, why.String
	g.Recipient, g.Vouch = recipient.String, vouch
	g.From, g.Until = moment(since.Int64), moment(until.Int64)
	return a, nil
}

// CaseAccess returns a case with its vault and one member's grant, in one look.
func (s *Store) CaseAccess(ctx context.Context, id, member uuid.UUID) (meeting.Access, error) {
	a, err := one(ctx, s, scanAccess, accessSelect, id, member)
	a.Grant.Member = member
	return a, err
}

// Way returns what a member needs to add to a case.
func (t *Tx) Way(c, member uuid.UUID) (w meeting.Way, err error) {
	var since, until sql.NullInt64
	var basis sql.Null[uuid.UUID]
	err = t.row(`SELECT c.team, c.phase, c.revision, v.recipient, g.since, g.until, g.basis FROM case_file c JOIN vault v ON v.id = c.id
		LEFT JOIN vault_grant g ON g.vault = c.id AND g.member = $2 WHERE c.id = $1`, c, member).Scan(&w.Team, &w.Phase, &w.Revision, &w.Recipient, &since, &until, &basis)
	if none(err) {
		err = fault.New(fault.NotFound, "error.notfound")
	}
	w.Granted, w.From, w.Until = since.Valid, moment(since.Int64), moment(until.Int64)
	w.Basis = basis.V
	return w, err
}

func caseWhere(q meeting.CaseQuery) (string, []any) {
	where := `c.team = $1 AND c.closed = 0`
	if q.Closed {
		where = `c.team = $1 AND c.closed > 0`
	}
	args := []any{q.Team, q.Member, ms(q.Now), ms(meeting.Today(q.Now)), string(q.Search), ms(q.Before), q.After, q.Limit}
	if !q.All {
		where += ` AND EXISTS (SELECT 1 FROM vault_grant g WHERE g.vault = c.id AND g.member = $2 AND (g.until = 0 OR g.until > $3))`
	}
	if q.Search != "" {
		where += ` AND c.pseudonym = $5`
	}
	if !q.Before.IsZero() {
		where += ` AND (c.last_at < $6 OR (c.last_at = $6 AND c.id > $7))`
	}
	return where, args
}

// Cases returns a page of cases, last touched first. It opens nothing.
func (s *Store) Cases(ctx context.Context, q meeting.CaseQuery) ([]meeting.CaseRow, error) {
	where, args := caseWhere(q)
	return many(ctx, s, func(r scanner) (row meeting.CaseRow, err error) {
		var x caseScan
		var role sql.Null[string]
		var bases, until int64
		err = r.Scan(append(x.dest(), &bases, &until, &row.OpenAgreements, &role)...)
		row.Case, row.HasBasis, row.BasisUntil, row.LeadRole = x.value(), bases > 0, moment(until), account.Role(role.V)
		return row, err
	}, `SELECT `+caseColumns+`,
		(SELECT count(*) FROM basis b WHERE b.case_id = c.id AND b.withdrawn = 0 AND b.given_on <= $4 AND (b.ends = 0 OR b.ends >= $4)),
		(SELECT coalesce(max(b.ends), 0) FROM basis b WHERE b.case_id = c.id AND b.withdrawn = 0 AND b.given_on <= $4 AND (b.ends = 0 OR b.ends >= $4)),
		(SELECT count(*) FROM item i WHERE i.vault = c.id AND i.kind IN ('agreement', 'feedback') AND i.done = 0),
		(SELECT role FROM member m WHERE m.id = c.lead)
		FROM case_file c WHERE `+where+` ORDER BY c.last_at DESC, c.id LIMIT $8`, args...)
}

// Due returns the open cases to be evaluated up to a day, soonest first.
func (s *Store) Due(ctx context.Context, team uuid.UUID, until time.Time) ([]meeting.Case, error) {
	return many(ctx, s, func(r scanner) (meeting.Case, error) {
		var x caseScan
		err := r.Scan(x.dest()...)
		return x.value(), err
	}, `SELECT `+caseColumns+` FROM case_file c WHERE c.team = $1 AND c.closed = 0 AND c.evaluate_on > 0 AND c.evaluate_on <= $2 ORDER BY c.evaluate_on, c.id`, team, ms(until))
}

// OpenCases returns the vaults of cases that are not closed.
func (s *Store) OpenCases(ctx context.Context, team uuid.UUID) ([]uuid.UUID, error) {
	return many(ctx, s, scanID, `SELECT id FROM case_file WHERE team = $1 AND closed = 0`, team)
}

// PseudonymUsed reports whether a name was ever used in the team.
func (s *Store) PseudonymUsed(ctx context.Context, team uuid.UUID, n pseudonym.Name) (bool, error) {
	used, err := one(ctx, s, scanInt, `SELECT count(*) FROM used_pseudonym WHERE team = $1 AND name = $2`, team, string(n))
	return used > 0, err
}

// WordInUse reports whether an open case of the team has this word.
func (s *Store) WordInUse(ctx context.Context, team uuid.UUID, word string) (bool, error) {
	n, err := one(ctx, s, scanInt, `SELECT count(*) FROM case_file WHERE team = $1 AND closed = 0 AND pseudonym LIKE $2`, team, word+"-%")
	return n > 0, err
}

// Bases returns the bases of a case, newest first.
func (s *Store) Bases(ctx context.Context, c uuid.UUID) ([]meeting.Basis, error) {
	return many(ctx, s, func(r scanner) (b meeting.Basis, err error) {
		var givers, orgs string
		if err := r.Scan(&b.ID, &b.Case, &b.Kind, &givers, at{&b.On}, at{&b.Ends}, &orgs, &b.By, at{&b.Withdrawn}); err != nil {
			return b, err
		}
		for _, g := range strings.Fields(givers) {
			b.Givers = append(b.Givers, meeting.Giver(g))
		}
		for _, o := range strings.Fields(orgs) {
			id, err := uuid.Parse(o)
			if err != nil {
				return b, fmt.Errorf("basis %s: %w", b.ID, err)
			}
			b.Organisations = append(b.Organisations, id)
		}
		return b, nil
	}, `SELECT id, case_id, kind, givers, given_on, ends, organisations, recorded_by, withdrawn FROM basis WHERE case_id = $1 ORDER BY given_on DESC, id`, c)
}

// Participants returns the members with a grant of a vault, by name.
func (s *Store) Participants(ctx context.Context, vault uuid.UUID) ([]meeting.Participant, error) {
	return many(ctx, s, func(r scanner) (p meeting.Participant, err error) {
		m := &p.Member
		return p, r.Scan(&m.ID, &m.Account, &m.Team, &m.Organisation, &m.OrgName, &m.External, &m.Role, &m.Name, &m.Email, &m.Recipient, at{&m.Ended}, at{&p.Until}, &p.Basis, &p.Why)
	}, `SELECT m.id, m.account, m.team, m.organisation, o.name, o.external, m.role, a.name, a.email, `+ownRecipient+`, m.ended, g.until, g.basis, g.why
		FROM vault_grant g JOIN member m ON m.id = g.member JOIN account a ON a.id = m.account JOIN organisation o ON o.id = m.organisation
		WHERE g.vault = $1 AND m.ended = 0 ORDER BY a.name, m.id`, vault)
}

// InsertCase stores a case.
func (t *Tx) InsertCase(c meeting.Case) error {
	return t.run(`INSERT INTO case_file (id, team, pseudonym, phase, domains, band, lead, opened, opened_by, last_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		c.ID, c.Team, string(c.Pseudonym), string(c.Phase), joinDomains(c.Domains), string(c.Band), c.Lead, ms(c.Opened), c.OpenedBy, ms(c.LastAt))
}

// InsertLink stores the sealed link of a case to its pupil.
func (t *Tx) InsertLink(c, team uuid.UUID, sealed seal.Sealed) error {
	return t.run(`INSERT INTO case_link (case_id, team, sealed) VALUES ($1, $2, $3)`, c, team, []byte(sealed))
}

// TakePseudonym marks a name as used for ever.
func (t *Tx) TakePseudonym(team uuid.UUID, n pseudonym.Name) (bool, error) {
	return t.first(`INSERT INTO used_pseudonym (team, name) VALUES ($1, $2) ON CONFLICT DO NOTHING`, team, string(n))
}

// SetPhase moves a case.
func (t *Tx) SetPhase(c uuid.UUID, p meeting.Phase) error {
	return t.run(`UPDATE case_file SET phase = $2 WHERE id = $1 AND closed = 0`, c, string(p))
}

// SetDomains sets the life domains of a case.
func (t *Tx) SetDomains(c uuid.UUID, d []meeting.Domain) error {
	return t.run(`UPDATE case_file SET domains = $2 WHERE id = $1`, c, joinDomains(d))
}

// SetLead sets who leads a case and when it is evaluated.
func (t *Tx) SetLead(c, member uuid.UUID, evaluateOn time.Time) error {
	return t.run(`UPDATE case_file SET lead = $2, evaluate_on = $3 WHERE id = $1`, c, member, ms(evaluateOn))
}

// AdvanceCase counts a settlement about a case, unless another came first.
func (t *Tx) AdvanceCase(c uuid.UUID, revision int64) (bool, error) {
	return t.first(`UPDATE case_file SET revision = revision + 1 WHERE id = $1 AND revision = $2`, c, revision)
}

// CloseCase closes a case.
func (t *Tx) CloseCase(c uuid.UUID, when time.Time) error {
	return t.run(`UPDATE case_file SET phase = 'closed', closed = $2 WHERE id = $1 AND closed = 0`, c, ms(when))
}

// InsertBasis stores a basis.
func (t *Tx) InsertBasis(b meeting.Basis) error {
	var givers, orgs []string
	for _, g := range b.Givers {
		givers = append(givers, string(g))
	}
	for _, o := range b.Organisations {
		orgs = append(orgs, o.String())
	}
	return t.run(`INSERT INTO basis (id, case_id, kind, givers, given_on, ends, organisations, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		b.ID, b.Case, string(b.Kind), strings.Join(givers, " "), ms(b.On), ms(b.Ends), strings.Join(orgs, " "), b.By)
}

// WithdrawBasis ends a basis.
func (t *Tx) WithdrawBasis(id uuid.UUID, when time.Time) error {
	return t.run(`UPDATE basis SET withdrawn = $2 WHERE id = $1 AND withdrawn = 0`, id, ms(when))
}

func none(err error) bool { return errors.Is(err, sql.ErrNoRows) }
