package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
)

// Digest is what an e-mail says of what waits for a member: how much, and nothing of what.
type Digest struct {
	Member uuid.UUID
	Email  string
	School string
	Open   int
	Late   int
}

// digestHour is when digests go out, on Mondays.
const digestHour = 7

// WantDigest keeps whether the actor wants to hear by e-mail what waits for him.
func (s *Service) WantDigest(ctx context.Context, a account.Actor, on bool) error {
	line := audit.By(a, audit.SessionChanged, audit.ObjMember, a.Member).For(audit.PurposeManage, "digest")
	if err := s.Log.Require(ctx, a, account.SeeAgreements, line); err != nil {
		return err
	}
	return s.change(ctx, func(tx Tx) error {
		if err := tx.SetDigest(a.Member, on); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// HasDigest reports whether he does.
func (s *Service) HasDigest(ctx context.Context, a account.Actor) (bool, error) {
	return s.Store.WantsDigest(ctx, a.Member)
}

// LastDigest is the newest moment before now at which digests went out.
func LastDigest(now time.Time) time.Time {
	t := now.In(Amsterdam)
	at := time.Date(t.Year(), t.Month(), t.Day(), digestHour, 0, 0, 0, Amsterdam).AddDate(0, 0, -(int(t.Weekday())+6)%7)
	if at.After(now) {
		at = at.AddDate(0, 0, -7)
	}
	return at
}

// SendDigests sends what is due. Each is marked before it goes: who hears nothing once,
// because the mail server was away, hears next week.
func (s *Service) SendDigests(ctx context.Context, send func(context.Context, Digest) error) error {
	now := s.Now()
	list, err := s.Store.Digests(ctx, LastDigest(now), now)
	if err != nil {
		return fmt.Errorf("reading digests: %w", err)
	}
	for _, d := range list {
		if err := s.change(ctx, func(tx Tx) error { return tx.SetDigested(d.Member, now) }); err != nil {
			return fmt.Errorf("marking a digest: %w", err)
		}
		if d.Open == 0 {
			continue
		}
		if serr := send(ctx, d); serr != nil {
			err = serr
		}
	}
	return err
}
