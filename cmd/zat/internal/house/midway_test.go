package house_test

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/fault"
)

// TestLeavingMidSession ends the youth worker's membership while the case is being
// discussed: his device is out at once, the chair writes on, and nothing that was
// noted is lost when the keys change under the session.
func TestLeavingMidSession(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	chair, phone, admin := f.client(base, account.Coordinator), f.client(base, account.YouthWorker), f.as(account.Admin)
	c := f.based()
	session, point := f.talkAbout(c.ID)
	path := "/overleggen/" + session.String()
	if a := phone.get(path); a.status != http.StatusOK {
		t.Fatalf("following: %d", a.status)
	}
	must(t, f.Staff.End(f.ctx, admin, f.as(account.YouthWorker).Member, f.as(account.Coordinator).Member))
	for _, p := range []string{path, path + "/live", "/casussen/" + c.ID.String()} {
		if a := phone.get(p); a.status != http.StatusSeeOther {
			t.Errorf("%s after leaving: %d", p, a.status)
		}
	}
	if a := phone.post("/casussen/"+c.ID.String()+"/notitie", "text", "nog snel iets"); a.status != http.StatusSeeOther || a.to != "/aanmelden" {
		t.Errorf("writing after leaving: %d to %s", a.status, a.to)
	}
	before, err := f.Meeting.ReadCase(f.ctx, f.as(account.Coordinator), c.ID)
	must(t, err)
	var all sync.WaitGroup
	all.Go(func() { f.everybodyRenews() })
	wrote := 0
	for i := range 12 {
		if err := f.Meeting.AddNote(f.ctx, f.as(account.Coordinator), c.ID, uuid.New(), text("notitie tijdens het overleg "+strconv.Itoa(i))); err == nil {
			wrote++
		} else if !fault.Is(err, fault.Busy) {
			t.Errorf("note %d: %v", i, err)
		}
	}
	all.Wait()
	if a := chair.post(path+"/punten/"+point.String()+"/afspraak", "what", "bellen", "responsible", f.as(account.Coordinator).Member.String(), "due", f.day(5), "pagina", path); a.status != http.StatusSeeOther {
		t.Errorf("an agreement after it: %d", a.status)
	}
	if a := chair.get(path); a.status != http.StatusOK {
		t.Errorf("the chair's page: %d", a.status)
	}
	v, err := f.Meeting.ReadCase(f.ctx, f.as(account.Coordinator), c.ID)
	must(t, err)
	if len(v.Items) != len(before.Items)+wrote+1 || wrote == 0 {
		t.Errorf("%d texts, want %d and %d and an agreement", len(v.Items), len(before.Items), wrote)
	}
	f.sound()
}

// TestCodes: a code works once, half a minute early or late, and not a minute.
func TestCodes(t *testing.T) {
	f := furnished(t)
	p := f.person(account.Doctor)
	f.insider(`UPDATE account SET last_step = 0 WHERE email = ?`, p.Email)
	in := func(step int64) error {
		code, err := signin.TOTPCode(p.TOTPSecret, step)
		must(t, err)
		_, err = f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: code, Network: "192.0.2.30"})
		return err
	}
	if rest := 30 - time.Now().Unix()%30; rest < 5 { // not across two steps
		time.Sleep(time.Duration(rest) * time.Second)
	}
	now := signin.TOTPStep(f.clock.Now())
	for _, c := range []struct {
		name string
		step int64
		ok   bool
	}{{"a minute early", now + 2, false}, {"a minute late", now - 2, false}, {"half a minute late", now - 1, true}, {"the same again", now - 1, false},
		{"now", now, true}, {"half a minute early", now + 1, true}, {"earlier than one that was used", now, false}} {
		if err := in(c.step); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
