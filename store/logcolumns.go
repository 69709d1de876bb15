package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zat/audit"
)

// LogColumns calls fn for what the columns say of the lines of a period, oldest first. No
// line itself is read.
func (s *Store) LogColumns(ctx context.Context, log uuid.UUID, from, until time.Time, fn func(seq uint64, c audit.Columns) error) error {
	first, last, ok, err := s.logRange(ctx, log)
	if err != nil || !ok {
		return err
	}
	rows, err := s.read.QueryContext(ctx, rebind(`SELECT e.id - $1, e.at, ev.term, oc.term, ac.term, ro.term, og.term, ca.term, me.term, ba.term, vi.term, e.glass
		FROM log_entry e INDEXED BY log_entry_at JOIN log_term ev ON ev.id = e.event JOIN log_term oc ON oc.id = e.outcome JOIN log_term ac ON ac.id = e.actor
		JOIN log_term ro ON ro.id = e.role JOIN log_term og ON og.id = e.org JOIN log_term ca ON ca.id = e.case_id JOIN log_term me ON me.id = e.meeting
		JOIN log_term ba ON ba.id = e.basis JOIN log_term vi ON vi.id = e.visit WHERE e.at >= $3 AND e.at < $4 AND e.id >= $1 AND e.id <= $2 ORDER BY e.at, e.id`),
		first, last, ms(from), ms(until))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq uint64
		var c audit.Columns
		if err := rows.Scan(&seq, &c.At, &c.Event, &c.Outcome, &c.Actor, &c.Role, &c.Org, &c.Case, &c.Meeting, &c.Basis, &c.Visit, &c.Glass); err != nil {
			return err
		}
		if err := fn(seq, c); err != nil {
			return err
		}
	}
	return rows.Err()
}

// LogBounds returns the sequences between which the lines of a period are, the second not
// among them; a clock that was set may put some of another moment between them.
func (s *Store) LogBounds(ctx context.Context, log uuid.UUID, from, until time.Time) (lo, hi uint64, err error) {
	first, last, ok, err := s.logRange(ctx, log)
	if err != nil || !ok {
		return 0, 0, err
	}
	type pair struct{ lo, hi int64 }
	p, err := one(ctx, s, func(r scanner) (p pair, err error) { return p, r.Scan(&p.lo, &p.hi) },
		`SELECT coalesce(min(id), $1), coalesce(max(id) + 1, $1) FROM log_entry INDEXED BY log_entry_at WHERE at >= $3 AND at < $4 AND id >= $1 AND id <= $2`, first, last, ms(from), ms(until))
	return uint64(p.lo - first), uint64(p.hi - first), err
}
