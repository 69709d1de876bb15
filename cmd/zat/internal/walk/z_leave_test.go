package walk_test

import (
	"fmt"
	"strings"
	"testing"

	"zat/account"
	"zat/cmd/zat/internal/kit"
)

// TestLeavingMidSession: while a session is held, the doctor's membership ends. Her next
// tap leads to the sign-in page and tells nothing, and the chair goes on and closes.
// It runs last: somebody is missing after it.
func TestLeavingMidSession(t *testing.T) {
	chair, doctor := as(t, account.Coordinator, 1), as(t, account.Doctor, 0)
	chair.open("/overleggen/nieuw")
	chair.Type("[name=day]", in(1))
	chair.Type("[name=place]", "Lokaal 12")
	chair.ClickNav("main form button:not([type=button])")
	chair.look("a session")
	session := chair.path()
	if i := strings.IndexByte(session, '?'); i > 0 {
		session = session[:i]
	}
	chair.Unfold(`form[action$="/start"] button`)
	chair.ClickNav(`form[action$="/start"] button`)
	doctor.Mobile()
	doctor.open(session)
	doctor.look("following")

	office := as(t, account.Admin, 0)
	office.open("/team")
	to := kit.Eval[string](office.Page, `n => [...document.querySelectorAll("main li")].find(r => r.innerText.includes(n))?.querySelector("a")?.getAttribute("href") ?? ""`, "Elif Karaca")
	office.ClickNav(fmt.Sprintf(`a[href=%q]`, to))
	office.both("ending a membership")
	office.Desktop()
	if office.Exists("[name=successor]") {
		office.chooseText("[name=successor]", "Marijke")
	}
	office.ClickNav("main form button:not([type=button])")
	office.look("ended")

	doctor.open(session)
	if !strings.Contains(doctor.URL(), "/aanmelden") {
		t.Errorf("after leaving: %s", doctor.path())
	}
	doctor.silent("Elif", "overleg begonnen")
	doctor.look("signed out")
	chair.open(session)
	chair.look("the chair goes on")
	chair.Click(".sure summary")
	chair.ClickNav(`form[action$="/sluiten"] button`)
	chair.look("closed without her")
}
