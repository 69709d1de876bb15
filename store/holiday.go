package store

import (
	"context"

	"github.com/google/uuid"

	"zat/meeting"
)

// Holidays lists a team's holidays, soonest first.
func (s *Store) Holidays(ctx context.Context, team uuid.UUID) ([]meeting.Holiday, error) {
	return many(ctx, s, func(r scanner) (h meeting.Holiday, err error) {
		return h, r.Scan(&h.ID, &h.Team, &h.Name, at{&h.First}, at{&h.Last})
	}, `SELECT id, team, name, first, last FROM holiday WHERE team = $1 ORDER BY first, id`, team)
}

// InsertHoliday stores a holiday; it reports false when it was there.
func (t *Tx) InsertHoliday(h meeting.Holiday) (bool, error) {
	return t.first(`INSERT INTO holiday (id, team, name, first, last) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, h.ID, h.Team, h.Name, ms(h.First), ms(h.Last))
}

// DeleteHoliday deletes a holiday of a team; it reports false when there was none.
func (t *Tx) DeleteHoliday(team, id uuid.UUID) (bool, error) {
	return t.first(`DELETE FROM holiday WHERE team = $1 AND id = $2`, team, id)
}
