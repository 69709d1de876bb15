package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/seal"
	"zat/fault"
)

// SessionView is a session for somebody invited: the agenda with pseudonyms
// where he takes part ("ander onderwerp" where not), and the point in hand.
type SessionView struct {
	Session   Session
	Place     string
	Points    []PointView
	Attendees []Attendee
	Present   int
	Chairing  bool
}

// PointView is a point as the actor may see it.
type PointView struct {
	Point
	Hidden  bool // of a case in which he takes no part
	Title   string
	Current bool
}

// Next returns the point after the current one that is not done yet; ok is
// false when there is none.
func (v SessionView) Next() (PointView, bool) {
	past := v.Session.Current == uuid.Nil
	for _, p := range v.Points {
		if past && p.Done.IsZero() && !p.Parked {
			return p, true
		}
		past = past || p.Current
	}
	return PointView{}, false
}

// Find returns a point of the view.
func (v SessionView) Find(id uuid.UUID) (PointView, bool) {
	for _, p := range v.Points {
		if p.ID == id {
			return p, true
		}
	}
	return PointView{}, false
}

// Sessions lists sessions without opening anything.
func (s *Service) Sessions(ctx context.Context, a account.Actor, closed bool) ([]Session, error) {
	line := audit.By(a, audit.SessionRead, audit.ObjTeam, a.Team).For(audit.PurposeSession, "list")
	if err := s.Log.Require(ctx, a, account.SeeSessions, line); err != nil {
		return nil, err
	}
	q := SessionQuery{Team: a.Team, Member: a.Member, Closed: closed, Now: s.Now(), Limit: 50}
	if a.Role == account.Coordinator {
		q.Member = uuid.Nil
	}
	return s.Store.Sessions(ctx, q)
}

// ReadSession opens the agenda of a session to which the actor is invited.
func (s *Service) ReadSession(ctx context.Context, a account.Actor, id uuid.UUID) (SessionView, error) {
	line := audit.By(a, audit.SessionRead, audit.ObjSession, id).In(id).For(audit.PurposeSession, "agenda")
	ses, key, err := s.enterSession(ctx, a, id, line)
	if err != nil {
		return SessionView{}, err
	}
	v := SessionView{Session: ses, Chairing: a.May(account.ChairSessions)}
	if v.Attendees, err = s.Store.Attendees(ctx, id); err != nil {
		return v, fmt.Errorf("reading those invited: %w", err)
	}
	for _, t := range v.Attendees {
		if t.Attendance == Present {
			v.Present++
		}
	}
	items, err := s.Store.KindItems(ctx, id, Place, Title)
	if err != nil {
		return v, fmt.Errorf("reading agenda: %w", err)
	}
	r, err := s.Log.Look(ctx, a.Team, line)
	if err != nil {
		return v, err
	}
	opened, err := s.openAll(ctx, r, key, items)
	if err != nil {
		return v, err
	}
	v.Points, err = s.pointViews(ctx, a, ses, opened)
	for _, o := range opened {
		if o.Kind == Place {
			v.Place = o.Text.Reveal()
		}
	}
	return v, err
}

// enterSession lets somebody invited, or a coordinator, into a session.
func (s *Service) enterSession(ctx context.Context, a account.Actor, id uuid.UUID, line audit.Line) (Session, account.Key, error) {
	if err := s.Log.Require(ctx, a, account.SeeSessions, line); err != nil {
		return Session{}, nil, err
	}
	ses, err := s.Store.Session(ctx, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Session{}, nil, fmt.Errorf("reading session: %w", err)
	}
	if err != nil || ses.Team != a.Team {
		return Session{}, nil, s.Log.Deny(ctx, a.Team, line, "no-session", fault.NotFound)
	}
	_, key, err := grant.Enter(ctx, s.Store, a, id, s.Now())
	if fault.Is(err, fault.NotFound) {
		return Session{}, nil, s.Log.Deny(ctx, a.Team, line, "not-invited", fault.NotFound)
	}
	return ses, key, err
}

