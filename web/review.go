package web

import (
	"strconv"
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
