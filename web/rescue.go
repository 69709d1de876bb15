package web

import (
	"github.com/gofiber/fiber/v2"

	"zat/account/keyring"
	"zat/account/staff"
	"zat/fault"
)

// teamPaperPage is the team's recovery identity, to be printed.
type teamPaperPage struct {
	Page
	Form  Form
	Paper string
	QR    QR
	Known bool // there is one, which this one replaces
}

func (s *Server) showTeamPaper(c *fiber.Ctx) error { return s.teamPaperPage(c, nil) }

func (s *Server) teamPaperPage(c *fiber.Ctx, cause error) error {
	known, err := s.Keys.Paper(work(c), actor(c))
	if err != nil {
		return err
	}
	p := teamPaperPage{Page: s.page(c, "teampaper.title"), Form: s.form(c, "/team/herstelblad", cause), Known: !known.Made.IsZero()}
	if p.Paper = p.Form.V("paper"); p.Paper == "" {
		if p.Paper, err = keyring.DrawPaper(); err != nil {
			return err
		}
	}
	p.Form.Values.Del("typed")
	if p.QR, err = qrOf(p.Paper); err != nil {
		return err
	}
	return s.render(c, status(cause), "teampaper", p)
}

func (s *Server) postTeamPaper(c *fiber.Ctx) error {
	err := s.Keys.MakePaper(work(c), actor(c), c.FormValue("paper"), c.FormValue("typed"))
	if f, ok := faultOf(err); ok && f.Key == "error.recovery.typed" {
		err = fault.At("typed", "error.paper.typed")
	}
	if refused(err) {
		return s.teamPaperPage(c, err)
	}
	if err != nil {
		return err
	}
	s.renewKeys(c, actor(c))
	return s.done(c, "/team", "herstelblad")
}

type rescuesPage struct {
	Page
	Form   Form
	People []Option
	List   []staff.RescueRow
	Link   string // for the member, shown once
	Who    string
}

func (s *Server) showRescues(c *fiber.Ctx) error { return s.rescuesPage(c, staff.Invited{}, nil) }

// rescuesPage is where colleagues help somebody who lost every way in.
func (s *Server) rescuesPage(c *fiber.Ctx, made staff.Invited, cause error) error {
	members, err := s.Staff.Colleagues(work(c), actor(c))
	if err != nil {
		return err
	}
	p := rescuesPage{Page: s.page(c, "rescue.title"), Form: s.form(c, "/herstellen", cause), Who: made.Member.Name}
	if made.Member.Name != "" {
		p.Link = s.link(c, "/opnieuw/", made)
		p.Form.Values = nil
	}
	if v := c.Query("wie"); v != "" {
		p.Form = p.Form.Default("member", v)
	}
	for _, m := range members {
		p.People = append(p.People, Option{m.ID.String(), m.Name + " – " + catalogueOf(c).text("role."+string(m.Role))})
	}
	if p.List, err = s.Staff.Rescues(work(c), actor(c)); err != nil {
		return err
	}
	return s.render(c, status(cause), "rescues", p)
}

func (s *Server) postRescue(c *fiber.Ctx) error {
	out, err := s.Staff.AskRescue(work(c), actor(c), formID(c, "member"), draft(c, "reason"))
	if fault.Is(err, fault.NotFound) {
		err = fault.At("member", "error.choice")
	}
	if refused(err) {
		return s.rescuesPage(c, staff.Invited{}, err)
	}
	if err != nil {
		return err
	}
	return s.rescuesPage(c, out, nil)
}

type confirmPage struct {
	Page
	Form   Form
	Rescue staff.RescueRow
	First  bool // the reader is the one who asked
	Second bool // somebody else has confirmed: the paper is what is left
}

func (s *Server) showConfirm(c *fiber.Ctx) error { return s.confirmPage(c, nil) }

func (s *Server) confirmPage(c *fiber.Ctx, cause error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	r, err := s.Staff.RescueIn(work(c), actor(c), id)
	if err != nil {
		return err
	}
	p := confirmPage{Page: s.page(c, "rescue.confirm.title"), Form: s.form(c, "/herstellen/"+id.String(), cause), Rescue: r,
		First: r.AskedBy == actor(c).Member, Second: r.State == staff.RescueConfirmed}
	p.Form.Values.Del("paper")
	return s.render(c, status(cause), "rescue", p)
}

func (s *Server) postConfirm(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	done, err := s.Staff.ConfirmRescue(work(c), actor(c), id, staff.Confirming{Reason: draft(c, "reason"), Check: c.FormValue("check"), Paper: c.FormValue("paper")})
	if refused(err) {
		return s.confirmPage(c, err)
	}
	if err != nil {
		return err
	}
	s.renewKeys(c, actor(c))
	if !done {
		return s.done(c, "/herstellen", "bevestigd")
	}
	return s.done(c, "/herstellen", "hersteld")
}

func (s *Server) postStopRescue(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Staff.StopRescue(work(c), actor(c), id); err != nil {
		return err
	}
	return s.done(c, "/", "herstelgestopt")
}

func (s *Server) showAnew(c *fiber.Ctx) error { return s.anewPage(c, nil) }

// anewPage is where somebody whose access is recovered makes his new keys.
func (s *Server) anewPage(c *fiber.Ctx, cause error) error {
	_, m, err := s.Staff.RescueOf(work(c), c.Params("token"))
	if err != nil {
		return err
	}
	p := s.secretForm(c, "anew.title", c.Path(), true, cause)
	p.Person, p.Role = m.Name, string(m.Role)
	p.withPaper()
	if err := p.withPhone(m.Email); err != nil {
		return err
	}
	return s.render(c, status(cause), "anew", p)
}

type checkPage struct {
	Page
	Check string
}

func (s *Server) postAnew(c *fiber.Ctx) error {
	check, err := s.Staff.TakeRescue(work(c), s.joining(c))
	if refused(err) {
		return s.anewPage(c, err)
	}
	if err != nil {
		return err
	}
	p := s.page(c, "anew.check.title")
	p.Bare = true
	return s.render(c, fiber.StatusOK, "check", checkPage{p, check})
}
