package walk_test

import (
	"fmt"
	"strings"
	"testing"

	"zat/account"
	"zat/cmd/zat/internal/kit"
)

// TestOfficer walks the officer's three questions in a browser: who saw this case and why,
// did anyone look who should not have, and can I trust this log. axe looks at every page.
func TestOfficer(t *testing.T) {
	b := newBuilding(t)
	chair, youth, officer := b.enter(account.Coordinator), b.enter(account.YouthWorker), b.enter(account.Officer)
	chair.Goto(b.URL + "/casussen")
	name := chair.Text("tbody tr:nth-child(2) th a")
	chair.ClickNav("tbody tr:nth-child(2) th a")
	youth.Goto(chair.URL())
	youth.Goto(b.URL + "/casussen/00000000-0000-4000-8000-000000000000") // nothing of his

	officer.Goto(b.URL + "/logboek")
	officer.look("log")
	officer.whoSaw(name)
	officer.whoShouldNot(b.URL)
	officer.canBeTrusted(b.URL, t)
	officer.leavesBuilding(b.URL)
	chair.ClickNav(`a[href$="/gezien"]`)
	chair.look("who saw my case")
	chair.says("jongerenwerker")
}

// whoSaw finds everyone who saw a case, and one line of it in words.
func (b tab) whoSaw(name string) {
	b.Type("#cas", name)
	b.ClickNav(`form:has(#cas) button`)
	b.look("who saw a case")
	b.says("Wie zag "+name, "Ingezien", "Toestemming")
	if strings.Contains(b.URL(), name) {
		b.t.Errorf("the address holds the pseudonym: %s", b.path())
	}
	here := b.URL()
	b.ClickNav(`a[href^="/logboek?casus="]`)
	b.look("lines of a case")
	b.ClickNav("tbody tr th a")
	b.look("a line in full")
	b.says("Dat is gelukt.", "Technische gegevens")
	b.Goto(here)
	b.ClickNav(`form[action^="/logboek/casussen/"] button`)
	b.look("report for an access request")
	b.says("artikel 15 AVG")
	b.silent("Rachid", "Marijke")
}

// whoShouldNot looks at findings, a person, and draws a review.
func (b tab) whoShouldNot(url string) {
	b.Goto(url + "/logboek/bevindingen")
	b.look("findings")
	b.says("Onthullingen")
	b.ClickNav(`main ul a[href^="/logboek/personen/"]`)
	b.look("a person")
	b.Goto(url + "/logboek/controles")
	b.look("reviews")
	b.Type("[name=count]", "5")
	b.ClickNav(`form[action="/logboek/controles"] button`)
	b.look("a review")
	b.ClickNav(`button[name=sign]`)
	b.inspect("a review signed too early")
	b.Problems() // a refused form
	b.says("Vink alle regels van de steekproef aan")
	for i := range 5 {
		b.Click(fmt.Sprintf(`tbody tr:nth-child(%d) [name=looked]`, i+1))
	}
	b.Type("[name=finding]", "Alle vijf verklaarbaar.")
	b.Check(`[name=verdict][value=nothing]`)
	b.ClickNav(`button[name=sign]`)
	b.look("a signed review")
	b.says("Niets bijzonders", "Alle vijf verklaarbaar.")
}

// canBeTrusted checks the log in the background, and compares with what the browser kept.
func (b tab) canBeTrusted(url string, t *testing.T) {
	b.Goto(url + "/logboek/bewijs")
	b.look("proof")
	b.WaitFor("[data-kept]")
	kept := kit.Eval[int](b.Page, `() => Object.keys(localStorage).filter(k => k.startsWith("zat-checkpoint-")).length`)
	if kept != 1 {
		t.Errorf("the browser keeps %d checkpoints", kept)
	}
	b.ClickNav(`form[action="/logboek/controleren"] button`)
	b.WaitText("main", "De keten is ongebroken")
	b.WaitText("[data-compared]", "alleen gegroeid")
	b.look("proof after a check")
	b.Type("[name=checkpoint]", "dit is geen controlepunt")
	b.ClickNav(`form[action="/logboek/vergelijken"] button`)
	b.inspect("no checkpoint")
	b.Problems() // a refused form
	b.says("Dit is geen controlepunt")
}

// leavesBuilding looks at what leaves the building: breaches, exports, the register of processing.
func (b tab) leavesBuilding(url string) {
	b.Goto(url + "/logboek/datalekken")
	b.look("breaches")
	b.ClickNav(`form[action="/logboek/datalekken"] button:not([name])`)
	b.inspect("an empty breach")
	b.Problems() // a refused form
	b.says("Kies")
	b.Select("[name=kind]", "device")
	b.Type("[name=from]", in(-30))
	b.ClickNav("button[name=wat]")
	b.inspect("the extent of a breach")
	b.Problems() // a refused form
	b.says("Het gaat om")
	b.Type("[name=facts]", "Telefoon kwijt in de trein.")
	b.ClickNav(`form[action="/logboek/datalekken"] button:not([name])`)
	b.look("a breach")
	b.says("uur om te melden")
	if got := b.Value("[name=facts]"); got != "Telefoon kwijt in de trein." {
		b.t.Errorf("the facts read back as %q", got)
	}
	for _, page := range []string{"/logboek/verwerkingen", "/logboek/uitvoer"} {
		b.Goto(url + page)
		b.look(page)
	}
}
