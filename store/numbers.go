package store

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/meeting"
)

const day = 24 * time.Hour

// Numbers counts what happened in a team from one day until another. Agreements count
// by the day on which they are due, and open ones when it is past.
func (s *Store) Numbers(ctx context.Context, team uuid.UUID, from, until, today time.Time) (meeting.Numbers, error) {
	n := meeting.Numbers{Sessions: map[meeting.Kind]int{}, ByDomain: map[meeting.Domain]int{}}
	for _, count := range []func(context.Context, *meeting.Numbers, uuid.UUID, time.Time, time.Time) error{s.countSessions, s.countCases, s.countDays, s.countSignals} {
		if err := count(ctx, &n, team, from, until); err != nil {
			return n, err
		}
	}
	return n, s.countAgreements(ctx, &n, team, from, until, today)
}

func (s *Store) countSessions(ctx context.Context, n *meeting.Numbers, team uuid.UUID, from, until time.Time) error {
	_, err := many(ctx, s, func(r scanner) (x struct{}, err error) {
		var k meeting.Kind
		var count int
		err = r.Scan(&k, &count)
		n.Sessions[k] = count
		return x, err
	}, `SELECT kind, count(*) FROM session WHERE team = $1 AND state = 'closed' AND started >= $2 AND started < $3 GROUP BY kind`, team, ms(from), ms(until))
	return err
}

func (s *Store) countCases(ctx context.Context, n *meeting.Numbers, team uuid.UUID, from, until time.Time) error {
	list, err := many(ctx, s, func(r scanner) (domains string, err error) { return domains, r.Scan(&domains) },
		`SELECT c.domains FROM case_file c WHERE c.team = $1 AND EXISTS (SELECT 1 FROM point p WHERE p.case_id = c.id AND p.started >= $2 AND p.started < $3)`, team, ms(from), ms(until))
	n.Cases = len(list)
	for _, domains := range list {
		for _, d := range strings.Fields(domains) {
			n.ByDomain[meeting.Domain(d)]++
		}
	}
	return err
}

func (s *Store) countDays(ctx context.Context, n *meeting.Numbers, team uuid.UUID, from, until time.Time) (err error) {
	n.Days, err = many(ctx, s, func(r scanner) (days int, err error) {
		var signal, talk int64
		err = r.Scan(&signal, &talk)
		return int((talk - signal) / day.Milliseconds()), err
	}, `SELECT x.signal, x.talk FROM (SELECT (SELECT min(i.at) FROM item i WHERE i.vault = c.id AND i.kind = 'signal') AS signal,
			(SELECT min(p.started) FROM point p WHERE p.case_id = c.id AND p.started > 0) AS talk FROM case_file c WHERE c.team = $1) x
		WHERE x.talk >= $2 AND x.talk < $3 AND x.signal <= x.talk`, team, ms(from), ms(until))
	return err
}

func (s *Store) countSignals(ctx context.Context, n *meeting.Numbers, team uuid.UUID, from, until time.Time) error {
	_, err := many(ctx, s, func(r scanner) (x struct{}, err error) { return x, r.Scan(&n.Signals, &n.YouthSignals) },
		`SELECT count(*), coalesce(sum(CASE WHEN author_role = 'youth' THEN 1 ELSE 0 END), 0) FROM item
		WHERE team = $1 AND kind = 'signal' AND at >= $2 AND at < $3`, team, ms(from), ms(until))
	return err
}

func (s *Store) countAgreements(ctx context.Context, n *meeting.Numbers, team uuid.UUID, from, until, today time.Time) error {
	_, err := many(ctx, s, func(r scanner) (x struct{}, err error) { return x, r.Scan(&n.Kept, &n.Late, &n.Open) },
		`SELECT coalesce(sum(CASE WHEN done > 0 AND done < due + $5 THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN done >= due + $5 THEN 1 ELSE 0 END), 0),
			coalesce(sum(CASE WHEN done = 0 AND due < $4 THEN 1 ELSE 0 END), 0)
		FROM item WHERE team = $1 AND kind = 'agreement' AND dropped = 0 AND due >= $2 AND due < $3`, team, ms(from), ms(until), ms(today), day.Milliseconds())
	return err
}
