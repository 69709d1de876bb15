package web

import (
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/audit/review"
	"zat/fault"
	"zat/meeting"
	"zat/pseudonym"
)

type logPage struct {
	Page
	Form   Form
	Lines  review.Page
	People []Option
	Roles  []Option
	Orgs   []Option
	Events []Option
	Older  string
	State  review.State
	Days   []dayBar
	Case   pseudonym.Name // by which is filtered
	Extra  bool           // filters that stand folded are in use
	Due    time.Time      // when the next review is
	Late   bool
}

// dayBar is a day of the chart, placed by the server.
type dayBar struct {
	Day             time.Time
	Looks, Refused  int
	X, Y, H, RY, RH int
	LabelX          int
}

const (
	logDays     = 15
	chartHeight = 120
)

// filters are the fields of the log's filter, by which a page is found again: ids and words
// of closed sets, and no pseudonym.
var filters = []string{"van", "tot", "wie", "rol", "organisatie", "handeling", "uitkomst", "casus", "overleg", "grondslag", "sessie", "doorbreking", "welk"}

func (s *Server) showLog(c *fiber.Ctx) error { return s.logPage(c, nil) }

// postLogFilter turns what was typed into an address, in which a case is its id.
func (s *Server) postLogFilter(c *fiber.Ctx) error {
	q := url.Values{}
	for _, name := range filters {
		if v := c.FormValue(name); v != "" && name != "casus" {
			q.Set(name, v)
		}
	}
	search := c.FormValue("wat") == "rapport"
	if search && c.FormValue("casus") == "" {
		return s.logPage(c, fault.At("casus", "error.required"))
	}
	if typed := c.FormValue("casus"); typed != "" {
		n, ok := pseudonym.ParseName(typed)
		id, err := uuid.Nil, error(fault.At("casus", "error.pseudonym.unknown"))
		if ok {
			id, err = s.Review.FindCase(work(c), actor(c), n)
		}
		if isInvalid(err) {
			return s.logPage(c, err)
		}
		if err != nil {
			return err
		}
		if search {
			return c.Redirect("/logboek/casussen/"+id.String(), fiber.StatusSeeOther)
		}
		q.Set("casus", id.String())
	}
	return c.Redirect("/logboek?"+q.Encode(), fiber.StatusSeeOther)
}

func (s *Server) logPage(c *fiber.Ctx, cause error) error {
	p := logPage{Page: s.page(c, "log.title"), Form: s.form(c, "/logboek", cause)}
	f, err := logFilter(c, &p.Form, s.Now())
	if cause == nil && isInvalid(err) {
		cause = err
		for _, e := range fault.Fields(err) {
			p.Form.Errors[e.Field] = Message{e.Key, e.Args}
		}
	}
	if p.Lines, err = s.Review.Read(work(c), actor(c), f); err != nil {
		return err
	}
	return s.fillLog(c, &p, f, cause)
}

func (s *Server) fillLog(c *fiber.Ctx, p *logPage, f review.Filter, cause error) error {
	if err := s.fillFilter(c, p); err != nil {
		return err
	}
	if p.Lines.Next > 0 {
		q := url.Values{}
		for _, name := range filters {
			if v := c.Query(name); v != "" {
				q.Set(name, v)
			}
		}
		q.Set("voor", strconv.FormatUint(p.Lines.Next, 10))
		p.Older = "/logboek?" + q.Encode()
	}
	days, err := s.Review.Days(work(c), actor(c), logDays)
	if err != nil {
		return err
	}
	p.Days = bars(days, meeting.Today(s.Now()))
	if p.State, err = s.Review.State(work(c), actor(c)); err != nil {
		return err
	}
	if p.Due, err = s.Review.Due(work(c), actor(c)); err != nil {
		return err
	}
	p.Late = !p.Due.IsZero() && p.Due.Before(meeting.Today(s.Now()).AddDate(0, 0, 14))
	p.Extra = f.Role != "" || f.Org != uuid.Nil || f.Basis != uuid.Nil || f.Meeting != uuid.Nil || f.Visit != "" || f.Glass || f.Own
	if f.Case != uuid.Nil {
		if p.Case, err = s.Review.CaseName(work(c), actor(c), f.Case); err != nil {
			return err
		}
		p.Form.Values.Set("casus", string(p.Case))
	}
	return s.render(c, status(cause), "log", *p)
}

