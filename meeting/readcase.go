package meeting

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/seal"
	"zat/fault"
)

// CaseView is a case opened for a participant. Items are newest first and hold
// signals, notes and agreements; older care questions are in Earlier.
type CaseView struct {
	Case         Case
	Question     seal.Text
	Earlier      []Opened
	Items        []Opened
	Bases        []OpenedBasis
	Participants []Participant
	Relation     audit.Relation
	Members      map[uuid.UUID]account.Member
}

// AdviceOnly reports whether the case is held as an anonymous consult: there is
// advice then, and no follow-up on a person.
func (v CaseView) AdviceOnly(now time.Time) bool {
	bases := make([]Basis, len(v.Bases))
	for i, b := range v.Bases {
		bases[i] = b.Basis
	}
	return footingOf(bases, now) == consultFooting
}

// ReadCase opens a case. One line tells of the look and of which texts it
// showed; without it nothing opens.
func (s *Service) ReadCase(ctx context.Context, a account.Actor, id uuid.UUID) (CaseView, error) {
	return s.readCase(ctx, a, id, uuid.Nil)
}

func (s *Service) readCase(ctx context.Context, a account.Actor, id, session uuid.UUID) (CaseView, error) {
	purpose := audit.PurposeCare
	if session != uuid.Nil {
		purpose = audit.PurposeSession
	}
	line := audit.By(a, audit.CaseRead, audit.ObjCase, id).In(session).For(purpose, "")
	c, err := s.admit(ctx, a, id, account.SeeCases, line)
	if err != nil {
		return CaseView{}, err
	}
	items, err := s.Store.Items(ctx, id)
	if err != nil {
		return CaseView{}, fmt.Errorf("reading texts: %w", err)
	}
	line = c.on(line)
	line.Part = span(items)
	opened, err := s.look(ctx, a, c, items, line)
	if err != nil {
		return CaseView{}, err
	}
	return s.caseView(ctx, a, c, opened)
}

// look writes the line and opens the items against its receipt.
func (s *Service) look(ctx context.Context, a account.Actor, c caseEntry, items []Item, line audit.Line) ([]Opened, error) {
	key, err := s.key(ctx, a, c)
	if err != nil {
		return nil, err
	}
	r, err := s.Log.Look(ctx, a.Team, line)
	if err != nil {
		return nil, err
	}
	return s.openAll(ctx, r, key, items)
}

func (s *Service) caseView(ctx context.Context, a account.Actor, c caseEntry, opened []Opened) (CaseView, error) {
	v := CaseView{Case: c.Case, Relation: c.relation, Members: map[uuid.UUID]account.Member{}}
	members, err := s.Store.Members(ctx, a.Team)
	if err != nil {
		return v, fmt.Errorf("reading members: %w", err)
	}
	for _, m := range members {
		v.Members[m.ID] = m
	}
	if v.Participants, err = s.Store.Participants(ctx, c.ID); err != nil {
		return v, fmt.Errorf("reading participants: %w", err)
	}
	bases, err := s.Store.Bases(ctx, c.ID)
	if err != nil {
		return v, fmt.Errorf("reading bases: %w", err)
	}
	texts := map[uuid.UUID]seal.Text{}
	for _, o := range opened {
		o = o.told()
		switch o.Kind {
		case BasisItem:
			texts[o.ID] = o.Text
		case Question:
			if v.Question.Reveal() == "" {
				v.Question = o.Text
			} else {
				v.Earlier = append(v.Earlier, o)
			}
		case Outcome, Remark, Addendum: // they stand in the minutes
		default:
			o.ResponsibleRole, o.ResponsibleName = v.Members[o.Responsible].Role, v.Members[o.Responsible].Name
			v.Items = append(v.Items, o)
		}
	}
	v.Items = newestNotes(v.Items)
	for _, b := range bases {
		ob, err := openBasis(b, texts[b.ID])
		if err != nil {
			return v, err
		}
		v.Bases = append(v.Bases, ob)
	}
	return v, nil
}

// newestNotes leaves only the newest version of the notes of each point.
func newestNotes(items []Opened) []Opened {
	seen := map[uuid.UUID]bool{}
	out := items[:0]
	for _, o := range items {
		if o.Kind == Notes && o.Point != uuid.Nil {
			if seen[o.Point] {
				continue
			}
			seen[o.Point] = true
		}
		out = append(out, o)
	}
	return out
}

