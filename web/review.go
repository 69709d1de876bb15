package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"zat/audit/review"
	"zat/fault"
	"zat/meeting"
)

type reviewsPage struct {
	Page
	Form Form
	List []review.Review
	Due  time.Time
}

func (s *Server) showReviews(c *fiber.Ctx) error { return s.reviewsPage(c, nil) }

func (s *Server) reviewsPage(c *fiber.Ctx, cause error) error {
	p := reviewsPage{Page: s.page(c, "reviews.title"), Form: s.form(c, "/logboek/controles", cause)}
	today := meeting.Today(s.Now())
	p.Form = p.Form.Default("from", today.AddDate(0, -3, 0).Format("2-1-2006")).Default("until", today.Format("2-1-2006")).Default("count", "25")
	var err error
	if p.List, p.Due, err = s.Review.Reviews(work(c), actor(c)); err != nil {
		return err
	}
	return s.render(c, status(cause), "reviews", p)
}

func (s *Server) postReviews(c *fiber.Ctx) error {
	var errs fault.List
	from, err := meeting.ParseDay("from", c.FormValue("from"), s.Now())
	errs.Add(err)
	until, err := meeting.ParseDay("until", c.FormValue("until"), s.Now())
	errs.Add(err)
	var start, end time.Time
	if errs.Err() == nil {
		start, end = dayStart(from, 0), dayStart(until, 1)
	}
	r, err := s.Review.Draw(work(c), actor(c), formID(c, "once"), start, end, formInt(c, "count"))
	if err = whole(errs, err); refused(err) {
		return s.reviewsPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/logboek/controles/"+r.ID.String(), "getrokken")
}

type reviewPage struct {
	Page
	Base   string
	Moved  bool // a colleague was first: what is stored now stands beside what was typed
	Review review.OpenReview
	Form   Form
}

// Ticked reports whether a line of the sample is ticked.
func (p reviewPage) Ticked(seq uint64) bool {
	if p.Form.Refused {
		return p.Form.Has("looked", strconv.FormatUint(seq, 10))
	}
	return p.Review.Seen(seq)
}

func (s *Server) showReview(c *fiber.Ctx) error { return s.reviewPage(c, nil) }

func (s *Server) reviewPage(c *fiber.Ctx, cause error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	p := reviewPage{Page: s.page(c, "review.title"), Base: "/logboek/controles/" + id.String()}
	if p.Review, err = s.Review.ReadReview(work(c), actor(c), id); err != nil {
		return err
	}
	p.Moved = fault.Is(cause, fault.Conflict)
	p.Form = s.form(c, p.Base, cause).Default("finding", p.Review.FindingText.Reveal()).Default("follow", p.Review.FollowText.Reveal()).Default("verdict", string(p.Review.Verdict))
	if !p.Review.Next.IsZero() {
		p.Form = p.Form.Default("next", p.Review.Next.Format("2-1-2006"))
	} else {
		p.Form = p.Form.Default("next", meeting.Today(s.Now()).AddDate(0, 3, 0).Format("2-1-2006"))
	}
	return s.render(c, status(cause), "review", p)
}

func (s *Server) postReview(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	in := review.Outcome{Finding: draft(c, "finding"), Follow: draft(c, "follow"), Verdict: c.FormValue("verdict"), Sign: c.FormValue("sign") == "1", Revision: revision(c)}
	for _, v := range formValues(c)["looked"] {
		if n, err := strconv.ParseUint(v, 10, 40); err == nil {
			in.Looked = append(in.Looked, n)
		}
	}
	in.Next, err = meeting.ParseDay("next", c.FormValue("next"), s.Now())
	if err != nil && !in.Sign {
		return s.reviewPage(c, err)
	}
	var errs fault.List
	errs.Add(err)
	err = whole(errs, s.Review.WriteReview(work(c), actor(c), id, in))
	if refused(err) {
		return s.reviewPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/logboek/controles/"+id.String(), "controle")
}

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
