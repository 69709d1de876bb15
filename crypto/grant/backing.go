package grant

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/fault"
)

// Backing is a team's recovery identity: it stands behind every vault of the team,
// and exists on paper only.
type Backing struct {
	ID        uuid.UUID
	Recipient string
}

// Paper is what is known of a team's recovery identity: the identity itself is on
// paper and nowhere else.
type Paper struct {
	Team   uuid.UUID
	ID     uuid.UUID // of the Backing
	Made   time.Time
	MadeBy uuid.UUID
	Used   time.Time // when it was last typed in; zero: never
	Kept   bool      // its end was typed back: somebody has it on paper
}

// Back makes the grant of a vault for the recovery identity.
func (b Backing) Back(v Vault, key account.Key, by uuid.UUID, now time.Time) (Grant, error) {
	return Give(v, key, Grant{Member: b.ID, By: by, Why: "recovery", From: now}, b.Recipient)
}

// BackingSource gives the grants of recovery identities.
type BackingSource interface {
	Source
	// Backing fails with fault.NotFound for a vault without one.
	Backing(ctx context.Context, vault uuid.UUID) (Grant, error)
}

// TeamBacking returns the recovery identity of the actor's team, as those who hold
// the register vouched for it: another that was written into the database is an
// error. It fails with fault.NotFound when there is none, or for somebody who does
// not hold the register.
func TeamBacking(ctx context.Context, src BackingSource, a account.Actor, now time.Time) (Backing, error) {
	v, key, err := EnterTeam(ctx, src, a, Register, now)
	if err != nil {
		return Backing{}, err
	}
	g, err := src.Backing(ctx, v.ID)
	if err != nil {
		return Backing{}, err
	}
	if !g.VouchedBy(key) {
		return Backing{}, Moved(ctx, src, v.ID, v.Recipient, fmt.Errorf("the recovery identity of team %s was not made by who held the register", a.Team))
	}
	return Backing{g.Member, g.Recipient}, nil
}

// Fellows returns those of the members who hold the register, by a grant that
// somebody who held it vouched for: a role in the database alone gives nothing. The
// actor has to hold it himself.
func Fellows(ctx context.Context, src Source, a account.Actor, members []account.Member, now time.Time) ([]account.Member, error) {
	v, key, err := EnterTeam(ctx, src, a, Register, now)
	if err != nil {
		return nil, err
	}
	var out []account.Member
	for _, m := range members {
		if m.Role != account.Coordinator || !m.Active() {
			continue
		}
		g, err := src.Grant(ctx, v.ID, m.ID)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading grant: %w", err)
		}
		if g.Live(now) && g.Recipient == m.Recipient && g.VouchedBy(key) {
			out = append(out, m)
		}
	}
	return out, nil
}
