package review

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
	"zat/pseudonym/guard"
)

// Breach is an entry of the register of breaches (art. 33 paragraph 5 AVG).
type Breach struct {
	ID        uuid.UUID
	Team      uuid.UUID
	Number    int
	Known     time.Time // when the school came to know of it: the clock runs from here
	Made      time.Time
	By        uuid.UUID
	Kind      BreachKind
	Scope     Scope
	Report    Reporting
	Reported  time.Time
	Closed    time.Time
	Revision  int64
	WrittenBy uuid.UUID
	Facts     seal.Sealed
	Effects   seal.Sealed
	Measures  seal.Sealed
}

// BreachKind is what sort of breach it may be.
type BreachKind string

const (
	StolenAccount BreachKind = "account"
	LostDevice    BreachKind = "device"
	Misuse        BreachKind = "misuse"
	WrongReceiver BreachKind = "receiver"
	OtherBreach   BreachKind = "other"
)

// BreachKinds lists them.
func BreachKinds() []BreachKind {
	return []BreachKind{StolenAccount, LostDevice, Misuse, WrongReceiver, OtherBreach}
}

// Reporting is what was decided about telling the authority (Autoriteit Persoonsgegevens).
type Reporting string

const (
	Undecided   Reporting = "open"
	ToAuthority Reporting = "reported"
	NotReported Reporting = "unlikely" // no risk for the people concerned is likely
)

// Reportings lists them.
func Reportings() []Reporting { return []Reporting{Undecided, ToAuthority, NotReported} }

// reportWithin is how long there is to tell the authority (art. 33 paragraph 1 AVG).
const reportWithin = 72 * time.Hour

// Deadline is when the authority has to have been told, where it has to be.
func (b Breach) Deadline() time.Time { return b.Known.Add(reportWithin) }

// OpenBreach is an entry with its texts and what was touched.
type OpenBreach struct {
	Breach
	FactsText, EffectsText, MeasuresText seal.Text
	Harm                                 Harm
	Name                                 string // of whose account it is about
}

// NewBreach is an entry as an officer writes it.
type NewBreach struct {
	Once                     uuid.UUID
	Known                    time.Time
	Kind                     string
	Scope                    Scope
	Facts, Effects, Measures guard.Draft
	Report                   string
	Reported                 time.Time
	Close                    bool
	Revision                 int64
}

// AddBreach enters a suspected breach.
func (s *Service) AddBreach(ctx context.Context, a account.Actor, in NewBreach) error {
	line := audit.By(a, audit.BreachWritten, audit.ObjBreach, in.Once).For(audit.PurposeControl, "entered")
	if err := s.admit(ctx, a, line); err != nil {
		return err
	}
	if in.Once == uuid.Nil {
		return fault.New(fault.Invalid, "error.form")
	}
	var errs fault.List
	b := Breach{ID: in.Once, Team: a.Team, Known: in.Known, Made: s.Now(), By: a.Member, Kind: BreachKind(in.Kind), Scope: in.Scope}
	if !slices.Contains(BreachKinds(), b.Kind) {
		errs.Add(fault.At("kind", "error.choice"))
	}
	if b.Known.IsZero() || b.Known.After(s.Now()) {
		errs.Add(fault.At("known", "error.breach.known"))
	}
	errs.Add(s.checkScope(ctx, a, b.Scope))
	errs.Add(s.sealTexts(ctx, a, b.ID, field{"facts", in.Facts, true, &b.Facts}, field{"effects", in.Effects, false, &b.Effects}, field{"measures", in.Measures, false, &b.Measures}))
	if err := errs.Err(); err != nil {
		return err
	}
	return s.keep(ctx, a, line, "", func(tx Tx) (bool, error) { return tx.InsertBreach(b) })
}

