package meeting

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
)

// KeptMinutes is what somebody takes along of the minutes: parts that everybody for whom
// the file is may read, and no police or medical contribution of another's.
func (s *Service) KeptMinutes(ctx context.Context, a account.Actor, id uuid.UUID, members []uuid.UUID) (MinutesView, []string, error) {
	ses, line, err := s.closed(ctx, a, id, account.ChairSessions, audit.MinutesExported, "")
	if err != nil {
		return MinutesView{}, nil, err
	}
	keys, err := s.Store.Keepers(ctx, a.Team)
	if err != nil {
		return MinutesView{}, nil, fmt.Errorf("reading keys for files: %w", err)
	}
	var recipients []string
	for _, m := range members {
		g, err := s.Store.Grant(ctx, ses.ID, m)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return MinutesView{}, nil, fmt.Errorf("reading grant: %w", err)
		}
		if err != nil || !g.Live(s.Now()) || keys[m] == "" { // not invited, or without a key
			return MinutesView{}, nil, fault.At("members", "error.keep.nokey")
		}
		recipients = append(recipients, keys[m])
	}
	if len(recipients) == 0 {
		return MinutesView{}, nil, fault.At("members", "error.required")
	}
	line.Part = fmt.Sprintf("for %d", len(recipients))
	lines := []audit.Line{line}
	for _, m := range members { // whoever gets the file, gets a line of it
		l := line
		l.OnBehalf = m
		lines = append(lines, l)
	}
	v, err := s.ReadMinutes(ctx, a, id)
	if err != nil {
		return MinutesView{}, nil, err
	}
	if err := s.narrow(ctx, a, ses, &v, members); err != nil {
		return MinutesView{}, nil, err
	}
	for _, p := range v.Parts {
		if p.Point.Case != uuid.Nil && !p.Point.Hidden {
			lines = append(lines, line.On(p.Point.Case, relationOf(a)))
		}
	}
	if _, err := s.Log.LookAll(ctx, a.Team, lines); err != nil {
		return MinutesView{}, nil, err
	}
	return v, recipients, nil
}

// narrow hides what not all of the members may read.
func (s *Service) narrow(ctx context.Context, a account.Actor, ses Session, v *MinutesView, members []uuid.UUID) error {
	list, err := s.Store.Members(ctx, a.Team)
	if err != nil {
		return fmt.Errorf("reading members: %w", err)
	}
	out, err := s.Store.Without(ctx, ses.ID)
	if err != nil {
		return fmt.Errorf("reading who is left out: %w", err)
	}
	for i, p := range v.Parts {
		vault := ses.ID
		if p.Point.Case != uuid.Nil {
			vault = p.Point.Case
		}
		for _, id := range members {
			g, err := s.Store.Grant(ctx, vault, id)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return fmt.Errorf("reading grant: %w", err)
			}
			if err != nil || !g.Live(s.Now()) || out[p.Point.ID][id] {
				v.Parts[i] = MinutesPart{Point: PointView{Point: Point{ID: p.Point.ID, Kind: p.Point.Kind}, Hidden: true}}
				break
			}
			m, _ := memberIn(list, id)
			v.Parts[i].Agreements = ordinary(v.Parts[i].Agreements, m)
			v.Parts[i].Remarks = ordinary(v.Parts[i].Remarks, m)
		}
	}
	return nil
}

// ordinary leaves out police and medical contributions when the file is for another
// partner (rules.md, "A neighbourhood signal").
func ordinary(items []Opened, m account.Member) []Opened {
	var out []Opened
	for _, o := range items {
		if o.Class == Ordinary || !m.External || o.AuthorRole == m.Role {
			out = append(out, o)
		}
	}
	return out
}

// Keepers lists those of a session who have a key for files.
func (s *Service) Keepers(ctx context.Context, a account.Actor, id uuid.UUID) ([]Attendee, error) {
	ses, _, err := s.closed(ctx, a, id, account.ChairSessions, audit.MinutesExported, "list")
	if err != nil {
		return nil, err
	}
	keys, err := s.Store.Keepers(ctx, a.Team)
	if err != nil {
		return nil, fmt.Errorf("reading keys for files: %w", err)
	}
	list, err := s.Store.Attendees(ctx, ses.ID)
	if err != nil {
		return nil, fmt.Errorf("reading those invited: %w", err)
	}
	var out []Attendee
	for _, t := range list {
		if keys[t.Member] != "" {
			out = append(out, t)
		}
	}
	return out, nil
}
