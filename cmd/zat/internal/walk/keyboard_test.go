package walk_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"zat/account"
	"zat/cmd/zat/internal/kit"
)

// TestSessionByKeyboard walks a whole session without a mouse: the chair from the agenda to
// fixed minutes, a member on his own device.
func TestSessionByKeyboard(t *testing.T) {
	b := newBuilding(t)
	chair, youth := b.enter(account.Coordinator), b.enter(account.YouthWorker)
	chair.Goto(b.URL + "/overleggen")
	chair.Enter(`main section a[href^="/overleggen/"]:not([href$="verslag"])`)
	session := strings.Split(chair.URL(), "?")[0]
	order := func() string {
		return kit.Eval[string](chair.Page, `() => [...document.querySelectorAll("[data-point]")].map(e => e.innerText.split("\n")[0]).join()`)
	}
	before := order()
	chair.Enter(`form[action$="/omlaag"] button`)
	if order() == before {
		t.Error("the arrow does not move a point")
	}
	chair.Enter(`[data-point]:nth-child(2) form[action$="/omhoog"] button`)
	if order() != before {
		t.Error("the other arrow does not move it back")
	}
	chair.TabTo("[data-autosend]")
	chair.TypeHere("7")
	chair.Nav(func() { chair.Press(kb.Enter) })
	if got := chair.Value("[data-autosend]"); got != "7" {
		t.Errorf("the minutes are %s", got)
	}
	chair.TabTo("details.sure > summary")
	chair.Press(kb.Enter) // it is planned for another day
	chair.Enter(`form[action$="/start"] button`)
	youth.Goto(session)
	chair.Nav(func() { chair.Press("n") })
	name := chair.Text("main h1")
	youth.WaitText("main h1", name)

	chair.Press("?")
	chair.WaitFor("dialog[open]")
	chair.inspect("shortcuts")
	chair.Press(kb.Escape)
	chair.Gone("dialog")
	chair.Press("o")
	chair.at("textarea[name=text]")
	chair.TypeHere("De werkplaats heeft een plek.")
	chair.TabTo(".notes button:not([type=button])")
	chair.Press(kb.Enter)
	chair.WaitText(".notes [data-said]", "Opgeslagen")
	chair.Press(kb.Escape)
	chair.Press("a")
	chair.at("[name=what]")
	chair.TypeHere("Wijkagent kijkt binnen twee weken op het plein")
	chair.Press(kb.Enter)
	youth.WaitText(`[data-live="live-agreements"]`, "Wijkagent kijkt")
	chair.Press(kb.Escape)
	chair.Press("b")
	chair.at("[name=concerns]")
	chair.TabTo("[name=decision]")
	chair.TypeHere("Twee dagen stage.")
	chair.TabTo("select[name=lead]")
	chair.Press("zorg") // picks by its first letters
	chair.TabTo("[name=evaluate]")
	chair.TypeHere(in(40))
	chair.Enter("#besluit button.button:not([type=button])")
	chair.says("Besluit en vervolg")
	chair.look("decided by keyboard")

	youth.Press("h")
	chair.WaitText(`[data-live="live-people"]`, "jongerenwerker")
	chair.TabTo(`[data-live="live-people"] form button`)
	chair.Press(kb.Enter)
	youth.WaitText("#hand", "Ik wil iets zeggen")

	chair.Press("t")
	chair.Press("l")
	chair.WaitFor("[name=again]")
	chair.TabTo("[name=pin]")
	chair.TypeHere("4711")
	chair.TabTo("[name=again]")
	chair.TypeHere("4711")
	chair.Nav(func() { chair.Press(kb.Enter) })
	chair.look("locked")
	chair.TabTo("[name=pin]")
	chair.TypeHere("4711")
	chair.Nav(func() { chair.Press(kb.Enter) })
	if chair.Text("main h1") != name {
		t.Errorf("behind the cover is %s", chair.Text("main h1"))
	}

	chair.TabTo(".meeting__next .sure summary")
	chair.Press(kb.Enter)
	chair.Enter(`form[action$="/sluiten"] button`)
	chair.look("minutes by keyboard")
	youth.WaitText("main h1", "Verslag")
	youth.Enter(`form[action$="/akkoord"] button`)
	chair.TabTo(".sure summary")
	chair.Press(kb.Enter)
	chair.Enter(`form[action$="/vaststellen"] button`)
	chair.says("Vastgesteld", "Twee dagen stage.", "De werkplaats heeft een plek.", "Wijkagent kijkt")
}

// at checks where the focus is.
func (b tab) at(css string) {
	b.t.Helper()
	if !kit.Eval[bool](b.Page, `s => document.activeElement.matches(s)`, css) {
		b.Screenshot("/tmp/k.png", false)
		b.t.Fatalf("the focus is not at %s but at %s", css, kit.Eval[string](b.Page, `() => document.activeElement.outerHTML.slice(0, 200)`))
	}
}
