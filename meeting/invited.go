package meeting

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
)

// Invited returns a session to somebody who is invited, or to a coordinator, without
// opening anything of it: when it is.
func (s *Service) Invited(ctx context.Context, a account.Actor, id uuid.UUID) (Session, error) {
	line := audit.By(a, audit.SessionRead, audit.ObjSession, id).In(id).For(audit.PurposeSession, "calendar")
	ses, _, err := s.enterSession(ctx, a, id, line)
	return ses, err
}

// Table returns who is invited to a session, for its chair. It opens nothing.
func (s *Service) Table(ctx context.Context, a account.Actor, id uuid.UUID) ([]Attendee, error) {
	ses, _, err := s.chairing(ctx, a, id, audit.SessionChanged, "table")
	if err != nil {
		return nil, err
	}
	return s.Store.Attendees(ctx, ses.ID)
}

// Addresses returns the e-mail addresses of those invited, without the actor's own.
func (s *Service) Addresses(ctx context.Context, a account.Actor, id uuid.UUID) ([]string, error) {
	ses, _, err := s.chairing(ctx, a, id, audit.SessionChanged, "mail")
	if err != nil {
		return nil, err
	}
	list, err := s.Store.Attendees(ctx, ses.ID)
	if err != nil {
		return nil, fmt.Errorf("reading those invited: %w", err)
	}
	members, err := s.Store.Members(ctx, a.Team)
	if err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	var out []string
	for _, t := range list {
		if m, ok := memberIn(members, t.Member); ok && m.Ended.IsZero() && m.ID != a.Member {
			out = append(out, m.Email)
		}
	}
	return out, nil
}
