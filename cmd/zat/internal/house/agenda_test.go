package house_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"

	"zat/account"
	"zat/meeting"
)

func (f *fixture) members(roles ...account.Role) (out []uuid.UUID) {
	for _, r := range roles {
		out = append(out, f.as(r).Member)
	}
	return out
}

// TestSeries plans every two weeks and skips a holiday; a form sent twice plans once.
func TestSeries(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	a := f.as(account.Coordinator)
	before, err := f.Meeting.Sessions(f.ctx, a, false)
	must(t, err)
	must(t, f.Meeting.AddHoliday(f.ctx, a, uuid.New(), "Kerstvakantie", f.day(25), f.day(40)))
	in := meeting.NewSession{Once: uuid.New(), Day: f.day(3), From: "13", Until: "15", Place: text("lokaal 4"), Members: f.members(account.YouthWorker), Kind: "core"}
	repeat := meeting.Repeat{Weeks: "2", Last: f.day(60), Days: f.day(70) + ", " + f.day(30)}
	for range 2 {
		first, skipped, err := f.Meeting.PlanSeries(f.ctx, a, in, repeat)
		must(t, err)
		if skipped != 2 { // the one of the series on day 31, and day 30 of the list
			t.Errorf("%d sessions skipped", skipped)
		}
		if first.Kind != meeting.CoreKind {
			t.Errorf("the first is a %s", first.Kind)
		}
	}
	after, err := f.Meeting.Sessions(f.ctx, a, false)
	must(t, err)
	if n := len(after) - len(before); n != 5 { // days 3, 17, 45, 59 and 70
		t.Errorf("%d sessions planned", n)
	}
	for name, r := range map[string]meeting.Repeat{"last error.date": {Weeks: "4", Last: "ooit"}, "last error.holiday.order": {Weeks: "4", Last: f.day(1)},
		"weeks error.choice": {Weeks: "0", Last: f.day(60)}, "days error.date": {Days: "x"}, "last error.due.far": {Weeks: "1", Last: f.day(900)}} {
		in.Once = uuid.New()
		if _, _, err := f.Meeting.PlanSeries(f.ctx, a, in, r); field(err) != name {
			t.Errorf("%q, want %q", field(err), name)
		}
	}
}

// TestAgendaFillsItself: what is due and has a basis for all is on it, what lacks one is
// proposed with what is missing.
func TestAgendaFillsItself(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	a := f.as(account.Coordinator)
	bare := f.fresh(born(f.clock.Now().Year() - 17))
	inside := f.fresh(born(f.clock.Now().Year() - 17))
	must(t, f.record(inside.ID, "internal"))
	ready := f.fresh(born(f.clock.Now().Year() - 17))
	must(t, f.record(ready.ID, "consent", "pupil"))
	ses, _, err := f.Meeting.PlanSeries(f.ctx, a, meeting.NewSession{Once: uuid.New(), Day: f.day(2), From: "9", Until: "17", Place: text("lokaal 4"), Members: f.members(account.YouthWorker)}, meeting.Repeat{})
	must(t, err)
	on := map[uuid.UUID]bool{}
	points, err := f.Store.Points(f.ctx, ses.ID)
	must(t, err)
	for _, p := range points {
		on[p.Case] = true
	}
	if !on[ready.ID] || on[bare.ID] || on[inside.ID] {
		t.Errorf("on the agenda: ready %v, without a basis %v, inside only %v", on[ready.ID], on[bare.ID], on[inside.ID])
	}
	list, err := f.Meeting.Proposals(f.ctx, a, ses.ID)
	must(t, err)
	seen := map[uuid.UUID]meeting.Proposal{}
	for _, p := range list {
		seen[p.ID] = p
	}
	if p := seen[bare.ID]; !p.NoBasis || p.Ready() {
		t.Errorf("without a basis: %+v", p.NoBasis)
	}
	if p := seen[inside.ID]; len(p.Missing) != 1 || p.Ready() {
		t.Errorf("the internal basis lacks %v", p.Missing)
	}
	// Left out of the point, the partner does not see it.
	point := uuid.New()
	must(t, f.Meeting.AddPoint(f.ctx, a, ses.ID, meeting.NewPoint{Once: point, Kind: "case", Case: inside.ID, Minutes: 10, Without: true}))
	must(t, f.Meeting.StartSession(f.ctx, a, ses.ID, f.revision(ses.ID)))
	must(t, f.Meeting.GoTo(f.ctx, a, ses.ID, point, f.revision(ses.ID)))
	v, err := f.Meeting.ReadSession(f.ctx, f.as(account.YouthWorker), ses.ID)
	must(t, err)
	if p, _ := v.Find(point); !p.Hidden || p.Pseudonym != "" {
		t.Errorf("left out, he sees %+v", p)
	}
	if _, err := f.Meeting.ReadCase(f.ctx, f.as(account.YouthWorker), inside.ID); err == nil {
		t.Error("left out of the point, he reads the case")
	}
	must(t, f.Meeting.ParkPoint(f.ctx, a, ses.ID, points[len(points)-1].ID, true))
	if err := f.Meeting.ParkPoint(f.ctx, a, ses.ID, point, true); err == nil {
		t.Error("the point in hand was put off")
	}
	v, err = f.Meeting.ReadSession(f.ctx, a, ses.ID)
	must(t, err)
	if next, ok := v.Next(); ok && next.ID == points[len(points)-1].ID {
		t.Error("what was put off comes next")
	}
}

