package web

import (
	"sort"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/account"
	"zat/meeting"
)

func str(n int64) string { return strconv.FormatInt(n, 10) }

func sorted(list []Option) []Option {
	sort.Slice(list, func(i, j int) bool { return list[i].Label < list[j].Label })
	return list
}

// Where a signal goes, in the form's field "over": a case's id, or one of these.
const (
	toInbox = "ander"
	toTrend = "buurt"
)

type signalPage struct {
	Page
	Form    Form
	Over    string
	About   string // pseudonym, when it is about a case
	Choices []Option
}

func (s *Server) showSignal(c *fiber.Ctx) error { return s.signalPage(c, nil) }

func (s *Server) signalPage(c *fiber.Ctx, err error) error {
	p := signalPage{Page: s.page(c, "signal.title"), Form: s.form(c, "/signaal", err), Over: c.Query("over")}
	if v := p.Form.V("over"); v != "" {
		p.Over = v
	}
	rows, rerr := s.Meeting.Cases(work(c), actor(c), meeting.CaseQuery{Limit: 100})
	if rerr != nil {
		return rerr
	}
	cat := catalogueOf(c)
	for _, r := range rows {
		p.Choices = append(p.Choices, Option{r.ID.String(), string(r.Pseudonym)})
		if r.ID.String() == p.Over {
			p.About = string(r.Pseudonym)
		}
	}
	p.Choices = append(p.Choices, Option{toInbox, cat.text("signal.over.other")}, Option{toTrend, cat.text("signal.over.trend")})
	if p.About == "" && p.Over != toInbox && p.Over != toTrend {
		p.Over = ""
	}
	p.Form = p.Form.Default("over", p.Over).Default("tone", string(meeting.Concern)).Default("knowing", string(meeting.Seen))
	return s.render(c, status(err), "signal", p)
}

func (s *Server) postSignal(c *fiber.Ctx) error {
	in := meeting.NewSignal{Once: formID(c, "once"), Domain: c.FormValue("domain"), Tone: c.FormValue("tone"), Knowing: c.FormValue("knowing"),
		Opinion: c.FormValue("opinion") == "1", ThirdParty: c.FormValue("third") == "1",
		Text: draft(c, "text"), Area: draft(c, "area"), When: draft(c, "when"), Who: c.FormValue("who")}
	to, flash, err := s.sendSignal(c, in)
	if refused(err) {
		return s.signalPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, to, flash)
}

func (s *Server) sendSignal(c *fiber.Ctx, in meeting.NewSignal) (to, flash string, err error) {
	a := actor(c)
	switch over := c.FormValue("over"); over {
	case toTrend:
		return "/trends", "trend", s.Meeting.AddTrend(work(c), a, in)
	case toInbox:
		return "/mijn-signalen", "inbox", s.Meeting.SendToInbox(work(c), a, in)
	default:
		id, perr := uuid.Parse(over)
		if perr != nil {
			return "", "", faultAt("over", "error.over")
		}
		in.Case = id
		return "/casussen/" + id.String(), "signaal", s.Meeting.AddSignal(work(c), a, in)
	}
}

type ownPage struct {
	Page
	Signals []meeting.OpenedSignal
}

func (s *Server) showOwnSignals(c *fiber.Ctx) error {
	list, err := s.Meeting.OwnSignals(work(c), actor(c))
	if err != nil {
		return err
	}
	return s.render(c, fiber.StatusOK, "own", ownPage{s.page(c, "own.title"), list})
}

type inboxPage struct {
	Page
	Signals []meeting.InboxSignal
}

func (s *Server) showInbox(c *fiber.Ctx) error {
	list, err := s.Meeting.Inbox(work(c), actor(c))
	if err != nil {
		return err
	}
	return s.render(c, fiber.StatusOK, "inbox", inboxPage{s.page(c, "inbox.title"), list})
}

type judgePage struct {
	Page
	Signal  meeting.OpenedSignal
	Tie     Form
	Decline Form
	Cases   []Option
	Base    string
}

func (s *Server) showJudge(c *fiber.Ctx) error { return s.judgePage(c, nil) }

