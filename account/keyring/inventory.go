package keyring

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
)

// Held is one vault as far as its key goes.
type Held struct {
	Vault     uuid.UUID
	Kind      grant.Kind
	Pseudonym string // of a case
	Keyed     time.Time
	Waiting   time.Time // since when it waits for a new key; zero: it does not
	Holders   int       // members who can open it now
	Backed    bool      // the team's recovery identity stands behind it
}

// KindRow is the vaults of one kind together.
type KindRow struct {
	Kind    grant.Kind
	Count   int
	Oldest  time.Time // key
	Waiting int
	Fewest  int // holders of the vault that has the fewest
	Bare    int // that the recovery identity does not stand behind
}

// Inventory is which keys a team has, since when, and how many people hold them.
type Inventory struct {
	Kinds   []KindRow
	Waiting int
	// Thin are the cases and team vaults that nobody could open any more if one
	// more person lost his keys: one holder, or none, and no recovery identity.
	Thin []Held
	// Single are those that one person holds, with the recovery identity behind them.
	Single int
	Paper  grant.Paper
}

// Safe is how many people hold a key at the least, if all is well.
const Safe = 2

// Inventory tells which keys the actor's team has.
func (s *Service) Inventory(ctx context.Context, a account.Actor) (Inventory, error) {
	line := audit.By(a, audit.RouteRefused, audit.ObjPage, uuid.Nil).For(audit.PurposeManage, "keys")
	if err := s.Log.Require(ctx, a, account.SeeTeam, line); err != nil {
		return Inventory{}, err
	}
	list, err := s.Store.Inventory(ctx, a.Team, s.Now())
	if err != nil {
		return Inventory{}, fmt.Errorf("reading keys: %w", err)
	}
	out := inventoryOf(list)
	out.Paper, err = s.Paper(ctx, a)
	return out, err
}

func inventoryOf(list []Held) Inventory {
	var out Inventory
	for _, h := range list { // ordered by kind
		if n := len(out.Kinds); n == 0 || out.Kinds[n-1].Kind != h.Kind {
			out.Kinds = append(out.Kinds, KindRow{Kind: h.Kind, Oldest: h.Keyed, Fewest: h.Holders})
		}
		k := &out.Kinds[len(out.Kinds)-1]
		k.Count++
		k.Fewest = min(k.Fewest, h.Holders)
		if h.Keyed.Before(k.Oldest) {
			k.Oldest = h.Keyed
		}
		if !h.Waiting.IsZero() {
			k.Waiting++
			out.Waiting++
		}
		if !h.Backed {
			k.Bare++
		}
		if h.Holders >= Safe || h.Kind == grant.Session {
			continue
		}
		if h.Backed {
			out.Single++
		} else {
			out.Thin = append(out.Thin, h)
		}
	}
	return out
}
