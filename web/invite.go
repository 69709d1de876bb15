package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/account"
)

// seat is a member of the team with what he is at a session.
type seat struct {
	account.Member
	In, OnCall bool
}

// fillSeats lists who could be invited, with what the form said of them or, without one,
// what is the case.
func (s *Server) fillSeats(c *fiber.Ctx, p *sessionPage, cause error) error {
	members, err := s.Teams.Members(work(c), actor(c).Team)
	if err != nil {
		return err
	}
	p.Invite = s.form(c, p.Base+"/genodigden", cause)
	for _, m := range members {
		if !m.Role.AtTable() || !m.Joined() || !m.Ended.IsZero() || m.ID == actor(c).Member {
			continue
		}
		x := seat{Member: m}
		for _, t := range p.View.Attendees {
			if t.Member == m.ID {
				x.In, x.OnCall = !t.OnCall, t.OnCall
			}
		}
		if p.Invite.Refused {
			x.In, x.OnCall = p.Invite.Has("members", m.ID.String()), p.Invite.Has("oncall", m.ID.String())
		}
		p.Team = append(p.Team, x)
	}
	return nil
}

func (s *Server) postInvited(c *fiber.Ctx) error {
	return s.withSession(c, "genodigden", func(id uuid.UUID) error {
		return s.Meeting.SetInvited(work(c), actor(c), id, formIDs(c, "members"), formIDs(c, "oncall"))
	})
}

// postCancel calls a session off and tells those invited.
func (s *Server) postCancel(c *fiber.Ctx) error {
	return s.withSession(c, "afgezegd", func(id uuid.UUID) error {
		ses, err := s.Meeting.CancelSession(work(c), actor(c), id)
		if err == nil {
			s.mailSession(c, ses)
		}
		return err
	})
}