func (s *Service) pointViews(ctx context.Context, a account.Actor, ses Session, opened []Opened) ([]PointView, error) {
	points, err := s.Store.Points(ctx, ses.ID)
	if err != nil {
		return nil, fmt.Errorf("reading agenda: %w", err)
	}
	titles := map[uuid.UUID]string{}
	for _, o := range opened {
		if o.Kind == Title {
			titles[o.Point] = o.Text.Reveal()
		}
	}
	without, err := s.Store.Without(ctx, ses.ID)
	if err != nil {
		return nil, fmt.Errorf("reading who is left out: %w", err)
	}
	out := make([]PointView, len(points))
	for i, p := range points {
		out[i] = PointView{Point: p, Title: titles[p.ID], Current: p.ID == ses.Current && ses.State == Running}
		if p.Kind != PointCase {
			continue
		}
		g, err := s.Store.Grant(ctx, p.Case, a.Member)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, fmt.Errorf("reading grant: %w", err)
		}
		if err != nil || !g.Live(s.Now()) || without[p.ID][a.Member] {
			out[i].Hidden, out[i].Pseudonym, out[i].Case = true, "", uuid.Nil
		}
	}
	return out, nil
}

// PointContent is what is known and said at one point. Case is filled in for a
// case, Agreements for the point of open agreements, Trends for trends.
type PointContent struct {
	Case       CaseView
	Trends     Trends
	Agreements []Opened
	Notes      *Opened  // newest notes
	Outcome    *Opened  // newest outcome
	Opened     []Opened // all that was opened of the case
}

// ReadPoint opens what belongs to one point of a session.
func (s *Service) ReadPoint(ctx context.Context, a account.Actor, v SessionView, p PointView) (PointContent, error) {
	var out PointContent
	var err error
	switch {
	case p.Hidden:
		return out, nil
	case p.Kind == PointCase:
		return s.readCasePoint(ctx, a, v.Session, p)
	case p.Kind == PointTrends:
		out.Trends, err = s.readTrends(ctx, a, v.Session.ID)
	case p.Kind == PointOpen:
		out.Agreements, err = s.OpenAgreements(ctx, a, v.Session.ID)
	}
	if err != nil {
		return out, err
	}
	items, err := s.Store.KindItems(ctx, v.Session.ID, Notes)
	if err != nil {
		return out, fmt.Errorf("reading notes: %w", err)
	}
	for _, it := range items {
		if it.Point == p.ID {
			out.Notes, err = s.openOne(ctx, a, it, audit.By(a, audit.SessionRead, audit.ObjSession, v.Session.ID).In(v.Session.ID).For(audit.PurposeSession, span([]Item{it})))
			return out, err
		}
	}
	return out, nil
}

