// Package keyring keeps the keys of vaults in step with who may open them. When
// somebody's access ends, the vault gets a new key and all it holds is sealed
// anew for it, by somebody who holds the vault: the server has no key of its own.
//
// It promises that a vault changes keys as a whole or not at all, that nothing
// added meanwhile is lost, and that what waits for a key stays listed until
// somebody who holds it has signed in.
package keyring

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/seal"
)

// Holder is a grant with its member.
type Holder struct {
	Grant  grant.Grant
	Member account.Member
}

// Source lists what one part of the product sealed for a vault's key.
type Source interface {
	SealedIn(ctx context.Context, v grant.Vault) ([]seal.Placed, error)
}

// Store keeps vaults and grants.
type Store interface {
	grant.BackingSource
	// Unbacked lists the team's vaults that the recovery identity has no way into.
	Unbacked(ctx context.Context, team, backing uuid.UUID) ([]uuid.UUID, error)
	// Paper fails with fault.NotFound for a team without a recovery identity.
	Paper(ctx context.Context, team uuid.UUID) (grant.Paper, error)
	// StaleVaults lists the team's vaults that wait for a new key, longest first.
	StaleVaults(ctx context.Context, team uuid.UUID) ([]Stale, error)
	// Vaults lists all vaults of a team, by kind.
	Vaults(ctx context.Context, team uuid.UUID) ([]grant.Vault, error)
	Holders(ctx context.Context, vault uuid.UUID) ([]Holder, error)
	// Inventory lists the team's vaults with how many can open them, by kind.
	Inventory(ctx context.Context, team uuid.UUID, now time.Time) ([]Held, error)
	PastKeys(ctx context.Context, vault uuid.UUID) ([]grant.Past, error)
	UpdateKeys(ctx context.Context, fn func(Tx) error) error
}

// Tx changes them.
type Tx interface {
	audit.Tx
	grant.Writer
	// SwapVault gives a vault its new key, unless its key or what it holds changed
	// since before was read; it reports false then.
	SwapVault(before, after grant.Vault) (bool, error)
	// PutSealed replaces one sealed text of the vault; it reports false when there
	// is none at this place.
	PutSealed(vault uuid.UUID, p seal.Placed) (bool, error)
	// CountSealed counts all that is sealed for the vault's key.
	CountSealed(v grant.Vault) (int, error)
	// DropGrantsOf deletes all grants of a vault, to be made anew.
	DropGrantsOf(vault uuid.UUID) error
	DropBacking(vault uuid.UUID) error
	PutPaper(p grant.Paper) error
	PutPast(vault uuid.UUID, keys []grant.Past) error
	MarkStale(vault uuid.UUID, since time.Time) error
	ClearStale(vault uuid.UUID) error
}

// Stale is a vault that waits for a new key.
type Stale struct {
	Vault grant.Vault
	Since time.Time
}

// Service renews keys.
type Service struct {
	Store   Store
	Log     *audit.Log
	Now     func() time.Time
	Sources []Source

	work  sync.WaitGroup
	over  atomic.Bool
	mu    sync.Mutex
	turns map[uuid.UUID]*sync.Mutex
}

// RenewAll renews the key of every waiting vault of the actor's team that he
// holds, one by one; each is done whole, so that it can be broken off anywhere
// and gone on with later. It returns how many were renewed and how many wait for
// somebody else.
func (s *Service) RenewAll(ctx context.Context, a account.Actor) (done, left int, err error) {
	turn := s.turn(a.Team)
	turn.Lock()
	defer turn.Unlock()
	list, err := s.Store.StaleVaults(ctx, a.Team)
	if err != nil {
		return 0, 0, fmt.Errorf("reading waiting keys: %w", err)
	}
	var failed []error
	for _, w := range list {
		if s.over.Load() || ctx.Err() != nil {
			break // what is left waits, and stays listed
		}
		ok, err := s.renew(ctx, a, w.Vault.ID)
		if err != nil { // one that cannot be renewed keeps no other waiting
			failed = append(failed, fmt.Errorf("renewing the key of vault %s: %w", w.Vault.ID, err))
		}
		if ok {
			done++
		} else {
			left++
		}
	}
	return done, left, errors.Join(append(failed, s.cover(ctx, a))...)
}

// turn lets one at a time renew keys of a team.
func (s *Service) turn(team uuid.UUID) *sync.Mutex {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turns == nil {
		s.turns = map[uuid.UUID]*sync.Mutex{}
	}
	if s.turns[team] == nil {
		s.turns[team] = &sync.Mutex{}
	}
	return s.turns[team]
}

// Background renews what waits beside the request that gave the actor's key, and
// tells failed of an error. The key stays in memory until it is done.
func (s *Service) Background(ctx context.Context, a account.Actor, failed func(error)) {
	if a.Key == nil {
		return
	}
	s.work.Go(func() {
		if _, _, err := s.RenewAll(ctx, a); err != nil && ctx.Err() == nil {
			failed(err)
		}
	})
}

// Close lets what runs beside requests finish the vault it is at.
func (s *Service) Close() {
	s.over.Store(true)
	s.work.Wait()
}

// Waiting returns how many vaults of the actor's team wait for a new key.
func (s *Service) Waiting(ctx context.Context, a account.Actor) (int, error) {
	list, err := s.Store.StaleVaults(ctx, a.Team)
	return len(list), err
}
