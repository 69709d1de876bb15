package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/account"
	"zat/fault"
	"zat/meeting"
)

type sessionsPage struct {
	Page
	Planned, Closed []meeting.Session
	ToConfirm       []meeting.Session
	Chair           bool
}

func (s *Server) showSessions(c *fiber.Ctx) error {
	p := sessionsPage{Page: s.page(c, "sessions.title"), Chair: actor(c).May(account.ChairSessions)}
	var err error
	if p.Planned, err = s.Meeting.Sessions(work(c), actor(c), false); err != nil {
		return err
	}
	if p.Closed, err = s.Meeting.Sessions(work(c), actor(c), true); err != nil {
		return err
	}
	if p.ToConfirm, err = s.Meeting.ToConfirm(work(c), actor(c)); err != nil {
		return err
	}
	return s.render(c, fiber.StatusOK, "sessions", p)
}

type planPage struct {
	Page
	Form    Form
	Members []account.Member
	Kinds   []Option
	Weeks   []Option
}

func (s *Server) showPlan(c *fiber.Ctx) error { return s.planPage(c, nil) }

func (s *Server) planPage(c *fiber.Ctx, err error) error {
	members, rerr := s.Teams.Members(work(c), actor(c).Team)
	if rerr != nil {
		return rerr
	}
	p := planPage{Page: s.page(c, "plan.title"), Form: s.form(c, "/overleggen/nieuw", err)}
	p.Form = p.Form.Default("from", "13.30").Default("until", "15.00").Default("kind", string(meeting.TeamKind))
	for _, k := range meeting.Kinds() {
		p.Kinds = append(p.Kinds, Option{string(k), catalogueOf(c).text("session.kind." + string(k))})
	}
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "8"} {
		p.Weeks = append(p.Weeks, Option{n, everyWeeks(catalogueOf(c), n)})
	}
	for _, m := range members {
		if m.Role.AtTable() && m.Joined() && m.Ended.IsZero() && m.ID != actor(c).Member {
			p.Members = append(p.Members, m)
		}
	}
	return s.render(c, status(err), "plan", p)
}

func everyWeeks(cat catalogue, n string) string {
	if n == "1" {
		return cat.text("plan.everyweek")
	}
	return cat.text("plan.every", n)
}

func (s *Server) postPlan(c *fiber.Ctx) error {
	ses, skipped, err := s.Meeting.PlanSeries(work(c), actor(c), meeting.NewSession{Once: formID(c, "once"), Day: c.FormValue("day"), From: c.FormValue("from"),
		Until: c.FormValue("until"), Place: draft(c, "place"), Members: formIDs(c, "members"), OnCall: formIDs(c, "oncall"), Kind: c.FormValue("kind")},
		meeting.Repeat{Weeks: c.FormValue("weeks"), Last: c.FormValue("last"), Days: c.FormValue("days")})
	if refused(err) {
		return s.planPage(c, err)
	}
	if err != nil {
		return err
	}
	flash := "overleg"
	if skipped > 0 {
		flash = "overlegvakantie"
	}
	return s.done(c, "/overleggen/"+ses.ID.String(), flash)
}

// sessionPage is the agenda of a session, and while it runs the chair's screen.
type sessionPage struct {
	Page
	View    meeting.SessionView
	Scene   scenePage
	Steps   []step
	Brought []meeting.Opened // to this point, before it
	Undone  int              // points that did not begin, without those put off
	Point   meeting.PointView
	Content meeting.PointContent
	HasCur  bool
	Next    meeting.PointView
	HasNext bool
	Base    string
	Add     Form
	Notes   Form
	Agree   Form
	Outcome Form
	Cases   []Option
	Due     []meeting.Proposal
	Offer   string // the case that was refused for want of a basis
	Move    Form
	Invite  Form
	Team    []seat
	Scribes []Option
	Early   bool // it is planned for another day
	CanMail bool
	People  []Option
	Sum     int
	Room    int
	Clash   string // the newer notes of somebody else
	Domains []domainRow
	Summary Message
}

// domainRow is what is known in one life domain.
type domainRow struct {
	Domain meeting.Domain
	Count  int
	Last   meeting.Opened
}

func (s *Server) showSession(c *fiber.Ctx) error { return s.sessionPage(c, nil) }

