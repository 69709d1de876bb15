package meeting

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
)

// Repeat is how a session comes back: every so many weeks until a last day, or on
// other days that are given one by one. The zero value is once.
type Repeat struct {
	Weeks string // 1 to 26; empty: not
	Last  string
	Days  string // other days, with commas or line ends between
}

// maxSeries is how many sessions one form plans.
const maxSeries = 60

// PlanSeries plans a session and those that come after it, and returns the first. Days
// in a holiday are skipped; how many is returned as well. The agenda of the first one
// fills itself.
func (s *Service) PlanSeries(ctx context.Context, a account.Actor, in NewSession, r Repeat) (first Session, skipped int, err error) {
	line := audit.By(a, audit.SessionPlanned, audit.ObjSession, uuid.Nil).For(audit.PurposeSession, "series")
	if err := s.Log.Require(ctx, a, account.ChairSessions, line); err != nil {
		return first, 0, err
	}
	days, skipped, err := s.days(ctx, a, in.Day, r)
	if err != nil {
		return first, 0, err
	}
	once := in.Once
	for i, day := range days {
		in.Day, in.Once = day.Format("2-1-2006"), derived(once, i)
		ses, err := s.PlanSession(ctx, a, in)
		if err != nil {
			return first, skipped, err
		}
		if i == 0 {
			first = ses
		}
	}
	_, err = s.FillAgenda(ctx, a, first.ID)
	return first, skipped, err
}

// derived is the id by which the nth session of a form is stored only once.
func derived(once uuid.UUID, n int) uuid.UUID {
	if n == 0 || once == uuid.Nil {
		return once
	}
	h := sha256.Sum256([]byte("zat/v1/series/" + once.String() + "/" + strconv.Itoa(n)))
	id, _ := uuid.FromBytes(h[:16])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id
}

// days returns the days of a series, soonest first as far as they repeat.
func (s *Service) days(ctx context.Context, a account.Actor, day string, r Repeat) (out []time.Time, skipped int, err error) {
	first, err := ParseDay("day", day, s.Now())
	if err != nil {
		return nil, 0, err
	}
	all, err := s.repeated(first, r)
	if err != nil {
		return nil, 0, err
	}
	others, err := s.listed(r.Days)
	if err != nil {
		return nil, 0, err
	}
	holidays, err := s.Store.Holidays(ctx, a.Team)
	if err != nil {
		return nil, 0, fmt.Errorf("reading holidays: %w", err)
	}
	seen := map[time.Time]bool{}
	for i, d := range append(all, others...) {
		if seen[d] {
			continue
		}
		seen[d] = true
		if i > 0 && inHoliday(holidays, d) {
			skipped++
			continue
		}
		out = append(out, d)
	}
	if len(out) > maxSeries {
		return nil, 0, fault.At("last", "error.series.many", maxSeries)
	}
	return out, skipped, nil
}

func inHoliday(list []Holiday, day time.Time) bool {
	for _, h := range list {
		if h.Has(day) {
			return true
		}
	}
	return false
}

func (s *Service) repeated(first time.Time, r Repeat) ([]time.Time, error) {
	if strings.TrimSpace(r.Weeks) == "" {
		return []time.Time{first}, nil
	}
	weeks, err := strconv.Atoi(strings.TrimSpace(r.Weeks))
	if err != nil || weeks < 1 || weeks > 26 {
		return nil, fault.At("weeks", "error.choice")
	}
	last, err := ParseDay("last", r.Last, s.Now())
	if err != nil {
		return nil, err
	}
	if last.Before(first) {
		return nil, fault.At("last", "error.holiday.order")
	}
	if last.After(first.AddDate(2, 0, 0)) {
		return nil, fault.At("last", "error.due.far")
	}
	var out []time.Time
	for d := first; !d.After(last); d = d.AddDate(0, 0, 7*weeks) {
		out = append(out, d)
	}
	return out, nil
}

func (s *Service) listed(days string) ([]time.Time, error) {
	var out []time.Time
	for _, part := range strings.FieldsFunc(days, func(r rune) bool { return r == ',' || r == '\n' || r == ';' || r == '\r' }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		d, err := ParseDay("days", part, s.Now())
		if err != nil {
			return nil, err
		}
		if d.Before(Today(s.Now())) {
			return nil, fault.At("days", "error.date.past")
		}
		out = append(out, d)
	}
	return out, nil
}

// Reschedule moves a planned session to another time. Its calendar file counts it.
func (s *Service) Reschedule(ctx context.Context, a account.Actor, id uuid.UUID, day, from, until string) error {
	ses, line, err := s.chairing(ctx, a, id, audit.SessionChanged, "moved")
	if err != nil {
		return err
	}
	if ses.State != Planned {
		return fault.New(fault.Conflict, "error.session.started")
	}
	to, err := s.parseSession(NewSession{Day: day, From: from, Until: until, Kind: string(ses.Kind)}, a)
	if err != nil {
		return err
	}
	return s.steer(ctx, id, func(tx Tx, _ Session) error {
		moved, err := tx.MoveSession(id, to.Starts, to.Ends)
		if err != nil {
			return err
		}
		if !moved {
			return fault.New(fault.Conflict, "error.session.started")
		}
		return s.Log.Append(tx, a.Team, line)
	})
}