func (s *Service) openOne(ctx context.Context, a account.Actor, it Item, line audit.Line) (*Opened, error) {
	_, key, err := grant.Enter(ctx, s.Store, a, it.Vault, s.Now())
	if err != nil {
		return nil, err
	}
	r, err := s.Log.Look(ctx, a.Team, line)
	if err != nil {
		return nil, err
	}
	list, err := s.openAll(ctx, r, key, []Item{it})
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// readCasePoint opens the case under the line of this session and sorts out
// what was noted and decided at this point.
func (s *Service) readCasePoint(ctx context.Context, a account.Actor, ses Session, p PointView) (PointContent, error) {
	line := audit.By(a, audit.CaseRead, audit.ObjCase, p.Case).In(ses.ID).For(audit.PurposeSession, "")
	c, err := s.admit(ctx, a, p.Case, account.SeeCases, line)
	if err != nil {
		return PointContent{}, err
	}
	items, err := s.Store.Items(ctx, p.Case)
	if err != nil {
		return PointContent{}, fmt.Errorf("reading texts: %w", err)
	}
	line = c.on(line)
	line.Part = span(items)
	opened, err := s.look(ctx, a, c, items, line)
	if err != nil {
		return PointContent{}, err
	}
	out := PointContent{Opened: opened}
	for i, o := range opened {
		if o.Point != p.ID {
			continue
		}
		if o.Kind == Notes && out.Notes == nil {
			out.Notes = &opened[i]
		}
		if o.Kind == Outcome && out.Outcome == nil {
			out.Outcome = &opened[i]
		}
	}
	out.Case, err = s.caseView(ctx, a, c, opened)
	return out, err
}

// MinutesView is the minutes of a session (verslag) as the actor may read them.
type MinutesView struct {
	SessionView
	Parts     []MinutesPart
	Confirmed map[uuid.UUID]time.Time
	Attended  bool // the reader was there
}

// Withdrawn reports whether an agreement was withdrawn before the minutes were fixed:
// afterwards they stay as they are.
func (v MinutesView) Withdrawn(o Opened) bool {
	return o.Dropped && (v.Session.Fixed.IsZero() || o.Done.Before(v.Session.Fixed))
}

// MinutesPart is what the minutes say of one point.
type MinutesPart struct {
	Point      PointView
	Question   seal.Text
	Notes      *Opened
	Outcome    *OutcomeBody
	Agreements []Opened
	Remarks    []Opened // on a draft
	Addenda    []Opened // to fixed minutes
	Lead       account.Role
	EvaluateOn time.Time
}

// ReadMinutes opens the minutes: one line for the session and one for each case
// in which the actor takes part.
func (s *Service) ReadMinutes(ctx context.Context, a account.Actor, id uuid.UUID) (MinutesView, error) {
	v, err := s.ReadSession(ctx, a, id)
	if err != nil {
		return MinutesView{}, err
	}
	if v.Session.State == Planned {
		return MinutesView{}, fault.New(fault.NotFound, "error.notfound")
	}
	if v.Session.State == Finished && v.Session.Checkpoint == nil { // the server stopped just after closing
		if err := s.keepCheckpoint(ctx, a, id); err != nil {
			return MinutesView{}, err
		}
		if v.Session, err = s.Store.Session(ctx, id); err != nil {
			return MinutesView{}, fmt.Errorf("reading session: %w", err)
		}
	}
	out := MinutesView{SessionView: v, Attended: attended(v.Attendees, a.Member)}
	if out.Confirmed, err = s.Store.Confirmations(ctx, id); err != nil {
		return MinutesView{}, fmt.Errorf("reading confirmations: %w", err)
	}
	for _, p := range v.Points {
		part, err := s.minutesPart(ctx, a, v.Session, p)
		if err != nil {
			return out, err
		}
		for i, o := range part.Agreements { // as it was: a role may change afterwards
			for _, t := range v.Attendees {
				if t.Member == o.Responsible {
					part.Agreements[i].ResponsibleRole = t.Role
				}
			}
		}
		out.Parts = append(out.Parts, part)
	}
	return out, nil
}

func (s *Service) minutesPart(ctx context.Context, a account.Actor, ses Session, p PointView) (MinutesPart, error) {
	part := MinutesPart{Point: p}
	if p.Hidden {
		return part, nil
	}
	vault := ses.ID
	line := audit.By(a, audit.MinutesRead, audit.ObjSession, ses.ID).In(ses.ID).For(audit.PurposeSession, "")
	if p.Kind == PointCase {
		vault = p.Case
		g, err := s.Store.Grant(ctx, p.Case, a.Member)
		if err != nil {
			return part, fmt.Errorf("reading grant: %w", err)
		}
		line = audit.By(a, audit.MinutesRead, audit.ObjCase, p.Case).In(ses.ID).On(p.Case, relationOf(a)).For(audit.PurposeSession, "")
		line.Basis = g.Basis
	}
	items, err := s.minutesItems(ctx, ses, p, vault)
	if err != nil || len(items) == 0 {
		return part, err
	}
	line.Part = span(items)
	opened, err := s.openPerVault(ctx, a, items, line)
	if err != nil {
		return part, err
	}
	for i, o := range opened {
		switch {
		case o.Kind == Question:
			part.Question = o.Text
		case o.Kind == Notes && part.Notes == nil:
			part.Notes = &opened[i]
		case o.Kind == Outcome && part.Outcome == nil:
			b := o.Outcome()
			part.Outcome, part.Lead, part.EvaluateOn = &b, account.Role(b.Lead), b.EvaluateOn()
		case o.Kind == Agreement:
			part.Agreements = append(part.Agreements, o)
		case o.Kind == Remark:
			part.Remarks = append(part.Remarks, o)
		case o.Kind == Addendum:
			part.Addenda = append(part.Addenda, o)
		}
	}
	return part, nil
}

// minutesItems picks what the minutes show of a point: the care question of
// that day, and what was made at this point.
func (s *Service) minutesItems(ctx context.Context, ses Session, p PointView, vault uuid.UUID) ([]Item, error) {
	all, err := s.Store.KindItems(ctx, vault, Question, Notes, Outcome, Agreement, Remark, Addendum)
	if err != nil {
		return nil, fmt.Errorf("reading minutes: %w", err)
	}
	var out []Item
	asked := false
	for _, it := range all {
		switch {
		case it.Kind == Question && !asked && (ses.Closed.IsZero() || !it.At.After(ses.Closed)):
			asked = true
			out = append(out, it)
		case it.Kind != Question && it.Point == p.ID && it.Session == ses.ID:
			out = append(out, it)
		}
	}
	return out, nil
}
