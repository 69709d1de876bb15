package grant

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/fault"
)

// Source gives vaults and grants. Both fail with fault.NotFound for what is not
// there.
type Source interface {
	Vault(ctx context.Context, id uuid.UUID) (Vault, error)
	TeamVault(ctx context.Context, team uuid.UUID, k Kind) (Vault, error)
	Grant(ctx context.Context, vault, member uuid.UUID) (Grant, error)
}

// Writer stores vaults and grants inside a transaction. What was made for a key
// that the vault does not have any more fails with fault.Busy: stored, it would
// be lost.
type Writer interface {
	InsertVault(v Vault) error
	PutGrant(g Grant) error
	// ReplaceGrant stores a grant in the place of one that was read; it reports false,
	// and stores nothing, when that one ended or was changed meanwhile.
	ReplaceGrant(was, g Grant) (bool, error)
	// PutBacking stores the way of the team's recovery identity into a vault.
	PutBacking(g Grant) error
	// DeleteGrant ends a grant. From then on the vault waits for a new key.
	DeleteGrant(vault, member uuid.UUID, at time.Time) error
	// Touch counts a change of what the vault holds, by somebody who sealed for the
	// key that v has.
	Touch(v Vault) error
}

// Enter returns a vault of the actor's team with its opened identity, if he has
// a live grant. It returns fault.NotFound otherwise, for a vault of another
// team too; the caller writes the line of the refusal.
func Enter(ctx context.Context, src Source, a account.Actor, vault uuid.UUID, now time.Time) (Vault, account.Key, error) {
	v, err := src.Vault(ctx, vault)
	if err != nil {
		return Vault{}, nil, err
	}
	return enter(ctx, src, a, v, now)
}

// EnterTeam is Enter for the team's own vault of a kind.
func EnterTeam(ctx context.Context, src Source, a account.Actor, k Kind, now time.Time) (Vault, account.Key, error) {
	v, err := src.TeamVault(ctx, a.Team, k)
	if err != nil {
		return Vault{}, nil, err
	}
	return enter(ctx, src, a, v, now)
}

func enter(ctx context.Context, src Source, a account.Actor, v Vault, now time.Time) (Vault, account.Key, error) {
	if v.Team != a.Team {
		return Vault{}, nil, fault.New(fault.NotFound, "error.notfound")
	}
	g, err := src.Grant(ctx, v.ID, a.Member)
	if err != nil {
		return Vault{}, nil, err
	}
	key, err := Open(v, g, a.Key, now)
	if err != nil {
		if !g.Live(now) {
			return Vault{}, nil, fault.New(fault.NotFound, "error.notfound")
		}
		return Vault{}, nil, Moved(ctx, src, v.ID, v.Recipient, fmt.Errorf("entering vault %s: %w", v.ID, err))
	}
	return v, key, nil
}

// Moved returns fault.Busy in the place of err when the vault has another key by
// now than the one that was tried: whoever tries again succeeds.
func Moved(ctx context.Context, src Source, vault uuid.UUID, recipient string, err error) error {
	if err == nil {
		return nil
	}
	if v, verr := src.Vault(ctx, vault); verr == nil && v.Recipient != recipient {
		return fault.New(fault.Busy, "error.again")
	}
	return err
}
