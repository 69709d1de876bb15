package keyring

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
)

// Rotate lets all vaults of a kind in the actor's team wait for a new key, though
// nobody left: after a suspicion, or once a year. Whoever holds them renews them, as
// after a leave.
func (s *Service) Rotate(ctx context.Context, a account.Actor, kind string) error {
	k := grant.Kind(kind)
	line := audit.By(a, audit.KeyRenewed, audit.ObjTeam, a.Team).For(audit.PurposeManage, "")
	if err := s.Log.Require(ctx, a, account.GiveAccess, line); err != nil {
		return err
	}
	if !known(k) {
		return fault.New(fault.NotFound, "error.notfound")
	}
	line.Part = "asked " + string(k)
	all, err := s.Store.Vaults(ctx, a.Team)
	if err != nil {
		return fmt.Errorf("reading vaults: %w", err)
	}
	var ids []uuid.UUID
	for _, v := range all {
		if v.Kind == k {
			ids = append(ids, v.ID)
		}
	}
	return s.Store.UpdateKeys(ctx, func(tx Tx) error {
		for _, id := range ids {
			if err := tx.MarkStale(id, s.Now()); err != nil {
				return err
			}
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

func known(k grant.Kind) bool {
	for _, kind := range []grant.Kind{grant.Case, grant.Register, grant.Inbox, grant.Team, grant.Session, grant.Reasons} {
		if k == kind {
			return true
		}
	}
	return false
}
