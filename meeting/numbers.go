package meeting

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"zat/account"
	"zat/audit"
)

// Numbers is what a year report says of a school year: counts, and nothing of anybody.
type Numbers struct {
	From, Until   time.Time // the school year: from 1 August to the next
	Sessions      map[Kind]int
	Cases         int // discussed, each once
	ByDomain      map[Domain]int
	Days          []int // from the first signal to the first discussion, of each case, sorted
	Kept, Late    int   // agreements that were due, done in time or after it
	Open          int   // due, and not done
	Signals       int
	YouthSignals  int
	SessionsTotal int
}

// fewest is the smallest count that is shown outside the team (practices.md, §4).
const fewest = 5

// Outside reports whether a count may be shown outside the team.
func Outside(n int) bool { return n == 0 || n >= fewest }

// Median is the middle of Days; ok is false without any.
func (n Numbers) Median() (days int, ok bool) {
	if len(n.Days) == 0 {
		return 0, false
	}
	return n.Days[len(n.Days)/2], true
}

// Due is how many agreements were due.
func (n Numbers) Due() int { return n.Kept + n.Late + n.Open }

// MedianText is the median in words; empty when there is none, or when it says something
// of too few cases to be shown outside.
func (n Numbers) MedianText(outside bool) string {
	days, ok := n.Median()
	if !ok || outside && len(n.Days) < fewest {
		return ""
	}
	return strconv.Itoa(days)
}

// Share is a part of a whole in per cent, rounded; empty of nothing, and when part or rest
// is too small to be shown outside.
func Share(outside bool, part, whole int) string {
	if whole == 0 || outside && !(Outside(part) && Outside(whole-part) && whole >= fewest) {
		return ""
	}
	return strconv.Itoa((100*part + whole/2) / whole)
}

// SchoolYear returns the first day of the school year in which a moment falls.
func SchoolYear(t time.Time) time.Time {
	day := Today(t)
	year := day.Year()
	if day.Month() < time.August {
		year--
	}
	return time.Date(year, time.August, 1, 0, 0, 0, 0, time.UTC)
}

// firstNumbers is the earliest year of which there can be numbers.
const firstNumbers = 2020

// ReadNumbers counts a school year by the year in which it began; of one that is to come
// or long past, the present one. It opens nothing.
func (s *Service) ReadNumbers(ctx context.Context, a account.Actor, year int) (Numbers, error) {
	line := audit.By(a, audit.SessionRead, audit.ObjTeam, a.Team).For(audit.PurposeSession, "numbers")
	if err := s.Log.Require(ctx, a, account.ChairSessions, line); err != nil {
		return Numbers{}, err
	}
	from := SchoolYear(s.Now())
	if year >= firstNumbers && year < from.Year() {
		from = time.Date(year, time.August, 1, 0, 0, 0, 0, time.UTC)
	}
	n, err := s.Store.Numbers(ctx, a.Team, from, from.AddDate(1, 0, 0), Today(s.Now()))
	if err != nil {
		return n, fmt.Errorf("counting: %w", err)
	}
	n.From, n.Until = from, from.AddDate(1, 0, 0)
	for _, k := range n.Sessions {
		n.SessionsTotal += k
	}
	slices.Sort(n.Days)
	return n, nil
}
