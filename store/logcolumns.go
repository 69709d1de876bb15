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
	rows, err := s.read.QueryContext(ctx, rebind(`SELECT e.id - $1, e.at, coalesce(ev.term, '?'), coalesce(oc.term, '?'), coalesce(ac.term, '?'), coalesce(ro.term, '?'), coalesce(og.term, '?'), coalesce(ca.term, '?'),
		coalesce(me.term, '?'), coalesce(ba.term, '?'), coalesce(vi.term, '?'), e.glass
		FROM log_entry e INDEXED BY log_entry_at LEFT JOIN log_term ev ON ev.id = e.event LEFT JOIN log_term oc ON oc.id = e.outcome LEFT JOIN log_term ac ON ac.id = e.actor
		JOIN log_term ro ON ro.id = e.role LEFT JOIN log_term og ON og.id = e.org LEFT JOIN log_term ca ON ca.id = e.case_id LEFT JOIN log_term me ON me.id = e.meeting
		JOIN log_term ba ON ba.id = e.basis LEFT JOIN log_term vi ON vi.id = e.visit WHERE e.at >= $3 AND e.at < $4 AND e.id >= $1 AND e.id <= $2 AND e.raw IS NOT NULL ORDER BY e.at, e.id`),
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