// sessionPage shows a session as it stands for this reader: the agenda of a planned one,
// the chair's screen or the follower's page of a running one, the minutes of a closed one.
func (s *Server) sessionPage(c *fiber.Ctx, err error) error {
	id, perr := pathID(c, "id")
	if perr != nil {
		return perr
	}
	if follows, ferr := s.follows(c, id); ferr != nil || follows {
		if ferr != nil {
			return ferr
		}
		return s.followPage(c, id, err)
	}
	v, rerr := s.Meeting.ReadSession(work(c), actor(c), id)
	if rerr != nil {
		return rerr
	}
	base := "/overleggen/" + id.String()
	if v.Session.State == meeting.Finished {
		return s.closedMeanwhile(c, base, err)
	}
	p := sessionPage{Page: s.page(c, "session.title"), View: v, Base: base, Add: s.form(c, base+"/punten", err).Default("minutes", "15")}
	p.Path = base
	p.count()
	p.summarise(c, err)
	if p.View.Chairing = v.Chairing && v.Session.State != meeting.Off; p.View.Chairing {
		if rerr := s.fillAgenda(c, &p, err); rerr != nil {
			return rerr
		}
	}
	if v.Session.State != meeting.Running {
		return s.render(c, status(err), "session", p)
	}
	if rerr := s.fillPoint(c, &p, err); rerr != nil {
		return rerr
	}
	if rerr := s.fillScene(c, &p); rerr != nil {
		return rerr
	}
	p.Steps = steps(p)
	return s.render(c, status(err), "lead", p)
}

// closedMeanwhile leads to the minutes. What somebody typed while the session was closed is
// kept for him.
func (s *Server) closedMeanwhile(c *fiber.Ctx, base string, err error) error {
	if err == nil || !keepable(c) || !typed(c) {
		return c.Redirect(base+"/verslag", fiber.StatusSeeOther)
	}
	if err := s.SignIn.KeepOwn(work(c), actor(c), c.Path(), formValues(c)); err != nil {
		return err
	}
	return c.Redirect("/concepten", fiber.StatusSeeOther)
}

// count adds up the minutes of the agenda, and what is left of it.
func (p *sessionPage) count() {
	p.Room = int(p.View.Session.Ends.Sub(p.View.Session.Starts).Minutes())
	for _, x := range p.View.Points {
		p.Sum += x.Minutes
		if x.Started.IsZero() && !x.Parked {
			p.Undone++
		}
	}
	p.Next, p.HasNext = p.View.Next()
}

// fillAgenda adds what a chair puts on an agenda, and how she moves the session.
func (s *Server) fillAgenda(c *fiber.Ctx, p *sessionPage, err error) error {
	if err := s.freeCases(c, p); err != nil {
		return err
	}
	ses := p.View.Session
	if ses.State == meeting.Planned {
		var perr error
		if p.Due, perr = s.Meeting.Proposals(work(c), actor(c), ses.ID); perr != nil {
			return perr
		}
	}
	for _, e := range fault.Fields(err) {
		if e.Key == "error.point.uncovered" || e.Key == "error.point.nobasis" {
			p.Offer = p.Add.V("case")
		}
	}
	d := dates{catalogueOf(c)}
	p.Move = s.form(c, p.Base+"/verplaatsen", err).Default("day", meeting.Today(ses.Starts).Format("2-1-2006")).Default("from", d.clock(ses.Starts)).Default("until", d.clock(ses.Ends))
	p.CanMail, p.Early = s.Mail != nil, !meeting.Today(ses.Starts).Equal(meeting.Today(s.Now()))
	p.Scribes = scribes(catalogueOf(c), p.View)
	if ses.State == meeting.Planned {
		return s.fillSeats(c, p, err)
	}
	return nil
}

// fillScene is what the stream keeps up to date, from what the page opened already.
func (s *Server) fillScene(c *fiber.Ctx, p *sessionPage) error {
	v := meeting.Scene{Session: p.View.Session, Place: p.View.Place, Points: p.View.Points, Point: p.Point, HasPoint: p.HasCur, Attendees: p.View.Attendees,
		Present: p.View.Present, Chairing: p.View.Chairing, Question: p.Content.Case.Question}
	for _, o := range p.Content.Case.Items {
		switch {
		case o.Kind == meeting.Signal:
			v.Signals = append(v.Signals, o)
		case o.Kind == meeting.Agreement && o.Done.IsZero():
			v.Agreements = append(v.Agreements, o)
		}
	}
	var err error
	v.Hands, err = s.Meeting.Hands(work(c), v.Session, v.Attendees)
	p.Scene = s.scenePage(who(c), v)
	if err != nil {
		return err
	}
	f, err := s.Meeting.Follow(work(c), actor(c), v.Session.ID, true)
	if err != nil {
		return err
	}
	if p.Point.Current {
		f.Shown(p.Content.Opened...)
	}
	p.Scene.Parked = s.live.parked.put(c, f, "lead")
	return nil
}

