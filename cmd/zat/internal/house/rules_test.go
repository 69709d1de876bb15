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
	f := furnished(t)
	a := f.as(account.Coordinator)
	c := f.fresh(born(f.clock.Now().Year() - 17))
	must(t, f.record(c.ID, "anonymous"))
	err := f.Meeting.AddAgreement(f.ctx, a, meeting.NewAgreement{Once: uuid.New(), Case: c.ID, What: text("bellen"), Responsible: a.Member, Due: f.clock.Now().AddDate(0, 0, 3).Format("2-1-2006")})
	if got := field(err); got != "what error.anonymous.followup" {
		t.Errorf("an agreement after an anonymous consult: %q", got)
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
