package meeting

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
	"zat/pseudonym/guard"
)

// StartSession starts a planned session at its first point. The cases on it are
// looked at once more: a basis may have ended since they were put on.
func (s *Service) StartSession(ctx context.Context, a account.Actor, id uuid.UUID, revision int64) error {
	ses, line, err := s.chairing(ctx, a, id, audit.SessionStarted, "")
	if err != nil {
		return err
	}
	if ses.State != Planned {
		return nil // started already: the page shows it
	}
	points, err := s.Store.Points(ctx, id)
	if err != nil {
		return fmt.Errorf("reading agenda: %w", err)
	}
	var cases []invitation
	for _, p := range points {
		if p.Kind != PointCase {
			continue
		}
		inv, err := s.mayBeginCase(ctx, a, ses, p, line)
		if err != nil {
			return err
		}
		cases = append(cases, inv)
	}
	ses.State, ses.Chair, ses.Started = Running, a.Member, s.Now()
	return s.advance(ctx, a, &ses, revision, line, func(tx Tx) error {
		for _, inv := range cases {
			if err := s.letIn(tx, a, ses, inv); err != nil {
				return err
			}
		}
		if len(points) == 0 {
			return nil
		}
		return s.begin(tx, &ses, points[0].ID)
	})
}

// begin takes a point in hand; a case is then being discussed.
func (s *Service) begin(tx Tx, ses *Session, id uuid.UUID) error {
	points, err := tx.Points(ses.ID)
	if err != nil {
		return err
	}
	i := indexOf(points, id)
	if i < 0 { // taken off the agenda meanwhile
		return fault.New(fault.Conflict, "error.session.moved")
	}
	p := points[i]
	ses.Current = p.ID
	if p.Started.IsZero() {
		p.Started = s.Now()
	}
	p.Done, p.Parked = time.Time{}, false
	if err := tx.UpdatePoint(p); err != nil {
		return err
	}
	if p.Kind != PointCase {
		return nil
	}
	w, err := tx.Way(p.Case, ses.Chair)
	if err != nil {
		return err
	}
	switch {
	case w.Phase == Closed:
		return fault.New(fault.Conflict, "error.case.closed")
	case w.Phase.MayFollow(Discussing), w.Phase.MayFollow(Preparing): // being on the agenda is its preparation
		return tx.SetPhase(p.Case, Discussing)
	}
	return nil
}

// mayBeginCase looks once more whether a case may be discussed here: its basis
// may have ended since the session began.
func (s *Service) mayBeginCase(ctx context.Context, a account.Actor, ses Session, p Point, line audit.Line) (invitation, error) {
	c, err := s.manage(ctx, a, p.Case, line)
	if err != nil {
		return invitation{}, err
	}
	return s.inviteToCase(ctx, a, ses, c, p.ID)
}

// GoTo ends the point in hand and takes another, forward or back.
func (s *Service) GoTo(ctx context.Context, a account.Actor, id, point uuid.UUID, revision int64) error {
	ses, line, err := s.running(ctx, a, id, audit.SessionMoved)
	if err != nil {
		return err
	}
	points, err := s.Store.Points(ctx, id)
	if err != nil {
		return fmt.Errorf("reading agenda: %w", err)
	}
	to := indexOf(points, point)
	if to < 0 {
		return s.Log.Deny(ctx, a.Team, line, "no-point", fault.NotFound)
	}
	if point == ses.Current {
		return nil
	}
	var inv invitation
	if points[to].Case != uuid.Nil {
		line = line.On(points[to].Case, audit.RelCoordinator)
		if inv, err = s.mayBeginCase(ctx, a, ses, points[to], line); err != nil {
			return err
		}
	}
	return s.advance(ctx, a, &ses, revision, line, func(tx Tx) error {
		if err := s.leave(tx, ses); err != nil {
			return err
		}
		if err := tx.LowerHand(ses.ID, uuid.Nil); err != nil { // they were about the point before
			return err
		}
		if points[to].Case != uuid.Nil {
			if err := s.letIn(tx, a, ses, inv); err != nil {
				return err
			}
		}
		return s.begin(tx, &ses, point)
	})
}

// leave ends the point in hand, as the change finds it.
func (s *Service) leave(tx Tx, ses Session) error {
	points, err := tx.Points(ses.ID)
	if err != nil {
		return err
	}
	i := indexOf(points, ses.Current)
	if i < 0 {
		return nil
	}
	points[i].Done = s.Now()
	return tx.UpdatePoint(points[i])
}

