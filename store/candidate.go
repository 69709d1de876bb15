package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zat/meeting"
)

// Candidates returns the open cases of a team with what may bring them on an agenda:
// evaluations first, then agreements past their day, then new signals.
func (s *Store) Candidates(ctx context.Context, team uuid.UUID, today time.Time) ([]meeting.Candidate, error) {
	return many(ctx, s, func(r scanner) (c meeting.Candidate, err error) {
		var x caseScan
		err = r.Scan(append(x.dest(), at{&c.Last}, &c.Overdue, &c.Signals)...)
		c.Case = x.value()
		return c, err
	}, `WITH talked AS (SELECT p.case_id, max(p.started) AS last FROM point p JOIN session s ON s.id = p.session
			WHERE s.team = $1 AND s.state = 'closed' AND p.started > 0 GROUP BY p.case_id)
		SELECT `+caseColumns+`, coalesce(t.last, 0),
			(SELECT count(*) FROM item i WHERE i.vault = c.id AND i.kind = 'agreement' AND i.done = 0 AND i.due < $2) AS overdue,
			(SELECT count(*) FROM item i WHERE i.vault = c.id AND i.kind = 'signal' AND i.at > coalesce(t.last, 0)) AS signals
		FROM case_file c LEFT JOIN talked t ON t.case_id = c.id WHERE c.team = $1 AND c.closed = 0
		ORDER BY CASE WHEN c.evaluate_on > 0 THEN c.evaluate_on ELSE 1e15 END, overdue DESC, signals DESC, c.id`, team, ms(today))
}
