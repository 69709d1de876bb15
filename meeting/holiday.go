package meeting

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
	"zat/pseudonym/guard"
)

// Holiday is a time in which a series has no session: days, both included.
type Holiday struct {
	ID          uuid.UUID
	Team        uuid.UUID
	Name        string
	First, Last time.Time
}

// Has reports whether a day is in it.
func (h Holiday) Has(day time.Time) bool { return !day.Before(h.First) && !day.After(h.Last) }

const (
	maxHolidays    = 100
	maxHolidayName = 60
)

// Holidays lists the team's holidays, soonest first.
func (s *Service) Holidays(ctx context.Context, a account.Actor) ([]Holiday, error) {
	line := audit.By(a, audit.SessionRead, audit.ObjTeam, a.Team).For(audit.PurposeSession, "holidays")
	if err := s.Log.Require(ctx, a, account.ChairSessions, line); err != nil {
		return nil, err
	}
	return s.Store.Holidays(ctx, a.Team)
}

// AddHoliday enters a holiday.
func (s *Service) AddHoliday(ctx context.Context, a account.Actor, once uuid.UUID, name, first, last string) error {
	line := audit.By(a, audit.SessionChanged, audit.ObjTeam, a.Team).For(audit.PurposeSession, "holiday")
	if err := s.Log.Require(ctx, a, account.ChairSessions, line); err != nil {
		return err
	}
	h := Holiday{ID: once, Team: a.Team}
	var errs fault.List
	errs.Add(checkOnce(once))
	var err error
	h.Name, err = guard.Tidy("name", name, maxHolidayName)
	errs.Add(err)
	if err == nil && utf8.RuneCountInString(h.Name) == 0 {
		errs.Add(fault.At("name", "error.required"))
	}
	h.First, err = ParseDay("first", first, s.Now())
	errs.Add(err)
	var lerr error
	h.Last, lerr = ParseDay("last", last, s.Now())
	errs.Add(lerr)
	if err == nil && lerr == nil && h.Last.Before(h.First) {
		errs.Add(fault.At("last", "error.holiday.order"))
	}
	if err := errs.Err(); err != nil {
		return err
	}
	list, err := s.Store.Holidays(ctx, a.Team)
	if err != nil {
		return fmt.Errorf("reading holidays: %w", err)
	}
	if len(list) >= maxHolidays {
		return fault.At("name", "error.holiday.many")
	}
	return s.change(ctx, func(tx Tx) error {
		if first, err := tx.InsertHoliday(h); err != nil || !first {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// DropHoliday takes a holiday away. Sessions that were planned stay.
func (s *Service) DropHoliday(ctx context.Context, a account.Actor, id uuid.UUID) error {
	line := audit.By(a, audit.SessionChanged, audit.ObjTeam, a.Team).For(audit.PurposeSession, "holiday")
	if err := s.Log.Require(ctx, a, account.ChairSessions, line); err != nil {
		return err
	}
	gone := false
	err := s.change(ctx, func(tx Tx) (err error) {
		if gone, err = tx.DeleteHoliday(a.Team, id); err != nil || !gone {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
	if err == nil && !gone {
		return s.Log.Deny(ctx, a.Team, line, "no-holiday", fault.NotFound)
	}
	return err
}
