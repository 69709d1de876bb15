package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"zat/meeting"
)

type numbersPage struct {
	Page
	Numbers meeting.Numbers
	Outside bool // as it may be shown to others: no small counts
	Charts  []chart
	Years   []int // that can be chosen
}

// chart is one table with bars.
type chart struct {
	Title, Head string // keys
	Rows        []bar
	Most        int
}

type bar struct {
	Label  string
	N      int
	Hidden bool // too small to be shown, or it would tell one that is
}

// hide hides counts under five, and where that is one alone another as well: a total less
// the others would tell it.
func (c *chart) hide() {
	hidden, next := 0, -1
	for i, r := range c.Rows {
		switch {
		case !meeting.Outside(r.N):
			c.Rows[i].Hidden = true
			hidden++
		case r.N > 0 && (next < 0 || r.N < c.Rows[next].N):
			next = i
		}
	}
	if hidden == 1 && next >= 0 {
		c.Rows[next].Hidden = true
	}
}

func (s *Server) showNumbers(c *fiber.Ctx) error {
	year, _ := strconv.Atoi(c.Query("jaar"))
	n, err := s.Meeting.ReadNumbers(work(c), actor(c), year)
	if err != nil {
		return err
	}
	p := numbersPage{Page: s.page(c, "numbers.title"), Numbers: n, Outside: c.Query("buiten") == "1"}
	for y := meeting.SchoolYear(s.Now()).Year(); y > meeting.SchoolYear(s.Now()).Year()-5; y-- {
		p.Years = append(p.Years, y)
	}
	p.Charts = charts(catalogueOf(c), n)
	for i := range p.Charts {
		if p.Outside {
			p.Charts[i].hide()
		}
	}
	return s.render(c, fiber.StatusOK, "numbers", p)
}

func charts(cat catalogue, n meeting.Numbers) []chart {
	sessions := chart{Title: "numbers.sessions", Head: "numbers.kind"}
	for _, k := range meeting.Kinds() {
		sessions.add(cat.text("session.kind."+string(k)), n.Sessions[k])
	}
	domains := chart{Title: "numbers.domains", Head: "trends.domain"}
	for _, d := range meeting.Domains() {
		domains.add(cat.text("domain."+string(d)), n.ByDomain[d])
	}
	agreements := chart{Title: "numbers.agreements", Head: "numbers.outcome"}
	agreements.add(cat.text("numbers.kept"), n.Kept)
	agreements.add(cat.text("numbers.late"), n.Late)
	agreements.add(cat.text("numbers.open"), n.Open)
	signals := chart{Title: "numbers.signals", Head: "numbers.who"}
	signals.add(cat.text("numbers.youth"), n.YouthSignals)
	signals.add(cat.text("numbers.others"), n.Signals-n.YouthSignals)
	return []chart{sessions, domains, agreements, signals}
}

func (c *chart) add(label string, n int) {
	c.Rows, c.Most = append(c.Rows, bar{Label: label, N: n}), max(c.Most, n)
}
