package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"zat/audit/review"
	"zat/fault"
	"zat/meeting"
)

type breachesPage struct {
	Page
	Form   Form
	List   []review.Breach
	People []Option
	Kinds  []Option
	Harm   *review.Harm // of a scope that is being looked at
	Older  time.Time
}

func (s *Server) showBreaches(c *fiber.Ctx) error { return s.breachesPage(c, nil, nil) }

func (s *Server) breachesPage(c *fiber.Ctx, cause error, harm *review.Harm) error {
	p := breachesPage{Page: s.page(c, "breaches.title"), Form: s.form(c, "/logboek/datalekken", cause), Harm: harm}
	if harm != nil {
		p.Form.Values, p.Form.Refused = formValues(c), true
		p.Form.Once = p.Form.Values.Get("once")
	}
	now := s.Now().In(meeting.Amsterdam)
	p.Form = p.Form.Default("known", now.Format("2-1-2006")).Default("knownat", now.Format("15.04")).Default("until", now.Format("2-1-2006"))
	members, _, err := s.Review.Directory(work(c), actor(c))
	if err != nil {
		return err
	}
	for _, m := range members {
		p.People = append(p.People, Option{m.ID.String(), m.Name + " – " + catalogueOf(c).text("role."+string(m.Role))})
	}
	for _, k := range review.BreachKinds() {
		p.Kinds = append(p.Kinds, Option{string(k), catalogueOf(c).text("breach.kind." + string(k))})
	}
	if p.List, err = s.Review.Breaches(work(c), actor(c)); err != nil {
		return err
	}
	return s.render(c, status(cause), "breaches", p)
}

// postBreaches enters a breach, or first only shows what it would be about.
func (s *Server) postBreaches(c *fiber.Ctx) error {
	in := review.NewBreach{Once: formID(c, "once"), Kind: c.FormValue("kind"), Facts: draft(c, "facts")}
	in.Scope = review.Scope{Actor: formID(c, "actor"), Visit: strings.TrimSpace(c.FormValue("visit"))}
	var errs fault.List
	known, err := meeting.ParseDay("known", c.FormValue("known"), s.Now())
	if errs.Add(err); err == nil {
		in.Known, err = meeting.ParseClock("knownat", c.FormValue("knownat"), known)
		errs.Add(err)
	}
	from, err := meeting.ParseDay("from", c.FormValue("from"), s.Now())
	errs.Add(err)
	until, err := meeting.ParseDay("until", c.FormValue("until"), s.Now())
	errs.Add(err)
	if !from.IsZero() && !until.IsZero() {
		in.Scope.From, in.Scope.Until = dayStart(from, 0), dayStart(until, 1)
	}
	if c.FormValue("wat") == "bekijken" {
		h, err := s.Review.Assess(work(c), actor(c), in.Scope)
		if err = whole(errs, err); refused(err) {
			return s.breachesPage(c, err, nil)
		}
		if err != nil {
			return err
		}
		return s.breachesPage(c, nil, &h)
	}
	err = whole(errs, s.Review.AddBreach(work(c), actor(c), in)) // days that could not be read are refused there as well
	if refused(err) {
		return s.breachesPage(c, err, nil)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/logboek/datalekken/"+in.Once.String(), "datalek")
}

type breachPage struct {
	Page
	Base    string
	Moved   bool // a colleague was first: what is stored now stands beside what was typed
	Breach  review.OpenBreach
	Form    Form
	Reports []Option
}

// Left is how many whole hours of the seventy-two are left; negative when they are over.
func (p breachPage) Left() int { return int(p.Breach.Deadline().Sub(p.Now).Hours()) }

func (s *Server) showBreach(c *fiber.Ctx) error { return s.breachPage(c, nil) }

func (s *Server) breachPage(c *fiber.Ctx, cause error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	p := breachPage{Page: s.page(c, "breach.title"), Base: "/logboek/datalekken/" + id.String()}
	if p.Breach, err = s.Review.ReadBreach(work(c), actor(c), id); err != nil {
		return err
	}
	b := p.Breach
	p.Moved = fault.Is(cause, fault.Conflict)
	p.Form = s.form(c, p.Base, cause).Default("facts", b.FactsText.Reveal()).Default("effects", b.EffectsText.Reveal()).Default("measures", b.MeasuresText.Reveal()).Default("report", string(b.Report))
	if !b.Reported.IsZero() {
		p.Form = p.Form.Default("reported", b.Reported.In(meeting.Amsterdam).Format("2-1-2006"))
	}
	for _, r := range review.Reportings() {
		p.Reports = append(p.Reports, Option{string(r), catalogueOf(c).text("breach.report." + string(r))})
	}
	return s.render(c, status(cause), "breach", p)
}

func (s *Server) postBreach(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	in := review.NewBreach{Facts: draft(c, "facts"), Effects: draft(c, "effects"), Measures: draft(c, "measures"), Report: c.FormValue("report"), Close: c.FormValue("close") == "1", Revision: revision(c)}
	if c.FormValue("reported") != "" {
		day, err := meeting.ParseDay("reported", c.FormValue("reported"), s.Now())
		if err != nil {
			return s.breachPage(c, err)
		}
		in.Reported = dayEnd(day, s.Now())
	}
	err = s.Review.WriteBreach(work(c), actor(c), id, in)
	if refused(err) {
		return s.breachPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/logboek/datalekken/"+id.String(), "datalekbij")
}

// dayEnd is the end of a day, and of today now: a day on which something was done was not
// over before it.
func dayEnd(day, now time.Time) time.Time {
	end := dayStart(day, 1).Add(-time.Second)
	if dayStart(day, 0).Before(now) && end.After(now) {
		return now
	}
	return end
}
