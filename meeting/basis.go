package meeting

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
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

// BasisKind is the ground on which a case is discussed (grondslag).
type BasisKind string

const (
	Consent   BasisKind = "consent"   // toestemming
	Internal  BasisKind = "internal"  // intern ondersteuningsteam: no external members
	Anonymous BasisKind = "anonymous" // anoniem consult: motive, no follow-up on a person
	Legal     BasisKind = "legal"     // wettelijke plicht of meldrecht
	Vital     BasisKind = "vital"     // conflict van plichten: argumentation
)

// BasisKinds lists the kinds.
func BasisKinds() []BasisKind { return []BasisKind{Consent, Internal, Anonymous, Legal, Vital} }

// Giver is who consented, by role and never by name.
type Giver string

const (
	Parents Giver = "parents"
	Pupil   Giver = "pupil"
)

// Basis is what the database says of a basis in the clear. Topics, place of the
// form, form version and motive are sealed in the case's vault.
type Basis struct {
	ID            uuid.UUID
	Case          uuid.UUID
	Kind          BasisKind
	Givers        []Giver
	On            time.Time
	Ends          time.Time // zero: no end
	Organisations []uuid.UUID
	By            uuid.UUID
	Withdrawn     time.Time
}

// Valid reports whether the basis holds on the day of a moment, in Amsterdam.
func (b Basis) Valid(now time.Time) bool {
	day := Today(now)
	return b.Withdrawn.IsZero() && (b.Ends.IsZero() || !b.Ends.Before(day)) && !b.On.After(day)
}

// Covers reports whether the member may take part under this basis.
func (b Basis) Covers(m account.Member) bool {
	if !m.External || b.Kind == Anonymous {
		return true
	}
	if b.Kind == Internal {
		return false
	}
	for _, o := range b.Organisations {
		if o == m.Organisation {
			return true
		}
	}
	return false
}

// covering returns the basis that covers the member the longest of those that are
// valid.
func covering(bases []Basis, m account.Member, day time.Time) (out Basis, ok bool) {
	for _, b := range bases {
		if b.Valid(day) && b.Covers(m) && (!ok || b.outlasts(out)) {
			out, ok = b, true
		}
	}
	return out, ok
}

func (b Basis) outlasts(c Basis) bool {
	return !c.Ends.IsZero() && (b.Ends.IsZero() || b.Ends.After(c.Ends))
}

// footing is what the bases of a case together allow on a day.
type footing int

const (
	noFooting      footing = iota // nothing may be discussed
	consultFooting                // an anonymous consult only: advice, and no follow-up
	fullFooting
)

func footingOf(bases []Basis, now time.Time) footing {
	out := noFooting
	for _, b := range bases {
		switch {
		case !b.Valid(now):
		case b.Kind == Anonymous:
			out = max(out, consultFooting)
		default:
			out = fullFooting
		}
	}
	return out
}

func (s *Service) footing(ctx context.Context, c uuid.UUID) (footing, error) {
	bases, err := s.Store.Bases(ctx, c)
	if err != nil {
		return noFooting, fmt.Errorf("reading bases: %w", err)
	}
	return footingOf(bases, s.Now()), nil
}

// consultMonths is how long an anonymous consult lasts at most: as long as its
// notes are kept (rules.md, "Retention").
const consultMonths = 3

// requiredGivers says who has to consent (rules.md, "Basis"; WGBO-like bands in
// the strict rule, NJi's in the school rule).
func requiredGivers(rule account.ConsentRule, band pseudonym.AgeBand) []Giver {
	switch {
	case band == pseudonym.From16:
		return []Giver{Pupil}
	case band == pseudonym.Age12 && rule == account.ConsentStrict:
		return []Giver{Parents, Pupil}
	}
	return []Giver{Parents}
}

// BasisDetails is the sealed half of a basis.
type BasisDetails struct {
	Form   string `json:"form,omitempty"`
	KeptAt string `json:"kept,omitempty"`
	Topics string `json:"topics,omitempty"`
	Motive string `json:"motive,omitempty"`
}

