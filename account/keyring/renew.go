package keyring

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/seal"
	"zat/fault"
)

// tries is how often sealing anew begins again because somebody added to the
// vault meanwhile. After that the vault goes on waiting.
const tries = 5

var errMoved = errors.New("keyring: the vault changed meanwhile")

// renew gives one vault a new key. It reports false when the actor does not hold
// the vault.
func (s *Service) renew(ctx context.Context, a account.Actor, vault uuid.UUID) (bool, error) {
	for range tries {
		v, key, err := grant.Enter(ctx, s.Store, a, vault, s.Now())
		if fault.Is(err, fault.NotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		n, err := s.next(ctx, v, key)
		if err != nil {
			return false, err
		}
		err = s.Store.UpdateKeys(ctx, func(tx Tx) error { return s.store(tx, a, n) })
		if !errors.Is(err, errMoved) {
			return err == nil, err
		}
	}
	return false, nil
}

// renewal is a vault with its new key and all that goes with it, ready to be
// stored.
type renewal struct {
	before, after grant.Vault
	texts         []seal.Placed
	grants        []grant.Grant
	backing       []grant.Grant // the recovery identity's: one, or none
	past          []grant.Past
}

func (s *Service) next(ctx context.Context, v grant.Vault, key account.Key) (renewal, error) {
	after, fresh, err := grant.Rekey(v, s.Now())
	if err != nil {
		return renewal{}, err
	}
	n := renewal{before: v, after: after}
	if n.texts, err = s.sealed(ctx, v); err != nil {
		return n, err
	}
	if err := resealAll(ctx, key, n.texts, after.Recipient); err != nil {
		return n, err
	}
	if n.grants, err = s.regrant(ctx, key, after, fresh); err != nil {
		return n, err
	}
	if n.backing, err = s.rebacked(ctx, key, after, fresh); err != nil {
		return n, err
	}
	if v.Kind == grant.Reasons {
		old, err := s.Store.PastKeys(ctx, v.ID)
		if err != nil {
			return n, fmt.Errorf("reading earlier keys: %w", err)
		}
		n.past, err = grant.Keep(old, key, after)
		return n, err
	}
	return n, nil
}

func (s *Service) sealed(ctx context.Context, v grant.Vault) ([]seal.Placed, error) {
	var out []seal.Placed
	for _, src := range s.Sources {
		list, err := src.SealedIn(ctx, v)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// regrant makes the grants of all who still may open the vault, for its new key. A
// grant that no holder vouched for, or for another key than the member has, is not
// made anew: whoever can write to the database gives himself nothing.
func (s *Service) regrant(ctx context.Context, old account.Key, v grant.Vault, key account.Key) ([]grant.Grant, error) {
	holders, err := s.Store.Holders(ctx, v.ID)
	if err != nil {
		return nil, fmt.Errorf("reading holders: %w", err)
	}
	var out []grant.Grant
	for _, h := range holders {
		if !h.Member.Ended.IsZero() || !h.Member.Joined() || !h.Grant.Live(s.Now()) || !h.Grant.VouchedBy(old) || h.Grant.Recipient != h.Member.Recipient {
			continue
		}
		g, err := grant.Give(v, key, h.Grant, h.Member.Recipient)
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, nil
}

// rebacked makes the recovery identity's way into the vault anew, where it had one.
func (s *Service) rebacked(ctx context.Context, old account.Key, v grant.Vault, key account.Key) ([]grant.Grant, error) {
	b, err := s.Store.Backing(ctx, v.ID)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the recovery identity: %w", err)
	}
	p, err := s.Store.Paper(ctx, v.Team)
	if err != nil && !isNotFound(err) {
		return nil, fmt.Errorf("reading the recovery identity: %w", err)
	}
	if !b.VouchedBy(old) || b.Member != p.ID {
		return nil, nil // of an earlier sheet, or of nobody: it stands in the inventory as missing
	}
	g, err := grant.Give(v, key, b, b.Recipient)
	return []grant.Grant{g}, err
}

// resealAll seals the texts anew, in their place, on half of the processors: the
// others are for those who are at work.
func resealAll(ctx context.Context, key account.Key, texts []seal.Placed, recipient string) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, max(1, runtime.GOMAXPROCS(0)/2))
	for w := range errs {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(texts) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				p := &texts[i]
				sealed, err := seal.Renew(key, *p, append([]string{recipient}, p.Also...)...)
				if err != nil {
					errs[w] = fmt.Errorf("sealing %s %s anew: %w", p.Place, p.Header.Item, err)
					return
				}
				p.Sealed = sealed
			}
		})
	}
	wg.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}

// store swaps the key with all that hangs on it. It fails with errMoved when
// anything was added, granted or revoked since it was read.
func (s *Service) store(tx Tx, a account.Actor, n renewal) error {
	same, err := tx.SwapVault(n.before, n.after)
	if err != nil {
		return err
	}
	if !same {
		return errMoved
	}
	if err := s.storeTexts(tx, n); err != nil {
		return err
	}
	if err := tx.DropGrantsOf(n.after.ID); err != nil {
		return err
	}
	for _, g := range n.grants {
		if err := tx.PutGrant(g); err != nil {
			return err
		}
	}
	if err := tx.DropBacking(n.after.ID); err != nil {
		return err
	}
	for _, g := range n.backing {
		if err := tx.PutBacking(g); err != nil {
			return err
		}
	}
	if err := tx.PutPast(n.after.ID, n.past); err != nil {
		return err
	}
	if err := tx.ClearStale(n.after.ID); err != nil {
		return err
	}
	line := audit.By(a, audit.KeyRenewed, audit.ObjVault, n.after.ID).For(audit.PurposeManage, fmt.Sprintf("texts %d, grants %d", len(n.texts), len(n.grants)))
	if n.after.Kind == grant.Case {
		line = line.On(n.after.ID, audit.RelNone)
	}
	return s.Log.Append(tx, a.Team, line)
}

// storeTexts replaces every text of the vault. One that was forgotten would be
// lost with the old key: then nothing changes at all.
func (s *Service) storeTexts(tx Tx, n renewal) error {
	all, err := tx.CountSealed(n.after)
	if err != nil {
		return err
	}
	if all != len(n.texts) {
		return fmt.Errorf("vault %s holds %d texts, and %d were sealed anew", n.after.ID, all, len(n.texts))
	}
	for _, p := range n.texts {
		there, err := tx.PutSealed(n.after.ID, p)
		if err != nil {
			return err
		}
		if !there {
			return fmt.Errorf("%s %s is gone", p.Place, p.Header.Item)
		}
	}
	return nil
}
