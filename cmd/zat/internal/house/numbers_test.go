package house_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"zat/account"
	"zat/meeting"
)

// TestNumbers: what is held, discussed, kept and signalled is counted once, in its year,
// and small counts stay inside.
func TestNumbers(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	a := f.as(account.Coordinator)
	before, err := f.Meeting.ReadNumbers(f.ctx, a, 0)
	must(t, err)
	c := f.fresh(born(f.clock.Now().Year() - 17))
	must(t, f.record(c.ID, "consent", "pupil"))
	must(t, f.Meeting.AddParticipant(f.ctx, a, c.ID, f.as(account.YouthWorker).Member))
	must(t, f.Meeting.AddSignal(f.ctx, f.as(account.YouthWorker), meeting.NewSignal{Once: uuid.New(), Case: c.ID, Domain: "leisure", Tone: "strength", Knowing: "seen", Text: text("helpt op het plein")}))
	f.clock.Set(f.clock.Now().AddDate(0, 0, 3))
	session, _ := f.talkAbout(c.ID)
	must(t, f.Meeting.CloseSession(f.ctx, a, session, f.revision(session)))
	after, err := f.Meeting.ReadNumbers(f.ctx, a, 0)
	must(t, err)
	if n := after.SessionsTotal - before.SessionsTotal; n != 1 {
		t.Errorf("%d sessions more", n)
	}
	if n := after.Cases - before.Cases; n != 1 {
		t.Errorf("%d cases more", n)
	}
	if n := after.YouthSignals - before.YouthSignals; n != 1 || after.Signals-before.Signals != 1 {
		t.Errorf("%d signals of youth work more", n)
	}
	if len(after.Days) != len(before.Days)+1 || after.Days[len(after.Days)-1] < 3 {
		t.Errorf("days to the first discussion: %v", after.Days)
	}
	past, err := f.Meeting.ReadNumbers(f.ctx, a, after.From.Year()-1)
	must(t, err)
	if past.From.Year() != after.From.Year()-1 || past.Cases == after.Cases && past.Signals == after.Signals {
		t.Errorf("the year before counts the same: %+v", past)
	}
	small := regexp.MustCompile(`class="end num">[1-4]<`)
	delete(f.actors, f.person(account.Coordinator).Email) // three days later she signs in anew
	page := f.client(base, account.Coordinator).get("/cijfers?buiten=1")
	if page.status != http.StatusOK || small.MatchString(page.body) || !strings.Contains(page.body, "&lt; 5") {
		t.Errorf("outside: %d, small counts %v", page.status, small.FindString(page.body))
	}
	if page = f.client(base, account.Coordinator).get("/cijfers"); !small.MatchString(page.body) {
		t.Error("inside there are no small counts: this test shows nothing")
	}
}
