package web

import (
	"strconv"
	"sync"
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

// checkState is the last check of each team's log. It is only what the page
// shows; after a restart the log is checked anew.
type checkState struct {
	mu   sync.Mutex
	last map[uuid.UUID]audit.Report
}

func (k *checkState) get(team uuid.UUID) (audit.Report, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, ok := k.last[team]
	return r, ok
}

func (k *checkState) put(team uuid.UUID, r audit.Report) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last == nil {
		k.last = map[uuid.UUID]audit.Report{}
	}
	k.last[team] = r
}

type logPage struct {
	Page
	Form    Form
	Lines   review.Page
	Names   []Option
	Events  []Option
	Older   string
	Report  audit.Report
	Size    uint64
	Days    []dayBar
	Find    string
	Members map[uuid.UUID]string
}

// dayBar is a day of the chart, placed by the server.
type dayBar struct {
	Day             time.Time
	Looks, Refused  int
	X, Y, H, RY, RH int
	Label           bool
	LabelX          int
}

const (
	logDays     = 15
	chartHeight = 120
)

func (s *Server) showLog(c *fiber.Ctx) error { return s.logPage(c) }

func (s *Server) logPage(c *fiber.Ctx) error {
	p := logPage{Page: s.page(c, "log.title"), Form: Form{Action: "/logboek", CSRF: who(c).CSRF, Values: map[string][]string{}, Errors: map[string]Message{}}, Members: map[uuid.UUID]string{}}
	f, err := logFilter(c, &p.Form, s.Now())
	var lines review.Page
	if err == nil {
		lines, err = s.Review.Read(work(c), actor(c), f)
	}
	if isInvalid(err) {
		for _, e := range fault.Fields(err) {
			p.Form.Errors[e.Field] = Message{e.Key, e.Args}
		}
		var rerr error
		if lines, rerr = s.Review.Read(work(c), actor(c), review.Filter{}); rerr != nil {
			return rerr
		}
	} else if err != nil {
		return err
	}
	p.Lines = lines
	return s.fillLog(c, &p, err)
}

func (s *Server) fillLog(c *fiber.Ctx, p *logPage, shown error) error {
	cat := catalogueOf(c)
	for _, m := range p.Lines.Members {
		p.Names = append(p.Names, Option{m.ID.String(), m.Name + " – " + cat.text("role."+string(m.Role))})
		p.Members[m.ID] = m.Name
	}
	for _, e := range audit.Events() {
		p.Events = append(p.Events, Option{string(e), cat.text("event." + string(e))})
	}
	sorted(p.Events)
	if p.Lines.Next > 0 {
		q := p.Form.Values
		q.Set("voor", strconv.FormatUint(p.Lines.Next, 10))
		p.Older = "/logboek?" + q.Encode()
	}
	days, err := s.Review.Days(work(c), actor(c), logDays)
	if err != nil {
		return err
	}
	p.Days = bars(days, meeting.Today(s.Now()))
	if p.Size, err = s.Review.Size(work(c), actor(c)); err != nil {
		return err
	}
	var ok bool
	if p.Report, ok = s.check.get(actor(c).Team); !ok {
		if p.Report, err = s.Review.Verify(work(c), actor(c)); err != nil {
			return err
		}
		s.check.put(actor(c).Team, p.Report)
	}
	return s.render(c, status(shown), "log", *p)
}

// logFilter reads the filter from the address; what was typed stays in the form.
func logFilter(c *fiber.Ctx, form *Form, now time.Time) (review.Filter, error) {
	var f review.Filter
	var errs fault.List
	for _, name := range []string{"van", "tot", "wie", "rol", "handeling", "casus", "geweigerd", "welk"} {
		if v := c.Query(name); v != "" {
			form.Values.Set(name, v)
		}
	}
	day := func(name string, add int) time.Time {
		if c.Query(name) == "" {
			return time.Time{}
		}
		d, err := meeting.ParseDay(name, c.Query(name), now)
		errs.Add(err)
		return time.Date(d.Year(), d.Month(), d.Day()+add, 0, 0, 0, 0, meeting.Amsterdam)
	}
	f.From, f.Until = day("van", 0), day("tot", 1)
	if id, err := uuid.Parse(c.Query("wie")); err == nil {
		f.Actor = id
	}
	if r, err := account.ParseRole(c.Query("rol")); err == nil {
		f.Role = r
	}
	if e := audit.Event(c.Query("handeling")); e.Action() != "" {
		f.Event = e
	}
	if q := c.Query("casus"); q != "" {
		n, ok := pseudonym.ParseName(q)
		if !ok {
			errs.Add(fault.At("casus", "error.pseudonym.unknown"))
		}
		f.Pseudonym = n
	}
	if f.Own = c.Query("welk") == "installatie"; c.Query("geweigerd") == "1" {
		f.Outcome = audit.Denied
	}
	f.Before, _ = strconv.ParseUint(c.Query("voor"), 10, 63)
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

func (s *Server) postVerify(c *fiber.Ctx) error {
	r, err := s.Review.Verify(work(c), actor(c))
	if err != nil {
		return err
	}
	s.check.put(actor(c).Team, r)
	return c.Redirect("/logboek", fiber.StatusSeeOther)
}

// showCheckpoint gives the newest checkpoint as a file, to keep outside.
func (s *Server) showCheckpoint(c *fiber.Ctx) error {
	size, note, err := s.Review.Checkpoint(work(c), actor(c))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="controlepunt-`+strconv.FormatUint(size, 10)+`.txt"`)
	return c.Send(note)
}
