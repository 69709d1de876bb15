package grant

import (
	"context"
	"time"

	"zat/account"
	"zat/fault"
)

// anchor is the team's vault whose grant says which key a member of this role has.
func anchor(r account.Role) Kind {
	if r.AtTable() {
		return Team
	}
	return Reasons
}

// Known reports whether the key that the database has for a member is the one that a
// coordinator compared with him when she gave him access: a holder vouched for it in his
// grant of a vault of the team. Nothing is sealed to another: whoever can write to the
// database could have put it there. An actor who does not hold that vault knows nobody.
func Known(ctx context.Context, src Source, a account.Actor, m account.Member, now time.Time) (bool, error) {
	v, key, err := EnterTeam(ctx, src, a, anchor(m.Role), now)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	g, err := src.Grant(ctx, v.ID, m.ID)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && g.Live(now) && g.Recipient == m.Recipient && g.VouchedBy(key), err
}
