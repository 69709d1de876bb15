package review

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
)

// Scope is whose doings are looked at: of one person, of one session of his, in a period.
type Scope struct {
	Actor uuid.UUID
	Visit string
	From  time.Time
	Until time.Time
}

// Harm is what was touched within a scope.
type Harm struct {
	Cases  []Touched
	Texts  int // shown, as far as lines say how many
	People int // pupils: cases, and entries of the register that were opened
	Pupils int // of those, entries of the register
	Lines  int
	Names  int // that were disclosed to the account until then, and that it could open
}

// Assess tells what was opened, changed or taken along within a scope.
func (s *Service) Assess(ctx context.Context, a account.Actor, scope Scope) (Harm, error) {
	line := audit.By(a, audit.LogRead, audit.ObjLog, a.Team).For(audit.PurposeControl, "scope of a breach")
	if err := s.look(ctx, a, line); err != nil {
		return Harm{}, err
	}
	if err := s.checkScope(ctx, a, scope); err != nil {
		return Harm{}, err
	}
	return s.harm(ctx, a, scope)
}

// checkScope refuses what no line can fall within: nothing would look touched.
func (s *Service) checkScope(ctx context.Context, a account.Actor, scope Scope) error {
	var errs fault.List
	if scope.From.IsZero() || !scope.Until.After(scope.From) {
		errs.Add(fault.At("until", "error.period.order"))
	}
	if scope.Visit == "" {
		return errs.Err()
	}
	lines, _, err := s.Store.LogLines(ctx, a.Team, Filter{Visit: scope.Visit, Limit: 1})
	if err != nil {
		return fmt.Errorf("looking up a visit: %w", err)
	}
	if len(lines) == 0 {
		errs.Add(fault.At("visit", "error.visit"))
	}
	return errs.Err()
}

func (s *Service) harm(ctx context.Context, a account.Actor, scope Scope) (h Harm, err error) {
	cases, pupils := map[uuid.UUID]*Touched{}, map[uuid.UUID]bool{}
	f := Filter{Actor: scope.Actor, Visit: scope.Visit, From: scope.From, Until: scope.Until, Outcome: audit.Success}
	err = s.eachLine(ctx, a.Team, f, func(_ audit.Entry, l audit.Line) error {
		if l.Event.Category() != "" {
			h.add(l, cases, pupils)
		}
		return nil
	})
	if err != nil {
		return h, err
	}
	for _, t := range cases {
		h.Cases = append(h.Cases, *t)
	}
	sort.Slice(h.Cases, func(i, j int) bool { return h.Cases[i].Looks > h.Cases[j].Looks })
	h.Pupils = len(pupils)
	h.People = len(h.Cases) + h.Pupils
	if h.Names, err = s.disclosedTo(ctx, a, scope); err != nil {
		return h, err
	}
	return h, s.nameCases(ctx, a, h.Cases)
}

// disclosedTo counts the cases of which a name was disclosed to an account before a scope
// ends: whoever had the account could open them, whether or not he did.
func (s *Service) disclosedTo(ctx context.Context, a account.Actor, scope Scope) (int, error) {
	if scope.Actor == uuid.Nil {
		return 0, nil
	}
	names := map[uuid.UUID]bool{}
	err := s.eachLine(ctx, a.Team, Filter{Event: audit.IdentityGiven, Until: scope.Until, Outcome: audit.Success}, func(_ audit.Entry, l audit.Line) error {
		if l.OnBehalf == scope.Actor {
			names[l.Case] = true
		}
		return nil
	})
	return len(names), err
}

func (h *Harm) add(l audit.Line, cases map[uuid.UUID]*Touched, pupils map[uuid.UUID]bool) {
	h.Lines++
	h.Texts += textsIn(l.Part)
	if l.Kind == audit.ObjPupil && l.Object != uuid.Nil {
		pupils[l.Object] = true
	}
	if l.Case == uuid.Nil {
		return
	}
	t := cases[l.Case]
	if t == nil {
		t = &Touched{Case: l.Case, First: l.Time()}
		cases[l.Case] = t
	}
	t.Last = l.Time()
	t.add(l)
}

// textsIn is how many texts a line says that it showed ("texts 3: 5-9").
func textsIn(part string) int {
	rest, ok := strings.CutPrefix(part, "texts ")
	if !ok {
		return 0
	}
	number, _, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(number)
	if err != nil {
		return 0
	}
	return n
}