// NewBasis is a basis as somebody records it.
type NewBasis struct {
	Once          uuid.UUID
	Case          uuid.UUID
	Kind          string
	Givers        []string
	On, Ends      string
	Organisations []uuid.UUID
	Form, KeptAt  guard.Draft
	Topics        guard.Draft
	Motive        guard.Draft
}

// RecordBasis stores a basis with a case; the first one lets the case go on.
func (s *Service) RecordBasis(ctx context.Context, a account.Actor, in NewBasis) error {
	line := audit.By(a, audit.BasisAdded, audit.ObjBasis, in.Once).On(in.Case, audit.RelCoordinator).For(audit.PurposeCare, "")
	if knownBasis(BasisKind(in.Kind)) {
		line.Part = in.Kind // what somebody typed instead stays out of the log
	}
	c, err := s.manage(ctx, a, in.Case, line)
	if err != nil {
		return err
	}
	b, err := s.parseBasis(ctx, a, in, c)
	var errs fault.List
	errs.Add(err)
	details, kept, err := s.basisDetails(ctx, a, in)
	errs.Add(err)
	if err := errs.Err(); err != nil {
		return err
	}
	line.Basis = b.ID
	bases, err := s.Store.Bases(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("reading bases: %w", err)
	}
	return s.settle(ctx, a, c, line, func(tx Tx) error {
		if err := s.put(tx, a, c.vault, &Item{ID: b.ID, Kind: BasisItem}, details); err != nil {
			return err
		}
		if err := tx.InsertBasis(b); err != nil {
			return err
		}
		if c.Phase == Intake {
			if err := tx.SetPhase(c.ID, Grounded); err != nil {
				return err
			}
		}
		if footingOf(append(bases, b), s.Now()) == consultFooting {
			if err := noFollowUp(tx, c.ID); err != nil {
				return err
			}
		}
		return s.Log.Append(tx, a.Team, append(keptLines(a, kept, c.ID), line)...)
	})
}

func (s *Service) parseBasis(ctx context.Context, a account.Actor, in NewBasis, c caseEntry) (Basis, error) {
	b := Basis{ID: in.Once, Case: c.ID, Kind: BasisKind(in.Kind), By: a.Member, On: Today(s.Now())}
	var errs fault.List
	if !knownBasis(b.Kind) {
		return b, fault.At("kind", "error.basis.kind")
	}
	orgs, err := s.organisations(ctx, a.Team, in.Organisations)
	errs.Add(err)
	b.Organisations = orgs
	if strings.TrimSpace(in.On) != "" {
		b.On, err = ParseDay("on", in.On, s.Now())
		errs.Add(err)
		if err == nil && b.On.After(Today(s.Now())) {
			errs.Add(fault.At("on", "error.date.future"))
		}
	}
	if strings.TrimSpace(in.Ends) != "" {
		b.Ends, err = ParseDay("ends", in.Ends, s.Now())
		errs.Add(err)
		if err == nil && b.Ends.Before(Today(s.Now())) {
			errs.Add(fault.At("ends", "error.date.past"))
		}
	} else if b.Kind == Consent {
		errs.Add(fault.At("ends", "error.basis.ends"))
	}
	if b.Kind == Anonymous {
		errs.Add(b.limitConsult(Today(s.Now())))
	}
	if b.Kind == Consent {
		errs.Add(s.parseGivers(ctx, a, in, c, &b))
	}
	return b, errs.Err()
}

// limitConsult ends an anonymous consult in time, and refuses a later end.
func (b *Basis) limitConsult(today time.Time) error {
	last := b.On.AddDate(0, consultMonths, 0)
	switch {
	case last.Before(today):
		return fault.At("on", "error.basis.consult")
	case b.Ends.IsZero():
		b.Ends = last
	case b.Ends.After(last):
		return fault.At("ends", "error.basis.consult")
	}
	return nil
}

