package walk_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"zat/account"
	"zat/cmd/zat/internal/kit"
)

// TestOfficerByKeyboard answers the officer's questions without a mouse.
func TestOfficerByKeyboard(t *testing.T) {
	b := newBuilding(t)
	chair, officer := b.enter(account.Coordinator), b.enter(account.Officer)
	chair.Goto(b.URL + "/casussen")
	name := chair.Text("tbody tr:nth-child(2) th a")
	officer.Goto(b.URL + "/logboek")
	officer.TabTo("#cas")
	officer.TypeHere(name)
	officer.Nav(func() { officer.Press(kb.Enter) })
	officer.says("Wie zag " + name)
	officer.Enter(`form[action^="/logboek/casussen/"] button`)
	officer.says("artikel 15 AVG")

	officer.Goto(b.URL + "/logboek/controles")
	officer.Enter(`form[action="/logboek/controles"] button.button--block`)
	officer.says("Steekproef")
	officer.TabTo("[name=looked]")
	officer.Press(" ")
	if !kit.Eval[bool](officer.Page, `() => document.querySelector("[name=looked]").checked`) {
		t.Error("the space bar does not tick a line")
	}
	officer.Enter(`th a[href*="controle="]`)
	officer.says("Technische gegevens")
	officer.Enter(`main a[href*="/logboek/controles/"]`)
	officer.says("Steekproef")

	officer.Goto(b.URL + "/logboek/bewijs")
	officer.Enter(`form[action="/logboek/controleren"] button`)
	officer.WaitText("main", "De keten is ongebroken")
}
