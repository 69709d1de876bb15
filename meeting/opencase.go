package meeting

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/seal"
	"zat/fault"
	"zat/pseudonym"
	"zat/pseudonym/guard"
)

// Registrar ties a case to a pupil of the sealed register: it gives the link,
// sealed in the register, and as much of his age as a case may hold. It
// authorises and writes its own line; this package never sees who he is.
type Registrar interface {
	Tie(ctx context.Context, a account.Actor, pupil, c uuid.UUID) (link seal.Sealed, in grant.Vault, band pseudonym.AgeBand, err error)
	// PassOn gives a name that was disclosed to the actor to a colleague who answers in his
	// stead; without a disclosure it does nothing.
	PassOn(ctx context.Context, a account.Actor, c, colleague uuid.UUID) error
}

// NewCase is a case as a coordinator opens it.
type NewCase struct {
	Once     uuid.UUID // becomes the id of the care question
	Pupil    uuid.UUID
	Question guard.Draft
	Domains  []string
}

// OpenCase opens a case for a pupil of the register under a new pseudonym. All
// coordinators of the team who have keys get a grant.
func (s *Service) OpenCase(ctx context.Context, a account.Actor, in NewCase) (Case, error) {
	line := audit.By(a, audit.CaseOpened, audit.ObjCase, uuid.Nil).For(audit.PurposeCare, "")
	if err := s.Log.Require(ctx, a, account.ManageCases, line); err != nil {
		return Case{}, err
	}
	var errs fault.List
	question, kept, err := s.Guard.Clear(ctx, a.Team, "question", in.Question, 2000)
	errs.Add(err)
	domains, err := ParseDomains("domain", in.Domains)
	errs.Add(err)
	errs.Add(checkOnce(in.Once))
	if err := errs.Err(); err != nil {
		return Case{}, err
	}
	v, key, err := grant.NewVault(a.Team, grant.Case, s.Now())
	if err != nil {
		return Case{}, err
	}
	link, register, band, err := s.Registrar.Tie(ctx, a, in.Pupil, v.ID)
	if err != nil {
		return Case{}, err
	}
	grants, err := s.coordinatorGrants(ctx, a, v, key)
	if err != nil {
		return Case{}, err
	}
	behind, err := s.backing(ctx, a, v, key)
	if err != nil {
		return Case{}, err
	}
	if len(behind) == 0 && len(grants) < 2 {
		return Case{}, fault.New(fault.Invalid, "error.case.alone")
	}
	now := s.Now()
	c := Case{ID: v.ID, Team: a.Team, Phase: Intake, Domains: domains, Band: band, Lead: a.Member, Opened: now, OpenedBy: a.Member, LastAt: now}
	return s.insertCase(ctx, a, opening{c, v, grants, behind, link, register, in.Once, question, kept})
}

// freshWords is how many draws look for a word that no open case has: "Tonijn-04"
// beside "Tonijn-11" is easily misheard. After that any free name will do.
const freshWords = 200

func (s *Service) draw(ctx context.Context, team uuid.UUID) (pseudonym.Name, error) {
	draws := 0
	return pseudonym.Draw(func(n pseudonym.Name) (bool, error) {
		draws++
		if draws <= freshWords {
			if heard, err := s.Store.WordInUse(ctx, team, n.Word()); err != nil || heard {
				return heard, err
			}
		}
		return s.Store.PseudonymUsed(ctx, team, n)
	})
}

type opening struct {
	c        Case
	v        grant.Vault
	grants   []grant.Grant
	behind   []grant.Grant // the team's recovery identity
	link     seal.Sealed
	register grant.Vault // that the link is sealed in
	once     uuid.UUID
	question string
	kept     []guard.Kind
}

func (s *Service) insertCase(ctx context.Context, a account.Actor, o opening) (Case, error) {
	name, err := s.draw(ctx, a.Team)
	if err != nil {
		return Case{}, err
	}
	o.c.Pseudonym = name
	err = s.change(ctx, func(tx Tx) error {
		if vault, found, err := stored(tx, a, o.once, Question); err != nil || found {
			o.c.ID = vault // the same form, sent twice at once
			return err
		}
		free, err := tx.TakePseudonym(a.Team, name)
		if err != nil {
			return err
		}
		if !free {
			return fault.New(fault.Busy, "error.again")
		}
		if err := tx.InsertVault(o.v); err != nil {
			return err
		}
		if err := putBacking(tx, o.behind); err != nil {
			return err
		}
		if err := tx.InsertCase(o.c); err != nil {
			return err
		}
		if err := tx.Touch(o.register); err != nil {
			return err
		}
		if err := tx.InsertLink(o.c.ID, a.Team, o.link); err != nil {
			return err
		}
		lines := append(keptLines(a, o.kept, o.c.ID), audit.By(a, audit.CaseOpened, audit.ObjCase, o.c.ID).On(o.c.ID, audit.RelCoordinator).For(audit.PurposeCare, ""))
		for _, g := range o.grants {
			if err := tx.PutGrant(g); err != nil {
				return err
			}
			lines = append(lines, grantLine(a, g, o.c.ID))
		}
		if err := s.put(tx, a, o.v, &Item{ID: o.once, Kind: Question}, o.question); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, lines...)
	})
	return o.c, err
}

