package store

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"zat/audit"
	"zat/fault"
	"zat/pseudonym"
)

const headSelect = `SELECT size, note FROM log_head WHERE log = $1`

// Entries calls fn for every entry of a log in order. All are of one moment.
func (s *Store) Entries(ctx context.Context, log uuid.UUID, fn func(audit.Entry) error) error {
	return s.Snapshot(ctx, log, func(v audit.View) error { return v.Entries(fn) })
}

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

// CaseByPseudonym returns the case that has a name.
func (s *Store) CaseByPseudonym(ctx context.Context, team uuid.UUID, n pseudonym.Name) (uuid.UUID, error) {
	return one(ctx, s, scanID, `SELECT id FROM case_file WHERE team = $1 AND pseudonym = $2`, team, string(n))
}

// CaseNames returns the names of all cases of a team.
func (s *Store) CaseNames(ctx context.Context, team uuid.UUID) (map[uuid.UUID]pseudonym.Name, error) {
	type named struct {
		id uuid.UUID
		n  pseudonym.Name
	}
	rows, err := many(ctx, s, func(r scanner) (v named, err error) { return v, r.Scan(&v.id, &v.n) }, `SELECT id, pseudonym FROM case_file WHERE team = $1`, team)
	out := map[uuid.UUID]pseudonym.Name{}
	for _, v := range rows {
		out[v.id] = v.n
	}
	return out, err
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