func (s *Service) parseGivers(ctx context.Context, a account.Actor, in NewBasis, c caseEntry, b *Basis) error {
	team, err := s.Store.Team(ctx, a.Team)
	if err != nil {
		return fmt.Errorf("reading team: %w", err)
	}
	given := map[Giver]bool{}
	for _, g := range in.Givers {
		if giver := Giver(g); giver == Parents || giver == Pupil {
			given[giver] = true
			b.Givers = append(b.Givers, giver)
		}
	}
	for _, need := range requiredGivers(team.ConsentRule, c.Band) {
		if !given[need] {
			return fault.At("givers", "error.basis.givers."+string(need))
		}
	}
	return nil
}

func knownBasis(k BasisKind) bool {
	for _, b := range BasisKinds() {
		if b == k {
			return true
		}
	}
	return false
}

// organisations keeps the ids that are of this team.
func (s *Service) organisations(ctx context.Context, team uuid.UUID, ids []uuid.UUID) ([]uuid.UUID, error) {
	all, err := s.Store.Organisations(ctx, team)
	if err != nil {
		return nil, fmt.Errorf("reading organisations: %w", err)
	}
	var out []uuid.UUID
	for _, id := range ids {
		found := false
		for _, o := range all {
			found = found || o.ID == id
		}
		if !found {
			return nil, fault.At("organisations", "error.choice")
		}
		out = append(out, id)
	}
	return out, nil
}

// basisDetails clears the texts: consent needs where the form is kept, the
// exceptions need their motive.
func (s *Service) basisDetails(ctx context.Context, a account.Actor, in NewBasis) (string, []guard.Kind, error) {
	var d BasisDetails
	var errs fault.List
	var kept []guard.Kind
	kind := BasisKind(in.Kind)
	for _, f := range []struct {
		name     string
		draft    guard.Draft
		out      *string
		required bool
		limit    int
	}{{"form", in.Form, &d.Form, false, guard.ShortText}, {"kept", in.KeptAt, &d.KeptAt, kind == Consent, guard.ShortText},
		{"topics", in.Topics, &d.Topics, false, guard.ShortText},
		{"motive", in.Motive, &d.Motive, kind == Anonymous || kind == Vital || kind == Legal, 2000}} {
		if strings.TrimSpace(f.draft.Text) == "" && !f.required {
			continue
		}
		text, k, err := s.Guard.Clear(ctx, a.Team, f.name, f.draft, f.limit)
		errs.Add(err)
		*f.out = text
		kept = append(kept, k...)
	}
	if err := errs.Err(); err != nil {
		return "", nil, err
	}
	b, err := json.Marshal(d)
	if err != nil {
		return "", nil, fmt.Errorf("writing basis: %w", err)
	}
	return string(b), kept, nil
}

// WithdrawBasis ends a basis at once: whoever took part under it loses access,
// names disclosed on it are closed again, and the case leaves the agendas of
// sessions where it no longer covers all.
func (s *Service) WithdrawBasis(ctx context.Context, a account.Actor, caseID, basis uuid.UUID) error {
	line := audit.By(a, audit.BasisWithdrawn, audit.ObjBasis, basis).On(caseID, audit.RelCoordinator).For(audit.PurposeCare, "")
	line.Basis = basis
	c, err := s.manage(ctx, a, caseID, line)
	if err != nil {
		return err
	}
	bases, err := s.Store.Bases(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("reading bases: %w", err)
	}
	left, found := without(bases, basis)
	if !found {
		return s.Log.Deny(ctx, a.Team, line, "no-basis", fault.NotFound)
	}
	members, err := s.Store.Participants(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("reading participants: %w", err)
	}
	return s.settle(ctx, a, c, line, func(tx Tx) error {
		if err := tx.WithdrawBasis(basis, s.Now()); err != nil {
			return err
		}
		lines, err := s.endUncovered(ctx, tx, a, c, basis, members, left)
		if err != nil {
			return err
		}
		off, err := s.offUncovered(tx, a, c.ID, members, left)
		if err != nil {
			return err
		}
		ended, err := s.endDisclosures(tx, a, c.ID, basis, uuid.Nil, "basis")
		if err != nil {
			return err
		}
		if footingOf(left, s.Now()) == consultFooting {
			if err := noFollowUp(tx, c.ID); err != nil {
				return err
			}
		}
		return s.Log.Append(tx, a.Team, slices.Concat(lines, off, ended, []audit.Line{line})...)
	})
}

