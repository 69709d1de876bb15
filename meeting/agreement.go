package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
	"zat/pseudonym/guard"
)

// NewAgreement is who does what, by when.
type NewAgreement struct {
	Once        uuid.UUID
	Case        uuid.UUID
	What        guard.Draft
	Responsible uuid.UUID
	Due         string
	Session     uuid.UUID
	Point       uuid.UUID
}

// AddAgreement adds an agreement to a case. Whoever is responsible has to take
// part in the case; an anonymous consult has no follow-up on a person.
func (s *Service) AddAgreement(ctx context.Context, a account.Actor, in NewAgreement) error {
	line := audit.By(a, audit.AgreementMade, audit.ObjCase, in.Case).In(in.Session).For(audit.PurposeCare, "")
	cs, err := s.admit(ctx, a, in.Case, account.Contribute, line)
	if err != nil {
		return err
	}
	if !cs.Open() {
		return fault.New(fault.Conflict, "error.case.closed")
	}
	var errs fault.List
	text, kept, err := s.Guard.Clear(ctx, a.Team, "what", in.What, 500)
	errs.Add(err)
	due, err := parseDue(in.Due, s.Now())
	errs.Add(err)
	errs.Add(s.checkResponsible(ctx, in))
	errs.Add(s.checkFollowUp(ctx, in.Case))
	if err := errs.Err(); err != nil {
		return err
	}
	it := Item{ID: in.Once, Kind: Agreement, Responsible: in.Responsible, Due: due, Session: in.Session, Point: in.Point}
	return s.contribute(ctx, a, in.Case, line, func(tx Tx, c contribution) error {
		if err := c.unsettled(cs.Revision); err != nil { // its basis may have ended
			return err
		}
		if err := stillRunning(tx, in.Session); err != nil {
			return err
		}
		if err := s.put(tx, a, c.vault, &it, text); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, append(keptLines(a, kept, c.ID), c.on(line))...)
	})
}

func parseDue(s string, now time.Time) (time.Time, error) {
	due, err := ParseDay("due", s, now)
	if err != nil {
		return due, err
	}
	if due.Before(Today(now)) {
		return due, fault.At("due", "error.due.past")
	}
	if due.After(Today(now).AddDate(2, 0, 0)) {
		return due, fault.At("due", "error.due.far")
	}
	return due, nil
}

func (s *Service) checkResponsible(ctx context.Context, in NewAgreement) error {
	ps, err := s.Store.Participants(ctx, in.Case)
	if err != nil {
		return fmt.Errorf("reading participants: %w", err)
	}
	for _, p := range ps {
		if p.Member.ID == in.Responsible {
			return nil
		}
	}
	return fault.At("responsible", "error.responsible")
}

// checkFollowUp refuses an agreement without a valid basis, and follow-up on a
// person where the only one is an anonymous consult (rules.md, "Basis").
func (s *Service) checkFollowUp(ctx context.Context, c uuid.UUID) error {
	ground, err := s.footing(ctx, c)
	switch {
	case err != nil:
		return err
	case ground == noFooting:
		return fault.At("what", "error.nobasis")
	case ground == consultFooting:
		return fault.At("what", "error.anonymous.followup")
	}
	return nil
}

// DropAgreement withdraws an agreement that is not to be kept any more, or was entered by
// mistake, and returns its case. It stays in sight, and counts neither as kept nor as open.
func (s *Service) DropAgreement(ctx context.Context, a account.Actor, id uuid.UUID) (of uuid.UUID, err error) {
	line := audit.By(a, audit.AgreementDropped, audit.ObjAgreement, id).For(audit.PurposeCare, "")
	if err := s.Log.Require(ctx, a, account.ManageCases, line); err != nil {
		return of, err
	}
	it, err := s.Store.Item(ctx, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return of, fmt.Errorf("reading agreement: %w", err)
	}
	if err != nil || it.Team != a.Team || it.Kind != Agreement {
		return of, s.Log.Deny(ctx, a.Team, line, "no-agreement", fault.NotFound)
	}
	c, err := s.manage(ctx, a, it.Vault, line)
	if err != nil {
		return of, err
	}
	return c.ID, s.contribute(ctx, a, c.ID, line, func(tx Tx, _ contribution) error {
		fresh, err := tx.DropAgreement(id, a.Member, s.Now())
		if err != nil {
			return err
		}
		if !fresh {
			return s.alreadyDropped(ctx, id)
		}
		return s.Log.Append(tx, a.Team, c.on(line))
	})
}

// alreadyDropped tells a chair whose agreement was ticked off just before; one that was
// withdrawn twice is withdrawn.
func (s *Service) alreadyDropped(ctx context.Context, id uuid.UUID) error {
	it, err := s.Store.Item(ctx, id)
	if err != nil {
		return fmt.Errorf("reading agreement: %w", err)
	}
	if !it.Dropped {
		return fault.New(fault.Conflict, "error.agreement.done")
	}
	return nil
}

