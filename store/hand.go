package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zat/meeting"
)

// Hands returns who wants to speak, who asked first before the others.
func (s *Store) Hands(ctx context.Context, session uuid.UUID) ([]meeting.Hand, error) {
	return many(ctx, s, func(r scanner) (h meeting.Hand, err error) {
		return h, r.Scan(&h.Member, at{&h.At})
	}, `SELECT member, at FROM hand WHERE session = $1 ORDER BY at, member`, session)
}

// RaiseHand keeps that somebody wants to speak; a hand that is up stays where it is.
func (t *Tx) RaiseHand(session, member uuid.UUID, when time.Time) error {
	return t.run(`INSERT INTO hand (session, member, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, session, member, ms(when))
}

// LowerHand takes a hand down; uuid.Nil means all of the session.
func (t *Tx) LowerHand(session, member uuid.UUID) error {
	return t.run(`DELETE FROM hand WHERE session = $1 AND ($2 = $3 OR member = $2)`, session, member, uuid.Nil)
}