func without(bases []Basis, id uuid.UUID) (left []Basis, found bool) {
	for _, b := range bases {
		if b.ID == id {
			found = true
			continue
		}
		left = append(left, b)
	}
	return left, found
}

// endUncovered ends the access of partners who take part on the withdrawn basis.
// Whom another basis covers gets a grant on that one, to its own last day.
func (s *Service) endUncovered(ctx context.Context, tx Tx, a account.Actor, c caseEntry, withdrawn uuid.UUID, members []Participant, left []Basis) ([]audit.Line, error) {
	var lines []audit.Line
	for _, p := range members {
		if !p.Member.External || p.Member.Role == account.Coordinator || (p.Basis != withdrawn && p.Basis != uuid.Nil) {
			continue
		}
		known, err := grant.Known(ctx, s.Store, a, p.Member, s.Now())
		if err != nil {
			return nil, err
		}
		if b, ok := covering(left, p.Member, s.Now()); ok && known {
			g, err := s.grantTo(ctx, a, c, p.Member, b, p.Why)
			if err != nil {
				return nil, err
			}
			if err := tx.PutGrant(g); err != nil {
				return nil, err
			}
			lines = append(lines, grantLine(a, g, c.ID))
			continue
		}
		if err := tx.DeleteGrant(c.ID, p.Member.ID, s.Now()); err != nil {
			return nil, err
		}
		l := audit.By(a, audit.AccessEnded, audit.ObjVault, c.ID).On(c.ID, audit.RelCoordinator).For(audit.PurposeCare, "basis")
		l.OnBehalf = p.Member.ID
		lines = append(lines, l)
	}
	return lines, nil
}

// offUncovered takes a case off the agendas when no basis is left, or one that
// does not cover everybody who takes part.
func (s *Service) offUncovered(tx Tx, a account.Actor, c uuid.UUID, members []Participant, left []Basis) ([]audit.Line, error) {
	covered := footingOf(left, s.Now()) != noFooting
	for _, p := range members {
		_, ok := covering(left, p.Member, s.Now())
		covered = covered && (ok || !p.Member.External)
	}
	if covered {
		return nil, nil
	}
	return offAgendas(tx, a, c)
}

// offAgendas takes a case off the agendas where it did not start, each with its
// line.
func offAgendas(tx Tx, a account.Actor, c uuid.UUID) ([]audit.Line, error) {
	sessions, err := tx.DeletePlanned(c)
	if err != nil {
		return nil, err
	}
	var lines []audit.Line
	for _, id := range sessions {
		lines = append(lines, audit.By(a, audit.SessionChanged, audit.ObjSession, id).On(c, audit.RelCoordinator).In(id).For(audit.PurposeSession, "off-agenda"))
	}
	return lines, nil
}

// noFollowUp takes the lead and the evaluation from a case: an anonymous consult
// has none (rules.md, "Basis").
func noFollowUp(tx Tx, c uuid.UUID) error { return tx.SetLead(c, uuid.Nil, time.Time{}) }

// OpenedBasis is a basis with its details.
type OpenedBasis struct {
	Basis
	Details BasisDetails
}

func (BasisDetails) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

func openBasis(b Basis, text seal.Text) (OpenedBasis, error) {
	out := OpenedBasis{Basis: b}
	if err := json.Unmarshal([]byte(text.Reveal()), &out.Details); err != nil {
		return out, fmt.Errorf("basis %s is damaged", b.ID)
	}
	return out, nil
}
