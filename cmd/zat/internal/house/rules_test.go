package house_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
	"zat/meeting"
	"zat/pseudonym"
	"zat/pseudonym/guard"
)

// fresh opens a case for the pupil of that age, without a basis.
func (f *fixture) fresh(born string) meeting.Case {
	f.t.Helper()
	a := f.as(account.Coordinator)
	pupil, err := f.Register.Save(f.ctx, a, uuid.Nil, pseudonym.RawPupil{Number: uuid.NewString()[:8], First: "Proefje", Last: "Testpersoon", Born: born, Class: "1a"})
	must(f.t, err)
	c, err := f.Meeting.OpenCase(f.ctx, a, meeting.NewCase{Once: uuid.New(), Pupil: pupil, Question: text("Wat helpt hier?"), Domains: []string{"school"}})
	must(f.t, err)
	return c
}

// outside is the organisation of the youth worker.
func (f *fixture) outside() uuid.UUID { return f.as(account.YouthWorker).Organisation }

func (f *fixture) record(c uuid.UUID, kind string, givers ...string) error {
	in := meeting.NewBasis{Once: uuid.New(), Case: c, Kind: kind, Givers: givers, Organisations: []uuid.UUID{f.outside()}, KeptAt: text("in de kluis"), Motive: text("er is haast bij")}
	if kind == "consent" {
		in.Ends = f.clock.Now().AddDate(0, 6, 0).Format("2-1-2006")
	}
	return f.Meeting.RecordBasis(f.ctx, f.as(account.Coordinator), in)
}

// field is the field and key of a refusal.
func field(err error) string {
	list := fault.Fields(err)
	if len(list) == 0 {
		return ""
	}
	return list[0].Field + " " + list[0].Key
}

