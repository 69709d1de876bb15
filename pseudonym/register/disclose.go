package register

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
	"zat/pseudonym"
	"zat/pseudonym/guard"
)

// Tie seals the link of a new case to a pupil in the register, and tells his age
// band.
func (s *Service) Tie(ctx context.Context, a account.Actor, pupil, c uuid.UUID) (seal.Sealed, grant.Vault, pseudonym.AgeBand, error) {
	o, err := s.open(ctx, a, audit.By(a, audit.RegisterRead, audit.ObjRegister, uuid.Nil).For(audit.PurposeCare, "tie"))
	if err != nil {
		return nil, grant.Vault{}, "", err
	}
	cases, err := s.cases(ctx, a, o)
	if err != nil {
		return nil, grant.Vault{}, "", err
	}
	for _, p := range o.pupils {
		if p.ID != pupil {
			continue
		}
		if l, ok := cases[p.ID]; ok {
			return nil, grant.Vault{}, "", fault.New(fault.Conflict, "error.case.exists", string(l.Pseudonym))
		}
		sealed, err := seal.Seal(linkHeader(a.Team, o.vault.ID, c), seal.NewText(p.ID.String()), o.vault.Recipient)
		return sealed, o.vault, p.Band(s.Now()), err
	}
	line := audit.By(a, audit.CaseOpened, audit.ObjPupil, pupil).For(audit.PurposeCare, "")
	return nil, grant.Vault{}, "", s.Log.Deny(ctx, a.Team, line, "no-entry", fault.NotFound)
}

// reason clears a typed reason and seals it to the readers of reasons.
func (s *Service) reason(ctx context.Context, a account.Actor, object uuid.UUID, d guard.Draft) (seal.Sealed, error) {
	text, _, err := s.Guard.Clear(ctx, a.Team, "reason", d, 500)
	if err != nil {
		return nil, err
	}
	v, err := s.Store.TeamVault(ctx, a.Team, grant.Reasons)
	if err != nil {
		return nil, fmt.Errorf("reading vault: %w", err)
	}
	return seal.Seal(seal.ReasonHeader(a.Team, v.ID, object, a.Member), seal.NewText(text), v.Recipient)
}

// pupilOf opens the register for one case and returns its pupil.
func (s *Service) pupilOf(ctx context.Context, a account.Actor, c uuid.UUID, line audit.Line) (pseudonym.Pupil, error) {
	l, err := s.Store.Link(ctx, c)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return pseudonym.Pupil{}, fmt.Errorf("reading link: %w", err)
	}
	if err != nil || l.Team != a.Team {
		return pseudonym.Pupil{}, s.Log.Deny(ctx, a.Team, line, "no-case", fault.NotFound)
	}
	v, key, err := s.enter(ctx, a, line)
	if err != nil {
		return pseudonym.Pupil{}, err
	}
	covering := line
	covering.Kind, covering.Object = audit.ObjRegister, v.ID
	r, err := s.Log.Look(ctx, a.Team, covering)
	if err != nil {
		return pseudonym.Pupil{}, err
	}
	id, err := openLink(opened{vault: v, key: key, receipt: r}, l)
	if err != nil {
		return pseudonym.Pupil{}, grant.Moved(ctx, s.Store, v.ID, v.Recipient, err)
	}
	entries, err := s.Store.PupilEntries(ctx, a.Team)
	if err != nil {
		return pseudonym.Pupil{}, fmt.Errorf("reading register: %w", err)
	}
	for _, e := range entries {
		if e.ID == id {
			p, err := openEntry(r, key, v.ID, e)
			return p, grant.Moved(ctx, s.Store, v.ID, v.Recipient, err)
		}
	}
	return pseudonym.Pupil{}, fault.New(fault.NotFound, "error.identity.gone")
}

