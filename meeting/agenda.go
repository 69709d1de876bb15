package meeting

import (
	"context"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
)

// OrderPoints puts the points that did not start in this order. Points that the list
// lacks come after it, points that it has and the agenda has not are passed over: it is
// what a page showed a moment ago.
func (s *Service) OrderPoints(ctx context.Context, a account.Actor, session uuid.UUID, order []uuid.UUID) error {
	ses, line, err := s.chairing(ctx, a, session, audit.SessionChanged, "order")
	if err != nil {
		return err
	}
	return s.steer(ctx, ses.ID, func(tx Tx, _ Session) error {
		points, err := tx.Points(ses.ID)
		if err != nil {
			return err
		}
		for n, p := range ordered(points, order) {
			p.Position = (n + 1) * 100
			if err := tx.UpdatePoint(p); err != nil {
				return err
			}
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

func ordered(points []Point, order []uuid.UUID) []Point {
	var out, rest []Point
	taken := map[uuid.UUID]bool{}
	for _, p := range points { // what began stays before what did not
		if !p.Started.IsZero() {
			out, taken[p.ID] = append(out, p), true
		}
	}
	for _, id := range order {
		if i := indexOf(points, id); i >= 0 && !taken[id] {
			out, taken[id] = append(out, points[i]), true
		}
	}
	for _, p := range points {
		if !taken[p.ID] {
			rest = append(rest, p)
		}
	}
	return append(out, rest...)
}

// SetMinutes gives a point of a planned or running session its time.
func (s *Service) SetMinutes(ctx context.Context, a account.Actor, session, point uuid.UUID, minutes int) error {
	if minutes < 1 || minutes > 120 {
		return fault.At("minutes", "error.minutes")
	}
	return s.changePoint(ctx, a, session, point, "time", func(_ Session, p *Point) error {
		p.Minutes = minutes
		return nil
	})
}

// ParkPoint puts a point off to a later session, or takes it back. The point in hand
// cannot be put off: the chair goes on first.
func (s *Service) ParkPoint(ctx context.Context, a account.Actor, session, point uuid.UUID, parked bool) error {
	return s.changePoint(ctx, a, session, point, "park", func(ses Session, p *Point) error {
		if ses.State != Running {
			return fault.New(fault.Conflict, "error.session.notrunning")
		}
		if parked && !p.Done.IsZero() {
			return fault.New(fault.Conflict, "error.point.started")
		}
		if p.ID == ses.Current {
			return fault.New(fault.Conflict, "error.point.inhand")
		}
		p.Parked = parked
		return nil
	})
}

func (s *Service) changePoint(ctx context.Context, a account.Actor, session, point uuid.UUID, part string, fn func(Session, *Point) error) error {
	ses, line, err := s.chairing(ctx, a, session, audit.SessionChanged, part)
	if err != nil {
		return err
	}
	_, line, err = s.chaired(ctx, a, ses, point, line)
	if err != nil {
		return err
	}
	return s.steer(ctx, ses.ID, func(tx Tx, now Session) error {
		points, err := tx.Points(ses.ID)
		if err != nil {
			return err
		}
		i := indexOf(points, point)
		if i < 0 {
			return fault.New(fault.Conflict, "error.session.moved")
		}
		if err := fn(now, &points[i]); err != nil {
			return err
		}
		if err := tx.UpdatePoint(points[i]); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}
