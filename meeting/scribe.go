package meeting

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
)

// NameScribe names who takes notes in a session besides the chair, somebody who is
// invited; uuid.Nil is nobody.
func (s *Service) NameScribe(ctx context.Context, a account.Actor, id, member uuid.UUID) error {
	ses, line, err := s.chairing(ctx, a, id, audit.SessionChanged, "scribe")
	if err != nil {
		return err
	}
	list, err := s.Store.Attendees(ctx, ses.ID)
	if err != nil {
		return fmt.Errorf("reading those invited: %w", err)
	}
	if _, invited := attendeeIn(list, member); !invited && member != uuid.Nil {
		return fault.At("scribe", "error.member")
	}
	line.OnBehalf = member
	return s.steer(ctx, ses.ID, func(tx Tx, _ Session) error {
		if err := tx.SetScribe(ses.ID, member); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

func attendeeIn(list []Attendee, member uuid.UUID) (Attendee, bool) {
	for _, t := range list {
		if t.Member == member {
			return t, true
		}
	}
	return Attendee{}, false
}

// noting lets in who takes notes of a running session: whoever chairs, and the member
// who was named for it.
func (s *Service) noting(ctx context.Context, a account.Actor, id uuid.UUID, e audit.Event) (Session, audit.Line, error) {
	if a.May(account.ChairSessions) {
		return s.running(ctx, a, id, e)
	}
	line := audit.By(a, e, audit.ObjSession, id).In(id).For(audit.PurposeSession, "")
	ses, _, err := s.enterSession(ctx, a, id, line)
	switch {
	case err != nil:
		return ses, line, err
	case ses.Scribe != a.Member:
		return ses, line, s.Log.Deny(ctx, a.Team, line, "not-noting", fault.NotFound)
	case ses.State != Running:
		return ses, line, fault.New(fault.Conflict, "error.session.notrunning")
	}
	list, err := s.Store.Attendees(ctx, id)
	if err != nil {
		return ses, line, fmt.Errorf("reading those invited: %w", err)
	}
	if t, _ := attendeeIn(list, a.Member); t.Attendance == Absent { // for whom no basis is asked
		return ses, line, s.Log.Deny(ctx, a.Team, line, "absent", fault.NotFound)
	}
	return ses, line, nil
}

// notedVault returns the vault in which what is said at a point belongs, to who notes:
// of its case, or of the session.
func (s *Service) notedVault(ctx context.Context, a account.Actor, p Point, line audit.Line) (grant.Vault, audit.Line, error) {
	if p.Kind != PointCase {
		v, err := s.Store.Vault(ctx, p.Session)
		return v, line, err
	}
	c, err := s.admit(ctx, a, p.Case, account.Contribute, line)
	if err != nil {
		return grant.Vault{}, line, err
	}
	without, err := s.Store.Without(ctx, p.Session)
	if err != nil {
		return grant.Vault{}, line, fmt.Errorf("reading who is left out: %w", err)
	}
	line = line.On(p.Case, c.relation)
	if !c.Open() {
		return grant.Vault{}, line, fault.New(fault.Conflict, "error.case.closed")
	}
	if without[p.ID][a.Member] {
		return grant.Vault{}, line, s.Log.Deny(ctx, a.Team, line, "left-out", fault.NotFound)
	}
	return c.vault, line, nil
}

// stillNoting refuses who may not note any more, as the change finds it.
func (s *Service) stillNoting(tx Tx, a account.Actor, ses Session, p Point) error {
	if a.May(account.ChairSessions) {
		return nil
	}
	if ses.Scribe != a.Member {
		return fault.New(fault.NotFound, "error.notfound")
	}
	if p.Kind != PointCase {
		return nil
	}
	w, err := tx.Way(p.Case, a.Member)
	if err == nil && s.keptOut(a, true, w.Team, w.Granted, grant.Grant{From: w.From, Until: w.Until}) != "" {
		err = fault.New(fault.NotFound, "error.notfound")
	}
	return err
}

// ReadNotes opens the newest notes of a point for who takes notes; nil when there are
// none.
func (s *Service) ReadNotes(ctx context.Context, a account.Actor, session, point uuid.UUID) (*Opened, error) {
	ses, line, err := s.noting(ctx, a, session, audit.SessionRead)
	if err != nil {
		return nil, err
	}
	p, err := s.point(ctx, a, ses, point, line)
	if err != nil {
		return nil, err
	}
	v, line, err := s.notedVault(ctx, a, p, line)
	if err != nil {
		return nil, err
	}
	items, err := s.Store.KindItems(ctx, v.ID, Notes)
	if err != nil {
		return nil, fmt.Errorf("reading notes: %w", err)
	}
	for _, it := range items {
		if it.Point == p.ID {
			line.Part = span([]Item{it})
			if p.Case != uuid.Nil {
				line.Event, line.Kind, line.Object = audit.CaseRead, audit.ObjCase, p.Case
			}
			return s.openOne(ctx, a, it, line)
		}
	}
	return nil, nil
}
