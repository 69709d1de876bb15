package meeting

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
	"zat/pseudonym/guard"
)

// MinutesState is how far the minutes of a session are.
type MinutesState string

const (
	Writing MinutesState = "writing" // the session runs
	Draft   MinutesState = "draft"   // those who were there read along
	Fixed   MinutesState = "fixed"   // nothing of it changes any more
)

// Minutes says how far a session's minutes are.
func (s Session) Minutes() MinutesState {
	switch {
	case s.State != Finished:
		return Writing
	case s.Fixed.IsZero():
		return Draft
	}
	return Fixed
}

// RemarkBody is the sealed half of a remark or addendum.
type RemarkBody struct {
	Text string `json:"text"`
}

func (RemarkBody) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// closed lets the actor in to the minutes of a closed session.
func (s *Service) closed(ctx context.Context, a account.Actor, id uuid.UUID, p account.Permission, e audit.Event, part string) (Session, audit.Line, error) {
	line := audit.By(a, e, audit.ObjSession, id).In(id).For(audit.PurposeSession, part)
	if err := s.Log.Require(ctx, a, p, line); err != nil {
		return Session{}, line, err
	}
	ses, _, err := s.enterSession(ctx, a, id, line)
	if err != nil {
		return ses, line, err
	}
	if ses.State != Finished {
		return ses, line, fault.New(fault.Conflict, "error.minutes.running")
	}
	return ses, line, nil
}

// draft is closed for what is allowed until the minutes are fixed.
func (s *Service) draftMinutes(ctx context.Context, a account.Actor, id uuid.UUID, p account.Permission, e audit.Event, part string) (Session, audit.Line, error) {
	ses, line, err := s.closed(ctx, a, id, p, e, part)
	if err == nil && ses.Minutes() == Fixed {
		err = fault.New(fault.Conflict, "error.minutes.fixed")
	}
	return ses, line, err
}

// ConfirmMinutes says that the actor agrees with his part of the minutes.
func (s *Service) ConfirmMinutes(ctx context.Context, a account.Actor, id uuid.UUID) error {
	ses, line, err := s.draftMinutes(ctx, a, id, account.SeeSessions, audit.MinutesConfirmed, "")
	if err != nil {
		return err
	}
	return s.change(ctx, func(tx Tx) error {
		if err := stillDraft(tx, ses.ID); err != nil {
			return err
		}
		if err := tx.Confirm(ses.ID, a.Member, s.Now()); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

func stillDraft(tx Tx, id uuid.UUID) error {
	now, err := tx.Session(id)
	if err != nil {
		return err
	}
	if now.Minutes() != Draft {
		return fault.New(fault.Conflict, "error.minutes.fixed")
	}
	return nil
}

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
		newest, err := tx.NewestItem(v.ID, point, Notes)
		if err != nil {
			return err
		}
		if newest == once {
			return errSent
		}
		if newest != base {
			return fault.At("text", "error.notes.clash", Clash{newest})
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

// FixMinutes ends the draft: from then on nothing of the minutes changes.
func (s *Service) FixMinutes(ctx context.Context, a account.Actor, id uuid.UUID) error {
	ses, line, err := s.draftMinutes(ctx, a, id, account.ChairSessions, audit.MinutesFixed, "")
	if err != nil {
		return err
	}
	return s.change(ctx, func(tx Tx) error {
		if fixed, err := tx.FixMinutes(ses.ID, a.Member, s.Now()); err != nil || !fixed {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// settledOutcome is an outcome with who leads and when it is evaluated, as it was
// decided: the case may go on.
func settledOutcome(plain string, lead account.Role, evaluate time.Time) (string, error) {
	var b OutcomeBody
	if err := json.Unmarshal([]byte(plain), &b); err != nil {
		return "", fmt.Errorf("reading outcome: %w", err)
	}
	b.Lead = string(lead)
	if !evaluate.IsZero() {
		b.Evaluate = evaluate.Format(time.DateOnly)
	}
	out, err := json.Marshal(b)
	return string(out), err
}

// EvaluateOn is the day of evaluation that an outcome names; zero: none.
func (b OutcomeBody) EvaluateOn() time.Time {
	day, _ := time.Parse(time.DateOnly, b.Evaluate)
	return day
}

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
	line.Part = strings.TrimSpace(fmt.Sprintf("for %d", len(recipients)))
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
