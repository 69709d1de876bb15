package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
)

// Candidate is an open case with what may bring it on an agenda. Nothing of it is
// opened.
type Candidate struct {
	Case
	Overdue int       // agreements past their day
	Signals int       // since it was discussed last
	Last    time.Time // when that was; zero: never
}

// Proposal is a case that is due, with why, and what is missing before it can be put
// on this agenda.
type Proposal struct {
	Candidate
	Evaluation bool // its day falls before the session's end
	Forward    bool // in preparation, not discussed yet, or discussed without a decision
	Missing    []string
	NoBasis    bool
}

// Ready reports whether it can be put on at once.
func (p Proposal) Ready() bool { return !p.NoBasis && len(p.Missing) == 0 }

// caseMinutes is how long a case gets when nobody says otherwise.
const caseMinutes = 15

// Proposals lists what is due for a session and not on its agenda: evaluations,
// agreements past their day, cases put forward or never discussed, and those with new
// signals; the most pressing first.
func (s *Service) Proposals(ctx context.Context, a account.Actor, session uuid.UUID) ([]Proposal, error) {
	ses, _, err := s.chairing(ctx, a, session, audit.SessionChanged, "agenda")
	if err != nil {
		return nil, err
	}
	list, err := s.Store.Candidates(ctx, a.Team, Today(s.Now()))
	if err != nil {
		return nil, fmt.Errorf("reading what is due: %w", err)
	}
	points, err := s.Store.Points(ctx, session)
	if err != nil {
		return nil, fmt.Errorf("reading agenda: %w", err)
	}
	on := map[uuid.UUID]bool{}
	for _, p := range points {
		on[p.Case] = true
	}
	var out []Proposal
	for _, c := range list {
		p := Proposal{Candidate: c, Evaluation: !c.EvaluateOn.IsZero() && !c.EvaluateOn.After(Today(ses.Ends)), Forward: c.Phase == Preparing || c.Phase == Discussing || c.Last.IsZero()}
		if on[c.ID] || !(p.Evaluation || p.Forward || c.Overdue > 0 || c.Signals > 0) {
			continue
		}
		if err := s.lacking(ctx, a, ses, &p); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// lacking fills in what keeps a case off the agenda.
func (s *Service) lacking(ctx context.Context, a account.Actor, ses Session, p *Proposal) error {
	members, err := s.table(ctx, a, ses, p.ID, uuid.Nil)
	if err != nil {
		return err
	}
	missing, held, _, err := s.missing(ctx, p.ID, members)
	if err != nil {
		return err
	}
	p.NoBasis, p.Missing = !held, orgNames(missing)
	return nil
}

// FillAgenda puts on what is due and ready, as far as the time goes, and returns how
// many. What lacks a basis stays a proposal: the page says what is missing.
func (s *Service) FillAgenda(ctx context.Context, a account.Actor, session uuid.UUID) (int, error) {
	list, err := s.Proposals(ctx, a, session)
	if err != nil {
		return 0, err
	}
	ses, err := s.Store.Session(ctx, session)
	if err != nil {
		return 0, fmt.Errorf("reading session: %w", err)
	}
	points, err := s.Store.Points(ctx, session)
	if err != nil {
		return 0, fmt.Errorf("reading agenda: %w", err)
	}
	left := int(ses.Ends.Sub(ses.Starts).Minutes())
	for _, p := range points {
		left -= p.Minutes
	}
	n := 0
	for _, p := range list {
		if !p.Ready() || left < caseMinutes {
			continue
		}
		err := s.AddPoint(ctx, a, session, NewPoint{Once: uuid.New(), Kind: string(PointCase), Case: p.ID, Minutes: caseMinutes})
		if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) { // it changed meanwhile, or somebody's keys are not known yet
			continue
		}
		if err != nil {
			return n, err
		}
		n, left = n+1, left-caseMinutes
	}
	return n, nil
}

// AddCases puts cases on an agenda, as long as each may be; the first that may not ends
// it, and those before it are on.
func (s *Service) AddCases(ctx context.Context, a account.Actor, session uuid.UUID, cases []uuid.UUID) error {
	if _, _, err := s.chairing(ctx, a, session, audit.SessionChanged, "agenda"); err != nil {
		return err
	}
	if len(cases) == 0 {
		return fault.At("cases", "error.cases.none")
	}
	for _, c := range cases {
		if err := s.AddPoint(ctx, a, session, NewPoint{Once: uuid.New(), Kind: string(PointCase), Case: c, Minutes: caseMinutes}); err != nil {
			return err
		}
	}
	return nil
}
