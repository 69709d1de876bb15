package meeting

import (
	"context"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
	"zat/pseudonym/guard"
)

// Remark adds what a member remarks on a point of draft minutes.
func (s *Service) Remark(ctx context.Context, a account.Actor, id, point, once uuid.UUID, text guard.Draft) error {
	ses, line, err := s.draftMinutes(ctx, a, id, account.Contribute, audit.ItemAdded, string(Remark))
	if err != nil {
		return err
	}
	return s.annotate(ctx, a, ses, point, Item{ID: once, Kind: Remark}, text, line, func(tx Tx, _ grant.Vault) error { return stillDraft(tx, id) })
}

// Addendum corrects fixed minutes: it is added to them, and nothing of them changes.
func (s *Service) Addendum(ctx context.Context, a account.Actor, id, point, once uuid.UUID, text guard.Draft) error {
	ses, line, err := s.closed(ctx, a, id, account.ChairSessions, audit.ItemAdded, string(Addendum))
	if err != nil {
		return err
	}
	if ses.Minutes() != Fixed {
		return fault.New(fault.Conflict, "error.minutes.notfixed")
	}
	return s.annotate(ctx, a, ses, point, Item{ID: once, Kind: Addendum}, text, line, nil)
}

// AmendNotes writes the notes of a point anew while the minutes are a draft: what was
// confirmed has to be confirmed again. base is the version that the writer saw, as for
// SaveNotes.
func (s *Service) AmendNotes(ctx context.Context, a account.Actor, id, point, once, base uuid.UUID, text guard.Draft) error {
	ses, line, err := s.draftMinutes(ctx, a, id, account.ChairSessions, audit.ItemAdded, string(Notes))
	if err != nil {
		return err
	}
	return s.annotate(ctx, a, ses, point, Item{ID: once, Kind: Notes}, text, line, func(tx Tx, v grant.Vault) error {
		if err := stillDraft(tx, id); err != nil {
			return err
		}
		if err := follows(tx, v, point, once, base); err != nil {
			return err
		}
		return tx.Unconfirm(id)
	})
}

// annotate seals a text to where the point's minutes are: the case, or the session.
func (s *Service) annotate(ctx context.Context, a account.Actor, ses Session, point uuid.UUID, it Item, text guard.Draft, line audit.Line, before func(Tx, grant.Vault) error) error {
	p, err := s.point(ctx, a, ses, point, line)
	if err != nil {
		return err
	}
	v, err := s.Store.Vault(ctx, ses.ID)
	if p.Kind == PointCase {
		c, cerr := s.admit(ctx, a, p.Case, account.Contribute, line)
		v, err, line = c.vault, cerr, line.On(p.Case, c.relation)
	}
	if err != nil {
		return err
	}
	clear, kept, err := s.Guard.Clear(ctx, a.Team, "text", text, guard.LongText)
	if err != nil {
		return err
	}
	it.Session, it.Point = ses.ID, point
	return s.change(ctx, func(tx Tx) error {
		if before != nil {
			if err := before(tx, v); err != nil {
				return err
			}
		}
		if err := s.put(tx, a, v, &it, clear); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, append(keptLines(a, kept, line.Case), line)...)
	})
}
