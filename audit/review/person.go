package review

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
	"zat/pseudonym"
)

// Touched is what somebody did with one case.
type Touched struct {
	Case      uuid.UUID
	Pseudonym pseudonym.Name
	Looks     int
	Changes   int
	Exports   int
	Refused   int
	First     time.Time
	Last      time.Time
}

// Activity is what one person did, or what happened around one session, in a period.
type Activity struct {
	Member  account.Member // of a person
	Cases   []Touched      // the most looked at first
	Other   int            // lines that are about no case
	Refused int
	Lines   int
	SignIns int
	Roles   map[uuid.UUID]account.Member // who took part, of a session
	Looks   []LookCount                  // by person, of a session
}

// ByPerson tells what one person did in a period.
func (s *Service) ByPerson(ctx context.Context, a account.Actor, member uuid.UUID, from, until time.Time) (Activity, error) {
	line := audit.By(a, audit.LogRead, audit.ObjMember, member).For(audit.PurposeControl, "person")
	if err := s.look(ctx, a, line); err != nil {
		return Activity{}, err
	}
	n, err := s.names(ctx, a.Team)
	if err != nil {
		return Activity{}, err
	}
	out, err := s.activity(ctx, a, Filter{Actor: member, From: from, Until: until})
	out.Member = n.members[member]
	if err == nil && out.Lines == 0 && out.Member.ID == uuid.Nil {
		err = s.Log.Deny(ctx, a.Team, line, "no-member", fault.NotFound)
	}
	return out, err
}

// ByMeeting tells what happened around one session (overleg).
func (s *Service) ByMeeting(ctx context.Context, a account.Actor, meeting uuid.UUID) (Activity, error) {
	line := audit.By(a, audit.LogRead, audit.ObjSession, meeting).In(meeting).For(audit.PurposeControl, "session")
	if err := s.look(ctx, a, line); err != nil {
		return Activity{}, err
	}
	n, err := s.names(ctx, a.Team)
	if err != nil {
		return Activity{}, err
	}
	out, err := s.activity(ctx, a, Filter{Meeting: meeting})
	out.Roles = n.members
	if err == nil && out.Lines == 0 {
		err = s.Log.Deny(ctx, a.Team, line, "no-session", fault.NotFound)
	}
	return out, err
}

func (s *Service) activity(ctx context.Context, a account.Actor, f Filter) (Activity, error) {
	var out Activity
	cases, people := map[uuid.UUID]*Touched{}, map[uuid.UUID]*LookCount{}
	err := s.eachLine(ctx, a.Team, f, func(_ audit.Entry, l audit.Line) error {
		if f.Meeting == uuid.Nil || l.Purpose != audit.PurposeControl { // who reads the log of a session was not at it
			out.count(l, cases, people)
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	for _, t := range cases {
		out.Cases = append(out.Cases, *t)
	}
	for _, p := range people {
		out.Looks = append(out.Looks, *p)
	}
	sort.Slice(out.Cases, func(i, j int) bool { return out.Cases[i].Last.After(out.Cases[j].Last) })
	sort.Slice(out.Looks, func(i, j int) bool { return out.Looks[i].Count > out.Looks[j].Count })
	return out, s.nameCases(ctx, a, out.Cases)
}

func (out *Activity) count(l audit.Line, cases map[uuid.UUID]*Touched, people map[uuid.UUID]*LookCount) {
	out.Lines++
	if l.Outcome == audit.Denied {
		out.Refused++
	}
	if l.Event == audit.SignedIn && l.Outcome == audit.Success {
		out.SignIns++
	}
	if l.Case == uuid.Nil || l.Event.Category() == "" && l.Outcome != audit.Denied {
		out.Other++ // about no case, or nothing was done with what it holds
		return
	}
	t := cases[l.Case]
	if t == nil {
		t = &Touched{Case: l.Case, First: l.Time()}
		cases[l.Case] = t
	}
	t.Last = l.Time()
	t.add(l)
	if l.Event.Category() != audit.Looked || l.Outcome != audit.Success {
		return
	}
	p := people[l.Actor]
	if p == nil {
		p = &LookCount{Actor: l.Actor, Role: account.Role(l.Role), Org: l.Organisation, First: l.Time()}
		people[l.Actor] = p
	}
	p.Count++
	p.Last = l.Time()
}

func (t *Touched) add(l audit.Line) {
	switch {
	case l.Outcome == audit.Denied:
		t.Refused++
	case l.Outcome != audit.Success:
	case l.Event.Category() == audit.Looked, l.Event.Category() == audit.Named:
		t.Looks++
	case l.Event.Category() == audit.TakenOut:
		t.Exports++
	default:
		t.Changes++
	}
}

func (s *Service) nameCases(ctx context.Context, a account.Actor, list []Touched) error {
	ids := make([]uuid.UUID, len(list))
	for i, t := range list {
		ids[i] = t.Case
	}
	known, err := s.Store.Pseudonyms(ctx, a.Team, ids)
	if err != nil {
		return fmt.Errorf("reading pseudonyms: %w", err)
	}
	for i := range list {
		list[i].Pseudonym = known[list[i].Case]
	}
	return nil
}
