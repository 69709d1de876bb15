package review

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/pseudonym"
)

// Seen is who saw a case: in which role and organisation, what, on which basis, on one day.
type Seen struct {
	Actor    uuid.UUID
	Name     string // only where names are asked for
	Role     account.Role
	Org      string
	Category audit.Category
	Basis    string    // kind; empty: membership
	Day      time.Time // midnight UTC of the day in Amsterdam
	Count    int
}

// CaseReport is everyone who saw one case, and what was refused.
type CaseReport struct {
	Case      uuid.UUID
	Pseudonym pseudonym.Name
	Seen      []Seen // newest day first
	Refused   int
	Lines     int
	First     time.Time
	Last      time.Time
}

// People is how many different people saw it.
func (r CaseReport) People() int {
	who := map[uuid.UUID]bool{}
	for _, x := range r.Seen {
		who[x.Actor] = true
	}
	return len(who)
}

// ByCase reports who saw a case, with names of colleagues: for the officer himself.
func (s *Service) ByCase(ctx context.Context, a account.Actor, id uuid.UUID) (CaseReport, error) {
	line := audit.By(a, audit.LogRead, audit.ObjLog, a.Team).On(id, audit.RelNone).For(audit.PurposeControl, "case")
	return s.caseReport(ctx, a, id, line, true)
}

// AccessReport is the same for who asks for it by right (art. 15 AVG): colleagues stand in
// it as role and organisation, unless the officer decides that their names belong in it.
func (s *Service) AccessReport(ctx context.Context, a account.Actor, id uuid.UUID, withNames bool) (CaseReport, error) {
	part := "access request"
	if withNames {
		part = "access request with names"
	}
	line := audit.By(a, audit.ReportMade, audit.ObjCase, id).On(id, audit.RelNone).For(audit.PurposeControl, part)
	return s.caseReport(ctx, a, id, line, withNames)
}

func (s *Service) caseReport(ctx context.Context, a account.Actor, id uuid.UUID, line audit.Line, withNames bool) (CaseReport, error) {
	name, err := s.ownCase(ctx, a, id, line)
	if err != nil {
		return CaseReport{}, err
	}
	out := CaseReport{Case: id, Pseudonym: name}
	n, err := s.names(ctx, a.Team)
	if err != nil {
		return out, err
	}
	rows := map[Seen]int{}
	err = s.eachLine(ctx, a.Team, Filter{Case: id}, func(_ audit.Entry, l audit.Line) error {
		out.add(rows, n, withNames, l)
		return nil
	})
	if err != nil {
		return out, err
	}
	for x, count := range rows {
		x.Count = count
		out.Seen = append(out.Seen, x)
	}
	sort.Slice(out.Seen, func(i, j int) bool { return out.Seen[i].before(out.Seen[j]) })
	return out, nil
}

// add counts one line into the report.
func (r *CaseReport) add(rows map[Seen]int, n names, withNames bool, l audit.Line) {
	if l.Purpose == audit.PurposeControl {
		return // reading the log and taking lines along shows nothing of the case itself
	}
	r.Lines++
	if r.First.IsZero() {
		r.First = l.Time()
	}
	r.Last = l.Time()
	c := l.Event.Category()
	if l.Outcome == audit.Denied {
		r.Refused++
		return
	}
	if c == "" || l.Outcome != audit.Success {
		return
	}
	x := Seen{Actor: l.Actor, Role: account.Role(l.Role), Org: n.orgs[l.Organisation], Category: c, Basis: n.bases[l.Basis], Day: dayOf(l.Time())}
	if withNames {
		x.Name = n.members[l.Actor].Name
	}
	rows[x]++
}

func (x Seen) before(y Seen) bool {
	switch {
	case !x.Day.Equal(y.Day):
		return x.Day.After(y.Day)
	case x.Role != y.Role:
		return x.Role < y.Role
	case x.Actor != y.Actor:
		return x.Actor.String() < y.Actor.String()
	}
	return x.Category < y.Category
}

// dayOf is the day of a moment where the school is, as midnight UTC.
func dayOf(t time.Time) time.Time {
	l := t.In(account.Amsterdam)
	return time.Date(l.Year(), l.Month(), l.Day(), 0, 0, 0, 0, time.UTC)
}

// Viewer is somebody who saw a case, for its coordinator: no name, and no single look.
type Viewer struct {
	Role  account.Role
	Org   string
	Count int
	First time.Time
	Last  time.Time
}

// WhoSaw tells a coordinator who takes part in a case who saw it: trust grows when it is
// open. mine lets her in; her look is a line.
func (s *Service) WhoSaw(ctx context.Context, a account.Actor, id uuid.UUID, mine func(context.Context, account.Actor, uuid.UUID, audit.Line) error) ([]Viewer, error) {
	line := audit.By(a, audit.WhoSawRead, audit.ObjCase, id).On(id, audit.RelCoordinator).For(audit.PurposeControl, "")
	if err := mine(ctx, a, id, line); err != nil {
		return nil, err
	}
	if _, err := s.Log.Look(ctx, a.Team, line); err != nil {
		return nil, err
	}
	list, err := s.Store.LooksAt(ctx, a.Team, id)
	if err != nil {
		return nil, fmt.Errorf("counting looks: %w", err)
	}
	n, err := s.names(ctx, a.Team)
	if err != nil {
		return nil, err
	}
	out := make([]Viewer, len(list))
	for i, l := range list {
		out[i] = Viewer{l.Role, n.orgs[l.Org], l.Count, l.First, l.Last}
	}
	return out, nil
}
