package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit/review"
)

// looks are the events in which somebody saw content (audit.Event.Looks).
const looks = `(SELECT id FROM log_term WHERE term IN ('case.read', 'register.read', 'register.search', 'identity.open', 'disclosure.read', 'agreement.read', 'inbox.read', 'trend.read',
	'session.read', 'minutes.read', 'question.read', 'minutes.export', 'print'))`

// LooksPerHour counts looks and refusals by hour.
func (s *Store) LooksPerHour(ctx context.Context, log uuid.UUID, from, until time.Time) ([]review.HourCount, error) {
	first, last, ok, err := s.logRange(ctx, log)
	if err != nil || !ok {
		return nil, err
	}
	return many(ctx, s, func(r scanner) (d review.HourCount, err error) {
		var hour int64
		err = r.Scan(&hour, &d.Looks, &d.Refused)
		d.Hour = time.Unix(hour*3600, 0).UTC()
		return d, err
	}, `SELECT at / 3600000 AS hour, sum(outcome = 2 AND event IN `+looks+`), sum(outcome = 3) FROM log_entry INDEXED BY log_entry_at
		WHERE at >= $3 AND at < $4 AND id >= $1 AND id <= $2 AND raw IS NOT NULL GROUP BY hour ORDER BY hour`, first, last, ms(from), ms(until))
}

// LooksAt counts who looked at a case: often first.
func (s *Store) LooksAt(ctx context.Context, log, c uuid.UUID) ([]review.LookCount, error) {
	first, last, ok, err := s.logRange(ctx, log)
	if err != nil || !ok {
		return nil, err
	}
	return many(ctx, s, func(r scanner) (l review.LookCount, err error) {
		var role string
		err = r.Scan(&l.Actor, &role, &l.Org, &l.Count, at{&l.First}, at{&l.Last})
		l.Role = account.Role(role)
		return l, err
	}, `SELECT a.term, r.term, o.term, x.n, x.first, x.last FROM (SELECT actor, role, org, count(*) AS n, min(at) AS first, max(at) AS last FROM log_entry INDEXED BY log_entry_case
			WHERE case_id = (SELECT id FROM log_term WHERE term = $3) AND case_id > 5 AND id >= $1 AND id <= $2 AND outcome = 2 AND raw IS NOT NULL AND event IN `+looks+` GROUP BY actor, role, org) x
		JOIN log_term a ON a.id = x.actor JOIN log_term r ON r.id = x.role JOIN log_term o ON o.id = x.org ORDER BY x.n DESC, a.term`, first, last, c.String())
}
