package review

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
	"zat/pseudonym"
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

// ownCase admits to what a log tells of a case of the actor's team, writes the line, and returns
// the pseudonym. A case of another team is refused with a line of its own.
func (s *Service) ownCase(ctx context.Context, a account.Actor, id uuid.UUID, line audit.Line) (pseudonym.Name, error) {
	if err := s.admit(ctx, a, line); err != nil {
		return "", err
	}
	known, err := s.Store.Pseudonyms(ctx, a.Team, []uuid.UUID{id})
	if err != nil {
		return "", fmt.Errorf("reading pseudonyms: %w", err)
	}
	if known[id] == "" {
		return "", s.Log.Deny(ctx, a.Team, line, "no-case", fault.NotFound)
	}
	_, err = s.Log.Look(ctx, a.Team, line)
	return known[id], err
}

// eachLine calls fn for the lines that a filter asks for, oldest first, without those whose
// term is over.
func (s *Service) eachLine(ctx context.Context, log uuid.UUID, f Filter, fn func(audit.Entry, audit.Line) error) error {
	err := s.Store.LogEach(ctx, log, f, func(e audit.Entry) error {
		if e.Raw == nil {
			return nil
		}
		l, err := audit.ParseLine(e.Raw)
		if err != nil {
			return err
		}
		return fn(e, l)
	})
	if err != nil {
		return fmt.Errorf("reading lines: %w", err)
	}
	return nil
}

// keep stores a change with its line. When somebody else was first it fails with a conflict;
// without a sentence for that, what was stored before is the same, and it is well.
func (s *Service) keep(ctx context.Context, a account.Actor, line audit.Line, moved string, save func(Tx) (bool, error)) error {
	return s.Store.UpdateReview(ctx, func(tx Tx) error {
		first, err := save(tx)
		switch {
		case err != nil:
			return err
		case first:
			return s.Log.Append(tx, a.Team, line)
		case moved != "":
			return fault.New(fault.Conflict, moved)
		}
		return nil
	})
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
