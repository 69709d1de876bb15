package review

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
)

// admit lets in who may read the log, with two factors (NEN 7513, paragraph 8: rules.md).
func (s *Service) admit(ctx context.Context, a account.Actor, line audit.Line) error {
	if err := s.Log.Require(ctx, a, account.ReadLog, line); err != nil {
		return err
	}
	if !a.TwoFactors() {
		return s.Log.Deny(ctx, a.Team, line, "one-factor", fault.Denied)
	}
	return nil
}

// look admits, and writes that he looks before he sees anything.
func (s *Service) look(ctx context.Context, a account.Actor, line audit.Line) error {
	if err := s.admit(ctx, a, line); err != nil {
		return err
	}
	_, err := s.Log.Look(ctx, a.Team, line)
	return err
}

// names are what ids are called now, as far as an officer reads them.
type names struct {
	members map[uuid.UUID]account.Member
	orgs    map[uuid.UUID]string
	bases   map[uuid.UUID]string // kinds
}

func (s *Service) names(ctx context.Context, team uuid.UUID) (n names, err error) {
	members, err := s.Store.Members(ctx, team)
	if err != nil {
		return n, fmt.Errorf("reading members: %w", err)
	}
	orgs, err := s.Store.Organisations(ctx, team)
	if err != nil {
		return n, fmt.Errorf("reading organisations: %w", err)
	}
	if n.bases, err = s.Store.BasisKinds(ctx, team); err != nil {
		return n, fmt.Errorf("reading bases: %w", err)
	}
	n.members, n.orgs = map[uuid.UUID]account.Member{}, map[uuid.UUID]string{}
	for _, m := range members {
		n.members[m.ID] = m
	}
	for _, o := range orgs {
		n.orgs[o.ID] = o.Name
	}
	return n, nil
}
