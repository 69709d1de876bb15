package meeting

import (
	"context"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
)

// CasePrinted writes that the actor printed a case: the page tells so by itself when a
// browser prints it. What somebody does with a picture of the screen nobody sees.
func (s *Service) CasePrinted(ctx context.Context, a account.Actor, id uuid.UUID) error {
	line := audit.By(a, audit.Printed, audit.ObjCase, id).For(audit.PurposeCare, "case")
	c, err := s.admit(ctx, a, id, account.SeeCases, line)
	if err != nil {
		return err
	}
	_, err = s.Log.Look(ctx, a.Team, c.on(line))
	return err
}

// MinutesPrinted writes that the actor printed the minutes of a session: a line for the
// session and one for each case that he read in them.
func (s *Service) MinutesPrinted(ctx context.Context, a account.Actor, id uuid.UUID) error {
	line := audit.By(a, audit.Printed, audit.ObjSession, id).In(id).For(audit.PurposeSession, "minutes")
	ses, _, err := s.enterSession(ctx, a, id, line)
	if err != nil {
		return err
	}
	points, err := s.pointViews(ctx, a, ses, nil)
	if err != nil {
		return err
	}
	lines := []audit.Line{line}
	for _, p := range points {
		if p.Case != uuid.Nil && !p.Hidden {
			l := line.On(p.Case, relationOf(a))
			l.Kind, l.Object = audit.ObjCase, p.Case
			lines = append(lines, l)
		}
	}
	_, err = s.Log.LookAll(ctx, a.Team, lines)
	return err
}

// Manages lets in a coordinator who takes part in a case; her refusal is a line.
func (s *Service) Manages(ctx context.Context, a account.Actor, id uuid.UUID, line audit.Line) error {
	_, err := s.admit(ctx, a, id, account.ManageCases, line)
	return err
}