// step is one of the five of the talk: question, analysis, plan, action, review
// (rules.md, "Case life cycle").
type step struct {
	Key, To   string
	Done, Now bool
}

// steps says how far the talk about a case is, by what was recorded of it.
func steps(p sessionPage) []step {
	c := p.Content
	var acted bool
	for _, o := range c.Case.Items {
		acted = acted || (o.Kind == meeting.Agreement && o.Point == p.Point.ID)
	}
	out := []step{
		{Key: "steps.question", To: "hv", Done: c.Case.Question.Reveal() != ""},
		{Key: "steps.analyse", To: "sk", Done: c.Notes != nil || c.Outcome != nil},
		{Key: "steps.plan", To: "besluit", Done: c.Outcome != nil},
		{Key: "steps.act", To: "af", Done: acted},
		{Key: "steps.review", To: "besluit", Done: c.Outcome != nil && !c.Case.Case.EvaluateOn.IsZero()},
	}
	for i := range out {
		if !out[i].Done {
			out[i].Now = true
			break
		}
	}
	return out
}

// follows reports whether the actor follows a running session, and does not lead it.
func (s *Server) follows(c *fiber.Ctx, id uuid.UUID) (bool, error) {
	if actor(c).May(account.ChairSessions) {
		return false, nil
	}
	ses, err := s.Meeting.Invited(work(c), actor(c), id)
	return err == nil && ses.State == meeting.Running, err
}

// summarise says above the page what belongs to no form on it.
func (p *sessionPage) summarise(c *fiber.Ctx, err error) {
	if err == nil || len(p.Add.Errors) > 0 {
		return
	}
	for _, e := range fault.Fields(err) {
		if e.Field == "case" || e.Field == "cases" || e.Field == "minutes" || e.Field == "" {
			p.Summary = Message{e.Key, e.Args}
		}
	}
	if !isInvalid(err) {
		p.Summary = p.Add.Summary
		if f, ok := faultOf(err); ok {
			p.Summary = Message{f.Key, f.Args}
		}
	}
}

// freeCases lists the open cases that are not on the agenda yet.
func (s *Server) freeCases(c *fiber.Ctx, p *sessionPage) error {
	rows, err := s.Meeting.Cases(work(c), actor(c), meeting.CaseQuery{Limit: 500})
	if err != nil {
		return err
	}
	on := map[uuid.UUID]bool{}
	for _, x := range p.View.Points {
		on[x.Case] = true
	}
	cat := catalogueOf(c)
	for _, r := range rows {
		if on[r.ID] {
			continue
		}
		label := string(r.Pseudonym)
		if !r.HasBasis {
			label += " (" + cat.text("cases.nobasis") + ")"
		}
		p.Cases = append(p.Cases, Option{r.ID.String(), label})
	}
	p.Cases = sorted(p.Cases)
	return nil
}

// fillPoint opens the point in hand, or for the chair another that he asks for.
func (s *Server) fillPoint(c *fiber.Ctx, p *sessionPage, err error) error {
	want := p.View.Session.Current
	if id, perr := uuid.Parse(c.Query("punt")); perr == nil {
		want = id
	}
	if id, perr := uuid.Parse(c.Params("point")); perr == nil {
		want = id
	}
	p.Point, p.HasCur = p.View.Find(want)
	if !p.HasCur {
		return nil
	}
	content, rerr := s.Meeting.ReadPoint(work(c), actor(c), p.View, p.Point)
	if rerr != nil {
		return rerr
	}
	p.Content = content
	p.Domains, p.Brought = byDomain(content.Case.Items), brought(content.Case.Items, p.Point.ID)
	point := p.Base + "/punten/" + p.Point.ID.String()
	p.Notes, p.Agree, p.Outcome = s.form(c, point+"/aantekeningen", err), s.form(c, point+"/afspraak", err), s.form(c, point+"/besluit", err)
	p.Notes, p.Clash = onNotes(p.Notes, content.Notes, err)
	s.fillOutcome(p)
	var people []account.Member
	for _, x := range content.Case.Participants {
		people = append(people, x.Member)
	}
	p.People = memberOptions(catalogueOf(c), people)
	return nil
}

