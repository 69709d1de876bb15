package web

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/account"
	"zat/meeting"
	"zat/pseudonym"
)

type casesPage struct {
	Page
	Rows   []meeting.CaseRow
	Closed bool
	Search string
	More   string // address of the next page
}

const casesPerPage = 25

// showCases lists cases, a page at a time. Nothing of it is sealed.
func (s *Server) showCases(c *fiber.Ctx) error {
	q := meeting.CaseQuery{Limit: casesPerPage + 1, Closed: c.Query("afgesloten") != ""}
	p := casesPage{Page: s.page(c, "cases.title"), Closed: q.Closed, Search: c.Query("zoek")}
	if n, ok := pseudonym.ParseName(p.Search); ok {
		q.Search = n
	} else if p.Search != "" {
		q.Search = "?"
	}
	if id, err := uuid.Parse(c.Query("na")); err == nil {
		q.After = id
		q.Before = time.UnixMilli(int64(c.QueryInt("voor"))).UTC()
	}
	rows, err := s.Meeting.Cases(work(c), actor(c), q)
	if err != nil {
		return err
	}
	if len(rows) > casesPerPage {
		rows = rows[:casesPerPage]
		last := rows[casesPerPage-1]
		p.More = "/casussen?na=" + last.ID.String() + "&voor=" + str(last.LastAt.UnixMilli())
		if p.Closed {
			p.More += "&afgesloten=1"
		}
	}
	p.Rows = rows
	return s.render(c, fiber.StatusOK, "cases", p)
}

type casePage struct {
	Page
	View        meeting.CaseView
	Note        Form
	Agreement   Form
	Ask         Form
	Phase       Form
	People      []Option
	Agreements  []meeting.Opened
	Feedback    []meeting.Opened
	Back        Form
	Questions   []meeting.RecognitionRow
	Youth       []Option
	HasBasis    bool
	Manage      bool
	CanDisclose bool
	Names       map[uuid.UUID]string
	Base        string
	Next        []Option
	Closable    bool
}

func (s *Server) showCase(c *fiber.Ctx) error { return s.casePage(c, nil) }

func (s *Server) casePage(c *fiber.Ctx, err error) error {
	id, perr := pathID(c, "id")
	if perr != nil {
		return perr
	}
	v, rerr := s.Meeting.ReadCase(work(c), actor(c), id)
	if rerr != nil {
		return rerr
	}
	base := "/casussen/" + id.String()
	p := casePage{Page: s.page(c, "case.title"), View: v, Base: base, Note: s.form(c, base+"/notitie", err), Agreement: s.form(c, base+"/afspraak", err),
		Back: s.form(c, base+"/terugkoppeling", err), Ask: s.form(c, base+"/vraag", err), Phase: s.form(c, base+"/fase", err)}
	if err != nil && c.Path() == base+"/sluiten" {
		p.Phase = s.form(c, base+"/sluiten", err)
		p.Phase.Action = base + "/fase"
	}
	p.Name, p.Path = string(v.Case.Pseudonym), base
	p.Manage = actor(c).May(account.ManageCases) && v.Case.Open()
	p.CanDisclose = actor(c).May(account.OpenIdentity)
	p.Closable = v.Case.Phase.MayFollow(meeting.Closed)
	s.casePeople(c, &p)
	for _, o := range v.Items {
		if o.Kind == meeting.Agreement {
			p.Agreements = append(p.Agreements, o)
		}
		if o.Kind == meeting.FeedbackItem {
			p.Feedback = append(p.Feedback, o)
		}
	}
	for _, b := range v.Bases {
		p.HasBasis = p.HasBasis || b.Valid(meeting.Today(s.Now()))
	}
	for _, n := range v.Case.Phase.Next() {
		p.Next = append(p.Next, Option{string(n), catalogueOf(c).text("phase." + string(n))})
	}
	var qerr error
	if p.Questions, qerr = s.Meeting.Recognitions(work(c), actor(c), id); qerr != nil {
		return qerr
	}
	return s.render(c, status(err), "case", p)
}

func (s *Server) casePeople(c *fiber.Ctx, p *casePage) {
	var people, youth []account.Member
	for _, x := range p.View.Participants {
		people = append(people, x.Member)
	}
	p.Names = map[uuid.UUID]string{}
	for id, m := range p.View.Members {
		p.Names[id] = m.Name
		if m.Role.May(account.AnswerQuestions) && m.Joined() && m.Ended.IsZero() {
			youth = append(youth, m)
		}
	}
	p.People, p.Youth = memberOptions(catalogueOf(c), people), memberOptions(catalogueOf(c), youth)
}

func (s *Server) postNote(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	err = s.Meeting.AddNote(work(c), actor(c), id, formID(c, "once"), draft(c, "text"))
	return s.backToCase(c, id, err, "notitie")
}

// backToCase shows the case again with what was refused, or goes there.
func (s *Server) backToCase(c *fiber.Ctx, id uuid.UUID, err error, flash string) error {
	if refused(err) {
		return s.casePage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/casussen/"+id.String(), flash)
}

func (s *Server) postAgreement(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	err = s.Meeting.AddAgreement(work(c), actor(c), meeting.NewAgreement{Once: formID(c, "once"), Case: id, What: draft(c, "what"),
		Responsible: formID(c, "responsible"), Due: c.FormValue("due")})
	return s.backToCase(c, id, err, "afspraak")
}

func (s *Server) postPhase(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.backToCase(c, id, s.Meeting.MovePhase(work(c), actor(c), id, meeting.Phase(c.FormValue("phase"))), "fase")
}

func (s *Server) postCloseCase(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.backToCase(c, id, s.Meeting.CloseCase(work(c), actor(c), id), "gesloten")
}

func (s *Server) postRecognition(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.backToCase(c, id, s.Meeting.AskRecognition(work(c), actor(c), id, formID(c, "once"), formID(c, "member")), "vraag")
}

// postShareAnswer tells those who take part in a case what a youth worker answered.
func (s *Server) postShareAnswer(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	question, err := pathID(c, "question")
	if err != nil {
		return err
	}
	return s.backToCase(c, id, s.Meeting.ShareAnswer(work(c), actor(c), id, question), "gedeeld")
}

type askPage struct {
	Page
	Form Form
	Case meeting.Case
}

func (s *Server) showAsk(c *fiber.Ctx) error { return s.askPage(c, nil) }

func (s *Server) askPage(c *fiber.Ctx, err error) error {
	id, perr := pathID(c, "id")
	if perr != nil {
		return perr
	}
	v, rerr := s.Meeting.ReadCase(work(c), actor(c), id)
	if rerr != nil {
		return rerr
	}
	f := s.form(c, c.Path(), err).Default("question", v.Question.Reveal())
	if !f.Refused && f.Draft == "" {
		for _, d := range v.Case.Domains {
			f.Values.Add("domain", string(d))
		}
	}
	p := s.page(c, "ask.title")
	p.Name = string(v.Case.Pseudonym)
	return s.render(c, status(err), "ask", askPage{p, f, v.Case})
}

func (s *Server) postAsk(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	err = s.Meeting.AskAnew(work(c), actor(c), id, formID(c, "once"), draft(c, "question"), formValues(c)["domain"])
	if refused(err) {
		return s.askPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/casussen/"+id.String(), "hulpvraag")
}
