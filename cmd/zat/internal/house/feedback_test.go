package house_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"zat/account"
	"zat/meeting"
)

// TestFeedback: who tells whom stands among his agreements, the text to give holds just
// what was released, and nobody else gets it.
func TestFeedback(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	c := f.based()
	chair, youth, doctor := f.client(base, account.Coordinator), f.client(base, account.YouthWorker), f.client(base, account.Doctor)
	path := "/casussen/" + c.ID.String()
	member := f.as(account.YouthWorker).Member.String()
	for name, pairs := range map[string][]string{"nobody": {"to", "", "text", "gaat goed", "responsible", member, "due", f.day(5)}, "nothing": {"to", "mentor", "text", "", "responsible", member, "due", f.day(5)},
		"a BSN": {"to", "mentor", "text", "zijn nummer is 111222333", "responsible", member, "due", f.day(5)}, "no day": {"to", "mentor", "text", "gaat goed", "responsible", member, "due", ""}} {
		if a := chair.post(path+"/terugkoppeling", pairs...); a.status != http.StatusUnprocessableEntity {
			t.Errorf("to %s: %d", name, a.status)
		}
	}
	if a := chair.post(path+"/terugkoppeling", "to", "mentor", "text", "de stage begint maandag", "responsible", member, "due", f.day(5)); a.status != http.StatusSeeOther {
		t.Fatalf("agreeing on feedback: %d", a.status)
	}
	list := youth.get("/afspraken")
	if !strings.Contains(list.body, "Aan de mentor: de stage begint maandag") {
		t.Error("it is not among his agreements")
	}
	items, err := f.Store.KindItems(f.ctx, c.ID, meeting.FeedbackItem)
	must(t, err)
	item := path + "/terugkoppeling/" + items[0].ID.String()
	given := youth.get(item)
	if given.status != http.StatusOK || !strings.Contains(given.body, "de stage begint maandag") || strings.Contains(given.body, string(c.Pseudonym)) {
		t.Errorf("the text to give: %d", given.status)
	}
	if a := doctor.get(item); a.status != http.StatusNotFound {
		t.Errorf("as somebody else: %d", a.status)
	}
	if a := youth.get(path + "/terugkoppeling/" + uuid.NewString()); a.status != http.StatusNotFound {
		t.Errorf("of nothing: %d", a.status)
	}
	if a := youth.post("/afspraken/" + items[0].ID.String() + "/gedaan"); a.status != http.StatusSeeOther {
		t.Fatalf("ticking off: %d", a.status)
	}
	if a := youth.get("/afspraken"); strings.Contains(a.body, "de stage begint maandag") {
		t.Error("ticked off, it stays")
	}
}

// TestAgreementInOneLine: who and when are taken from the line where they were left open.
func TestAgreementInOneLine(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	c := f.based()
	session, point := f.talkAbout(c.ID)
	chair := f.client(base, account.Coordinator)
	path := "/overleggen/" + session.String() + "/punten/" + point.String() + "/afspraak"
	if a := chair.post(path, "what", "Jongerenwerker kijkt binnen twee weken op het plein"); a.status != http.StatusSeeOther {
		t.Fatalf("in one line: %d", a.status)
	}
	items, err := f.Store.KindItems(f.ctx, c.ID, meeting.Agreement)
	must(t, err)
	if it := items[0]; it.Responsible != f.as(account.YouthWorker).Member || !it.Due.Equal(meeting.Today(f.clock.Now()).AddDate(0, 0, 14)) {
		t.Errorf("for %s by %s", it.Responsible, it.Due)
	}
	a := chair.post(path, "what", "Iemand belt voor vrijdag")
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `name="due" value="`) || strings.Contains(a.body, `name="due" value=""`) {
		t.Errorf("who is not named: %d, and the day is not proposed", a.status)
	}
}

// TestPrepare: what a member brings beforehand stands on the chair's screen; who takes no
// part brings nothing.
func TestPrepare(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	c := f.based()
	a := f.as(account.Coordinator)
	ses, err := f.Meeting.PlanSession(f.ctx, a, meeting.NewSession{Once: uuid.New(), Day: f.day(2), From: "9", Until: "10", Place: text("lokaal 4"), Members: f.members(account.YouthWorker)})
	must(t, err)
	point := uuid.New()
	must(t, f.Meeting.AddPoint(f.ctx, a, ses.ID, meeting.NewPoint{Once: point, Kind: "case", Case: c.ID, Minutes: 10}))
	path := "/overleggen/" + ses.ID.String()
	at := path + "/punten/" + point.String() + "/voorbereiden"
	youth, doctor := f.client(base, account.YouthWorker), f.client(base, account.Doctor)
	if got := youth.get(at); got.status != http.StatusOK || !strings.Contains(got.body, string(c.Pseudonym)) {
		t.Errorf("the page: %d", got.status)
	}
	if got := youth.post(at, "know", "", "ask", " "); got.status != http.StatusUnprocessableEntity {
		t.Errorf("nothing: %d", got.status)
	}
	if got := youth.post(at, "know", "komt elke dag op het plein", "ask", "wie belt thuis?"); got.status != http.StatusSeeOther {
		t.Fatalf("preparing: %d", got.status)
	}
	if got := doctor.post(at, "know", "niet uitgenodigd"); got.status != http.StatusNotFound {
		t.Errorf("who is not invited: %d", got.status)
	}
	must(t, f.Meeting.StartSession(f.ctx, a, ses.ID, f.revision(ses.ID)))
	must(t, f.Meeting.GoTo(f.ctx, a, ses.ID, point, f.revision(ses.ID)))
	if got := f.client(base, account.Coordinator).get(path); !strings.Contains(got.body, "komt elke dag op het plein") || !strings.Contains(got.body, "wie belt thuis?") {
		t.Error("it is not on the chair's screen")
	}
}
