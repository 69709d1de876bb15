package signin

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strings"

	"zat/audit"
	"zat/crypto/keys"
	"zat/fault"
)

// A session is covered when its owner locked it, or when he did nothing himself for as
// long as would end it and only a running session kept him signed in (rules.md,
// "Accounts"). Behind the cover nothing opens; his PIN, password or passkey lifts it.

// Cover says how a session is covered.
type Cover string

const (
	Uncovered Cover = ""
	Locked    Cover = "locked" // by its owner
	Idle      Cover = "idle"   // by itself
)

const (
	minPIN   = 4
	maxPIN   = 8
	pinTries = 5
)

func (s *Service) coverOf(ses Session) Cover {
	switch {
	case ses.Covered:
		return Locked
	case s.Now().Sub(ses.Touched) > ses.Policy.Idle:
		return Idle
	}
	return Uncovered
}

// touch records that a person did something himself.
func (s *Service) touch(ctx context.Context, p Presence) error {
	now := s.Now()
	if now.Sub(p.touched) <= touchEvery && now.Sub(p.seen) <= touchEvery {
		return nil
	}
	if err := s.Store.UpdateSignIn(ctx, func(tx Tx) error { return tx.UseVisit(p.hash, now) }); err != nil {
		return fmt.Errorf("touching session: %w", err)
	}
	return nil
}

// SetPIN gives this session a PIN of four to eight digits.
func (s *Service) SetPIN(ctx context.Context, p Presence, pin, again string) error {
	pin = strings.TrimSpace(pin)
	if len(pin) < minPIN || len(pin) > maxPIN || strings.Trim(pin, "0123456789") != "" {
		return fault.At("pin", "error.pin")
	}
	if easyPIN(pin) {
		return fault.At("pin", "error.pin.easy")
	}
	if strings.TrimSpace(again) != pin {
		return fault.At("again", "error.pin.again")
	}
	tag, err := pinTag(p, pin)
	if err != nil {
		return err
	}
	if p.Cover != Uncovered {
		return fault.New(fault.Denied, "error.covered")
	}
	return s.Store.UpdateSignIn(ctx, func(tx Tx) error { return tx.SetPIN(p.hash, tag) })
}

// easyPIN reports whether a PIN is among the first that anybody tries: one digit again
// and again, or digits in a row.
func easyPIN(pin string) bool {
	step := int(pin[1]) - int(pin[0])
	if step < -1 || step > 1 {
		return false
	}
	for i := 1; i < len(pin); i++ {
		if int(pin[i])-int(pin[i-1]) != step {
			return false
		}
	}
	return true
}

func pinTag(p Presence, pin string) ([]byte, error) {
	id, ok := p.Actor.Key.(*keys.Identity)
	if !ok {
		return nil, fault.New(fault.Signed, "error.signed")
	}
	return keys.PIN(id, p.Actor.Session, pin)
}

// Lock covers this session.
func (s *Service) Lock(ctx context.Context, p Presence) error {
	if p.Cover == Locked {
		return nil
	}
	return s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		if err := tx.CoverVisit(p.hash, true, s.Now()); err != nil {
			return err
		}
		return s.Log.Append(tx, p.Actor.Team, ownLine(p.Actor, audit.ScreenLocked))
	})
}

// Lift lifts the cover with the PIN. After five wrong ones the session ends.
func (s *Service) Lift(ctx context.Context, p Presence, pin string) error {
	tag, err := pinTag(p, strings.TrimSpace(pin))
	if err != nil {
		return err
	}
	right, over := false, false
	err = s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		kept, tries, err := tx.TryPIN(p.hash)
		if err != nil {
			return err
		}
		line := ownLine(p.Actor, audit.Confirmed)
		line.Part = "pin"
		if right = len(kept) > 0 && tries <= pinTries && subtle.ConstantTimeCompare(kept, tag) == 1; right {
			if err := tx.CoverVisit(p.hash, false, s.Now()); err != nil {
				return err
			}
			return s.Log.Append(tx, p.Actor.Team, line)
		}
		if over = tries >= pinTries; over {
			if _, err := tx.EndVisit(p.hash); err != nil {
				return err
			}
		}
		return s.Log.Append(tx, p.Actor.Team, line.Refused("pin"))
	})
	switch {
	case err != nil:
		return fmt.Errorf("lifting the cover: %w", err)
	case over:
		return fault.New(fault.Signed, "error.signed")
	case !right:
		return fault.At("pin", "error.pin.wrong")
	}
	return nil
}
