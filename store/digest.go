package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zat/meeting"
)

// Digests returns the members who want to hear what waits for them and last heard before
// a moment, with how much that is.
func (s *Store) Digests(ctx context.Context, before, now time.Time) ([]meeting.Digest, error) {
	return many(ctx, s, func(r scanner) (d meeting.Digest, err error) {
		return d, r.Scan(&d.Member, &d.Email, &d.School, &d.Open, &d.Late)
	}, `SELECT m.id, a.email, t.school,
			(SELECT count(*) FROM item i WHERE i.team = m.team AND i.kind IN ('agreement', 'feedback') AND i.done = 0 AND i.responsible = m.id),
			(SELECT count(*) FROM item i WHERE i.team = m.team AND i.kind IN ('agreement', 'feedback') AND i.done = 0 AND i.responsible = m.id AND i.due < $2)
		FROM member m JOIN account a ON a.id = m.account JOIN team t ON t.id = m.team
		WHERE m.digest = 1 AND m.ended = 0 AND m.joined > 0 AND m.digested < $1 ORDER BY m.id LIMIT 200`, ms(before), ms(meeting.Today(now)))
}

// WantsDigest reports whether a member wants to hear.
func (s *Store) WantsDigest(ctx context.Context, member uuid.UUID) (bool, error) {
	n, err := one(ctx, s, scanInt, `SELECT digest FROM member WHERE id = $1`, member)
	return n > 0, err
}

// SetDigest keeps whether a member wants to hear.
func (t *Tx) SetDigest(member uuid.UUID, on bool) error {
	return t.run(`UPDATE member SET digest = $2 WHERE id = $1`, member, on)
}

// SetDigested keeps when a member heard.
func (t *Tx) SetDigested(member uuid.UUID, when time.Time) error {
	return t.run(`UPDATE member SET digested = $2 WHERE id = $1`, member, ms(when))
}
