package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
)

// Hand is somebody who wants to speak.
type Hand struct {
	Member uuid.UUID
	At     time.Time
}

// RaiseHand says that the actor wants to speak, or with up false no more. It tells
// nothing of a pupil, so that there is no line of it; a refusal is one.
func (s *Service) RaiseHand(ctx context.Context, a account.Actor, session uuid.UUID, up bool) error {
	line := audit.By(a, audit.SessionChanged, audit.ObjSession, session).In(session).For(audit.PurposeSession, "hand")
	ses, _, err := s.enterSession(ctx, a, session, line)
	if err != nil {
		return err
	}
	if ses.State != Running {
		return fault.New(fault.Conflict, "error.session.notrunning")
	}
	return s.steer(ctx, session, func(tx Tx, _ Session) error {
		if up {
			return tx.RaiseHand(session, a.Member, s.Now())
		}
		return tx.LowerHand(session, a.Member)
	})
}

// GiveFloor takes somebody's hand down: the chair lets him speak.
func (s *Service) GiveFloor(ctx context.Context, a account.Actor, session, member uuid.UUID) error {
	if _, _, err := s.running(ctx, a, session, audit.SessionChanged); err != nil {
		return err
	}
	return s.steer(ctx, session, func(tx Tx, _ Session) error { return tx.LowerHand(session, member) })
}

// Hands returns who of those invited wants to speak, in order. It opens nothing.
func (s *Service) Hands(ctx context.Context, ses Session, invited []Attendee) ([]Attendee, error) {
	list, err := s.Store.Hands(ctx, ses.ID)
	if err != nil {
		return nil, fmt.Errorf("reading hands: %w", err)
	}
	var out []Attendee
	for _, h := range list {
		for _, t := range invited {
			if t.Member == h.Member {
				out = append(out, t)
			}
		}
	}
	return out, nil
}
