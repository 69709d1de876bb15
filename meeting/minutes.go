package meeting

import (
	"cmp"
	"context"
	"fmt"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
)

// MinutesState is how far the minutes of a session are.
type MinutesState string

const (
	Writing MinutesState = "writing" // the session runs
	Draft   MinutesState = "draft"   // those who were there read along
	Fixed   MinutesState = "fixed"   // nothing of it changes any more
)

// Minutes says how far a session's minutes are.
func (s Session) Minutes() MinutesState {
	switch {
	case s.State != Finished:
		return Writing
	case s.Fixed.IsZero():
		return Draft
	}
	return Fixed
}

// closed lets the actor in to the minutes of a closed session.
func (s *Service) closed(ctx context.Context, a account.Actor, id uuid.UUID, p account.Permission, e audit.Event, part string) (Session, audit.Line, error) {
	line := audit.By(a, e, audit.ObjSession, id).In(id).For(audit.PurposeSession, part)
	if err := s.Log.Require(ctx, a, p, line); err != nil {
		return Session{}, line, err
	}
	ses, _, err := s.enterSession(ctx, a, id, line)
	if err != nil {
		return ses, line, err
	}
	if ses.State != Finished {
		return ses, line, fault.New(fault.Conflict, "error.minutes.running")
	}
	return ses, line, nil
}

// draft is closed for what is allowed until the minutes are fixed.
func (s *Service) draftMinutes(ctx context.Context, a account.Actor, id uuid.UUID, p account.Permission, e audit.Event, part string) (Session, audit.Line, error) {
	ses, line, err := s.closed(ctx, a, id, p, e, part)
	if err == nil && ses.Minutes() == Fixed {
		err = fault.New(fault.Conflict, "error.minutes.fixed")
	}
	return ses, line, err
}

// ConfirmMinutes says that the actor, who was there, agrees with his part of the minutes
// as he read them: at this revision of the session.
func (s *Service) ConfirmMinutes(ctx context.Context, a account.Actor, id uuid.UUID, revision int64) error {
	ses, line, err := s.draftMinutes(ctx, a, id, account.SeeSessions, audit.MinutesConfirmed, "")
	if err != nil {
		return err
	}
	list, err := s.Store.Attendees(ctx, ses.ID)
	if err != nil {
		return fmt.Errorf("reading those invited: %w", err)
	}
	if !attended(list, a.Member) {
		return fault.New(fault.Conflict, "error.minutes.absent")
	}
	return s.change(ctx, func(tx Tx) error {
		if err := stillDraft(tx, ses.ID); err != nil {
			return err
		}
		if now, err := tx.Session(ses.ID); err != nil || now.Revision != revision {
			return cmp.Or(err, error(fault.New(fault.Conflict, "error.minutes.changed")))
		}
		if err := tx.Confirm(ses.ID, a.Member, s.Now()); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// attended reports whether a member was there.
func attended(list []Attendee, member uuid.UUID) bool {
	for _, t := range list {
		if t.Member == member {
			return t.Attendance == Present
		}
	}
	return false
}

func stillDraft(tx Tx, id uuid.UUID) error {
	now, err := tx.Session(id)
	if err != nil {
		return err
	}
	if now.Minutes() != Draft {
		return fault.New(fault.Conflict, "error.minutes.fixed")
	}
	return nil
}

// FixMinutes ends the draft: from then on nothing of the minutes changes.
func (s *Service) FixMinutes(ctx context.Context, a account.Actor, id uuid.UUID) error {
	ses, line, err := s.draftMinutes(ctx, a, id, account.ChairSessions, audit.MinutesFixed, "")
	if err != nil {
		return err
	}
	return s.change(ctx, func(tx Tx) error {
		if fixed, err := tx.FixMinutes(ses.ID, a.Member, s.Now()); err != nil || !fixed {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}
