package meeting

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
)

// known refuses to seal anything for a member whose key no coordinator compared with him.
func (s *Service) known(ctx context.Context, a account.Actor, m account.Member, field string) error {
	yes, err := grant.Known(ctx, s.Store, a, m, s.Now())
	if err == nil && !yes {
		err = fault.At(field, "error.member.unknown", m.Name)
	}
	return err
}

// grantTo makes a grant of a case for a member, until its basis ends.
func (s *Service) grantTo(ctx context.Context, a account.Actor, c caseEntry, m account.Member, b Basis, why string) (grant.Grant, error) {
	key, err := s.key(ctx, a, c)
	if err != nil {
		return grant.Grant{}, err
	}
	g := grant.Grant{Member: m.ID, By: a.Member, Basis: b.ID, Why: why, From: s.Now()}
	if !b.Ends.IsZero() && m.External {
		g.Until = account.EndOfDay(b.Ends)
	}
	return grant.Give(c.vault, key, g, m.Recipient)
}

// Sweep deletes the grants that reached their date, each with its line. It runs
// every minute and at start.
func (s *Service) Sweep(ctx context.Context) error {
	return s.change(ctx, func(tx Tx) error {
		gone, err := tx.DropGrants(s.Now())
		if err != nil {
			return fmt.Errorf("dropping grants: %w", err)
		}
		for _, g := range gone {
			v, err := s.Store.Vault(ctx, g.Vault)
			if err != nil {
				return err
			}
			l := audit.By(account.Actor{}, audit.AccessExpired, audit.ObjVault, g.Vault).For(audit.PurposeManage, g.Why)
			l.OnBehalf, l.Basis = g.Member, g.Basis
			if v.Kind == grant.Case {
				l.Case, l.Relation = g.Vault, audit.RelNone
			}
			if err := s.Log.Append(tx, v.Team, l); err != nil {
				return err
			}
		}
		return nil
	})
}

// memberIn returns the member with this id; ok is false when he is not listed.
func memberIn(list []account.Member, id uuid.UUID) (account.Member, bool) {
	for _, m := range list {
		if m.ID == id {
			return m, true
		}
	}
	return account.Member{}, false
}
