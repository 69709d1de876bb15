package web

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/account"
	"zat/meeting"
)

type homePage struct {
	Page
	Greeting   string
	Next       *meeting.Session
	Running    bool
	Invited    []meeting.Session
	Off        []meeting.Session // called off, until they would have ended
	Inbox      []meeting.InboxSignal
	Agreements []agreementRow
	Open       int
	Due        []meeting.Case
	Waiting    []account.Member
	Cases      []meeting.CaseRow
	Questions  int
	NoPaper    bool              // he has no recovery code
	ToConfirm  []meeting.Session // whose draft minutes wait for him
}

// agreementRow is an open agreement without its text: an overview opens nothing.
type agreementRow struct {
	Item meeting.Item
	Name string
	Role account.Role
}

// showHome shows everybody his own start: what is next and what waits for him.
func (s *Server) showHome(c *fiber.Ctx) error {
	a := actor(c)
	switch a.Role {
	case account.Officer:
		return c.Redirect("/logboek", fiber.StatusSeeOther)
	case account.Admin:
		return c.Redirect("/beheer", fiber.StatusSeeOther)
	}
	h := homePage{Page: s.page(c, "home.title"), Greeting: greeting(s.Now())}
	if err := s.fillHome(c, &h, a); err != nil {
		return err
	}
	name := "home"
	if a.Role == account.YouthWorker {
		name = "youth"
	}
	return s.render(c, fiber.StatusOK, name, h)
}

func greeting(now time.Time) string {
	switch h := now.In(meeting.Amsterdam).Hour(); {
	case h < 12:
		return "home.morning"
	case h < 18:
		return "home.afternoon"
	}
	return "home.evening"
}

func (s *Server) fillHome(c *fiber.Ctx, h *homePage, a account.Actor) error {
	var err error
	if h.Invited, err = s.Meeting.Sessions(work(c), a, false); err != nil {
		return err
	}
	for i, ses := range h.Invited {
		switch {
		case ses.State == meeting.Off:
			h.Off = append(h.Off, ses)
		case h.Next == nil:
			h.Next, h.Running = &h.Invited[i], ses.State == meeting.Running
		}
	}
	if h.Cases, err = s.Meeting.Cases(work(c), a, meeting.CaseQuery{Limit: 8}); err != nil {
		return err
	}
	if err := s.fillAgreements(c, h, a); err != nil {
		return err
	}
	if h.ToConfirm, err = s.Meeting.ToConfirm(work(c), a); err != nil {
		return err
	}
	if h.Questions, err = s.Meeting.CountQuestions(work(c), a); err != nil {
		return err
	}
	has, err := s.SignIn.HasRecovery(work(c), a)
	if err != nil {
		return err
	}
	h.NoPaper = !has
	if a.Role != account.Coordinator {
		return nil
	}
	if h.Inbox, err = s.Meeting.Inbox(work(c), a); err != nil {
		return err
	}
	if h.Due, err = s.Teams.Due(work(c), a.Team, meeting.Today(s.Now()).AddDate(0, 0, 21)); err != nil {
		return err
	}
	h.Waiting, err = s.Staff.Waiting(work(c), a)
	return err
}

const homeAgreements = 5

func (s *Server) fillAgreements(c *fiber.Ctx, h *homePage, a account.Actor) error {
	items, err := s.Teams.OpenAgreements(work(c), a.Team, a.Member, a.Role != account.Coordinator, s.Now())
	if err != nil {
		return err
	}
	members, err := s.Teams.Members(work(c), a.Team)
	if err != nil {
		return err
	}
	rows, err := s.Meeting.Cases(work(c), a, meeting.CaseQuery{Limit: 500})
	if err != nil {
		return err
	}
	names := map[uuid.UUID]string{}
	for _, r := range rows {
		names[r.ID] = string(r.Pseudonym)
	}
	h.Open = len(items)
	for _, it := range items[:min(len(items), homeAgreements)] {
		row := agreementRow{Item: it, Name: names[it.Vault]}
		for _, m := range members {
			if m.ID == it.Responsible {
				row.Role = m.Role
			}
		}
		h.Agreements = append(h.Agreements, row)
	}
	return nil
}