// Cases lists cases without opening anything: of the whole team for a
// coordinator, else those in which he takes part.
func (s *Service) Cases(ctx context.Context, a account.Actor, q CaseQuery) ([]CaseRow, error) {
	line := audit.By(a, audit.CaseListed, audit.ObjTeam, a.Team).For(audit.PurposeCare, "")
	if err := s.Log.Require(ctx, a, account.SeeCases, line); err != nil {
		return nil, err
	}
	q.Team, q.Member, q.Now = a.Team, a.Member, s.Now()
	q.All = a.Role == account.Coordinator
	return s.Store.Cases(ctx, q)
}

// missing returns the members whom no valid basis lets take part in talks about
// the case; held tells whether it has a valid basis at all.
func (s *Service) missing(ctx context.Context, c uuid.UUID, members []account.Member) (out []account.Member, held bool, bases []Basis, err error) {
	bases, err = s.Store.Bases(ctx, c)
	if err != nil {
		return nil, false, nil, fmt.Errorf("reading bases: %w", err)
	}
	day := Today(s.Now())
	for _, b := range bases {
		held = held || b.Valid(day)
	}
	for _, m := range members {
		if _, ok := covering(bases, m, day); !ok && m.Role != account.Coordinator {
			out = append(out, m)
		}
	}
	return out, held, bases, nil
}

// AddParticipant lets a member into a case, on a basis that covers him.
func (s *Service) AddParticipant(ctx context.Context, a account.Actor, id, member uuid.UUID) error {
	line := audit.By(a, audit.AccessGiven, audit.ObjCase, id).On(id, audit.RelCoordinator).For(audit.PurposeCare, "participant")
	line.OnBehalf = member
	c, err := s.manage(ctx, a, id, line)
	if err != nil {
		return err
	}
	m, err := s.Store.Member(ctx, member)
	if err != nil || m.Team != a.Team || !m.Role.AtTable() || !m.Joined() || !m.Ended.IsZero() {
		if err == nil || fault.Is(err, fault.NotFound) {
			return fault.At("member", "error.member")
		}
		return err
	}
	missing, held, bases, err := s.missing(ctx, id, []account.Member{m})
	if err != nil {
		return err
	}
	if !held {
		return fault.At("member", "error.nobasis")
	}
	if len(missing) > 0 {
		return fault.At("member", "error.uncovered", m.OrgName)
	}
	b, ok := covering(bases, m, s.Now())
	if !ok && m.External { // its last day ended just now
		return fault.New(fault.Conflict, "error.case.moved")
	}
	if err := s.known(ctx, a, m, "member"); err != nil {
		return err
	}
	g, err := s.grantTo(ctx, a, c, m, b, "participant")
	if err != nil {
		return err
	}
	line.Basis = b.ID
	return s.settle(ctx, a, c, line, func(tx Tx) error {
		if err := tx.PutGrant(g); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// RemoveParticipant takes a member's access away at once.
func (s *Service) RemoveParticipant(ctx context.Context, a account.Actor, id, member uuid.UUID) error {
	line := audit.By(a, audit.AccessEnded, audit.ObjCase, id).On(id, audit.RelCoordinator).For(audit.PurposeCare, "participant")
	line.OnBehalf = member
	c, err := s.manage(ctx, a, id, line)
	if err != nil {
		return err
	}
	if member == a.Member {
		return fault.At("member", "error.member.self")
	}
	ps, err := s.Store.Participants(ctx, id)
	if err != nil {
		return fmt.Errorf("reading participants: %w", err)
	}
	if !slices.ContainsFunc(ps, func(p Participant) bool { return p.Member.ID == member }) {
		return s.Log.Deny(ctx, a.Team, line, "no-participant", fault.NotFound)
	}
	return s.settle(ctx, a, c, line, func(tx Tx) error {
		if err := tx.DeleteGrant(id, member, s.Now()); err != nil {
			return err
		}
		ended, err := s.endDisclosures(tx, a, id, uuid.Nil, member, "participant")
		if err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, append(ended, line)...)
	})
}