// Breaches lists the register of breaches, newest first, without opening its texts.
func (s *Service) Breaches(ctx context.Context, a account.Actor) ([]Breach, error) {
	if err := s.look(ctx, a, audit.By(a, audit.LogRead, audit.ObjLog, a.Team).For(audit.PurposeControl, "breaches")); err != nil {
		return nil, err
	}
	return s.Store.Breaches(ctx, a.Team)
}

// ReadBreach opens an entry, with what was touched as the log tells it now.
func (s *Service) ReadBreach(ctx context.Context, a account.Actor, id uuid.UUID) (OpenBreach, error) {
	line := audit.By(a, audit.LogRead, audit.ObjBreach, id).For(audit.PurposeControl, "breach")
	if err := s.look(ctx, a, line); err != nil {
		return OpenBreach{}, err
	}
	b, err := s.breach(ctx, a, id, line)
	if err != nil {
		return OpenBreach{}, err
	}
	out := OpenBreach{Breach: b}
	if out.Harm, err = s.harm(ctx, a, b.Scope); err != nil {
		return out, err
	}
	n, err := s.names(ctx, a.Team)
	if err != nil {
		return out, err
	}
	out.Name = n.members[b.Scope.Actor].Name
	o, err := s.openTexts(ctx, a)
	if err != nil {
		return out, err
	}
	out.FactsText, out.EffectsText, out.MeasuresText = o.text(id, "facts", b.WrittenBy, b.Facts), o.text(id, "effects", b.WrittenBy, b.Effects), o.text(id, "measures", b.WrittenBy, b.Measures)
	return out, nil
}

func (s *Service) breach(ctx context.Context, a account.Actor, id uuid.UUID, line audit.Line) (Breach, error) {
	b, err := s.Store.Breach(ctx, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return b, fmt.Errorf("reading the register of breaches: %w", err)
	}
	if err != nil || b.Team != a.Team {
		return b, s.Log.Deny(ctx, a.Team, line, "no-breach", fault.NotFound)
	}
	return b, nil
}

// WriteBreach changes an entry. A closed one does not change.
func (s *Service) WriteBreach(ctx context.Context, a account.Actor, id uuid.UUID, in NewBreach) error {
	line := audit.By(a, audit.BreachWritten, audit.ObjBreach, id).For(audit.PurposeControl, "written")
	if err := s.admit(ctx, a, line); err != nil {
		return err
	}
	b, err := s.breach(ctx, a, id, line)
	if err != nil {
		return err
	}
	if !b.Closed.IsZero() {
		return fault.New(fault.Conflict, "error.breach.closed")
	}
	writer := b.WrittenBy
	b.Report, b.Reported, b.Revision, b.WrittenBy = Reporting(in.Report), in.Reported, in.Revision, a.Member
	var errs fault.List
	errs.Add(s.decided(b, in.Close))
	if in.Close {
		b.Closed, line.Part = s.Now(), "closed"
	}
	if err := s.opens(ctx, a, id, writer, keptText{"facts", b.Facts}, keptText{"effects", b.Effects}, keptText{"measures", b.Measures}); err != nil {
		return err
	}
	b.Facts, b.Effects, b.Measures = nil, nil, nil
	errs.Add(s.sealTexts(ctx, a, id, field{"facts", in.Facts, true, &b.Facts}, field{"effects", in.Effects, in.Close, &b.Effects}, field{"measures", in.Measures, in.Close, &b.Measures}))
	if err := errs.Err(); err != nil {
		return err
	}
	return s.keep(ctx, a, line, "error.breach.moved", func(tx Tx) (bool, error) { return tx.SaveBreach(b) })
}

// decided checks what was decided about telling the authority.
func (s *Service) decided(b Breach, closing bool) error {
	switch {
	case !slices.Contains(Reportings(), b.Report), closing && b.Report == Undecided:
		return fault.At("report", "error.choice")
	case b.Report == ToAuthority && (b.Reported.IsZero() || b.Reported.After(s.Now()) || b.Reported.Before(b.Known)):
		return fault.At("reported", "error.breach.reported")
	}
	return nil
}