type agreementsPage struct {
	Page
	Mine, Others []meeting.Opened
	Stuck        []meeting.Opened // of others, long past their day; for coordinators
	Elsewhere    []elsewhere
	CanMail      bool
	Digest       bool
}

// elsewhere is another team of the same person, with how much he has open there.
type elsewhere struct {
	TeamLink
	Open int
}

// stuckAfter is how many days past its day an agreement is stuck.
const stuckAfter = 7

// elsewhere counts what the actor has open in his other teams. Nothing else crosses.
func (s *Server) elsewhere(c *fiber.Ctx) ([]elsewhere, error) {
	list, err := s.SignIn.Teams(work(c), actor(c))
	if err != nil {
		return nil, err
	}
	var out []elsewhere
	for _, m := range list {
		if m.ID == actor(c).Member || !m.Role.May(account.SeeAgreements) {
			continue
		}
		items, err := s.Teams.OpenAgreements(work(c), m.Team, m.ID, true, s.Now())
		if err != nil {
			return nil, err
		}
		t, err := s.Teams.Team(work(c), m.Team)
		if err != nil {
			return nil, err
		}
		out = append(out, elsewhere{TeamLink{m.ID.String(), t.Name + " – " + t.School}, len(items)})
	}
	return out, nil
}

func (s *Server) postDigest(c *fiber.Ctx) error {
	if err := s.Meeting.WantDigest(work(c), actor(c), c.FormValue("digest") == "1"); err != nil {
		return err
	}
	return s.done(c, "/afspraken", "bericht")
}

func (s *Server) showAgreements(c *fiber.Ctx) error {
	list, err := s.Meeting.OpenAgreements(work(c), actor(c), uuid.Nil)
	if err != nil {
		return err
	}
	p := agreementsPage{Page: s.page(c, "agreements.title")}
	for _, o := range list {
		switch {
		case o.Responsible == actor(c).Member:
			p.Mine = append(p.Mine, o)
		case actor(c).Role == account.Coordinator && o.Due.Before(meeting.Today(s.Now()).AddDate(0, 0, -stuckAfter)):
			p.Stuck = append(p.Stuck, o)
		default:
			p.Others = append(p.Others, o)
		}
	}
	if p.Elsewhere, err = s.elsewhere(c); err != nil {
		return err
	}
	p.CanMail = s.Mail != nil
	if p.Digest, err = s.Meeting.HasDigest(work(c), actor(c)); err != nil {
		return err
	}
	return s.render(c, fiber.StatusOK, "agreements", p)
}

func (s *Server) postDone(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Meeting.FinishAgreement(work(c), actor(c), id); err != nil {
		return err
	}
	to := pageOf(c)
	if to == "" {
		to = "/afspraken"
	}
	return s.done(c, to, "gedaan")
}

func (s *Server) postDropAgreement(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	at, err := s.Meeting.DropAgreement(work(c), actor(c), id)
	if err != nil {
		return err
	}
	return s.done(c, "/casussen/"+at.String(), "vervallen")
}

type accessPage struct {
	Page
	Form    Form
	Member  account.Member
	Compare bool // his digits have to be typed
}

func (s *Server) showAccess(c *fiber.Ctx) error { return s.accessPage(c, nil) }

// accessPage is where a coordinator gives somebody who joined the access of his role.
func (s *Server) accessPage(c *fiber.Ctx, cause error) error {
	id, err := pathID(c, "member")
	if err != nil {
		return err
	}
	p := accessPage{Page: s.page(c, "access.title"), Form: s.form(c, "/toegang/"+id.String(), cause)}
	if p.Member, p.Compare, err = s.Staff.Access(work(c), actor(c), id); err != nil {
		return err
	}
	return s.render(c, status(cause), "access", p)
}

func (s *Server) postAccess(c *fiber.Ctx) error {
	id, err := pathID(c, "member")
	if err != nil {
		return err
	}
	err = s.Staff.GiveAccess(work(c), actor(c), id, c.FormValue("check"))
	if refused(err) {
		return s.accessPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/", "toegang")
}

func parseID(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil || len(s) != 36 {
		return uuid.Nil, errNotFound
	}
	return id, nil
}
