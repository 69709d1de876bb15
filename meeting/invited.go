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

// Table returns who is invited to a running session, for who takes notes. It opens nothing.
func (s *Service) Table(ctx context.Context, a account.Actor, id uuid.UUID) ([]Attendee, error) {
	ses, _, err := s.noting(ctx, a, id, audit.AgreementMade)
	if err != nil {
		return nil, err
	}
	return s.Store.Attendees(ctx, ses.ID)
}

// ToConfirm lists the closed sessions at which the actor was and whose minutes he did not
// confirm yet, while they are a draft. It opens nothing.
func (s *Service) ToConfirm(ctx context.Context, a account.Actor) ([]Session, error) {
	if !a.May(account.SeeSessions) {
		return nil, nil
	}
	return s.Store.ToConfirm(ctx, a.Team, a.Member)
}

// Addresses returns the e-mail addresses of those invited, without the actor's own.
func (s *Service) Addresses(ctx context.Context, a account.Actor, ses Session) ([]string, error) {
	line := audit.By(a, audit.SessionChanged, audit.ObjSession, ses.ID).In(ses.ID).For(audit.PurposeSession, "mail")
	if err := s.Log.Require(ctx, a, account.ChairSessions, line); err != nil {
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
