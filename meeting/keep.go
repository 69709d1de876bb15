package meeting

import (
	"context"

	"zat/account"
	"zat/audit"
	"zat/crypto/keys"
)

// MakeKeeper makes the actor's key for files that he takes along, in the place of an
// earlier one. file is for him, once: it is stored nowhere here.
func (s *Service) MakeKeeper(ctx context.Context, a account.Actor) (file []byte, err error) {
	line := audit.By(a, audit.KeyMade, audit.ObjAccount, a.Account).For(audit.PurposeManage, "keep")
	if err := s.Log.Require(ctx, a, account.SeeSessions, line); err != nil {
		return nil, err
	}
	file, recipient, err := keys.NewFileKey()
	if err != nil {
		return nil, err
	}
	return file, s.change(ctx, func(tx Tx) error {
		if err := tx.SetKeeper(a.Member, recipient); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// HasKeeper reports whether the actor has a key for files.
func (s *Service) HasKeeper(ctx context.Context, a account.Actor) (bool, error) {
	keys, err := s.Store.Keepers(ctx, a.Team)
	return keys[a.Member] != "", err
}

// SealKept encrypts a file for those for whom KeptMinutes made it.
func SealKept(plain []byte, recipients []string) ([]byte, error) {
	return keys.SealFile(plain, recipients...)
}
