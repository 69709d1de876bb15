package meeting

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
)

// errSent ends a change whose form was stored before: it is no failure.
var errSent = errors.New("the same form was stored before")

// change runs a change of the work. Sending a form twice changes nothing the
// second time, and succeeds.
func (s *Service) change(ctx context.Context, fn func(Tx) error) error {
	err := s.Store.UpdateMeeting(ctx, fn)
	if errors.Is(err, errSent) {
		return nil
	}
	return err
}

// contribute runs a change of a case by somebody who takes part in it. He is let
// in inside the transaction of the change, so that nobody adds anything after
// his access ended. It needs no key: adding opens nothing.
func (s *Service) contribute(ctx context.Context, a account.Actor, id uuid.UUID, line audit.Line, fn func(Tx, contribution) error) error {
	var rule string
	err := s.change(ctx, func(tx Tx) error {
		w, err := tx.Way(id, a.Member)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if rule = s.keptOut(a, err == nil, w.Team, w.Granted, grant.Grant{From: w.From, Until: w.Until}); rule != "" {
			return fault.New(fault.NotFound, "error.notfound")
		}
		if w.Phase == Closed {
			return fault.New(fault.Conflict, "error.case.closed")
		}
		return fn(tx, contribution{id, w.Revision, grant.Vault{ID: id, Team: w.Team, Kind: grant.Case, Recipient: w.Recipient}, relationOf(a), w.Basis})
	})
	if rule != "" {
		return s.Log.Deny(ctx, a.Team, line.On(id, audit.RelNone), rule, fault.NotFound)
	}
	return s.told(id, err)
}

// told tells those who follow of a change that was stored.
func (s *Service) told(id uuid.UUID, err error) error {
	if err == nil {
		s.Feed.Tell(id)
	}
	return err
}

// contribution is where somebody adds something: a case, its vault as far as
// adding needs it, and what the writer is to it.
type contribution struct {
	ID       uuid.UUID
	Revision int64 // of the case
	vault    grant.Vault
	relation audit.Relation
	basis    uuid.UUID // on which the writer takes part
}

// on returns the line with the case, and on which basis the writer takes part in it.
func (c contribution) on(l audit.Line) audit.Line {
	l = l.On(c.ID, c.relation)
	l.Basis = c.basis
	return l
}

// settle runs a change that a coordinator decided on by what she read of a case:
// its bases, its participants, its phase. When somebody settled anything about
// the case in between, nothing is stored and she is told.
func (s *Service) settle(ctx context.Context, a account.Actor, c caseEntry, line audit.Line, fn func(Tx) error) error {
	return s.contribute(ctx, a, c.ID, line, func(tx Tx, _ contribution) error {
		if err := fn(tx); err != nil {
			return err
		}
		return settled(tx, c)
	})
}

// unsettled refuses a change that was allowed by what stood about the case at an
// earlier revision.
func (c contribution) unsettled(revision int64) error {
	if c.Revision != revision {
		return fault.New(fault.Conflict, "error.case.moved")
	}
	return nil
}

func settled(tx Tx, c caseEntry) error {
	same, err := tx.AdvanceCase(c.ID, c.Revision)
	if err == nil && !same {
		err = fault.New(fault.Conflict, "error.case.moved")
	}
	return err
}

// steer runs a change of a session, unless it was closed meanwhile. fn gets the
// session as the transaction sees it.
func (s *Service) steer(ctx context.Context, id uuid.UUID, fn func(Tx, Session) error) error {
	return s.told(id, s.change(ctx, func(tx Tx) error {
		ses, err := tx.Session(id)
		if err != nil {
			return err
		}
		if err := ses.changeable(); err != nil {
			return err
		}
		return fn(tx, ses)
	}))
}

// advance runs fn and stores the session if nobody else moved it since the page
// with this revision was shown: of two chairs one wins, and the other is told.
func (s *Service) advance(ctx context.Context, a account.Actor, ses *Session, revision int64, line audit.Line, fn func(Tx) error) error {
	return s.steer(ctx, ses.ID, func(tx Tx, _ Session) error {
		if err := fn(tx); err != nil {
			return err
		}
		first, err := tx.AdvanceSession(*ses, revision)
		if err != nil {
			return err
		}
		if !first {
			return fault.New(fault.Conflict, "error.session.moved")
		}
		return s.Log.Append(tx, a.Team, line)
	})
}
