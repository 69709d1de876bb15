package house_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/meeting"
	"zat/pseudonym/guard"
)

// recordUntil records a basis for the youth worker's organisation, from one day
// to another, in days from today; 0 for no end.
func (f *fixture) recordUntil(c uuid.UUID, kind string, from, until int) error {
	in := meeting.NewBasis{Once: uuid.New(), Case: c, Kind: kind, Organisations: []uuid.UUID{f.outside()}, Motive: text("er is haast bij"), On: f.day(from)}
	if until != 0 {
		in.Ends = f.day(until)
	}
	return f.Meeting.RecordBasis(f.ctx, f.as(account.Coordinator), in)
}

func (f *fixture) day(n int) string { return f.clock.Now().AddDate(0, 0, n).Format("2-1-2006") }

// bases returns the bases of a case that were not withdrawn, by kind.
func (f *fixture) bases(c uuid.UUID) map[string]meeting.Basis {
	f.t.Helper()
	list, err := f.Store.Bases(f.ctx, c)
	must(f.t, err)
	out := map[string]meeting.Basis{}
	for _, b := range list {
		if b.Withdrawn.IsZero() {
			out[string(b.Kind)] = b
		}
	}
	return out
}

// TestConsultLasts three months from the day it began, and no longer.
func TestConsultLasts(t *testing.T) {
	f := furnished(t)
	year := f.clock.Now().Year()
	for _, c := range []struct {
		name        string
		from, until int
		want        string
	}{
		{"too late an end", 0, 100, "ends error.basis.consult"},
		{"too late an end for its beginning", -60, 60, "ends error.basis.consult"},
		{"begun too long ago", -100, 0, "on error.basis.consult"},
		{"in time", -30, 30, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := field(f.recordUntil(f.fresh(born(year-17)).ID, "anonymous", c.from, c.until)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	id := f.fresh(born(year - 17)).ID
	must(t, f.recordUntil(id, "anonymous", -30, 0))
	b := f.bases(id)["anonymous"]
	if want := b.On.AddDate(0, 3, 0); !b.Ends.Equal(want) {
		t.Errorf("a consult begun on %s ends on %s, want %s", b.On, b.Ends, want)
	}
}

// TestOnlyConsultLeft withdraws the basis on which a case was followed up: what
// is left is an anonymous consult, which has no lead and no evaluation.
func TestOnlyConsultLeft(t *testing.T) {
	f := furnished(t)
	a := f.as(account.Coordinator)
	c := f.fresh(born(f.clock.Now().Year() - 17))
	must(t, f.recordUntil(c.ID, "legal", 0, 0))
	must(t, f.recordUntil(c.ID, "anonymous", 0, 0))
	ses, point := f.talkAbout(c.ID)
	decide := func(evaluate string) error {
		return f.Meeting.SaveOutcome(f.ctx, a, ses, point, meeting.NewOutcome{Once: uuid.New(), Texts: map[string]guard.Draft{"decision": text("een buddy")}, Lead: a.Member, EvaluateOn: evaluate})
	}
	followed := func() bool {
		acc, err := f.Store.CaseAccess(f.ctx, c.ID, a.Member)
		must(t, err)
		return acc.Case.Lead != uuid.Nil || !acc.Case.EvaluateOn.IsZero()
	}
	must(t, decide(f.day(30)))
	if !followed() {
		t.Fatal("a decision on a legal basis is not followed up")
	}
	must(t, f.Meeting.WithdrawBasis(f.ctx, a, c.ID, f.bases(c.ID)["legal"].ID))
	if followed() {
		t.Error("with only a consult left, the case is still followed up")
	}
	if got := field(decide(f.day(30))); got != "evaluate error.anonymous.followup" {
		t.Errorf("a day of evaluation for a consult: %q", got)
	}
	must(t, decide(""))
	if followed() {
		t.Error("a consult is followed up")
	}
	must(t, f.recordUntil(c.ID, "legal", 0, 0))
	must(t, decide(f.day(30)))
	must(t, f.Meeting.WithdrawBasis(f.ctx, a, c.ID, f.bases(c.ID)["anonymous"].ID))
	must(t, f.Meeting.WithdrawBasis(f.ctx, a, c.ID, f.bases(c.ID)["legal"].ID))
	must(t, f.recordUntil(c.ID, "anonymous", 0, 0))
	if followed() {
		t.Error("a consult after a basis that was withdrawn is followed up")
	}
}

// TestOtherBasisKeepsPartner withdraws one of several bases: a partner who takes
// part on another keeps his grant as it is, and one who loses his own gets the
// one that lasts longest.
func TestOtherBasisKeepsPartner(t *testing.T) {
	f := furnished(t)
	a, youth := f.as(account.Coordinator), f.as(account.YouthWorker)
	c := f.fresh(born(f.clock.Now().Year() - 17))
	must(t, f.recordUntil(c.ID, "legal", 0, 40))
	must(t, f.Meeting.AddParticipant(f.ctx, a, c.ID, youth.Member))
	must(t, f.recordUntil(c.ID, "vital", 0, 10))
	grant := func() (uuid.UUID, time.Time) {
		acc, err := f.Store.CaseAccess(f.ctx, c.ID, youth.Member)
		must(t, err)
		return acc.Grant.Basis, acc.Grant.Until
	}
	list := f.bases(c.ID)
	basis, until := grant()
	must(t, f.Meeting.WithdrawBasis(f.ctx, a, c.ID, list["vital"].ID))
	if b, u := grant(); b != basis || b != list["legal"].ID || !u.Equal(until) {
		t.Error("withdrawing another basis changed the grant")
	}
	must(t, f.recordUntil(c.ID, "vital", 0, 10))
	must(t, f.record(c.ID, "consent", "pupil")) // six months
	must(t, f.Meeting.WithdrawBasis(f.ctx, a, c.ID, list["legal"].ID))
	if b, _ := grant(); b != f.bases(c.ID)["consent"].ID {
		t.Error("the partner did not get the basis that lasts longest")
	}
}

// TestAbsentNeedNoBasis: a case that does not cover somebody who is not there can
// be discussed; when he comes in, it can not.
func TestAbsentNeedNoBasis(t *testing.T) {
	f := furnished(t)
	a, youth := f.as(account.Coordinator), f.as(account.YouthWorker)
	year := f.clock.Now().Year()
	first, second := f.fresh(born(year-17)), f.fresh(born(year-17))
	must(t, f.record(first.ID, "legal"))
	must(t, f.record(second.ID, "internal"))
	ses, point := f.talkAbout(first.ID)
	other := uuid.New()
	add := func() error {
		return f.Meeting.AddPoint(f.ctx, a, ses, meeting.NewPoint{Once: other, Kind: "case", Case: second.ID, Minutes: 10})
	}
	if got := field(add()); got != "case error.point.uncovered" {
		t.Fatalf("with the partner at the table: %q", got)
	}
	must(t, f.Meeting.Attend(f.ctx, a, ses, []uuid.UUID{a.Member}))
	must(t, add())
	must(t, f.Meeting.GoTo(f.ctx, a, ses, other, f.revision(ses)))
	if _, err := f.Meeting.ReadCase(f.ctx, youth, second.ID); err == nil {
		t.Error("the absent partner reads it")
	}
	come := func() error { return f.Meeting.Attend(f.ctx, a, ses, []uuid.UUID{a.Member, youth.Member}) }
	if got := field(come()); got != "case error.point.uncovered" {
		t.Errorf("the partner comes in while it is discussed: %q", got)
	}
	must(t, f.Meeting.GoTo(f.ctx, a, ses, point, f.revision(ses)))
	must(t, f.Meeting.Attend(f.ctx, a, ses, []uuid.UUID{a.Member, youth.Member}))
	if got := field(f.Meeting.GoTo(f.ctx, a, ses, other, f.revision(ses))); got != "case error.point.uncovered" {
		t.Errorf("with the partner back: %q", got)
	}
}

// TestClosedSessionKeepsAgenda: closing a case leaves the agenda of a session
// that is over as it was, also where the case's turn did not come.
func TestClosedSessionKeepsAgenda(t *testing.T) {
	f := furnished(t)
	a := f.as(account.Coordinator)
	year := f.clock.Now().Year()
	first, second := f.fresh(born(year-17)), f.fresh(born(year-17))
	must(t, f.record(first.ID, "legal"))
	must(t, f.record(second.ID, "legal"))
	ses, _ := f.talkAbout(first.ID)
	must(t, f.Meeting.AddPoint(f.ctx, a, ses, meeting.NewPoint{Once: uuid.New(), Kind: "case", Case: second.ID, Minutes: 10}))
	must(t, f.Meeting.CloseSession(f.ctx, a, ses, f.revision(ses)))
	before := f.revision(ses)
	must(t, f.Meeting.CloseCase(f.ctx, a, second.ID))
	points, err := f.Store.Points(f.ctx, ses)
	must(t, err)
	if len(points) != 4 || f.revision(ses) != before {
		t.Errorf("%d points are left of a closed session's four", len(points))
	}
}

// TestNoAgreementAfterTheBasis makes agreements while the basis is withdrawn: in
// the log none comes after the withdrawal.
func TestNoAgreementAfterTheBasis(t *testing.T) {
	f := furnished(t)
	a := f.as(account.Coordinator)
	c := f.fresh(born(f.clock.Now().Year() - 17))
	must(t, f.record(c.ID, "legal"))
	basis, due := f.bases(c.ID)["legal"].ID, f.day(3)
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			f.Meeting.AddAgreement(f.ctx, a, meeting.NewAgreement{Once: uuid.New(), Case: c.ID, What: text("bellen"), Responsible: a.Member, Due: due})
		})
	}
	work.Go(func() {
		for f.Meeting.WithdrawBasis(f.ctx, a, c.ID, basis) != nil {
		}
	})
	work.Wait()
	withdrawn := false
	for _, l := range f.all() {
		if l.Case != c.ID || l.Outcome != audit.Success {
			continue
		}
		withdrawn = withdrawn || l.Event == audit.BasisWithdrawn
		if withdrawn && l.Event == audit.AgreementMade {
			t.Error("an agreement after the withdrawal")
		}
	}
	if !withdrawn {
		t.Error("no line tells of the withdrawal")
	}
}
