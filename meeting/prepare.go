package meeting

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
	"zat/pseudonym/guard"
)

// Preparation is what a member brings to a point before the session: what he knows and
// what he asks, one of them at least. The words before each are the page's.
type Preparation struct {
	Once              uuid.UUID
	Know, Ask         guard.Draft
	KnowWord, AskWord string
}

// Preparing returns a case's point for a member who wants to prepare it. Where he takes no
// part there is nothing for him, and the refusal is a line.
func (s *Service) Preparing(ctx context.Context, a account.Actor, session, point uuid.UUID) (PointView, error) {
	v, err := s.ReadSession(ctx, a, session)
	if err != nil {
		return PointView{}, err
	}
	p, ok := v.Find(point)
	if !ok || p.Hidden || p.Kind != PointCase {
		line := audit.By(a, audit.SessionRead, audit.ObjSession, session).In(session).For(audit.PurposeSession, "prepare")
		return PointView{}, s.Log.Deny(ctx, a.Team, line, "no-point", fault.NotFound)
	}
	return p, nil
}

// Prepare adds what a member brings to the case of a point, as a note that stands on the
// chair's screen when the point is in hand.
func (s *Service) Prepare(ctx context.Context, a account.Actor, session, point uuid.UUID, in Preparation) error {
	line := audit.By(a, audit.ItemAdded, audit.ObjSession, session).In(session).For(audit.PurposeSession, string(Note))
	if err := s.Log.Require(ctx, a, account.Contribute, line); err != nil {
		return err
	}
	ses, _, err := s.enterSession(ctx, a, session, line)
	if err != nil {
		return err
	}
	if ses.State == Finished {
		return fault.New(fault.Conflict, "error.session.closed")
	}
	p, err := s.point(ctx, a, ses, point, line)
	if err != nil {
		return err
	}
	if p.Kind != PointCase {
		return s.Log.Deny(ctx, a.Team, line, "no-case", fault.NotFound)
	}
	var parts []string
	var kept []guard.Kind
	var errs fault.List
	for _, f := range []struct {
		name, word string
		draft      guard.Draft
	}{{"know", in.KnowWord, in.Know}, {"ask", in.AskWord, in.Ask}} {
		if strings.TrimSpace(f.draft.Text) == "" {
			continue
		}
		text, k, err := s.Guard.Clear(ctx, a.Team, f.name, f.draft, 2000)
		errs.Add(err)
		parts, kept = append(parts, f.word+": "+text), append(kept, k...)
	}
	cerr := errs.Err()
	if cerr == nil && len(parts) == 0 {
		cerr = fault.At("know", "error.required")
	}
	line.Object = p.Case
	return s.contribute(ctx, a, p.Case, line, func(tx Tx, c contribution) error {
		if cerr != nil { // after his access: to who has none, it says nothing of the form
			return cerr
		}
		if err := s.put(tx, a, c.vault, &Item{ID: in.Once, Kind: Note, Session: session, Point: point}, strings.Join(parts, "\n")); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, append(keptLines(a, kept, c.ID), c.on(line))...)
	})
}
