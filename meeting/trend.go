package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
)

// TrendWeeks is the period over which trends are counted; the period before it
// stands beside it.
const TrendWeeks = 12

// DomainCount is how many signals and trends there were in a life domain.
type DomainCount struct {
	Domain      Domain
	Now, Before int
}

// Trends is what goes on without a pupil: texts, newest first, and counts.
type Trends struct {
	Texts  []Opened
	Counts []DomainCount
}

// ReadTrends opens the trends of the last weeks.
func (s *Service) ReadTrends(ctx context.Context, a account.Actor) (Trends, error) {
	return s.readTrends(ctx, a, uuid.Nil)
}

func (s *Service) readTrends(ctx context.Context, a account.Actor, session uuid.UUID) (Trends, error) {
	line := audit.By(a, audit.TrendsRead, audit.ObjTrends, uuid.Nil).In(session).For(audit.PurposeSignal, "")
	if err := s.Log.Require(ctx, a, account.SeeTrends, line); err != nil {
		return Trends{}, err
	}
	out, err := s.countTrends(ctx, a)
	if err != nil {
		return out, err
	}
	v, key, err := grant.EnterTeam(ctx, s.Store, a, grant.Team, s.Now())
	if fault.Is(err, fault.NotFound) {
		return out, nil // joined, and not yet given access: the counts are all he gets
	}
	if err != nil {
		return out, err
	}
	items, err := s.Store.KindItems(ctx, v.ID, Trend)
	if err != nil {
		return out, fmt.Errorf("reading trends: %w", err)
	}
	since := s.Now().AddDate(0, 0, -7*TrendWeeks)
	recent := items[:0]
	for _, it := range items {
		if it.At.After(since) {
			recent = append(recent, it)
		}
	}
	line.Object, line.Part = v.ID, span(recent)
	r, err := s.Log.Look(ctx, a.Team, line)
	if err != nil {
		return out, err
	}
	out.Texts, err = s.openAll(ctx, r, key, recent)
	return out, err
}

func (s *Service) countTrends(ctx context.Context, a account.Actor) (Trends, error) {
	var out Trends
	now := s.Now()
	period := 7 * TrendWeeks * 24 * time.Hour
	latest, err := s.Store.DomainCounts(ctx, a.Team, now.Add(-period), now)
	if err != nil {
		return out, fmt.Errorf("counting: %w", err)
	}
	before, err := s.Store.DomainCounts(ctx, a.Team, now.Add(-2*period), now.Add(-period))
	if err != nil {
		return out, fmt.Errorf("counting: %w", err)
	}
	for _, d := range Domains() {
		out.Counts = append(out.Counts, DomainCount{d, latest[d], before[d]})
	}
	return out, nil
}