func (s *Server) judgePage(c *fiber.Ctx, err error) error {
	id, perr := pathID(c, "id")
	if perr != nil {
		return perr
	}
	sig, rerr := s.Meeting.JudgeView(work(c), actor(c), id)
	if rerr != nil {
		return rerr
	}
	base := "/signalen/" + id.String()
	p := judgePage{Page: s.page(c, "judge.title"), Signal: sig, Base: base, Tie: s.form(c, base+"/koppelen", err), Decline: s.form(c, base+"/afwijzen", err)}
	rows, rerr := s.Meeting.Cases(work(c), actor(c), meeting.CaseQuery{Limit: 500})
	if rerr != nil {
		return rerr
	}
	for _, r := range rows {
		p.Cases = append(p.Cases, Option{r.ID.String(), string(r.Pseudonym)})
	}
	p.Cases = sorted(p.Cases)
	text, terr := s.withoutNames(c, sig.Body)
	if terr != nil {
		return terr
	}
	p.Tie = p.Tie.Default("text", text)
	return s.render(c, status(err), "judge", p)
}

// withoutNames proposes a text for the case: the names that the guard finds,
// and the one that the writer gave, are replaced.
func (s *Server) withoutNames(c *fiber.Ctx, b meeting.SignalBody) (string, error) {
	text := b.Text
	found, err := s.Guard.Check(work(c), actor(c).Team, text)
	if err != nil {
		return "", err
	}
	for i := len(found) - 1; i >= 0; i-- {
		f := found[i]
		text = text[:f.Start] + instead[f.Kind][0] + text[f.End:]
	}
	for _, part := range wordsOf(b.Who) {
		text = replaceWord(text, part, instead["name"][0])
	}
	return text, nil
}

func (s *Server) postTie(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	err = s.Meeting.TieSignal(work(c), actor(c), id, formID(c, "once"), formID(c, "case"), draft(c, "text"))
	return s.judged(c, err, "gekoppeld")
}

func (s *Server) postDecline(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.judged(c, s.Meeting.DeclineSignal(work(c), actor(c), id, draft(c, "reply")), "afgewezen")
}

func (s *Server) judged(c *fiber.Ctx, err error, flash string) error {
	if isInvalid(err) {
		return s.judgePage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/signalen", flash)
}

type questionsPage struct {
	Page
	Rows       []questionRow
	Colleagues []Option
}

type questionRow struct {
	meeting.RecognitionRow
	Form, Pass Form
}

func (s *Server) showQuestions(c *fiber.Ctx) error { return s.questionsPage(c, nil) }

func (s *Server) questionsPage(c *fiber.Ctx, err error) error {
	rows, rerr := s.Meeting.MyQuestions(work(c), actor(c))
	if rerr != nil {
		return rerr
	}
	colleagues, rerr := s.Meeting.Colleagues(work(c), actor(c))
	if rerr != nil {
		return rerr
	}
	p := questionsPage{Page: s.page(c, "questions.title")}
	p.Path = "/vragen"
	for _, m := range colleagues {
		p.Colleagues = append(p.Colleagues, Option{m.ID.String(), m.Name})
	}
	for _, r := range rows {
		base := "/vragen/" + r.ID.String()
		p.Rows = append(p.Rows, questionRow{r, s.form(c, base, err), s.form(c, base+"/doorgeven", err)})
	}
	return s.render(c, status(err), "questions", p)
}

func (s *Server) postAnswer(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	err = s.Meeting.AnswerRecognition(work(c), actor(c), id, c.FormValue("answer"))
	return s.answered(c, err, "antwoord")
}

func (s *Server) postPass(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.answered(c, s.Meeting.PassRecognition(work(c), actor(c), id, formID(c, "colleague")), "doorgegeven")
}

func (s *Server) answered(c *fiber.Ctx, err error, flash string) error {
	if isInvalid(err) {
		return s.questionsPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/vragen", flash)
}

type trendsPage struct {
	Page
	Trends meeting.Trends
	Most   int
	Inside bool // the coordinator sees small numbers; who is outside does not
}

func (s *Server) showTrends(c *fiber.Ctx) error {
	t, err := s.Meeting.ReadTrends(work(c), actor(c))
	if err != nil {
		return err
	}
	p := trendsPage{Page: s.page(c, "trends.title"), Trends: t, Inside: actor(c).Role == account.Coordinator}
	for _, n := range t.Counts {
		p.Most = max(p.Most, n.Now)
	}
	return s.render(c, fiber.StatusOK, "trends", p)
}
