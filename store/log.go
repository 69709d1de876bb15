package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/audit/review"
	"zat/fault"
	"zat/pseudonym"
)

const entrySelect = `SELECT seq, nonce, raw, commitment, at, event, outcome, actor, role, case_id FROM log_entry `

func scanEntry(r scanner) (e audit.Entry, err error) {
	var c []byte
	l := &e.Line
	if err := r.Scan(&e.Seq, &e.Nonce, &e.Raw, &c, &l.At, &l.Event, &l.Outcome, &l.Actor, &l.Role, &l.Case); err != nil {
		return e, err
	}
	copy(e.Commitment[:], c)
	return e, nil
}

// Entries calls fn for every entry of a log in order. All are of one moment.
func (s *Store) Entries(ctx context.Context, log uuid.UUID, fn func(audit.Entry) error) error {
	return s.Snapshot(ctx, log, func(v audit.View) error { return v.Entries(fn) })
}

const headSelect = `SELECT size, note FROM log_head WHERE log = $1`

// Head returns the newest signed checkpoint of a log.
func (s *Store) Head(ctx context.Context, log uuid.UUID) (uint64, []byte, error) {
	type head struct {
		size int64
		note []byte
	}
	h, err := one(ctx, s, func(r scanner) (h head, err error) { return h, r.Scan(&h.size, &h.note) }, headSelect, log)
	if fault.Is(err, fault.NotFound) {
		return 0, nil, nil
	}
	return uint64(h.size), h.note, err
}

// LogHead returns the newest signed checkpoint of a team's log.
func (s *Store) LogHead(ctx context.Context, team uuid.UUID) ([]byte, error) {
	_, note, err := s.Head(ctx, team)
	return note, err
}

// Logs returns the logs that have entries.
func (s *Store) Logs(ctx context.Context) ([]uuid.UUID, error) {
	return many(ctx, s, scanID, `SELECT log FROM log_head ORDER BY log`)
}

// LogLines returns lines, newest first.
func (s *Store) LogLines(ctx context.Context, log uuid.UUID, f review.Filter) ([]audit.Entry, error) {
	where := `log = $1`
	var args = []any{log}
	add := func(clause string, v any) {
		args = append(args, v)
		where += fmt.Sprintf(" AND "+clause, len(args))
	}
	if f.Before > 0 {
		add(`seq < $%d`, int64(f.Before))
	}
	if !f.From.IsZero() {
		add(`at >= $%d`, ms(f.From))
	}
	if !f.Until.IsZero() {
		add(`at < $%d`, ms(f.Until))
	}
	if f.Actor != uuid.Nil {
		add(`actor = $%d`, f.Actor)
	}
	if f.Role != "" {
		add(`role = $%d`, string(f.Role))
	}
	if f.Event != "" {
		add(`event = $%d`, string(f.Event))
	}
	if f.Case != uuid.Nil {
		add(`case_id = $%d`, f.Case)
	}
	if f.Denied {
		add(`outcome = $%d`, string(audit.Denied))
	}
	add(`1 = 1 ORDER BY seq DESC LIMIT $%d`, f.Limit)
	return many(ctx, s, scanEntry, entrySelect+`WHERE `+where, args...)
}

// CaseByPseudonym returns the case that has a name.
func (s *Store) CaseByPseudonym(ctx context.Context, team uuid.UUID, n pseudonym.Name) (uuid.UUID, error) {
	return one(ctx, s, scanID, `SELECT id FROM case_file WHERE team = $1 AND pseudonym = $2`, team, string(n))
}

// Pseudonyms returns the names of cases of a team.
func (s *Store) Pseudonyms(ctx context.Context, team uuid.UUID, cases []uuid.UUID) (map[uuid.UUID]pseudonym.Name, error) {
	list, err := json.Marshal(cases)
	if err != nil {
		return nil, err
	}
	type named struct {
		id uuid.UUID
		n  pseudonym.Name
	}
	rows, err := many(ctx, s, func(r scanner) (v named, err error) { return v, r.Scan(&v.id, &v.n) },
		`SELECT id, pseudonym FROM case_file WHERE team = $1 AND id IN (SELECT value FROM json_each($2))`, team, string(list))
	out := map[uuid.UUID]pseudonym.Name{}
	for _, v := range rows {
		out[v.id] = v.n
	}
	return out, err
}

// looks are the events in which somebody saw content.
const looks = `('case.read', 'register.read', 'register.search', 'identity.open', 'disclosure.read', 'agreement.read', 'inbox.read', 'trend.read', 'session.read', 'minutes.read', 'question.read')`

// LooksPerDay counts looks and refusals by day, in UTC.
func (s *Store) LooksPerDay(ctx context.Context, log uuid.UUID, from, until time.Time) ([]review.DayCount, error) {
	return many(ctx, s, func(r scanner) (d review.DayCount, err error) {
		var day int64
		err = r.Scan(&day, &d.Looks, &d.Refused)
		d.Day = time.Unix(day*86400, 0).UTC()
		return d, err
	}, `SELECT at / 86400000 AS day, sum(outcome = 'success' AND event IN `+looks+`), sum(outcome = 'denied') FROM log_entry
		WHERE log = $1 AND at >= $2 AND at < $3 GROUP BY day ORDER BY day`, log, ms(from), ms(until))
}

// LooksAt counts who looked at a case.
func (s *Store) LooksAt(ctx context.Context, log, c uuid.UUID) ([]review.LookCount, error) {
	return many(ctx, s, func(r scanner) (l review.LookCount, err error) {
		var role string
		err = r.Scan(&l.Actor, &role, &l.Count, at{&l.Last})
		l.Role = account.Role(role)
		return l, err
	}, `SELECT actor, role, count(*), max(at) FROM log_entry WHERE log = $1 AND case_id = $2 AND outcome = 'success' AND event IN `+looks+`
		GROUP BY actor, role ORDER BY count(*) DESC, actor`, log, c)
}
