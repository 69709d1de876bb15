package house_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"zat/account"
)

// TestCover: behind the cover no page opens and what was typed is kept; the PIN lifts it,
// and five wrong ones end the session.
func TestCover(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	c := f.client(base, account.YouthWorker)
	cs := f.based()
	session, point := f.talkAbout(cs.ID)
	path := "/overleggen/" + session.String()
	phone, _ := c.stream(path + "/live")
	await(t, phone, "live-point", string(cs.Pseudonym))
	if a := c.post("/slot/dicht", "pagina", path); a.to != "/slot?verder="+strings.ReplaceAll(path, "/", "%2F") {
		t.Errorf("locking without a PIN goes to %s", a.to)
	}
	for name, pin := range map[string][2]string{"too short": {"123", "123"}, "letters": {"abcd", "abcd"}, "in a row": {"1234", "1234"}, "all the same": {"7777", "7777"}, "different": {"4711", "4712"}} {
		if a := c.post("/slot/dicht", "pin", pin[0], "again", pin[1]); a.status != http.StatusUnprocessableEntity {
			t.Errorf("a PIN that is %s: %d", name, a.status)
		}
	}
	if a := c.post("/slot/dicht", "pin", "4711", "again", "4711", "verder", path); a.status != http.StatusSeeOther {
		t.Fatalf("locking: %d", a.status)
	}
	await(t, phone, "weg", "")
	for _, p := range []string{"/", "/casussen/" + cs.ID.String(), path, path + "/live", "/account", "/afspraken"} {
		if a := c.get(p); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/slot") {
			t.Errorf("%s behind the cover: %d to %s", p, a.status, a.to)
		}
	}
	if a := c.post(path+"/punten/"+point.String()+"/bijdrage", "text", "nog niet verstuurd", "pagina", path); !strings.Contains(a.to, "bewaard=1") {
		t.Errorf("what was typed goes to %s", a.to)
	}
	if a := c.post("/slot/dicht", "pin", "9999", "again", "9999"); a.status != http.StatusSeeOther || a.to != "/slot" {
		t.Errorf("another PIN behind the cover: %d to %s", a.status, a.to)
	}
	if a := c.post("/slot", "pin", "9999"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("it lifts the cover: %d", a.status)
	}
	if a := c.post("/slot", "pin", "4712"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong PIN: %d", a.status)
	}
	if a := c.post("/slot", "pin", "4711", "verder", path); a.to != path {
		t.Fatalf("the PIN: %d to %s", a.status, a.to)
	}
	if a := c.get("/concepten"); !strings.Contains(a.body, "bijdrage") && a.status != http.StatusOK {
		t.Errorf("the drafts: %d", a.status)
	}
	if a := c.get(path); a.status != http.StatusOK {
		t.Errorf("after lifting: %d", a.status)
	}
	c.post("/slot/dicht", "pagina", path)
	for range 5 {
		c.post("/slot", "pin", "0000")
	}
	if a := c.post("/slot", "pin", "4711"); a.to != "/aanmelden" {
		t.Errorf("the PIN after five wrong ones: %d to %s", a.status, a.to)
	}
}

// TestCoverByItself: who only follows is covered after a quarter of an hour, and is still
// signed in; the room's screen goes on.
func TestCoverByItself(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	cs := f.based()
	session, _ := f.talkAbout(cs.ID)
	path := "/overleggen/" + session.String()
	phone, chair := f.client(base, account.YouthWorker), f.client(base, account.Coordinator)
	start, covered := f.clock.Now(), time.Duration(0)
	for covered == 0 { // following keeps both signed in
		f.clock.Set(f.clock.Now().Add(time.Minute))
		if a := phone.get(path + "/live"); a.status != http.StatusOK {
			if covered = f.clock.Now().Sub(start); !strings.HasPrefix(a.to, "/slot") {
				t.Fatalf("following after %v: %d to %s", covered, a.status, a.to)
			}
		}
		chair.get(path + "/live?beeld=projector")
	}
	if covered < 14*time.Minute || covered > 20*time.Minute {
		t.Errorf("covered after %v", covered)
	}
	if a := phone.get(path); !strings.HasPrefix(a.to, "/slot") {
		t.Errorf("after twenty minutes of following: %d to %s", a.status, a.to)
	}
	if a := chair.get(path + "/projectie"); a.status != http.StatusOK {
		t.Errorf("the room's screen: %d", a.status)
	}
	if a := phone.get("/bevestigen"); a.status != http.StatusOK {
		t.Errorf("proving behind the cover: %d", a.status)
	}
	p := f.person(account.YouthWorker)
	if a := phone.post("/bevestigen", "current", p.Password, "verder", path); a.to != path || a.cookie == "" {
		t.Errorf("the password behind the cover: %d to %s", a.status, a.to)
	} else {
		phone.token = a.cookie
	}
	if a := phone.get(path); a.status != http.StatusOK {
		t.Errorf("after it: %d", a.status)
	}
}