// FinishAgreement ticks an agreement off: by whoever is responsible, or by a
// coordinator.
func (s *Service) FinishAgreement(ctx context.Context, a account.Actor, id uuid.UUID) error {
	line := audit.By(a, audit.AgreementDone, audit.ObjAgreement, id).For(audit.PurposeCare, "")
	if err := s.Log.Require(ctx, a, account.SeeAgreements, line); err != nil {
		return err
	}
	it, err := s.Store.Item(ctx, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return fmt.Errorf("reading agreement: %w", err)
	}
	if err != nil || it.Team != a.Team || (it.Kind != Agreement && it.Kind != FeedbackItem) {
		return s.Log.Deny(ctx, a.Team, line, "no-agreement", fault.NotFound)
	}
	g, err := s.Store.Grant(ctx, it.Vault, a.Member)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return fmt.Errorf("reading grant: %w", err)
	}
	if err != nil || !g.Live(s.Now()) || (it.Responsible != a.Member && a.Role != account.Coordinator) {
		return s.Log.Deny(ctx, a.Team, line, "not-responsible", fault.NotFound)
	}
	return s.told(it.Vault, s.change(ctx, func(tx Tx) error {
		fresh, err := tx.FinishAgreement(id, a.Member, s.Now())
		if err != nil || !fresh {
			return err
		}
		return s.Log.Append(tx, a.Team, line.On(it.Vault, relationOf(a)))
	}))
}

// OpenAgreements opens the agreements not yet done in the actor's cases, one
// line for each case. Own ones come first, then the soonest.
func (s *Service) OpenAgreements(ctx context.Context, a account.Actor, session uuid.UUID) ([]Opened, error) {
	line := audit.By(a, audit.AgreementsRead, audit.ObjCase, uuid.Nil).In(session).For(audit.PurposeCare, "")
	if err := s.Log.Require(ctx, a, account.SeeAgreements, line); err != nil {
		return nil, err
	}
	items, err := s.Store.OpenAgreements(ctx, a.Team, a.Member, false, s.Now())
	if err != nil {
		return nil, fmt.Errorf("reading agreements: %w", err)
	}
	opened, err := s.openPerVault(ctx, a, items, line)
	if err != nil {
		return nil, err
	}
	var mine, others []Opened
	for _, o := range opened {
		if o.Responsible == a.Member {
			mine = append(mine, o)
		} else {
			others = append(others, o)
		}
	}
	return append(mine, others...), nil
}

// openPerVault opens items of several vaults: one line and receipt for each.
func (s *Service) openPerVault(ctx context.Context, a account.Actor, items []Item, line audit.Line) ([]Opened, error) {
	groups := map[uuid.UUID][]Item{}
	var order []uuid.UUID
	for _, it := range items {
		if groups[it.Vault] == nil {
			order = append(order, it.Vault)
		}
		groups[it.Vault] = append(groups[it.Vault], it)
	}
	lines := make([]audit.Line, len(order))
	keys := make([]account.Key, len(order))
	for i, v := range order {
		vault, key, err := grant.Enter(ctx, s.Store, a, v, s.Now())
		if err != nil {
			return nil, fmt.Errorf("entering vault: %w", err)
		}
		lines[i] = line
		lines[i].Object, lines[i].Part = v, span(groups[v])
		if vault.Kind == grant.Case {
			g, err := s.Store.Grant(ctx, v, a.Member)
			if err != nil {
				return nil, fmt.Errorf("reading grant: %w", err)
			}
			lines[i] = lines[i].On(v, relationOf(a))
			lines[i].Basis = g.Basis
		}
		keys[i] = key
	}
	receipts, err := s.Log.LookAll(ctx, a.Team, lines)
	if err != nil {
		return nil, err
	}
	texts := map[uuid.UUID]Opened{}
	for i, v := range order {
		opened, err := s.openAll(ctx, receipts[i], keys[i], groups[v])
		if err != nil {
			return nil, err
		}
		for _, o := range opened {
			texts[o.ID] = o
		}
	}
	return s.named(ctx, a, items, texts)
}

func (s *Service) named(ctx context.Context, a account.Actor, items []Item, texts map[uuid.UUID]Opened) ([]Opened, error) {
	members, err := s.Store.Members(ctx, a.Team)
	if err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	out := make([]Opened, 0, len(items))
	names := map[uuid.UUID]string{}
	for _, it := range items {
		o := texts[it.ID].told()
		if m, ok := memberIn(members, it.Responsible); ok {
			o.ResponsibleRole, o.ResponsibleName = m.Role, m.Name
		}
		if _, ok := names[it.Vault]; !ok {
			acc, err := s.Store.CaseAccess(ctx, it.Vault, a.Member)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return nil, fmt.Errorf("reading case: %w", err)
			}
			names[it.Vault] = string(acc.Case.Pseudonym)
		}
		o.Pseudonym = names[it.Vault]
		out = append(out, o)
	}
	return out, nil
}

// AddPointAgreement adds an agreement to the case of a point of a running
// session.
func (s *Service) AddPointAgreement(ctx context.Context, a account.Actor, session, point uuid.UUID, in NewAgreement) error {
	ses, line, err := s.noting(ctx, a, session, audit.AgreementMade)
	if err != nil {
		return err
	}
	p, err := s.point(ctx, a, ses, point, line)
	if err != nil {
		return err
	}
	if _, _, err := s.notedVault(ctx, a, p, line); err != nil {
		return err
	}
	if p.Kind != PointCase {
		return fault.At("what", "error.agreement.nocase")
	}
	in.Case, in.Session, in.Point = p.Case, session, point
	return s.AddAgreement(ctx, a, in)
}
