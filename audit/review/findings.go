package review

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
)

// FindingKind is a reason to look at something. None of them says that anything is wrong,
// and none says anything of a pupil.
type FindingKind string

const (
	Uninvited    FindingKind = "uninvited"  // tried to open what he is not invited to
	OutsideHours FindingKind = "hours"      // looks in the evening, at night or in the weekend
	ManyCases    FindingKind = "many"       // many cases in a short time, outside a session
	AfterClosing FindingKind = "closed"     // looks at a case after it was closed
	AfterBasis   FindingKind = "basis"      // looks on a basis that had ended
	Refusals     FindingKind = "refusals"   // refused again and again
	Disclosures  FindingKind = "disclosure" // a name was opened or disclosed
	TakenOut     FindingKind = "export"     // something was printed or taken along
)

// FindingKinds lists them in the order in which the page shows them.
func FindingKinds() []FindingKind {
	return []FindingKind{Uninvited, Refusals, AfterClosing, AfterBasis, ManyCases, OutsideHours, Disclosures, TakenOut}
}

// Bounds of the findings. They say when something deserves a look, and are explained on the
// page.
const (
	firstHour    = 7  // looks from seven in the morning
	lastHour     = 19 // until seven in the evening, Monday to Friday, are in office hours
	manyCases    = 10 // different cases
	manyWithin   = 10 * time.Minute
	manyRefusals = 5
	refusedSpan  = time.Hour
)

// Finding is what deserves a look: of one kind, by one person, on one day.
type Finding struct {
	Kind  FindingKind
	Actor uuid.UUID // zero: somebody unknown
	Name  string
	Role  account.Role
	Day   time.Time
	Count int // lines
	Cases int // different cases
	First uint64
	Last  uint64
}

// Findings looks through the lines of a period.
func (s *Service) Findings(ctx context.Context, a account.Actor, from, until time.Time) ([]Finding, error) {
	line := audit.By(a, audit.LogRead, audit.ObjLog, a.Team).For(audit.PurposeControl, "findings")
	if err := s.look(ctx, a, line); err != nil {
		return nil, err
	}
	closed, err := s.Store.CaseEnds(ctx, a.Team)
	if err != nil {
		return nil, fmt.Errorf("reading closed cases: %w", err)
	}
	ended, err := s.Store.BasisEnds(ctx, a.Team)
	if err != nil {
		return nil, fmt.Errorf("reading bases: %w", err)
	}
	n, err := s.names(ctx, a.Team)
	if err != nil {
		return nil, err
	}
	d := detector{closed: keyed(closed), ended: keyed(ended), out: map[findingKey]*gathered{}, recent: map[string][]glance{}, refused: map[string][]glance{}}
	if err := s.Store.LogColumns(ctx, a.Team, from, until, d.see); err != nil {
		return nil, fmt.Errorf("reading lines: %w", err)
	}
	return d.findings(n), nil
}

func keyed(m map[uuid.UUID]time.Time) map[string]int64 {
	out := make(map[string]int64, len(m))
	for id, t := range m {
		out[id.String()] = t.UnixMilli()
	}
	return out
}

type findingKey struct {
	kind  FindingKind
	actor string
	day   time.Time
}

type gathered struct {
	role        string
	count       int
	cases       map[string]bool
	first, last uint64
}

// glance is one line as far as the detector remembers it.
type glance struct {
	at   int64
	seq  uint64
	this string // case
}

type detector struct {
	closed, ended   map[string]int64
	out             map[findingKey]*gathered
	recent, refused map[string][]glance // by actor
}

var none = uuid.Nil.String()

// see looks at one line.
func (d *detector) see(seq uint64, c audit.Columns) error {
	e := audit.Event(c.Event)
	looked := e.Category() == audit.Looked
	switch {
	case c.Outcome == string(audit.Denied):
		if looked && c.Case != none {
			d.note(Uninvited, seq, c)
		}
		d.refusals(seq, c)
	case c.Outcome != string(audit.Success):
	case e.Discloses():
		d.note(Disclosures, seq, c)
	case e.Category() == audit.TakenOut:
		d.note(TakenOut, seq, c)
	case looked && c.Role != string(account.Officer):
		d.looks(seq, c)
	}
	return nil
}

func (d *detector) looks(seq uint64, c audit.Columns) {
	if outside(time.UnixMilli(c.At)) {
		d.note(OutsideHours, seq, c)
	}
	if c.Case == none {
		return
	}
	if at, ok := d.closed[c.Case]; ok && c.At > at {
		d.note(AfterClosing, seq, c)
	}
	if at, ok := d.ended[c.Basis]; ok && c.At > at {
		d.note(AfterBasis, seq, c)
	}
	if c.Meeting == none {
		d.many(seq, c)
	}
}

// outside reports whether a moment is outside office hours.
func outside(t time.Time) bool {
	l := t.In(account.Amsterdam)
	return l.Weekday() == time.Saturday || l.Weekday() == time.Sunday || l.Hour() < firstHour || l.Hour() >= lastHour
}

// many notes when somebody looked at many different cases within a short time.
func (d *detector) many(seq uint64, c audit.Columns) {
	list := recent(d.recent[c.Actor], c.At, manyWithin)
	list = append(list, glance{c.At, seq, c.Case})
	d.recent[c.Actor] = list
	different := map[string]bool{}
	for _, g := range list {
		different[g.this] = true
	}
	if len(different) >= manyCases {
		for _, g := range list {
			x := c
			x.Case = g.this
			d.note(ManyCases, g.seq, x)
		}
		d.recent[c.Actor] = nil
	}
}

func (d *detector) refusals(seq uint64, c audit.Columns) {
	list := append(recent(d.refused[c.Actor], c.At, refusedSpan), glance{c.At, seq, c.Case})
	d.refused[c.Actor] = list
	if len(list) >= manyRefusals {
		for _, g := range list {
			x := c
			x.Case = g.this
			d.note(Refusals, g.seq, x)
		}
		d.refused[c.Actor] = nil
	}
}

// recent leaves what is not older than a span.
func recent(list []glance, now int64, span time.Duration) []glance {
	i := 0
	for i < len(list) && now-list[i].at > span.Milliseconds() {
		i++
	}
	return list[i:]
}

func (d *detector) note(k FindingKind, seq uint64, c audit.Columns) {
	key := findingKey{k, c.Actor, dayOf(time.UnixMilli(c.At))}
	g := d.out[key]
	if g == nil {
		g = &gathered{role: c.Role, cases: map[string]bool{}, first: seq}
		d.out[key] = g
	}
	g.count++
	g.first, g.last = min(g.first, seq), max(g.last, seq)
	if c.Case != none && c.Case != "" {
		g.cases[c.Case] = true
	}
}

func (d *detector) findings(n names) []Finding {
	out := make([]Finding, 0, len(d.out))
	for k, g := range d.out {
		id, _ := uuid.Parse(k.actor)
		out = append(out, Finding{Kind: k.kind, Actor: id, Name: n.members[id].Name, Role: account.Role(g.role), Day: k.day, Count: g.count, Cases: len(g.cases), First: g.first, Last: g.last})
	}
	sort.Slice(out, func(i, j int) bool {
		if !out[i].Day.Equal(out[j].Day) {
			return out[i].Day.After(out[j].Day)
		}
		return out[i].First > out[j].First
	})
	return out
}
