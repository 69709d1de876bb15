package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"zat/audit/review"
	"zat/fault"
	"zat/meeting"
)

type caseLogPage struct {
	Page
	Base   string
	Report review.CaseReport
	Formal bool // for an access request
	Names  bool
}

// showCaseLog is everyone who saw a case.
func (s *Server) showCaseLog(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	r, err := s.Review.ByCase(work(c), actor(c), id)
	if err != nil {
		return err
	}
	return s.render(c, fiber.StatusOK, "logcase", caseLogPage{Page: s.page(c, "logcase.title"), Base: "/logboek/casussen/" + id.String(), Report: r, Names: true})
}

// postAccessReport makes the report for an access request (art. 15 AVG), to be printed.
func (s *Server) postAccessReport(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	names := c.FormValue("namen") == "1"
	r, err := s.Review.AccessReport(work(c), actor(c), id, names)
	if err != nil {
		return err
	}
	return s.render(c, fiber.StatusOK, "logcase", caseLogPage{Page: s.page(c, "logcase.report"), Base: "/logboek/casussen/" + id.String(), Report: r, Formal: true, Names: names})
}

type activityPage struct {
	Page
	Activity   review.Activity
	Form       Form
	Start, End time.Time
	Filter     string // of the lines behind it
	Meeting    bool
}

// standardPeriod is how far back an overview looks when nobody says otherwise.
const standardPeriod = 30

// showPersonLog is what one person did in a period.
func (s *Server) showPersonLog(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	p := activityPage{Page: s.page(c, "logperson.title"), Form: s.form(c, "/logboek/personen/"+id.String(), nil)}
	var perr error
	if p.Start, p.End, perr = s.period(c, &p.Form); perr != nil && !isInvalid(perr) {
		return perr
	}
	if p.Activity, err = s.Review.ByPerson(work(c), actor(c), id, p.Start, p.End); err != nil {
		return err
	}
	p.Filter = "/logboek?wie=" + id.String()
	return s.render(c, status(perr), "logperson", p)
}

// showMeetingLog is what happened around one session.
func (s *Server) showMeetingLog(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	p := activityPage{Page: s.page(c, "logmeeting.title"), Meeting: true, Filter: "/logboek?overleg=" + id.String()}
	if p.Activity, err = s.Review.ByMeeting(work(c), actor(c), id); err != nil {
		return err
	}
	return s.render(c, fiber.StatusOK, "logperson", p)
}

// period reads a period from the address, the last month without one; what is wrong with it
// stands at its field.
func (s *Server) period(c *fiber.Ctx, f *Form) (from, until time.Time, err error) {
	today := meeting.Today(s.Now())
	start, end := today.AddDate(0, 0, -standardPeriod), today
	var errs fault.List
	for name, at := range map[string]*time.Time{"van": &start, "tot": &end} {
		v := c.Query(name)
		if v == "" {
			f.Values.Set(name, at.Format("2-1-2006"))
			continue
		}
		f.Values.Set(name, v)
		d, err := meeting.ParseDay(name, v, s.Now())
		if errs.Add(err); err == nil {
			*at = d
		}
	}
	if key := badPeriod(start, end); key != "" {
		errs.Add(fault.At("tot", key))
		start, end = today.AddDate(0, 0, -standardPeriod), today
	}
	for _, e := range fault.Fields(errs.Err()) {
		f.Errors[e.Field] = Message{e.Key, e.Args}
	}
	return dayStart(start, 0), dayStart(end, 1), errs.Err()
}

// badPeriod says what is wrong with a period; empty when nothing is.
func badPeriod(start, end time.Time) string {
	switch {
	case end.Before(start):
		return "error.period.order"
	case end.Sub(start) > 366*24*time.Hour:
		return "error.period.long"
	}
	return ""
}

// dayStart is when a day begins where the school is; with add the days after it.
func dayStart(d time.Time, add int) time.Time {
	return time.Date(d.Year(), d.Month(), d.Day()+add, 0, 0, 0, 0, meeting.Amsterdam)
}

type findingsPage struct {
	Page
	Form       Form
	Start, End time.Time
	Groups     []findingGroup
}

// findingGroup is the findings of one kind.
type findingGroup struct {
	Kind review.FindingKind
	List []review.Finding
}

// showFindings is what deserves a look, explained.
func (s *Server) showFindings(c *fiber.Ctx) error {
	p := findingsPage{Page: s.page(c, "findings.title"), Form: s.form(c, "/logboek/bevindingen", nil)}
	var perr error
	if p.Start, p.End, perr = s.period(c, &p.Form); perr != nil && !isInvalid(perr) {
		return perr
	}
	list, err := s.Review.Findings(work(c), actor(c), p.Start, p.End)
	if err != nil {
		return err
	}
	for _, k := range review.FindingKinds() {
		g := findingGroup{Kind: k}
		for _, f := range list {
			if f.Kind == k {
				g.List = append(g.List, f)
			}
		}
		p.Groups = append(p.Groups, g)
	}
	return s.render(c, status(perr), "findings", p)
}

type seenPage struct {
	Page
	Base string
	List []review.Viewer
}

// showSeen tells a coordinator who saw a case of hers.
func (s *Server) showSeen(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	list, err := s.Review.WhoSaw(work(c), actor(c), id, s.Meeting.Manages)
	if err != nil {
		return err
	}
	return s.render(c, fiber.StatusOK, "seen", seenPage{s.page(c, "seen.title"), "/casussen/" + id.String(), list})
}