// MoreTime gives the point in hand more minutes.
func (s *Service) MoreTime(ctx context.Context, a account.Actor, id uuid.UUID, minutes int) error {
	ses, line, err := s.running(ctx, a, id, audit.SessionMoved)
	if err != nil {
		return err
	}
	if minutes < 1 || minutes > 60 {
		return fault.At("minutes", "error.minutes")
	}
	line.Part = "time"
	return s.steer(ctx, ses.ID, func(tx Tx, ses Session) error {
		points, err := tx.Points(ses.ID)
		if err != nil {
			return err
		}
		i := indexOf(points, ses.Current)
		if i < 0 {
			return fault.New(fault.NotFound, "error.notfound")
		}
		points[i].Minutes += minutes
		if err := tx.UpdatePoint(points[i]); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// Attend records who is present. shown is who was present on the page from which it comes:
// who arrived since stays present. Without it the list is the whole truth.
func (s *Service) Attend(ctx context.Context, a account.Actor, id uuid.UUID, present []uuid.UUID, shown ...uuid.UUID) error {
	ses, line, err := s.running(ctx, a, id, audit.SessionChanged)
	if err != nil {
		return err
	}
	list, err := s.Store.Attendees(ctx, id)
	if err != nil {
		return fmt.Errorf("reading those invited: %w", err)
	}
	here := 0
	var joining []Attendee // who was away, and comes in
	for i, t := range list {
		list[i].Attendance = Absent
		arrived := len(shown) > 0 && t.Attendance == Present && !slices.Contains(shown, t.Member)
		if arrived || slices.Contains(present, t.Member) {
			list[i].Attendance = Present
			here++
			if t.Attendance == Absent {
				joining = append(joining, list[i])
			}
		}
	}
	line.Part = fmt.Sprintf("present %d", here)
	inv, discussing, err := s.mayJoin(ctx, a, ses, joining, line)
	if err != nil {
		return err
	}
	return s.steer(ctx, ses.ID, func(tx Tx, now Session) error {
		if now.Current != ses.Current {
			return fault.New(fault.Conflict, "error.session.moved")
		}
		if discussing {
			if err := s.letIn(tx, a, ses, inv); err != nil {
				return err
			}
		}
		for _, t := range list {
			if err := tx.PutAttendee(t); err != nil {
				return err
			}
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// mayJoin checks, before somebody joins the table, that the case in hand may be
// discussed with him.
func (s *Service) mayJoin(ctx context.Context, a account.Actor, ses Session, joining []Attendee, line audit.Line) (invitation, bool, error) {
	points, err := s.Store.Points(ctx, ses.ID)
	if err != nil {
		return invitation{}, false, fmt.Errorf("reading agenda: %w", err)
	}
	i := indexOf(points, ses.Current)
	if i < 0 || points[i].Kind != PointCase || len(joining) == 0 {
		return invitation{}, false, nil
	}
	c, err := s.manage(ctx, a, points[i].Case, line)
	if err != nil {
		return invitation{}, false, err
	}
	members, err := s.atTable(ctx, a, ses, joining, c.ID, points[i].ID)
	if err != nil {
		return invitation{}, false, err
	}
	inv, err := s.inviteThese(ctx, a, c, members)
	return inv, true, err
}

func (s *Service) running(ctx context.Context, a account.Actor, id uuid.UUID, e audit.Event) (Session, audit.Line, error) {
	ses, line, err := s.chairing(ctx, a, id, e, "")
	if err == nil && ses.State != Running {
		err = fault.New(fault.Conflict, "error.session.notrunning")
	}
	return ses, line, err
}

// Clash is returned when somebody else saved notes of the same point first. It
// keeps both: the other's is in the store, the writer's is in his form.
type Clash struct{ Newest uuid.UUID }

// SaveNotes stores the notes of a point. base is the version that the writer
// saw: when there is a newer one, nothing is stored and the failure names it, so
// that both texts can be shown and merged.
func (s *Service) SaveNotes(ctx context.Context, a account.Actor, session, point, once, base uuid.UUID, text guard.Draft) error {
	ses, line, err := s.noting(ctx, a, session, audit.ItemAdded)
	if err != nil {
		return err
	}
	p, err := s.point(ctx, a, ses, point, line)
	if err != nil {
		return err
	}
	line.Part = string(Notes)
	v, line, err := s.notedVault(ctx, a, p, line)
	if err != nil {
		return err
	}
	clear, kept, err := s.Guard.Clear(ctx, a.Team, "text", text, guard.LongText)
	if err != nil {
		return err
	}
	return s.steer(ctx, ses.ID, func(tx Tx, now Session) error {
		if err := s.stillNoting(tx, a, now, p); err != nil {
			return err
		}
		if err := follows(tx, v, p.ID, once, base); err != nil {
			return err
		}
		if err := s.put(tx, a, v, &Item{ID: once, Kind: Notes, Session: session, Point: point}, clear); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, append(keptLines(a, kept, line.Case), line)...)
	})
}

// follows reports whether notes that were written on base still follow the newest ones.
func follows(tx Tx, v grant.Vault, point, once, base uuid.UUID) error {
	newest, err := tx.NewestItem(v.ID, point, Notes)
	switch {
	case err != nil:
		return err
	case newest == once:
		return errSent
	case newest != base:
		return fault.At("text", "error.notes.clash", Clash{newest})
	}
	return nil
}

// OutcomeBody is what the minutes say of a case, after NJi's questions for a
// multidisciplinary talk (rules.md, "Minutes template").
type OutcomeBody struct {
	Concerns  string `json:"concerns,omitempty"` // what worries us, and is it shared
	Shared    string `json:"shared,omitempty"`   // "yes", "partly", "no"
	Strengths string `json:"strengths,omitempty"`
	Help      string `json:"help,omitempty"`
	Goals     string `json:"goals,omitempty"`
	Decision  string `json:"decision,omitempty"`
	Lead      string `json:"lead,omitempty"`     // role, at that time
	Evaluate  string `json:"evaluate,omitempty"` // day, 2006-01-02
}

func (OutcomeBody) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// Outcome reads the sealed outcome of a point.
func (o Opened) Outcome() OutcomeBody {
	var b OutcomeBody
	json.Unmarshal([]byte(o.Text.Reveal()), &b) // a damaged one shows as empty fields
	return b
}

// NewOutcome is the outcome of a case's point as the chair records it.
type NewOutcome struct {
	Once       uuid.UUID
	Texts      map[string]guard.Draft // by the names of OutcomeBody's keys
	Shared     string
	Lead       uuid.UUID
	EvaluateOn string
}

// SaveOutcome records what was decided about a case: it then is decided, with a
// lead and a day of evaluation. An anonymous consult ends in advice: it has no
// goals for a person, no lead and no evaluation.
func (s *Service) SaveOutcome(ctx context.Context, a account.Actor, session, point uuid.UUID, in NewOutcome) error {
	ses, line, err := s.running(ctx, a, session, audit.ItemAdded)
	if err != nil {
		return err
	}
	p, err := s.point(ctx, a, ses, point, line)
	if err != nil {
		return err
	}
	if p.Kind != PointCase {
		return fault.New(fault.NotFound, "error.notfound")
	}
	c, err := s.manage(ctx, a, p.Case, line)
	if err != nil {
		return err
	}
	ground, err := s.footing(ctx, c.ID)
	if err != nil {
		return err
	}
	if ground == noFooting {
		return fault.At("decision", "error.nobasis")
	}
	plain, kept, evaluate, err := s.parseOutcome(ctx, a, p, in, ground)
	if err != nil {
		return err
	}
	line.Part = string(Outcome)
	return s.settle(ctx, a, c, line, func(tx Tx) error {
		if err := stillRunning(tx, session); err != nil {
			return err
		}
		if err := s.put(tx, a, c.vault, &Item{ID: in.Once, Kind: Outcome, Session: session, Point: point}, plain); err != nil {
			return err
		}
		if err := setFollowUp(tx, c.ID, ground, in.Lead, evaluate); err != nil {
			return err
		}
		if c.Phase.MayFollow(Decided) {
			if err := tx.SetPhase(c.ID, Decided); err != nil {
				return err
			}
		}
		return s.Log.Append(tx, a.Team, append(keptLines(a, kept, c.ID), c.on(line))...)
	})
}

// stillRunning refuses what belongs to a session that was closed meanwhile; uuid.Nil is
// of none.
func stillRunning(tx Tx, session uuid.UUID) error {
	if session == uuid.Nil {
		return nil
	}
	ses, err := tx.Session(session)
	if err == nil && ses.State != Running {
		err = fault.New(fault.Conflict, "error.session.notrunning")
	}
	return err
}

func setFollowUp(tx Tx, c uuid.UUID, ground footing, lead uuid.UUID, evaluate time.Time) error {
	if ground == consultFooting {
		return noFollowUp(tx, c)
	}
	return tx.SetLead(c, lead, evaluate)
}

func (s *Service) parseOutcome(ctx context.Context, a account.Actor, p Point, in NewOutcome, ground footing) (string, []guard.Kind, time.Time, error) {
	var body OutcomeBody
	var errs fault.List
	var kept []guard.Kind
	for _, f := range []struct {
		name string
		out  *string
	}{{"concerns", &body.Concerns}, {"strengths", &body.Strengths}, {"help", &body.Help}, {"goals", &body.Goals}, {"decision", &body.Decision}} {
		if strings.TrimSpace(in.Texts[f.name].Text) == "" {
			if f.name == "decision" {
				errs.Add(fault.At("decision", "error.required"))
			}
			continue
		}
		if ground == consultFooting && (f.name == "help" || f.name == "goals") {
			errs.Add(fault.At(f.name, "error.anonymous.followup")) // the basis ended while he typed
			continue
		}
		text, k, err := s.Guard.Clear(ctx, a.Team, f.name, in.Texts[f.name], 2000)
		errs.Add(err)
		*f.out, kept = text, append(kept, k...)
	}
	if in.Shared == "yes" || in.Shared == "partly" || in.Shared == "no" {
		body.Shared = in.Shared
	}
	var evaluate time.Time
	if ground == consultFooting && strings.TrimSpace(in.EvaluateOn) != "" {
		errs.Add(fault.At("evaluate", "error.anonymous.followup"))
	}
	if ground == fullFooting {
		errs.Add(s.checkLead(ctx, p.Case, in.Lead))
		var err error
		evaluate, err = ParseDay("evaluate", in.EvaluateOn, s.Now())
		if err == nil && evaluate.Before(Today(s.Now())) {
			err = fault.At("evaluate", "error.date.past")
		}
		errs.Add(err)
	}
	if err := errs.Err(); err != nil {
		return "", nil, evaluate, err
	}
	if err := s.settleFollowUp(ctx, a, &body, in.Lead, evaluate); err != nil {
		return "", nil, evaluate, err
	}
	b, err := json.Marshal(body)
	if err != nil {
		return "", nil, evaluate, fmt.Errorf("writing outcome: %w", err)
	}
	return string(b), kept, evaluate, nil
}

// settleFollowUp puts who leads and when it is evaluated into the outcome, as it was decided:
// the case may go on, and the minutes do not change with it.
func (s *Service) settleFollowUp(ctx context.Context, a account.Actor, body *OutcomeBody, lead uuid.UUID, evaluate time.Time) error {
	members, err := s.Store.Members(ctx, a.Team)
	if err != nil {
		return fmt.Errorf("reading members: %w", err)
	}
	leader, _ := memberIn(members, lead)
	body.Lead = string(leader.Role)
	if !evaluate.IsZero() {
		body.Evaluate = evaluate.Format(time.DateOnly)
	}
	return nil
}

// EvaluateOn is the day of evaluation that an outcome names; zero: none.
func (b OutcomeBody) EvaluateOn() time.Time {
	day, _ := time.Parse(time.DateOnly, b.Evaluate)
	return day
}

func (s *Service) checkLead(ctx context.Context, c, lead uuid.UUID) error {
	if err := s.checkResponsible(ctx, NewAgreement{Case: c, Responsible: lead}); err != nil {
		if fault.Is(err, fault.Invalid) {
			return fault.At("lead", "error.responsible")
		}
		return err
	}
	return nil
}

// CloseSession closes a session. It takes the log's checkpoint along, which
// stands at the foot of the minutes from then on.
func (s *Service) CloseSession(ctx context.Context, a account.Actor, id uuid.UUID, revision int64) error {
	ses, line, err := s.running(ctx, a, id, audit.SessionClosed)
	if err != nil {
		return err
	}
	ses.State, ses.Closed, ses.ClosedBy = Finished, s.Now(), a.Member
	err = s.advance(ctx, a, &ses, revision, line, func(tx Tx) error {
		if err := s.leave(tx, ses); err != nil {
			return err
		}
		return tx.KeepRoles(ses.ID)
	})
	if err != nil {
		return err
	}
	return s.keepCheckpoint(ctx, a, id)
}

func (s *Service) keepCheckpoint(ctx context.Context, a account.Actor, id uuid.UUID) error {
	note, err := s.Store.LogHead(ctx, a.Team)
	if err != nil {
		return fmt.Errorf("reading the checkpoint: %w", err)
	}
	return s.change(ctx, func(tx Tx) error {
		if err := tx.SetCheckpoint(id, note); err != nil {
			return err
		}
		return tx.InsertCheckpoint(a.Team, note, s.Now())
	})
}