func (s *Server) fillFilter(c *fiber.Ctx, p *logPage) error {
	members, orgs, err := s.Review.Directory(work(c), actor(c))
	if err != nil {
		return err
	}
	cat := catalogueOf(c)
	for _, m := range members {
		p.People = append(p.People, Option{m.ID.String(), m.Name + " – " + cat.text("role."+string(m.Role))})
	}
	for _, o := range orgs {
		p.Orgs = append(p.Orgs, Option{o.ID.String(), o.Name})
	}
	for _, r := range account.Roles() {
		p.Roles = append(p.Roles, Option{string(r), cat.text("role." + string(r))})
	}
	for _, e := range audit.Events() {
		p.Events = append(p.Events, Option{string(e), cat.text("event." + string(e))})
	}
	sorted(p.Events)
	return nil
}

// logFilter reads the filter from the address; what was asked for stays in the form.
func logFilter(c *fiber.Ctx, form *Form, now time.Time) (review.Filter, error) {
	var f review.Filter
	var errs fault.List
	for _, name := range filters {
		if v := c.Query(name); v != "" && !form.Refused {
			form.Values.Set(name, v)
		}
	}
	asked := form.Values.Get // what was typed, or stands in the address
	if asked("wat") != "" {
		asked = func(name string) string { return c.Query(name) } // another form of the page
	}
	day := func(name string, add int) (t time.Time) {
		if asked(name) != "" {
			d, err := meeting.ParseDay(name, asked(name), now)
			if errs.Add(err); err == nil {
				t = dayStart(d, add)
			}
		}
		return t
	}
	f.From, f.Until = day("van", 0), day("tot", 1)
	if !f.Until.IsZero() && !f.Until.After(f.From) {
		errs.Add(fault.At("tot", "error.period.order"))
	}
	id := func(name string) uuid.UUID {
		id, err := uuid.Parse(asked(name))
		if err != nil && asked(name) != "" {
			errs.Add(fault.At(name, "error.reference"))
		}
		return id
	}
	f.Actor, f.Org, f.Meeting, f.Basis = id("wie"), id("organisatie"), id("overleg"), id("grondslag")
	f.Case, _ = uuid.Parse(c.Query("casus")) // a pseudonym that was typed has its own answer
	if r, err := account.ParseRole(asked("rol")); err == nil {
		f.Role = r
	}
	if e := audit.Event(asked("handeling")); e.Action() != "" {
		f.Event = e
	}
	switch o := audit.Outcome(asked("uitkomst")); o {
	case audit.Success, audit.Denied, audit.Failed:
		f.Outcome = o
	}
	if v := asked("sessie"); len(v) <= 64 {
		f.Visit = v
	} else {
		errs.Add(fault.At("sessie", "error.reference"))
	}
	f.Glass, f.Own = asked("doorbreking") == "1", asked("welk") == "installatie"
	f.Before, _ = strconv.ParseUint(c.Query("voor"), 10, 40)
	return f, errs.Err()
}

// bars lays out the chart: a bar for each day, refusals on top in their own
// pattern.
func bars(days []review.DayCount, today time.Time) []dayBar {
	by := map[time.Time]review.DayCount{}
	most := 1
	for _, d := range days {
		by[d.Day] = d
		most = max(most, d.Looks+d.Refused)
	}
	var out []dayBar
	for i := logDays - 1; i >= 0; i-- {
		day := today.AddDate(0, 0, -i)
		n := by[day]
		b := dayBar{Day: day, Looks: n.Looks, Refused: n.Refused, X: 40 + (logDays-1-i)*48}
		b.H, b.RH = n.Looks*chartHeight/most, n.Refused*chartHeight/most
		if n.Refused > 0 {
			b.RH = max(b.RH, 3)
		}
		b.Y = 20 + chartHeight - b.H
		b.RY = b.Y - b.RH
		b.LabelX = b.X + 16
		out = append(out, b)
	}
	return out
}

type linePage struct {
	Page
	Line review.Line
	Own  bool
	Back string // to the sample that it was opened from
}

// showLine is one line in full, in words.
func (s *Server) showLine(c *fiber.Ctx) error {
	n, err := strconv.ParseUint(c.Params("seq"), 10, 40)
	if err != nil {
		return errNotFound
	}
	own := c.Query("welk") == "installatie"
	l, err := s.Review.ReadLine(work(c), actor(c), own, n)
	if err != nil {
		return err
	}
	p := linePage{Page: s.page(c, "log.line.title"), Line: l, Own: own}
	if id, err := uuid.Parse(c.Query("controle")); err == nil {
		p.Back = "/logboek/controles/" + id.String() + "#regel-" + strconv.FormatUint(n, 10)
	}
	return s.render(c, fiber.StatusOK, "logline", p)
}
