package web

import (
	"sort"

	"github.com/gofiber/fiber/v2"

	"zat/account"
	"zat/account/staff"
)

type membersPage struct {
	Page
	Form    Form
	Members []account.Member
	Orgs    []account.Organisation
	Link    string // of an invitation, shown once
	Who     string
	Mailed  string // what became of the mail with it
	Roles   []Option
	Manage  bool // he may change roles
}

func (s *Server) showMembers(c *fiber.Ctx) error { return s.membersPage(c, "", "", "", nil) }

func (s *Server) membersPage(c *fiber.Ctx, link, whom, mailed string, cause error) error {
	members, err := s.Staff.Members(work(c), actor(c))
	if err != nil {
		return err
	}
	orgs, err := s.Teams.Organisations(work(c), actor(c).Team)
	if err != nil {
		return err
	}
	p := membersPage{Page: s.page(c, "members.title"), Form: s.form(c, "/beheer", cause), Orgs: orgs, Link: link, Who: whom, Mailed: mailed, Manage: actor(c).May(account.ManageMembers)}
	for _, r := range account.Roles() {
		if staff.MayInvite(actor(c), r) {
			p.Roles = append(p.Roles, Option{string(r), catalogueOf(c).text("role." + string(r))})
		}
	}
	for _, m := range members {
		if m.Ended.IsZero() {
			p.Members = append(p.Members, m)
		}
	}
	sort.SliceStable(p.Members, func(i, j int) bool { return p.Members[i].Role < p.Members[j].Role })
	return s.render(c, status(cause), "members", p)
}

func roleOptions(c *fiber.Ctx) []Option {
	var out []Option
	for _, r := range account.Roles() {
		out = append(out, Option{string(r), catalogueOf(c).text("role." + string(r))})
	}
	return out
}

type rolePage struct {
	Page
	Form    Form
	Leaving staff.Leaving
	Roles   []Option
	Choices []Option
}

func (s *Server) showRole(c *fiber.Ctx) error { return s.rolePage(c, nil) }

func (s *Server) rolePage(c *fiber.Ctx, cause error) error {
	id, err := pathID(c, "member")
	if err != nil {
		return err
	}
	l, err := s.Staff.Changing(work(c), actor(c), id)
	if err != nil {
		return err
	}
	p := rolePage{Page: s.page(c, "role.title"), Form: s.form(c, "/beheer/"+id.String()+"/rol", cause), Leaving: l, Roles: roleOptions(c)}
	for _, m := range l.Successors {
		p.Choices = append(p.Choices, Option{m.ID.String(), m.Name + " – " + catalogueOf(c).text("role."+string(m.Role))})
	}
	p.Form = p.Form.Default("role", string(l.Member.Role))
	return s.render(c, status(cause), "role", p)
}

// postEndSessions ends the sessions of a colleague.
func (s *Server) postEndSessions(c *fiber.Ctx) error {
	id, err := pathID(c, "member")
	if err != nil {
		return err
	}
	if err := s.Staff.EndSessions(work(c), actor(c), id); err != nil {
		return err
	}
	return s.done(c, "/beheer", "sessiesweg")
}

func (s *Server) postRole(c *fiber.Ctx) error {
	id, err := pathID(c, "member")
	if err != nil {
		return err
	}
	err = s.Staff.ChangeRole(work(c), actor(c), id, c.FormValue("role"), formID(c, "successor"))
	if refused(err) {
		return s.rolePage(c, err)
	}
	if err != nil {
		return err
	}
	s.renewKeys(c, actor(c))
	return s.done(c, "/beheer", "rol")
}

// postInvite invites somebody. The link is shown once, on the answer itself: it
// is in no address and in no log.
func (s *Server) postInvite(c *fiber.Ctx) error {
	in := staff.Invitee{Name: c.FormValue("name"), Email: c.FormValue("email"), Role: account.Role(c.FormValue("role")),
		Organisation: c.FormValue("organisation"), External: c.FormValue("external") == "1"}
	out, err := s.Staff.Invite(work(c), actor(c), in)
	if refused(err) {
		return s.membersPage(c, "", "", "", err)
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
	link := s.link(c, "/welkom/", out)
	return s.membersPage(c, link, out.Member.Name, s.mailed(c, out, link), nil)
}

// mailed sends the link, where there is a mail server, and returns what to say of it.
// An invitation that could not be sent is still one: its link stands on the page.
func (s *Server) mailed(c *fiber.Ctx, out staff.Invited, link string) string {
	if s.Mail == nil {
		return ""
	}
	t, err := s.Teams.Team(work(c), out.Member.Team)
	if err == nil {
		err = s.Mail.Invite(work(c), out.Member.Email, t.School, link)
	}
	if err != nil {
		s.Logger.Error("an invitation was not sent", "error", err.Error())
		return "members.notmailed"
	}
	return "members.mailed"
}

// link is the address that somebody gets to make his keys.
func (s *Server) link(c *fiber.Ctx, path string, out staff.Invited) string {
	base := s.URL
	if base == "" {
		base = c.BaseURL()
	}
	return base + path + out.Token.Secret()
}
