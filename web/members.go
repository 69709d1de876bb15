package web

import (
	"github.com/gofiber/fiber/v2"

	"zat/account"
	"zat/account/staff"
)

// postInvite invites somebody. The link is shown once, on the answer itself: it
// is in no address and in no log.
func (s *Server) postInvite(c *fiber.Ctx) error {
	in := staff.Invitee{Name: c.FormValue("name"), Email: c.FormValue("email"), Role: account.Role(c.FormValue("role")),
		Organisation: c.FormValue("organisation"), External: c.FormValue("external") == "1"}
	out, err := s.Staff.Invite(work(c), actor(c), in)
	if refused(err) {
		return s.membersPage(c, "", "", err)
	}
	if err != nil {
		return err
	}
	return s.invited(c, out)
}

// postInviteAgain gives a new link for somebody who did not join in time.
func (s *Server) postInviteAgain(c *fiber.Ctx) error {
	member, err := pathID(c, "member")
	if err != nil {
		return err
	}
	out, err := s.Staff.InviteAgain(work(c), actor(c), member)
	if err != nil {
		return err
	}
	return s.invited(c, out)
}

func (s *Server) invited(c *fiber.Ctx, out staff.Invited) error {
	return s.membersPage(c, s.link(c, "/welkom/", out), out.Member.Name, nil)
}

// link is the address that somebody gets to make his keys.
func (s *Server) link(c *fiber.Ctx, path string, out staff.Invited) string {
	base := s.URL
	if base == "" {
		base = c.BaseURL()
	}
	return base + path + out.Token.Secret()
}