// Disclose opens the identity behind a case for a coordinator, with a reason.
// The page shows it for a minute; the line stays.
func (s *Service) Disclose(ctx context.Context, a account.Actor, c uuid.UUID, why guard.Draft) (pseudonym.Pupil, error) {
	line := audit.By(a, audit.IdentityOpened, audit.ObjCase, c).On(c, audit.RelCoordinator).For(audit.PurposeCare, "identity")
	if err := s.Log.Require(ctx, a, account.OpenIdentity, line); err != nil {
		return pseudonym.Pupil{}, err
	}
	sealed, err := s.reason(ctx, a, c, why)
	if err != nil {
		return pseudonym.Pupil{}, err
	}
	line.Reason = sealed
	return s.pupilOf(ctx, a, c, line)
}

// newDisclosure is a name to be disclosed to one member; until is the last day.
type newDisclosure struct {
	Case, Member, Basis uuid.UUID
	Until, Informed     time.Time
	Reason              guard.Draft
}

// DiscloseTo discloses the name behind a case to one member who takes part or
// was asked, on a recorded basis, until a day that the basis allows.
func (s *Service) DiscloseTo(ctx context.Context, a account.Actor, c, member, basis uuid.UUID, until, informed time.Time, why guard.Draft) error {
	in := newDisclosure{c, member, basis, until, informed, why}
	line := audit.By(a, audit.IdentityGiven, audit.ObjCase, in.Case).On(in.Case, audit.RelCoordinator).For(audit.PurposeCare, "identity")
	line.OnBehalf, line.Basis = in.Member, in.Basis
	if err := s.Log.Require(ctx, a, account.OpenIdentity, line); err != nil {
		return err
	}
	limit, err := s.Grounds.Allows(ctx, a, in.Case, in.Basis, in.Member)
	var errs fault.List
	errs.Add(err)
	if err == nil && !limit.IsZero() && in.Until.After(limit) {
		errs.Add(fault.At("until", "error.disclosure.until"))
	}
	if !s.Now().Before(account.EndOfDay(in.Until)) {
		errs.Add(fault.At("until", "error.date.past"))
	}
	sealed, err := s.reason(ctx, a, in.Case, in.Reason)
	errs.Add(err)
	if err := errs.Err(); err != nil {
		return err
	}
	line.Reason = sealed
	m, err := s.Store.Member(ctx, in.Member)
	if err != nil {
		return err
	}
	look := line
	look.Event = audit.IdentityOpened
	p, err := s.pupilOf(ctx, a, in.Case, look)
	if err != nil {
		return err
	}
	d := Disclosure{ID: uuid.New(), Team: a.Team, Case: in.Case, Member: in.Member, Basis: in.Basis, By: a.Member, At: s.Now(), Until: in.Until, Informed: in.Informed}
	known, err := grant.Known(ctx, s.Store, a, m, s.Now())
	if err != nil {
		return err
	}
	if !known {
		return fault.At("member", "error.member.unknown", m.Name)
	}
	if d.Sealed, err = seal.Seal(d.header(), seal.NewText(p.FullName()+"\n"+p.Class), m.Recipient); err != nil {
		return err
	}
	return s.Store.UpdateRegister(ctx, func(tx Tx) error {
		if holds, err := tx.PutDisclosure(d); err != nil {
			return err
		} else if !holds {
			return fault.At("basis", "error.disclosure.basis")
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// Disclosed opens the name that was disclosed to the actor for a case.
func (s *Service) Disclosed(ctx context.Context, a account.Actor, c uuid.UUID) (name, class string, until time.Time, err error) {
	line := audit.By(a, audit.IdentityRead, audit.ObjCase, c).On(c, audit.RelNone).For(audit.PurposeCare, "identity")
	if err := s.Log.Require(ctx, a, account.SeeDisclosed, line); err != nil {
		return "", "", until, err
	}
	list, err := s.Store.Disclosures(ctx, c, a.Member)
	if err != nil {
		return "", "", until, fmt.Errorf("reading disclosures: %w", err)
	}
	for _, d := range list {
		if d.Team != a.Team || !s.live(d) {
			continue
		}
		line = line.On(c, audit.RelDisclosed)
		line.Basis = d.Basis
		r, err := s.Log.Look(ctx, a.Team, line)
		if err != nil {
			return "", "", until, err
		}
		text, err := seal.Open(r, a.Key, d.header(), d.Sealed)
		if err != nil {
			return "", "", until, fmt.Errorf("opening disclosure %s: %w", d.ID, err)
		}
		name, class := cut(text.Reveal())
		return name, class, d.Until, nil
	}
	return "", "", until, s.Log.Deny(ctx, a.Team, line, "no-disclosure", fault.NotFound)
}

// PassOn gives the name behind a case, where it was disclosed to the actor, to a colleague
// who answers in his stead: on the same basis, until the same day, with a line for each.
// Without a disclosure, and for a colleague whose key nobody compared, it does nothing.
func (s *Service) PassOn(ctx context.Context, a account.Actor, c, colleague uuid.UUID) error {
	list, err := s.Store.Disclosures(ctx, c, a.Member)
	if err != nil {
		return fmt.Errorf("reading disclosures: %w", err)
	}
	m, err := s.Store.Member(ctx, colleague)
	if err != nil {
		return fmt.Errorf("reading member: %w", err)
	}
	known, err := grant.Known(ctx, s.Store, a, m, s.Now())
	if err != nil || !known || m.Team != a.Team || m.Organisation != a.Organisation {
		return err
	}
	for _, d := range list {
		if d.Team == a.Team && s.live(d) {
			return s.passOn(ctx, a, d, m)
		}
	}
	return nil
}

func (s *Service) passOn(ctx context.Context, a account.Actor, d Disclosure, m account.Member) error {
	line := audit.By(a, audit.IdentityRead, audit.ObjCase, d.Case).On(d.Case, audit.RelDisclosed).For(audit.PurposeCare, "passed")
	line.Basis = d.Basis
	r, err := s.Log.Look(ctx, a.Team, line)
	if err != nil {
		return err
	}
	text, err := seal.Open(r, a.Key, d.header(), d.Sealed)
	if err != nil {
		return fmt.Errorf("opening disclosure %s: %w", d.ID, err)
	}
	d.ID, d.Member, d.At = uuid.New(), m.ID, s.Now()
	if d.Sealed, err = seal.Seal(d.header(), text, m.Recipient); err != nil {
		return err
	}
	line.Event, line.OnBehalf = audit.IdentityGiven, m.ID
	return s.Store.UpdateRegister(ctx, func(tx Tx) error {
		if holds, err := tx.PutDisclosure(d); err != nil || !holds { // its basis was withdrawn just now
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

func cut(s string) (name, class string) {
	for i := range s {
		if s[i] == '\n' {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// live reports whether the disclosure's last day is not over.
func (s *Service) live(d Disclosure) bool { return s.Now().Before(account.EndOfDay(d.Until)) }

// Disclosures lists to whom the name behind a case is disclosed now, for its
// coordinators. It opens nothing.
func (s *Service) Disclosures(ctx context.Context, a account.Actor, c uuid.UUID) ([]pseudonym.Disclosed, error) {
	if !a.May(account.OpenIdentity) {
		return nil, nil
	}
	list, err := s.Store.Disclosures(ctx, c, uuid.Nil)
	if err != nil {
		return nil, fmt.Errorf("reading disclosures: %w", err)
	}
	var out []pseudonym.Disclosed
	for _, d := range list {
		if d.Team == a.Team && s.live(d) {
			out = append(out, pseudonym.Disclosed{Member: d.Member, Basis: d.Basis, By: d.By, At: d.At, Until: d.Until, Informed: d.Informed})
		}
	}
	return out, nil
}

// Sweep deletes disclosures whose last day is over, each with its line.
func (s *Service) Sweep(ctx context.Context) error {
	return s.Store.UpdateRegister(ctx, func(tx Tx) error {
		gone, err := tx.DropDisclosures(s.Now())
		if err != nil {
			return fmt.Errorf("dropping disclosures: %w", err)
		}
		for _, d := range gone {
			l := audit.By(account.Actor{}, audit.IdentityEnded, audit.ObjCase, d.Case).On(d.Case, audit.RelNone).For(audit.PurposeManage, "date")
			l.OnBehalf, l.Basis = d.Member, d.Basis
			if err := s.Log.Append(tx, d.Team, l); err != nil {
				return err
			}
		}
		return nil
	})
}
