package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/account"
	"zat/account/keyring"
	"zat/account/staff"
)

type teamPage struct {
	Page
	Members []account.Member
	Waits   map[uuid.UUID]bool // for access
	Keys    keyring.Inventory
	Names   bool // the pseudonyms of cases may be shown
}

// showTeam shows who is in the team and how its keys are: what waits, and what
// hangs on one person.
func (s *Server) showTeam(c *fiber.Ctx) error {
	members, err := s.Staff.Members(work(c), actor(c))
	if err != nil {
		return err
	}
	waiting, err := s.Staff.Waiting(work(c), actor(c))
	if err != nil {
		return err
	}
	p := teamPage{Page: s.page(c, "team.title"), Waits: map[uuid.UUID]bool{}, Names: actor(c).May(account.ManageCases)}
	if p.Keys, err = s.Keys.Inventory(work(c), actor(c)); err != nil {
		return err
	}
	for _, m := range members {
		if m.Ended.IsZero() {
			p.Members = append(p.Members, m)
		}
	}
	for _, m := range waiting {
		p.Waits[m.ID] = true
	}
	if p.Keys.Waiting > 0 {
		s.renewKeys(c, actor(c))
	}
	return s.render(c, fiber.StatusOK, "team", p)
}

// postRotate lets the keys of a kind be renewed, and begins with those at hand.
func (s *Server) postRotate(c *fiber.Ctx) error {
	if err := s.Keys.Rotate(work(c), actor(c), c.Params("kind")); err != nil {
		return err
	}
	s.renewKeys(c, actor(c))
	return s.done(c, "/team", "sleutels")
}

type leavePage struct {
	Page
	Form    Form
	Leaving staff.Leaving
	Choices []Option
}

func (s *Server) showLeave(c *fiber.Ctx) error { return s.leavePage(c, nil) }

func (s *Server) leavePage(c *fiber.Ctx, cause error) error {
	id, err := pathID(c, "member")
	if err != nil {
		return err
	}
	l, err := s.Staff.Leaving(work(c), actor(c), id)
	if err != nil {
		return err
	}
	p := leavePage{Page: s.page(c, "leave.title"), Form: s.form(c, "/team/"+id.String()+"/beeindigen", cause), Leaving: l}
	for _, m := range l.Successors {
		p.Choices = append(p.Choices, Option{m.ID.String(), m.Name + " – " + catalogueOf(c).text("role."+string(m.Role))})
	}
	return s.render(c, status(cause), "leave", p)
}

// postLeave ends a membership. Where the one who does it holds the keys, they are
// renewed beside the answer.
func (s *Server) postLeave(c *fiber.Ctx) error {
	id, err := pathID(c, "member")
	if err != nil {
		return err
	}
	successor := uuid.Nil
	if v := c.FormValue("successor"); v != "" {
		if successor, err = uuid.Parse(v); err != nil {
			successor = uuid.Nil // refused as no choice, if there is something to hand over
		}
	}
	err = s.Staff.End(work(c), actor(c), id, successor)
	if refused(err) {
		return s.leavePage(c, err)
	}
	if err != nil {
		return err
	}
	s.renewKeys(c, actor(c))
	return s.done(c, "/team", "vertrokken")
}
