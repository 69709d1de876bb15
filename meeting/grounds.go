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

// Allows answers for the register whether a name may be disclosed to a member:
// he takes part in the case or was asked about it, and the basis is valid and
// covers him. An anonymous consult allows no disclosure. It returns the basis's
// last day, or zero.
func (s *Service) Allows(ctx context.Context, a account.Actor, c, basis, member uuid.UUID) (time.Time, error) {
	line := audit.By(a, audit.IdentityGiven, audit.ObjCase, c).On(c, audit.RelCoordinator).For(audit.PurposeCare, "identity")
	if _, err := s.manage(ctx, a, c, line); err != nil {
		return time.Time{}, err
	}
	m, err := s.Store.Member(ctx, member)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return time.Time{}, err
	}
	if err != nil || m.Team != a.Team || !m.Joined() || !m.Role.May(account.SeeDisclosed) {
		return time.Time{}, fault.At("member", "error.member")
	}
	if err := s.involved(ctx, a, c, member); err != nil {
		return time.Time{}, err
	}
	bases, err := s.Store.Bases(ctx, c)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading bases: %w", err)
	}
	for _, b := range bases {
		if b.ID == basis && b.Valid(s.Now()) && b.Kind != Anonymous && b.Covers(m) {
			return b.Ends, nil
		}
	}
	return time.Time{}, fault.At("basis", "error.disclosure.basis")
}

// involved fails unless the member takes part in the case or is asked about it.
func (s *Service) involved(ctx context.Context, a account.Actor, c, member uuid.UUID) error {
	err := s.checkResponsible(ctx, NewAgreement{Case: c, Responsible: member})
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	rows, err := s.Store.Questions(ctx, QuestionQuery{Team: a.Team, Case: c, Now: s.Now()})
	if err != nil {
		return fmt.Errorf("reading questions: %w", err)
	}
	for _, q := range rows {
		if q.AskedOf == member && q.Answered.IsZero() {
			return nil
		}
	}
	return fault.At("member", "error.disclosure.member")
}
