package signin

import (
	"context"
	"fmt"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/keys"
	"zat/fault"
)

// RenewKeys gives the actor a new identity, in all his teams at once: what he can open
// stays, the vaults wait for new keys of their own, and whoever copied the old
// identity opens nothing that comes after it. Other sessions and passkeys end. He has
// typed back a new recovery code. It returns the token with which his session goes on.
func (s *Service) RenewKeys(ctx context.Context, p Presence, o Own) (keys.Token, error) {
	a := p.Actor
	if o.Current == "" {
		return keys.Token{}, fault.At("current", "error.required")
	}
	code, err := TypedBack(o.Recovery, o.Typed)
	if err != nil {
		return keys.Token{}, err
	}
	var token keys.Token
	err = s.prove(ctx, a, o, audit.OwnKeyRenewed, func(old proven) (err error) {
		token, err = s.renewOwn(ctx, p, o, code, old)
		return err
	})
	return token, err
}

// renewal is a new identity with all that is sealed under it, ready to be stored.
type renewal struct {
	recipient string
	lock      keys.PasswordLock
	code      keys.CodeLock
	box       []byte
	members   []account.Member
	grants    []twoGrants
}

// twoGrants are a grant as it was read, and as it is made anew.
type twoGrants struct{ was, fresh grant.Grant }

func (s *Service) renewOwn(ctx context.Context, p Presence, o Own, code keys.RecoveryCode, old proven) (keys.Token, error) {
	token, acc := keys.NewToken(), p.Actor.Account.String()
	id, err := keys.Generate()
	if err != nil {
		return token, err
	}
	r := renewal{recipient: id.Recipient()}
	if r.lock, err = keys.LockWithPassword(o.Current, acc, s.Cost, id, old.totp); err != nil {
		return token, err
	}
	if r.code, err = keys.LockWithCode(code, acc, id, old.totp); err != nil {
		return token, err
	}
	if r.box, err = keys.SealForToken(token, acc, id); err != nil {
		return token, err
	}
	if r.members, err = s.Store.MembersOf(ctx, p.Actor.Account); err != nil {
		return token, fmt.Errorf("looking up memberships: %w", err)
	}
	for _, m := range r.members {
		drafts, err := s.Store.Drafts(ctx, m.ID)
		if err != nil {
			return token, fmt.Errorf("reading drafts: %w", err)
		}
		if len(drafts) > 0 { // they are sealed for the key that goes
			return token, fault.New(fault.Conflict, "error.keys.drafts")
		}
		list, err := s.mine(ctx, m, old.id, r.recipient)
		if err != nil {
			return token, err
		}
		r.grants = append(r.grants, list...)
	}
	return token, s.storeOwn(ctx, p, old.cred, token, r)
}

// mine makes a member's grants anew for his new key, opened with the old one.
func (s *Service) mine(ctx context.Context, m account.Member, id *keys.Identity, recipient string) ([]twoGrants, error) {
	list, err := s.Store.GrantsOf(ctx, m.ID)
	if err != nil {
		return nil, fmt.Errorf("reading grants: %w", err)
	}
	var out []twoGrants
	for _, g := range list {
		v, err := s.Store.Vault(ctx, g.Vault)
		if fault.Is(err, fault.NotFound) || (err == nil && !g.Live(s.Now())) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading vault: %w", err)
		}
		key, err := grant.Open(v, g, id, s.Now())
		if err != nil { // for a key of before: a coordinator gives it again
			if err = grant.Moved(ctx, s.Store, v.ID, v.Recipient, err); fault.Is(err, fault.Busy) {
				return nil, err
			}
			continue
		}
		fresh, err := grant.Give(v, key, g, recipient)
		if err != nil {
			return nil, err
		}
		out = append(out, twoGrants{g, fresh})
	}
	return out, nil
}

func (s *Service) storeOwn(ctx context.Context, p Presence, old Credentials, token keys.Token, r renewal) error {
	acc := p.Actor.Account
	return s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		if err := stillHas(tx, old, moved()); err != nil {
			return err
		}
		if err := tx.SetCredentials(acc, r.recipient, r.lock); err != nil {
			return err
		}
		if err := tx.PutRecovery(acc, r.code, s.Now()); err != nil {
			return err
		}
		if err := tx.DropPasskeys(acc); err != nil {
			return err
		}
		if err := tx.DropFederation(acc); err != nil {
			return err
		}
		if err := tx.EndVisitsBut(acc, p.hash); err != nil {
			return err
		}
		there, err := tx.RenewVisit(p.hash, token.Hash(), r.box, s.Now())
		if err != nil {
			return err
		}
		if !there {
			return fault.New(fault.Signed, "error.signed")
		}
		for _, g := range r.grants {
			still, err := tx.ReplaceGrant(g.was, g.fresh)
			if err != nil {
				return err
			}
			if !still { // it ended meanwhile
				continue
			}
			if err := tx.MarkStale(g.fresh.Vault, s.Now()); err != nil {
				return err
			}
		}
		for _, m := range r.members { // it holds his own signals, sealed to him as well
			v, err := s.Store.TeamVault(ctx, m.Team, grant.Inbox)
			if err != nil {
				return fmt.Errorf("reading vault: %w", err)
			}
			if err := tx.MarkStale(v.ID, s.Now()); err != nil {
				return err
			}
		}
		return s.everywhere(tx, r.members, audit.OwnKeyRenewed)
	})
}
