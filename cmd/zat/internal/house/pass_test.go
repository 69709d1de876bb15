package house_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/audit"
	"zat/fault"
	"zat/meeting"
)

// TestPassedQuestion: the colleague to whom a question is passed sees the name under the
// same disclosure, each step is a line, and nobody else sees it.
func TestPassedQuestion(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	a, youth := f.as(account.Coordinator), f.as(account.YouthWorker)
	c := f.fresh(born(f.clock.Now().Year() - 17))
	must(t, f.record(c.ID, "consent", "pupil"))
	question := uuid.New()
	must(t, f.Meeting.AskRecognition(f.ctx, a, c.ID, question, youth.Member))
	until := meeting.Today(f.clock.Now()).AddDate(0, 0, 14)
	for _, b := range f.bases(c.ID) {
		must(t, f.Register.DiscloseTo(f.ctx, a, c.ID, youth.Member, b.ID, until, time.Time{}, text("hij kent deze groep")))
	}
	colleagues, err := f.Meeting.Colleagues(f.ctx, youth)
	must(t, err)
	if len(colleagues) == 0 {
		t.Fatal("the demo has no second youth worker")
	}
	colleague := colleagues[0]
	must(t, f.Meeting.PassRecognition(f.ctx, youth, question, colleague.ID))
	var other account.Actor
	for _, p := range f.people {
		if p.Email == colleague.Email {
			e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: f.later(p.TOTPSecret), Network: "192.0.2.8"})
			must(t, err)
			other = e.Actor
		}
	}
	name, _, day, err := f.Register.Disclosed(f.ctx, other, c.ID)
	if err != nil || name != "Proefje Testpersoon" || !day.Equal(until) {
		t.Errorf("the colleague: %v, until %v, a name %v", err, day, name != "")
	}
	if _, _, _, err := f.Register.Disclosed(f.ctx, f.as(account.Police), c.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else: %v", err)
	}
	if _, err := f.Meeting.ReadCase(f.ctx, other, c.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the colleague reads the case: %v", err)
	}
	must(t, f.Meeting.AnswerRecognition(f.ctx, other, question, "yes"))
	seen := map[audit.Event]int{}
	for _, l := range f.all() {
		if l.Case == c.ID && l.Outcome == audit.Success {
			seen[l.Event]++
		}
	}
	if seen[audit.IdentityGiven] != 2 || seen[audit.QuestionPassed] != 1 || seen[audit.IdentityRead] != 2 {
		t.Errorf("lines: given %d, passed %d, read %d", seen[audit.IdentityGiven], seen[audit.QuestionPassed], seen[audit.IdentityRead])
	}
}
