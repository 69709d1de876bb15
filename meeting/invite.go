package meeting

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
)

// changeable refuses what would change a session that is over, or was called off.
func (s Session) changeable() error {
	switch s.State {
	case Finished:
		return fault.New(fault.Conflict, "error.session.closed")
	case Off:
		return fault.New(fault.Conflict, "error.session.off")
	}
	return nil
}

// CancelSession calls a planned session off. Its agenda stays to be read; the cases on it
// are free for another one.
func (s *Service) CancelSession(ctx context.Context, a account.Actor, id uuid.UUID) (Session, error) {
	ses, line, err := s.chairing(ctx, a, id, audit.SessionOff, "")
	if err != nil {
		return ses, err
	}
	err = s.steer(ctx, ses.ID, func(tx Tx, _ Session) error {
		off, err := tx.CancelSession(ses.ID)
		if err != nil {
			return err
		}
		if !off {
			return fault.New(fault.Conflict, "error.session.started")
		}
		return s.Log.Append(tx, a.Team, line)
	})
	if err != nil {
		return ses, err
	}
	return s.Store.Session(ctx, id)
}

// SetInvited says anew who is invited to a planned session, and who of them is on call.
// Whom no basis of a case on the agenda covers is left out of that point.
func (s *Service) SetInvited(ctx context.Context, a account.Actor, id uuid.UUID, members, onCall []uuid.UUID) error {
	ses, line, err := s.chairing(ctx, a, id, audit.SessionChanged, "invited")
	if err != nil {
		return err
	}
	invited, err := s.invitees(ctx, a, slices.Concat(members, onCall))
	if err != nil {
		return err
	}
	was, err := s.Store.Attendees(ctx, id)
	if err != nil {
		return fmt.Errorf("reading those invited: %w", err)
	}
	c := reinvitation{gone: slices.Clone(was)}
	for _, m := range invited {
		t, known := attendeeIn(was, m.ID)
		wasOnCall := t.OnCall
		if t.OnCall = slices.Contains(onCall, m.ID) && m.ID != a.Member; !known {
			t.Session, t.Member, t.Attendance = id, m.ID, Invited
			c.fresh = append(c.fresh, m)
		}
		if !known || wasOnCall && !t.OnCall {
			c.seated = append(c.seated, m)
		}
		c.list = append(c.list, t)
		c.gone = slices.DeleteFunc(c.gone, func(x Attendee) bool { return x.Member == m.ID })
	}
	if err := s.openDoor(ctx, a, ses, &c); err != nil {
		return err
	}
	if err := s.openCases(ctx, a, ses, &c, line); err != nil {
		return err
	}
	return s.storeInvited(ctx, a, ses, c, line)
}

// reinvitation is what changes about who is invited.
type reinvitation struct {
	list    []Attendee // who is invited from now on
	fresh   []account.Member
	seated  []account.Member // who comes to the table of cases: is new, or is no more on call
	gone    []Attendee
	grants  []grant.Grant // of the session, for who is new
	cases   []invitation
	leftOut []leftOut
	letBack []leftOut // who is invited anew, and covered by now
}

type leftOut struct {
	point  Point
	member uuid.UUID
}

// openDoor makes the grants of the session for who is new.
func (s *Service) openDoor(ctx context.Context, a account.Actor, ses Session, c *reinvitation) error {
	v, key, err := grant.Enter(ctx, s.Store, a, ses.ID, s.Now())
	if err != nil {
		return err
	}
	for _, m := range c.fresh {
		if m.Role == account.Coordinator { // has one
			continue
		}
		if err := s.known(ctx, a, m, "members"); err != nil {
			return err
		}
		g, err := grant.Give(v, key, grant.Grant{Member: m.ID, By: a.Member, Why: "invited", From: s.Now()}, m.Recipient)
		if err != nil {
			return err
		}
		c.grants = append(c.grants, g)
	}
	return nil
}

// openCases lets who is new into the cases of the agenda whose bases cover him.
func (s *Service) openCases(ctx context.Context, a account.Actor, ses Session, c *reinvitation, line audit.Line) error {
	points, err := s.Store.Points(ctx, ses.ID)
	if err != nil {
		return fmt.Errorf("reading agenda: %w", err)
	}
	for _, p := range points {
		if p.Kind != PointCase {
			continue
		}
		cs, err := s.manage(ctx, a, p.Case, line)
		if err != nil {
			return err
		}
		in, err := s.participating(ctx, p.Case)
		if err != nil {
			return err
		}
		var at []account.Member
		for _, m := range c.seated {
			if t, _ := attendeeIn(c.list, m.ID); !t.OnCall || in[m.ID] {
				at = append(at, m)
			}
		}
		missing, held, _, err := s.missing(ctx, p.Case, at)
		if err != nil {
			return err
		}
		if !held { // the session will not start with it, whoever is invited
			continue
		}
		for _, m := range missing {
			c.leftOut = append(c.leftOut, leftOut{p, m.ID})
		}
		at = slices.DeleteFunc(at, func(m account.Member) bool { _, out := memberIn(missing, m.ID); return out })
		for _, m := range at {
			if _, anew := memberIn(c.fresh, m.ID); anew {
				c.letBack = append(c.letBack, leftOut{p, m.ID})
			}
		}
		inv, err := s.inviteThese(ctx, a, cs, at)
		if err != nil {
			return err
		}
		if len(inv.grants) > 0 {
			c.cases = append(c.cases, inv)
		}
	}
	return nil
}

func (s *Service) storeInvited(ctx context.Context, a account.Actor, ses Session, c reinvitation, line audit.Line) error {
	return s.steer(ctx, ses.ID, func(tx Tx, now Session) error {
		if now.State != Planned {
			return fault.New(fault.Conflict, "error.session.started")
		}
		for _, g := range c.grants {
			if err := tx.PutGrant(g); err != nil {
				return err
			}
			if err := s.Log.Append(tx, a.Team, grantLine(a, g, uuid.Nil).In(ses.ID)); err != nil {
				return err
			}
		}
		for _, inv := range c.cases {
			if err := s.letIn(tx, a, ses, inv); err != nil {
				return err
			}
		}
		if first, err := tx.AdvanceSession(ses, ses.Revision); err != nil {
			return err
		} else if !first { // another chair invited meanwhile, or the agenda moved
			return fault.New(fault.Conflict, "error.session.moved")
		}
		for _, x := range c.leftOut {
			if err := tx.LeaveOut(x.point, x.member); err != nil {
				return err
			}
		}
		for _, x := range c.letBack {
			if err := tx.LetBack(x.point, x.member); err != nil {
				return err
			}
		}
		for _, t := range c.list {
			if err := tx.PutAttendee(t); err != nil {
				return err
			}
		}
		for _, t := range c.gone {
			if err := s.uninvite(tx, a, ses, t); err != nil {
				return err
			}
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// uninvite takes somebody off a session. A coordinator keeps the way in that her role
// gives her; another's ends, and what he was let into by the agenda stays his as a
// participant until somebody takes him out of the case.
func (s *Service) uninvite(tx Tx, a account.Actor, ses Session, t Attendee) error {
	if err := tx.DropAttendee(ses.ID, t.Member); err != nil {
		return err
	}
	if t.Role == account.Coordinator {
		return nil
	}
	if err := tx.DeleteGrant(ses.ID, t.Member, s.Now()); err != nil {
		return err
	}
	l := audit.By(a, audit.AccessEnded, audit.ObjVault, ses.ID).In(ses.ID).For(audit.PurposeManage, "invited")
	l.OnBehalf = t.Member
	return s.Log.Append(tx, a.Team, l)
}
