package house_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/meeting"
)

// told is one event of a stream.
type told struct{ name, data string }

// stream follows a session as a page does, until the test ends or stop is called.
func (c *client) stream(path string) (events chan told, stop func()) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, "GET", c.base+path, nil)
	must(c.t, err)
	req.Header.Set("Cookie", "__Host-zat="+c.token)
	res, err := (&http.Client{}).Do(req)
	must(c.t, err)
	if res.StatusCode != http.StatusOK {
		c.t.Fatalf("following %s: %d", path, res.StatusCode)
	}
	events = make(chan told, 100)
	go func() {
		defer res.Body.Close()
		defer close(events)
		var e told
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			switch line := in.Text(); {
			case line == "" && e.name != "":
				events <- e
				e = told{}
			case strings.HasPrefix(line, "event: "):
				e.name = line[7:]
			case strings.HasPrefix(line, "data: "):
				e.data += line[6:] + "\n"
			}
		}
	}()
	c.t.Cleanup(cancel)
	return events, cancel
}

// await waits for an event of this name that holds these words.
func await(t *testing.T, events chan told, name, words string) string {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case e, open := <-events:
			if !open {
				t.Fatalf("the stream ended before %s with %q", name, words)
			}
			if e.name == name && strings.Contains(e.data, words) {
				return e.data
			}
		case <-limit:
			t.Fatalf("no %s with %q", name, words)
		}
	}
}

// TestFollowing: what one does, the others see, each what he may see and under a line
// of his own.
func TestFollowing(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	c := f.based()
	session, point := f.talkAbout(c.ID)
	path := "/overleggen/" + session.String()
	chair, youth := f.client(base, account.Coordinator), f.client(base, account.YouthWorker)
	lead, _ := chair.stream(path + "/live?beeld=lead")
	phone, _ := youth.stream(path + "/live")
	screen, _ := chair.stream(path + "/live?beeld=projector")
	await(t, phone, "live-point", string(c.Pseudonym))
	await(t, screen, "live-screen", string(c.Pseudonym))
	await(t, lead, "live-people", "aanwezig")

	if a := youth.post(path+"/punten/"+point.String()+"/bijdrage", "text", "op het veldje gaat het goed", "tone", "strength", "domain", "leisure", "knowing", "seen"); a.status != http.StatusSeeOther {
		t.Fatalf("contributing: %d %s", a.status, a.body)
	}
	await(t, lead, "live-signals", "op het veldje gaat het goed")
	if a := youth.post(path+"/hand", "hand", "op"); a.status != http.StatusSeeOther {
		t.Fatalf("raising a hand: %d", a.status)
	}
	await(t, lead, "live-people", "ongerenwerker")
	await(t, phone, "live-people", "Toch niet")
	if a := chair.post(path + "/woord/" + f.as(account.YouthWorker).Member.String()); a.status != http.StatusSeeOther {
		t.Fatalf("giving the floor: %d", a.status)
	}
	await(t, phone, "live-people", "Ik wil iets zeggen")
	before := f.readsOf(account.YouthWorker)
	if a := chair.post(path+"/punten/"+point.String()+"/afspraak", "what", "belt de sportclub", "responsible", f.as(account.YouthWorker).Member.String(), "due", f.clock.Now().AddDate(0, 0, 9).Format("2-1-2006")); a.status != http.StatusSeeOther {
		t.Fatalf("agreeing: %d", a.status)
	}
	await(t, phone, "live-agreements", "belt de sportclub")
	await(t, screen, "live-screen", "belt de sportclub")
	if n := f.readsOf(account.YouthWorker) - before; n != 1 {
		t.Errorf("one agreement shown left %d lines of reading it", n)
	}
	if a := youth.do("POST", "/afmelden", map[string][]string{}); a.status != http.StatusSeeOther {
		t.Fatalf("signing out: %d", a.status)
	}
	await(t, phone, "weg", "")
	ses, err := f.Store.Session(f.ctx, session)
	must(t, err)
	must(t, f.Meeting.CloseSession(f.ctx, f.as(account.Coordinator), session, ses.Revision))
	await(t, lead, "weg", "gesloten")
	await(t, screen, "weg", "gesloten")
	if s := f.log.String(); s != "" {
		t.Errorf("the server log says %s", s)
	}
}

// readsOf counts the lines of reading a case by a role.
func (f *fixture) readsOf(role account.Role) int {
	n := 0
	for _, l := range f.all() {
		if l.Event == audit.CaseRead && l.Role == string(role) {
			n++
		}
	}
	return n
}

// TestFollowerNotInvited: at a point of a case in which he takes no part a follower
// sees "ander onderwerp", adds nothing, and leaves no line of reading it.
func TestFollowerNotInvited(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	a := f.as(account.Coordinator)
	c := f.based()
	session, point := f.talkAbout(c.ID)
	path := "/overleggen/" + session.String()
	youth := f.client(base, account.YouthWorker)
	phone, _ := youth.stream(path + "/live")
	await(t, phone, "live-point", string(c.Pseudonym))
	must(t, f.Meeting.RemoveParticipant(f.ctx, a, c.ID, f.as(account.YouthWorker).Member))
	if html := await(t, phone, "live-point", "Ander onderwerp"); strings.Contains(html, string(c.Pseudonym)) {
		t.Error("the pseudonym stays")
	}
	await(t, phone, "live-agenda", "Ander onderwerp")
	must(t, f.Meeting.AddAgreement(f.ctx, a, meeting.NewAgreement{Once: uuid.New(), Case: c.ID, What: text("dit ziet hij niet"), Responsible: a.Member, Due: f.clock.Now().AddDate(0, 0, 3).Format("2-1-2006")}))
	if r := youth.post(path+"/punten/"+point.String()+"/bijdrage", "text", "toch iets", "tone", "concern", "domain", "school", "knowing", "seen"); r.status != http.StatusNotFound {
		t.Errorf("contributing where he takes no part: %d", r.status)
	}
	select {
	case e := <-phone:
		if strings.Contains(e.data, "dit ziet hij niet") {
			t.Error("an agreement of a case in which he takes no part")
		}
	case <-time.After(300 * time.Millisecond):
	}
	for _, r := range []account.Role{account.Officer, account.Admin} {
		if got := f.client(base, r).get(path + "/live"); got.status != http.StatusForbidden {
			t.Errorf("following as %s: %d", r, got.status)
		}
	}
	lines := f.lines()
	if got := youth.get(path + "/live?beeld=lead"); got.status != http.StatusForbidden || f.lines() == lines {
		t.Errorf("the chair's screen as a member: %d, %d lines", got.status, f.lines()-lines)
	}
	lines = f.lines()
	if got := youth.get(path + "/punten/" + point.String() + "/voorbereiden"); got.status != http.StatusNotFound || f.deniedSince(lines) == 0 {
		t.Errorf("preparing where he takes no part: %d, and no line of the refusal", got.status)
	}
}

// deniedSince counts the refusals in the team's log after so many lines.
func (f *fixture) deniedSince(n uint64) int {
	denied := 0
	for _, l := range f.all()[n:] {
		if l.Outcome == audit.Denied {
			denied++
		}
	}
	return denied
}