// TestOnCall: who is on call is at the table for his own cases, and gets no other by it.
func TestOnCall(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	a, youth := f.as(account.Coordinator), f.as(account.YouthWorker)
	own := f.based()
	c := f.fresh(born(f.clock.Now().Year() - 17))
	must(t, f.record(c.ID, "consent", "pupil"))
	ses, err := f.Meeting.PlanSession(f.ctx, a, meeting.NewSession{Once: uuid.New(), Day: f.day(2), From: "9", Until: "10", Place: text("lokaal 4"), Members: f.members(account.Doctor), OnCall: f.members(account.YouthWorker)})
	must(t, err)
	must(t, f.Meeting.AddPoint(f.ctx, a, ses.ID, meeting.NewPoint{Once: uuid.New(), Kind: "case", Case: c.ID, Minutes: 10, Without: true}))
	if _, err := f.Meeting.ReadCase(f.ctx, youth, c.ID); err == nil {
		t.Error("on call, he got a case in which he takes no part")
	}
	must(t, f.Meeting.AddPoint(f.ctx, a, ses.ID, meeting.NewPoint{Once: uuid.New(), Kind: "case", Case: own.ID, Minutes: 10, Without: true}))
	v, err := f.Meeting.ReadSession(f.ctx, youth, ses.ID)
	must(t, err)
	hidden := 0
	for _, p := range v.Points {
		if p.Hidden {
			hidden++
		}
	}
	if hidden != 1 {
		t.Errorf("%d points are another subject, want one", hidden)
	}
}

// TestOrderOfPoints: any order that a page sends keeps every point, once.
func TestOrderOfPoints(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	a := f.as(account.Coordinator)
	ses, err := f.Meeting.PlanSession(f.ctx, a, meeting.NewSession{Once: uuid.New(), Day: f.day(2), From: "9", Until: "10", Place: text("lokaal 4"), Members: f.members(account.Doctor)})
	must(t, err)
	for range 3 {
		must(t, f.Meeting.AddPoint(f.ctx, a, ses.ID, meeting.NewPoint{Once: uuid.New(), Kind: "trends", Minutes: 5}))
	}
	ids := func() (out []uuid.UUID) {
		points, err := f.Store.Points(f.ctx, ses.ID)
		must(t, err)
		for _, p := range points {
			out = append(out, p.ID)
		}
		return out
	}
	all := ids()
	must(t, f.Meeting.OrderPoints(f.ctx, a, ses.ID, []uuid.UUID{all[4], uuid.New(), all[0], all[4]}))
	got := ids()
	if len(got) != 5 || got[0] != all[4] || got[1] != all[0] || got[2] != all[1] {
		t.Errorf("order %v of %v", got, all)
	}
	must(t, f.Meeting.SetMinutes(f.ctx, a, ses.ID, all[0], 42))
	if field(f.Meeting.SetMinutes(f.ctx, a, ses.ID, all[0], 0)) != "minutes error.minutes" {
		t.Error("no minutes at all")
	}
}

// TestCalendar reads the calendar file back with another library than writes it, after
// the session was moved; it holds no pseudonym and no place.
func TestCalendar(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	a := f.as(account.Coordinator)
	sessions, err := f.Meeting.Sessions(f.ctx, a, false)
	must(t, err)
	ses := sessions[0]
	must(t, f.Meeting.Reschedule(f.ctx, a, ses.ID, "30-3-2027", "9.15", "10.45"))
	c := f.client(base, account.YouthWorker)
	got := c.get("/overleggen/" + ses.ID.String() + "/agenda.ics")
	if got.status != http.StatusOK {
		t.Fatalf("the file: %d", got.status)
	}
	cal, err := ics.ParseCalendar(strings.NewReader(got.body))
	must(t, err)
	if n := len(cal.Events()); n != 1 {
		t.Fatalf("%d events", n)
	}
	e := cal.Events()[0]
	starts, err := e.GetStartAt()
	must(t, err)
	ends, err := e.GetEndAt()
	must(t, err)
	if want := time.Date(2027, 3, 30, 7, 15, 0, 0, time.UTC); !starts.Equal(want) || ends.Sub(starts) != 90*time.Minute {
		t.Errorf("from %v to %v, want %v", starts.UTC(), ends.UTC(), want)
	}
	if p := e.GetProperty(ics.ComponentPropertySequence); p == nil || p.Value != "1" || !strings.HasPrefix(e.Id(), ses.ID.String()) {
		t.Errorf("sequence %v of %s", p, e.Id())
	}
	for _, r := range f.cases() {
		if strings.Contains(got.body, string(r.Pseudonym)) {
			t.Errorf("the file names %s", r.Pseudonym)
		}
	}
	if strings.Contains(got.body, "Lokaal") {
		t.Error("the file says where")
	}
	if got := f.client(base, account.Admin).get("/overleggen/" + ses.ID.String() + "/agenda.ics"); got.status != http.StatusForbidden {
		t.Errorf("as administrator: %d", got.status)
	}
}