// TestConsentByAge records consent by every combination of givers for every age
// band, under the strict rule of the demo's team (rules.md, "Basis").
func TestConsentByAge(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	year := f.clock.Now().Year()
	for _, c := range []struct {
		name, born string
		givers     []string
		want       string
	}{
		{"under 12, parents", born(year - 10), []string{"parents"}, ""},
		{"under 12, pupil", born(year - 10), []string{"pupil"}, "givers error.basis.givers.parents"},
		{"12 to 15, both", born(year - 13), []string{"parents", "pupil"}, ""},
		{"12 to 15, parents", born(year - 13), []string{"parents"}, "givers error.basis.givers.pupil"},
		{"12 to 15, pupil", born(year - 13), []string{"pupil"}, "givers error.basis.givers.parents"},
		{"16 and over, pupil", born(year - 17), []string{"pupil"}, ""},
		{"16 and over, parents", born(year - 17), []string{"parents"}, "givers error.basis.givers.pupil"},
		{"nobody", born(year - 17), nil, "givers error.basis.givers.pupil"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := field(f.record(f.fresh(c.born).ID, "consent", c.givers...)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func born(year int) string { return time.Date(year, 1, 2, 0, 0, 0, 0, time.UTC).Format("2-1-2006") }

// TestNoBasisNoTable tries to bring a case without a basis to the table in every
// way there is.
func TestNoBasisNoTable(t *testing.T) {
	f := furnished(t)
	a, youth := f.as(account.Coordinator), f.as(account.YouthWorker)
	c := f.fresh(born(f.clock.Now().Year() - 17))
	sessions, err := f.Meeting.Sessions(f.ctx, a, false)
	must(t, err)
	add := func() error {
		return f.Meeting.AddPoint(f.ctx, a, sessions[0].ID, meeting.NewPoint{Once: uuid.New(), Kind: "case", Case: c.ID, Minutes: 10})
	}
	for name, got := range map[string]string{
		"agenda":      field(add()),
		"participant": field(f.Meeting.AddParticipant(f.ctx, a, c.ID, youth.Member)),
		"question":    field(f.Meeting.AskRecognition(f.ctx, a, c.ID, uuid.New(), youth.Member)),
	} {
		if got == "" {
			t.Errorf("%s: a case without a basis is let through", name)
		}
	}
	must(t, f.record(c.ID, "internal"))
	if got := field(f.Meeting.AddParticipant(f.ctx, a, c.ID, youth.Member)); got != "member error.uncovered" {
		t.Errorf("a partner under the internal basis: %q", got)
	}
	if got := field(add()); got != "case error.point.uncovered" {
		t.Errorf("an agenda with partners under the internal basis: %q", got)
	}
}

// TestAnonymousConsult has no follow-up on a person.
func TestAnonymousConsult(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	a := f.as(account.Coordinator)
	c := f.fresh(born(f.clock.Now().Year() - 17))
	must(t, f.record(c.ID, "anonymous"))
	err := f.Meeting.AddAgreement(f.ctx, a, meeting.NewAgreement{Once: uuid.New(), Case: c.ID, What: text("bellen"), Responsible: a.Member, Due: f.clock.Now().AddDate(0, 0, 3).Format("2-1-2006")})
	if got := field(err); got != "what error.anonymous.followup" {
		t.Errorf("an agreement after an anonymous consult: %q", got)
	}
	bases, err := f.Store.Bases(f.ctx, c.ID)
	must(t, err)
	if last := meeting.Today(f.clock.Now()).AddDate(0, 3, 0); bases[0].Ends.IsZero() || bases[0].Ends.After(last) {
		t.Errorf("an anonymous consult without an end of its own lasts to %s", bases[0].Ends)
	}
	ses, point := f.talkAbout(c.ID)
	must(t, f.Meeting.SaveOutcome(f.ctx, a, ses, point, meeting.NewOutcome{Once: uuid.New(), Texts: map[string]guard.Draft{"decision": text("advies: zoek een buddy")}}))
	if got := field(f.Meeting.SaveOutcome(f.ctx, a, ses, point, meeting.NewOutcome{Once: uuid.New(), Texts: map[string]guard.Draft{"decision": text("een buddy"), "goals": text("op tijd")}})); got != "goals error.anonymous.followup" {
		t.Errorf("goals in a consult: %q", got)
	}

	rows := f.cases()
	for _, r := range rows {
		if r.ID == c.ID && (!r.EvaluateOn.IsZero() || r.Phase != meeting.Decided) {
			t.Errorf("an anonymous consult is followed up: phase %s, evaluation %s", r.Phase, r.EvaluateOn)
		}
	}
	minutes, err := f.Meeting.ReadMinutes(f.ctx, a, ses)
	must(t, err)
	for _, p := range minutes.Parts {
		if p.Point.ID == point && (p.Outcome == nil || p.Outcome.Goals != "" || p.Outcome.Decision == "") {
			t.Errorf("the minutes of a consult: %v", p.Outcome != nil)
		}
	}
}

// talkAbout holds a session with one case in hand.
func (f *fixture) talkAbout(c uuid.UUID) (session, point uuid.UUID) {
	f.t.Helper()
	a := f.as(account.Coordinator)
	day := f.clock.Now().AddDate(0, 0, 1).Format("2-1-2006")
	ses, err := f.Meeting.PlanSession(f.ctx, a, meeting.NewSession{Once: uuid.New(), Day: day, From: "9", Until: "10", Place: text("lokaal 4"), Members: []uuid.UUID{f.as(account.YouthWorker).Member}})
	must(f.t, err)
	point = uuid.New()
	must(f.t, f.Meeting.AddPoint(f.ctx, a, ses.ID, meeting.NewPoint{Once: point, Kind: "case", Case: c, Minutes: 10}))
	must(f.t, f.Meeting.StartSession(f.ctx, a, ses.ID, f.revision(ses.ID)))
	must(f.t, f.Meeting.GoTo(f.ctx, a, ses.ID, point, f.revision(ses.ID)))
	return ses.ID, point
}

func (f *fixture) revision(session uuid.UUID) int64 {
	f.t.Helper()
	ses, err := f.Store.Session(f.ctx, session)
	must(f.t, err)
	return ses.Revision
}

// TestBasisEndsWhileTalking withdraws the basis of the case in hand: nothing is
// decided or agreed any more, and nobody comes back to it.
func TestBasisEndsWhileTalking(t *testing.T) {
	f := furnished(t)
	a := f.as(account.Coordinator)
	c := f.fresh(born(f.clock.Now().Year() - 17))
	must(t, f.record(c.ID, "legal"))
	ses, point := f.talkAbout(c.ID)
	bases, err := f.Store.Bases(f.ctx, c.ID)
	must(t, err)
	must(t, f.Meeting.WithdrawBasis(f.ctx, a, c.ID, bases[0].ID))
	due := f.clock.Now().AddDate(0, 0, 3).Format("2-1-2006")
	in := meeting.NewOutcome{Once: uuid.New(), Texts: map[string]guard.Draft{"decision": text("door")}, Lead: a.Member, EvaluateOn: due}
	if got := field(f.Meeting.SaveOutcome(f.ctx, a, ses, point, in)); got != "decision error.nobasis" {
		t.Errorf("a decision without a basis: %q", got)
	}
	agree := meeting.NewAgreement{Once: uuid.New(), What: text("bellen"), Responsible: a.Member, Due: due}
	if got := field(f.Meeting.AddPointAgreement(f.ctx, a, ses, point, agree)); got != "what error.nobasis" {
		t.Errorf("an agreement without a basis: %q", got)
	}
	must(t, f.Meeting.SaveNotes(f.ctx, a, ses, point, uuid.New(), uuid.Nil, text("wat al gezegd was"))) // nothing typed is lost
	points, err := f.Store.Points(f.ctx, ses)
	must(t, err)
	must(t, f.Meeting.GoTo(f.ctx, a, ses, points[0].ID, f.revision(ses)))
	if got := field(f.Meeting.GoTo(f.ctx, a, ses, point, f.revision(ses))); got != "case error.point.nobasis" {
		t.Errorf("the case without a basis is taken in hand again: %q", got)
	}
}

// TestClosedCaseLeavesAgendas closes a case that a later session has planned.
func TestClosedCaseLeavesAgendas(t *testing.T) {
	f := furnished(t)
	a := f.as(account.Coordinator)
	c := f.fresh(born(f.clock.Now().Year() - 17))
	must(t, f.record(c.ID, "legal"))
	day := f.clock.Now().AddDate(0, 0, 1).Format("2-1-2006")
	ses, err := f.Meeting.PlanSession(f.ctx, a, meeting.NewSession{Once: uuid.New(), Day: day, From: "9", Until: "10", Place: text("lokaal 4"), Members: []uuid.UUID{f.as(account.YouthWorker).Member}})
	must(t, err)
	must(t, f.Meeting.AddPoint(f.ctx, a, ses.ID, meeting.NewPoint{Once: uuid.New(), Kind: "case", Case: c.ID, Minutes: 10}))
	must(t, f.Meeting.CloseCase(f.ctx, a, c.ID))
	points, err := f.Store.Points(f.ctx, ses.ID)
	must(t, err)
	if len(points) != 2 {
		t.Errorf("%d points are left on the agenda, want the two that every agenda has", len(points))
	}
	must(t, f.Meeting.StartSession(f.ctx, a, ses.ID, f.revision(ses.ID)))
}

// TestBasisJustAfterMidnight records a basis between midnight in Amsterdam and
// midnight in UTC; it holds at once, and to the end of its last day.
func TestBasisJustAfterMidnight(t *testing.T) {
	f := furnished(t)
	now := f.clock.Now().In(meeting.Amsterdam)
	f.clock.Set(time.Date(now.Year(), now.Month(), now.Day()+1, 0, 20, 0, 0, meeting.Amsterdam))
	c := f.fresh(born(now.Year() - 17))
	must(t, f.record(c.ID, "legal"))
	bases, err := f.Store.Bases(f.ctx, c.ID)
	must(t, err)
	b := bases[0]
	if at := f.clock.Now(); !b.Valid(at) {
		t.Errorf("recorded on %s, it does not hold at %s", b.On, at)
	}
	b.Ends = b.On
	if at := time.Date(b.On.Year(), b.On.Month(), b.On.Day(), 23, 59, 0, 0, meeting.Amsterdam); !b.Valid(at) || b.Valid(at.Add(time.Minute)) {
		t.Error("it does not end with its last day")
	}
}

// TestWithdrawal takes consent back: the partner is out and the case off the
// agenda at once, each with its line.
func TestWithdrawal(t *testing.T) {
	f := furnished(t)
	a, youth := f.as(account.Coordinator), f.as(account.YouthWorker)
	c := f.based()
	sessions, err := f.Meeting.Sessions(f.ctx, a, false)
	must(t, err)
	on := func() int {
		points, err := f.Store.Points(f.ctx, sessions[0].ID)
		must(t, err)
		n := 0
		for _, p := range points {
			if p.Case == c.ID {
				n++
			}
		}
		return n
	}
	if on() == 0 {
		must(t, f.Meeting.AddPoint(f.ctx, a, sessions[0].ID, meeting.NewPoint{Once: uuid.New(), Kind: "case", Case: c.ID, Minutes: 10}))
	}
	_, err = f.Meeting.ReadCase(f.ctx, youth, c.ID)
	must(t, err)
	bases, err := f.Store.Bases(f.ctx, c.ID)
	must(t, err)
	today := meeting.Today(f.clock.Now())
	must(t, f.Register.DiscloseTo(f.ctx, a, c.ID, youth.Member, bases[0].ID, today.AddDate(0, 0, 3), today, text("hij gaat op huisbezoek")))
	if _, _, _, err := f.Register.Disclosed(f.ctx, youth, c.ID); err != nil {
		t.Fatalf("the name is not disclosed: %v", err)
	}
	for _, b := range bases {
		must(t, f.Meeting.WithdrawBasis(f.ctx, a, c.ID, b.ID))
	}
	if _, err := f.Meeting.ReadCase(f.ctx, youth, c.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the partner still reads: %v", err)
	}
	if err := f.Meeting.AddNote(f.ctx, youth, c.ID, uuid.New(), text("nog iets")); !fault.Is(err, fault.NotFound) {
		t.Errorf("the partner still writes: %v", err)
	}
	if _, _, _, err := f.Register.Disclosed(f.ctx, youth, c.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the partner still reads the name: %v", err)
	}
	if on() != 0 {
		t.Error("the case is still on the agenda")
	}
	seen := map[audit.Event]bool{}
	for _, l := range f.all() {
		if l.Case == c.ID && l.Outcome == audit.Success {
			seen[l.Event] = true
		}
	}
	for _, e := range []audit.Event{audit.BasisWithdrawn, audit.AccessEnded, audit.SessionChanged, audit.IdentityEnded} {
		if !seen[e] {
			t.Errorf("no line tells of %s", e)
		}
	}
}

// TestConsentEnds lets the day of a basis pass: the sweep takes the rows away,
// and even before it nothing opens.
func TestConsentEnds(t *testing.T) {
	f := furnished(t)
	youth := f.as(account.YouthWorker)
	c := f.based()
	acc, err := f.Store.CaseAccess(f.ctx, c.ID, youth.Member)
	must(t, err)
	if !acc.Granted || acc.Grant.Until.IsZero() {
		t.Fatal("the partner's grant has no end")
	}
	f.clock.Set(acc.Grant.Until)
	if _, err := f.Meeting.ReadCase(f.ctx, youth, c.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("reads after the last day: %v", err)
	}
	must(t, f.Meeting.Sweep(f.ctx))
	acc, err = f.Store.CaseAccess(f.ctx, c.ID, youth.Member)
	must(t, err)
	if acc.Granted {
		t.Error("the row is still there")
	}
	expired := 0
	for _, l := range f.all() {
		if l.Event == audit.AccessExpired && l.Case == c.ID && l.OnBehalf == youth.Member {
			expired++
		}
	}
	if expired != 1 {
		t.Errorf("%d lines tell of it", expired)
	}
}

// TestNotesAtOnce lets two chairs save notes of one point from the same version:
// one is stored, and the other is told which text came first.
func TestNotesAtOnce(t *testing.T) {
	f := furnished(t)
	a := f.as(account.Coordinator)
	sessions, err := f.Meeting.Sessions(f.ctx, a, false)
	must(t, err)
	id := sessions[0].ID
	must(t, f.Meeting.StartSession(f.ctx, a, id, sessions[0].Revision))
	points, err := f.Store.Points(f.ctx, id)
	must(t, err)
	var point meeting.Point
	for _, p := range points {
		if p.Kind == meeting.PointCase {
			point = p
			break
		}
	}
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		wg.Go(func() {
			errs[i] = f.Meeting.SaveNotes(f.ctx, a, id, point.ID, uuid.New(), uuid.Nil, text("tekst van een van de voorzitters"))
		})
	}
	wg.Wait()
	stored := 0
	for _, err := range errs {
		if err == nil {
			stored++
		} else if field(err) != "text error.notes.clash" {
			t.Errorf("the other chair hears %v", err)
		}
	}
	if stored != 1 {
		t.Errorf("%d texts of one version were stored", stored)
	}
}

// TestStaleSettlement changes a case from what was read before somebody else
// settled something about it.
func TestStaleSettlement(t *testing.T) {
	f := furnished(t)
	a := f.as(account.Coordinator)
	c := f.based()
	to, before := c.Phase.Next()[0], len(f.all())
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { errs[i] = f.Meeting.MovePhase(f.ctx, a, c.ID, to) })
	}
	wg.Wait()
	moved := 0
	for _, err := range errs {
		if err == nil {
			moved++
		} else if !fault.Is(err, fault.Conflict) && field(err) != "phase error.phase" {
			t.Errorf("%v", err)
		}
	}
	lines := 0
	for _, l := range f.all()[before:] {
		if l.Event == audit.CaseChanged && l.Outcome == audit.Success {
			lines++
		}
	}
	if moved != lines || moved == 0 {
		t.Errorf("%d changes and %d lines", moved, lines)
	}
}