// onNotes fills the form with the notes that there are. When somebody else stored newer
// ones meanwhile, it keeps what was typed and returns his.
func onNotes(f Form, n *meeting.Opened, err error) (form Form, clash string) {
	if n == nil {
		return f, ""
	}
	f = f.Default("text", n.Text.Reveal()).Default("base", n.ID.String())
	for _, e := range fault.Fields(err) {
		if _, ok := clashOf(e); ok {
			clash = n.Text.Reveal()
			f.Values.Set("base", n.ID.String())
		}
	}
	return f, clash
}

func clashOf(e *fault.Error) (meeting.Clash, bool) {
	if e.Key != "error.notes.clash" || len(e.Args) != 1 {
		return meeting.Clash{}, false
	}
	x, ok := e.Args[0].(meeting.Clash)
	return x, ok
}

func (s *Server) fillOutcome(p *sessionPage) {
	cs := p.Content.Case.Case
	if cs.Lead != uuid.Nil {
		p.Outcome = p.Outcome.Default("lead", cs.Lead.String())
	}
	if !cs.EvaluateOn.IsZero() && !cs.EvaluateOn.Before(meeting.Today(s.Now())) {
		p.Outcome = p.Outcome.Default("evaluate", cs.EvaluateOn.Format("2-1-2006"))
	}
	if p.Content.Outcome == nil {
		return
	}
	o := p.Content.Outcome.Outcome()
	for name, v := range map[string]string{"concerns": o.Concerns, "shared": o.Shared, "strengths": o.Strengths, "help": o.Help, "goals": o.Goals, "decision": o.Decision} {
		p.Outcome = p.Outcome.Default(name, v)
	}
}

// byDomain counts signals by life domain and picks the newest of each.
func byDomain(items []meeting.Opened) []domainRow {
	rows := map[meeting.Domain]*domainRow{}
	for _, o := range items {
		if o.Kind != meeting.Signal {
			continue
		}
		r := rows[o.Domain]
		if r == nil {
			r = &domainRow{Domain: o.Domain, Last: o}
			rows[o.Domain] = r
		}
		r.Count++
	}
	var out []domainRow
	for _, d := range meeting.Domains() {
		if r := rows[d]; r != nil {
			out = append(out, *r)
		}
	}
	return out
}

// sessionDone shows the session again with what was refused, or goes there.
func (s *Server) sessionDone(c *fiber.Ctx, err error, flash string) error {
	if refused(err) {
		return s.sessionPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/overleggen/"+strings.ToLower(c.Params("id")), flash)
}

// withSession runs a change of the session in the path.
func (s *Server) withSession(c *fiber.Ctx, flash string, change func(id uuid.UUID) error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.sessionDone(c, change(id), flash)
}

// withPoint runs a change of a point of the session in the path.
func (s *Server) withPoint(c *fiber.Ctx, flash string, change func(id, point uuid.UUID) error) error {
	point, err := pathID(c, "point")
	if err != nil {
		return err
	}
	return s.withSession(c, flash, func(id uuid.UUID) error { return change(id, point) })
}

func (s *Server) postPoint(c *fiber.Ctx) error {
	return s.withSession(c, "punt", func(id uuid.UUID) error {
		in := meeting.NewPoint{Once: formID(c, "once"), Kind: c.FormValue("kind"), Case: formID(c, "case"), Title: draft(c, "title"), Minutes: formInt(c, "minutes"), Without: c.FormValue("without") == "1"}
		return s.Meeting.AddPoint(work(c), actor(c), id, in)
	})
}

func (s *Server) postDropPoint(c *fiber.Ctx) error {
	return s.withPoint(c, "puntweg", func(id, point uuid.UUID) error { return s.Meeting.DropPoint(work(c), actor(c), id, point) })
}

func (s *Server) postPointUp(c *fiber.Ctx) error {
	return s.withPoint(c, "", func(id, point uuid.UUID) error { return s.Meeting.MovePoint(work(c), actor(c), id, point, true) })
}

func (s *Server) postPointDown(c *fiber.Ctx) error {
	return s.withPoint(c, "", func(id, point uuid.UUID) error { return s.Meeting.MovePoint(work(c), actor(c), id, point, false) })
}