func grantLine(a account.Actor, g grant.Grant, c uuid.UUID) audit.Line {
	l := audit.By(a, audit.AccessGiven, audit.ObjVault, g.Vault).For(audit.PurposeCare, g.Why)
	if c != uuid.Nil {
		l = l.On(c, relationOf(a))
	}
	l.OnBehalf, l.Basis = g.Member, g.Basis
	return l
}

// backing makes the way of the team's recovery identity into a new vault; none where
// a team has none yet.
func (s *Service) backing(ctx context.Context, a account.Actor, v grant.Vault, key account.Key) ([]grant.Grant, error) {
	b, err := grant.TeamBacking(ctx, s.Store, a, s.Now())
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	g, err := b.Back(v, key, a.Member, s.Now())
	return []grant.Grant{g}, err
}

func putBacking(tx Tx, list []grant.Grant) error {
	for _, g := range list {
		if err := tx.PutBacking(g); err != nil {
			return err
		}
	}
	return nil
}

// coordinatorGrants makes grants of a new vault for every coordinator who holds the
// register.
func (s *Service) coordinatorGrants(ctx context.Context, a account.Actor, v grant.Vault, key account.Key) ([]grant.Grant, error) {
	members, err := s.Store.Members(ctx, a.Team)
	if err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	if members, err = grant.Fellows(ctx, s.Store, a, members, s.Now()); err != nil {
		return nil, fmt.Errorf("reading who holds the register: %w", err)
	}
	var out []grant.Grant
	for _, m := range members {
		g, err := grant.Give(v, key, grant.Grant{Member: m.ID, By: a.Member, Why: "role", From: s.Now()}, m.Recipient)
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, nil
}

// AskAnew replaces the care question; the earlier one stays in the case.
func (s *Service) AskAnew(ctx context.Context, a account.Actor, id, once uuid.UUID, question guard.Draft, domains []string) error {
	line := audit.By(a, audit.CaseChanged, audit.ObjCase, id).On(id, audit.RelCoordinator).For(audit.PurposeCare, "question")
	c, err := s.manage(ctx, a, id, line)
	if err != nil {
		return err
	}
	var errs fault.List
	text, kept, err := s.Guard.Clear(ctx, a.Team, "question", question, 2000)
	errs.Add(err)
	list, err := ParseDomains("domain", domains)
	errs.Add(err)
	if err := errs.Err(); err != nil {
		return err
	}
	return s.settle(ctx, a, c, line, func(tx Tx) error {
		if err := s.put(tx, a, c.vault, &Item{ID: once, Kind: Question}, text); err != nil {
			return err
		}
		if err := tx.SetDomains(c.ID, list); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, append(keptLines(a, kept, c.ID), line)...)
	})
}

// MovePhase moves a case by hand along the order of phases.
func (s *Service) MovePhase(ctx context.Context, a account.Actor, id uuid.UUID, to Phase) error {
	line := audit.By(a, audit.CaseChanged, audit.ObjCase, id).On(id, audit.RelCoordinator).For(audit.PurposeCare, "phase")
	c, err := s.manage(ctx, a, id, line)
	if err != nil {
		return err
	}
	allowed := false
	for _, p := range c.Phase.Next() {
		allowed = allowed || p == to
	}
	if !allowed {
		return fault.At("phase", "error.phase")
	}
	line.Part = "phase " + string(to)
	return s.settle(ctx, a, c, line, func(tx Tx) error {
		if err := tx.SetPhase(id, to); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// CloseCase closes a case. Open agreements have to be done or dropped first.
func (s *Service) CloseCase(ctx context.Context, a account.Actor, id uuid.UUID) error {
	line := audit.By(a, audit.CaseClosed, audit.ObjCase, id).On(id, audit.RelCoordinator).For(audit.PurposeCare, "")
	c, err := s.manage(ctx, a, id, line)
	if err != nil {
		return err
	}
	if !c.Phase.MayFollow(Closed) {
		return fault.At("phase", "error.phase.close")
	}
	items, err := s.Store.KindItems(ctx, id, Agreement)
	if err != nil {
		return fmt.Errorf("reading agreements: %w", err)
	}
	for _, it := range items {
		if it.Done.IsZero() {
			return fault.At("phase", "error.case.agreements")
		}
	}
	return s.settle(ctx, a, c, line, func(tx Tx) error {
		if err := tx.CloseCase(id, s.Now()); err != nil {
			return err
		}
		ended, err := s.endDisclosures(tx, a, id, uuid.Nil, uuid.Nil, "closed")
		if err != nil {
			return err
		}
		off, err := offAgendas(tx, a, id)
		if err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, slices.Concat(ended, off, []audit.Line{line})...)
	})
}
