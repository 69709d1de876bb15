package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zat/meeting"
)

// ToConfirm returns closed sessions whose draft minutes wait for a member.
func (s *Store) ToConfirm(ctx context.Context, team, member uuid.UUID) ([]meeting.Session, error) {
	return many(ctx, s, scanSession, sessionSelect+`WHERE s.team = $1 AND s.state = 'closed' AND s.fixed = 0
		AND EXISTS (SELECT 1 FROM attendee t WHERE t.session = s.id AND t.member = $2 AND t.attendance = 'present')
		AND NOT EXISTS (SELECT 1 FROM confirmation f WHERE f.session = s.id AND f.member = $2) ORDER BY s.starts DESC, s.id LIMIT 20`, team, member)
}

// Confirmations returns when members confirmed their part of the minutes.
func (s *Store) Confirmations(ctx context.Context, session uuid.UUID) (map[uuid.UUID]time.Time, error) {
	type row struct {
		member uuid.UUID
		at     time.Time
	}
	rows, err := many(ctx, s, func(r scanner) (x row, err error) { return x, r.Scan(&x.member, at{&x.at}) },
		`SELECT member, at FROM confirmation WHERE session = $1`, session)
	out := map[uuid.UUID]time.Time{}
	for _, x := range rows {
		out[x.member] = x.at
	}
	return out, err
}

// Confirm keeps that a member confirmed his part of the minutes.
func (t *Tx) Confirm(session, member uuid.UUID, when time.Time) error {
	return t.run(`INSERT INTO confirmation (session, member, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, session, member, ms(when))
}

// Unconfirm takes all confirmations of minutes back: their text changed.
func (t *Tx) Unconfirm(session uuid.UUID) error {
	if err := t.run(`UPDATE session SET revision = revision + 1 WHERE id = $1`, session); err != nil {
		return err
	}
	return t.run(`DELETE FROM confirmation WHERE session = $1`, session)
}

// FixMinutes fixes the minutes of a closed session, once.
func (t *Tx) FixMinutes(session, by uuid.UUID, when time.Time) (bool, error) {
	return t.first(`UPDATE session SET fixed = $2, fixed_by = $3, revision = revision + 1 WHERE id = $1 AND state = 'closed' AND fixed = 0`, session, ms(when), by)
}

// KeepRoles keeps the roles in which those invited attended.
func (t *Tx) KeepRoles(session uuid.UUID) error {
	return t.run(`UPDATE attendee SET role = (SELECT m.role FROM member m WHERE m.id = attendee.member) WHERE session = $1`, session)
}

// Keepers returns the public halves of the keys that members made for files, by member.
func (s *Store) Keepers(ctx context.Context, team uuid.UUID) (map[uuid.UUID]string, error) {
	type row struct {
		member uuid.UUID
		keep   string
	}
	rows, err := many(ctx, s, func(r scanner) (x row, err error) { return x, r.Scan(&x.member, &x.keep) },
		`SELECT m.id, a.keep FROM member m JOIN account a ON a.id = m.account WHERE m.team = $1 AND m.ended = 0 AND m.joined > 0 AND a.keep <> ''`, team)
	out := map[uuid.UUID]string{}
	for _, x := range rows {
		out[x.member] = x.keep
	}
	return out, err
}

// SetKeeper stores the public half of a member's key for files.
func (t *Tx) SetKeeper(member uuid.UUID, recipient string) error {
	return t.run(`UPDATE account SET keep = $2 WHERE id = (SELECT account FROM member WHERE id = $1)`, member, recipient)
}
