package keyring

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/keys"
	"zat/fault"
)

// Paper returns what is known of the recovery identity of the actor's team; its zero
// value when there is none.
func (s *Service) Paper(ctx context.Context, a account.Actor) (grant.Paper, error) {
	p, err := s.Store.Paper(ctx, a.Team)
	if fault.Is(err, fault.NotFound) {
		return grant.Paper{}, nil
	}
	return p, err
}

// DrawPaper returns a new recovery identity for a page to show. Nothing knows it
// until it was typed back.
func DrawPaper() (string, error) {
	id, err := keys.Generate()
	if err != nil {
		return "", err
	}
	return keys.PaperOf(id), nil
}

// MakePaper gives the actor's team a recovery identity, in the place of an earlier
// one, and puts it behind every vault that the actor holds. He has typed the end of
// it back, which proves that he has it before his eyes. What others hold follows
// when they sign in.
func (s *Service) MakePaper(ctx context.Context, a account.Actor, shown, typed string) error {
	line := audit.By(a, audit.PaperMade, audit.ObjTeam, a.Team).For(audit.PurposeManage, "")
	if err := s.Log.Require(ctx, a, account.GiveAccess, line); err != nil {
		return err
	}
	id, err := keys.ParsePaper(shown)
	if err != nil {
		return fault.New(fault.Invalid, "error.form")
	}
	if !keys.PaperEndsWith(id, typed) {
		return fault.At("typed", "error.recovery.typed")
	}
	turn := s.turn(a.Team)
	turn.Lock()
	defer turn.Unlock()
	v, key, err := grant.EnterTeam(ctx, s.Store, a, grant.Register, s.Now())
	if isNotFound(err) {
		return fault.New(fault.Denied, "error.paper.holder")
	}
	if err != nil {
		return err
	}
	b := grant.Backing{ID: uuid.New(), Recipient: id.Recipient()}
	g, err := b.Back(v, key, a.Member, s.Now())
	if err != nil {
		return err
	}
	vaults, err := s.Store.Vaults(ctx, a.Team)
	if err != nil {
		return fmt.Errorf("reading vaults: %w", err)
	}
	err = s.Store.UpdateKeys(ctx, func(tx Tx) error {
		if err := tx.PutBacking(g); err != nil {
			return err
		}
		for _, w := range vaults { // the earlier sheet opens nothing that comes after this
			if err := tx.MarkStale(w.ID, s.Now()); err != nil {
				return err
			}
		}
		if err := tx.PutPaper(grant.Paper{Team: a.Team, ID: b.ID, Made: s.Now(), MadeBy: a.Member, Kept: true}); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
	if err != nil {
		return err
	}
	return s.cover(ctx, a)
}

// cover puts the team's recovery identity behind the vaults that miss it, as far as
// the actor holds them and the register, which says which identity it is.
func (s *Service) cover(ctx context.Context, a account.Actor) error {
	b, err := grant.TeamBacking(ctx, s.Store, a, s.Now())
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	list, err := s.Store.Unbacked(ctx, a.Team, b.ID)
	if err != nil {
		return fmt.Errorf("reading what misses the recovery identity: %w", err)
	}
	for _, id := range list {
		if s.over.Load() {
			return nil
		}
		err := s.coverOne(ctx, a, b, id)
		if err != nil && !isNotFound(err) && !fault.Is(err, fault.Busy) {
			return err
		}
	}
	return nil
}

func (s *Service) coverOne(ctx context.Context, a account.Actor, b grant.Backing, vault uuid.UUID) error {
	v, key, err := grant.Enter(ctx, s.Store, a, vault, s.Now())
	if err != nil {
		return err
	}
	g, err := b.Back(v, key, a.Member, s.Now())
	if err != nil {
		return err
	}
	line := audit.By(a, audit.AccessGiven, audit.ObjVault, v.ID).For(audit.PurposeManage, "recovery")
	if v.Kind == grant.Case {
		line = line.On(v.ID, audit.RelNone)
	}
	return s.Store.UpdateKeys(ctx, func(tx Tx) error {
		if err := tx.PutBacking(g); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

func isNotFound(err error) bool { return fault.Is(err, fault.NotFound) }
