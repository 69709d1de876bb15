// Package walk_test walks practices.md §1 in a real browser against the real
// program, as four people in turn, and looks at every page with axe.
package walk_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"zat/account"
	"zat/cmd/zat/internal/demo"
	"zat/cmd/zat/internal/kit"
)

// world is a running demo and a browser.
type world struct {
	URL     string
	People  []demo.Person
	browser *kit.Browser
}

var shared world

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "zat-walk-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	bin := filepath.Join(dir, "zat")
	if out, err := exec.Command("go", "build", "-o", bin, "zat/cmd/zat").CombinedOutput(); err != nil {
		panic(string(out))
	}
	ready := filepath.Join(dir, "ready.json")
	cmd := exec.Command(bin, "demo", "--addr", "127.0.0.1:0", "--data", filepath.Join(dir, "data"), "--ready", ready)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	defer func() { cmd.Process.Signal(os.Interrupt); cmd.Wait() }()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if b, err := os.ReadFile(ready); err == nil {
			if err := json.Unmarshal(b, &shared); err != nil {
				panic(err)
			}
			break
		}
		if time.Now().After(end) {
			panic("the demo does not start")
		}
	}
	if shared.browser, err = kit.Start("/usr/bin/chromium"); err != nil {
		panic(err)
	}
	defer shared.browser.Close()
	code := m.Run()
	if status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid)); err == nil { // Linux only
		fmt.Println("memory of the server after the walk:", regexp.MustCompile(`VmRSS:\s+\d+ kB`).FindString(string(status)))
	}
	return code
}

// tab is a person's browser.
type tab struct {
	*kit.Page
	t *testing.T
}

// as opens a browser of its own for a person and signs him in with one click.
func as(t *testing.T, role account.Role, nth int) tab {
	t.Helper()
	return asWith(t, shared.browser.Page(t), role, nth)
}

func asWith(t *testing.T, p *kit.Page, role account.Role, nth int) tab {
	t.Helper()
	for _, x := range shared.People {
		if x.Role != role {
			continue
		}
		if nth > 0 {
			nth--
			continue
		}
		for try := 0; ; try++ { // a code works once: the page asks to wait
			p.Goto(shared.URL + "/demo")
			p.ClickNav(fmt.Sprintf(`form:has([value=%q]) button`, x.Email))
			if !strings.HasSuffix(p.URL(), "/demo") {
				break
			}
			if try > 30 {
				t.Fatal("signing in keeps asking to wait")
			}
			time.Sleep(2 * time.Second)
		}
		p.Problems()
		return tab{p, t}
	}
	t.Fatalf("nobody is %s", role)
	return tab{}
}

// look checks the page that is open: status, axe, console, and that nothing is
// left untranslated or wider than the window.
func (b tab) look(what string) {
	b.t.Helper()
	if s := b.Status(); s != 200 {
		b.t.Fatalf("%s: status %d at %s", what, s, b.path())
	}
	b.inspect(what)
	if list := b.Problems(); len(list) > 0 {
		b.t.Errorf("%s: the browser complains: %s", what, strings.Join(list, "; "))
	}
}

func (b tab) inspect(what string) {
	b.t.Helper()
	for _, v := range b.Axe() {
		b.t.Errorf("%s: axe %s: %s at %s", what, v.ID, v.Help, strings.Join(v.Nodes, ", "))
	}
	if wide := kit.Eval[bool](b.Page, `() => document.documentElement.scrollWidth > innerWidth + 1`); wide {
		b.t.Errorf("%s is wider than the window at %s", what, b.path())
	}
	if m := rawKey.FindString(b.Text("body")); m != "" {
		b.t.Errorf("%s shows a catalogue key: %s", what, m)
	}
}

var rawKey = regexp.MustCompile(`\b(error|ok|nav|phase|domain|event|role|item|answer|point)\.[a-z]+\b`)

// both looks at the page at both widths.
func (b tab) both(what string) {
	b.t.Helper()
	b.Desktop()
	b.look(what + " (wide)")
	b.Mobile()
	b.look(what)
}

func (b tab) path() string { return strings.TrimPrefix(b.URL(), shared.URL) }

func (b tab) open(path string) { b.Goto(shared.URL + path) }

// says fails unless the page shows the words.
func (b tab) says(words ...string) {
	b.t.Helper()
	body := b.Text("body")
	for _, w := range words {
		if !strings.Contains(body, w) {
			b.t.Fatalf("%s does not show %q", b.path(), w)
		}
	}
}

func (b tab) silent(words ...string) {
	b.t.Helper()
	html := kit.Eval[string](b.Page, `() => document.documentElement.outerHTML`)
	for i, w := range words {
		if strings.Contains(html, w) {
			b.t.Errorf("%s shows word %d, which it must not", b.path(), i)
		}
	}
}

// chooseText picks the option of a list whose text contains the words.
func (b tab) chooseText(css, words string) {
	b.t.Helper()
	v := kit.Eval[string](b.Page, `(s, w) => [...document.querySelector(s).options].find(o => o.text.includes(w))?.value ?? ""`, css, words)
	if v == "" {
		b.t.Fatalf("%s offers no %q", css, words)
	}
	b.Select(css, v)
}

func in(days int) string { return time.Now().AddDate(0, 0, days).Format("2-1-2006") }

// surname is that of the walk's pupil in the demo's CSV: one without a case.
const surname = "Westerveldt"

// TestWalk walks practices §1 up to the closed session.
func TestWalk(t *testing.T) {
	chair := as(t, account.Coordinator, 0)
	chair.look("overview")
	name := chair.opensCase(t)
	chair.asks(name)
	chair.discloses(name)
	youth := as(t, account.YouthWorker, 0)
	youth.answers(name)
	session := chair.puts(name)
	youth.signals(name)
	police := as(t, account.Police, 0)
	police.contributes(name, session)
	chair.leads(name, session)
	police.open(session + "/verslag")
	police.look("minutes of a member")
	police.says(name, "Jongerenwerker gaat mee naar de open avond")
	police.silent(surname)
	officer := as(t, account.Officer, 0)
	officer.audits(name)
}

// find goes to the pupil of the walk in the register.
func (b tab) find(number string) {
	b.open("/register")
	b.Type("#zoek", number)
	b.ClickNav(`form[action="/register"] button`)
}

func (b tab) opensCase(t *testing.T) string {
	number := numberOf(t, surname)
	b.open("/register")
	b.look("register")
	b.find(number)
	b.look("search in the register")
	b.says(surname)
	b.ClickNav(`td:last-child a`)
	b.look("open a case")
	b.Type("textarea[name=question]", "Hoe helpen we "+surname+" aan een stage?")
	b.Check("input[name=domain][value=school]")
	b.WaitFor(".hits-live .alert") // the guard, while typing
	b.ClickNav("main form button.button:not([type=button])")
	if b.Status() != 422 {
		t.Fatalf("a registered name passed: status %d", b.Status())
	}
	b.says("naam uit het leerlingenregister")
	b.inspect("refused care question")
	b.Problems() // the 422 itself
	b.Check("fieldset input[type=checkbox][name='fix.question']")
	b.ClickNav("main form button.button:not([type=button])")
	b.look("case")
	b.says("Hoe helpen we de jongere aan een stage?")
	b.silent(surname)
	name := b.Text("h1")
	if !regexp.MustCompile(`^\p{Lu}\p{Ll}+-\d\d$`).MatchString(name) {
		t.Fatalf("the case is called %q", name)
	}
	b.ClickNav(`a[href$="/grondslag"]`)
	b.look("basis")
	b.Check("input[name=givers][value=parents]")
	b.Check("input[name=givers][value=pupil]")
	b.Type("input[name=ends]", in(300))
	b.Type("input[name=kept]", "Leerlingdossier")
	b.ClickNav("form.panel button.button:not([type=button])")
	b.look("case with a basis")
	b.says("Toestemming t/m")
	return name
}

// numberOf looks a pupil's number up in the demo's CSV.
func numberOf(t *testing.T, last string) string {
	t.Helper()
	b, err := os.ReadFile("../demo/leerlingen.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range strings.Split(string(b), "\r\n") {
		if f := strings.Split(row, ";"); len(f) == 7 && f[3] == last {
			return f[0]
		}
	}
	t.Fatalf("no pupil in the demo is called so")
	return ""
}

// toCase goes to a case by its pseudonym.
func (b tab) toCase(name string) {
	b.open("/casussen")
	b.Type("#zoek", strings.ToLower(name))
	b.ClickNav(`form[action="/casussen"] button`)
	b.ClickNav("tbody th a")
}

func (b tab) asks(name string) {
	b.chooseText(`form[action$="/vraag"] select`, "Rachid")
	b.ClickNav(`form[action$="/vraag"] button`)
	b.look("case with a question")
	b.says("De vraag is gesteld", "nog geen antwoord")
}

func (b tab) discloses(name string) {
	b.ClickNav(`a[href$="/identiteit"]`)
	b.look("identity")
	b.Type(`form[action$="/identiteit"] textarea`, "Ouders bellen over de stage")
	b.ClickNav(`form[action$="/identiteit"] button:not([type=button])`)
	b.look("name")
	b.says(surname, "verdwijnt na één minuut")
	b.ClickNav("section.identity a.button")
	b.silent(surname)
	b.ClickNav(`a[href$="/identiteit"]`)
	b.chooseText(`select[name=member]`, "jongerenwerker")
	b.chooseText(`select[name=basis]`, "Toestemming")
	b.Type("input[name=until]", in(20))
	b.Type(`form[action$="/onthulling"] textarea`, "Herkenning door het jongerenwerk")
	b.ClickNav(`form[action$="/onthulling"] button:not([type=button])`)
	b.look("disclosed")
	b.says("Rachid Amrani")
}

func (b tab) answers(name string) {
	b.Mobile()
	b.both("youth worker's start")
	b.ClickNav(`.tabbar a[href="/vragen"]`)
	b.both("questions")
	b.says(name)
	b.silent(surname)
	section := fmt.Sprintf(`section:has(h2:is(#%s))`, kit.Eval[string](b.Page, `n => [...document.querySelectorAll("h2")].find(h => h.textContent === n).id`, name))
	b.ClickNav(section + ` form[action$="/naam"] button`)
	b.both("disclosed name")
	b.says(surname)
	b.ClickNav("section.identity a.button")
	b.Check(section + ` input[value=yes]`)
	b.ClickNav(section + ` form[action^="/vragen/"]:not([action$="doorgeven"]) button`)
	b.look("questions answered")
	b.says("De zorgcoördinator ziet het")
}

// puts puts the case on the agenda of tomorrow's session.
func (b tab) puts(name string) string {
	b.toCase(name)
	b.says("Ja, ik heb contact")
	b.open("/overleggen")
	b.look("sessions")
	b.ClickNav(`main section a[href^="/overleggen/"]:not([href$="verslag"])`)
	b.look("agenda")
	session := strings.Split(b.path(), "?")[0]
	b.chooseText("select[name=case]", "Geen grondslag")
	b.ClickNav(`button[value=case]`)
	if b.Status() != 422 {
		b.t.Fatalf("a case without a basis went on the agenda: %d", b.Status())
	}
	b.says("geen geldige grondslag")
	b.Problems()
	b.chooseText("select[name=case]", name)
	b.Type("input[name=minutes]", "12")
	b.ClickNav(`button[value=case]`)
	b.look("agenda with the case")
	b.says(name)
	return session
}

// signals adds a signal in four interactions from the start page: the case, the
// life domain, the text, and send.
func (b tab) signals(name string) {
	b.open("/")
	id := kit.Eval[string](b.Page, `n => [...document.querySelectorAll('a[href^="/signaal?over="]')].find(a => a.textContent.includes(n)).getAttribute("href")`, name)
	b.ClickNav(fmt.Sprintf(`a[href=%q]`, id)) // 1
	b.both("new signal")
	b.Check("input[name=domain][value=leisure]")                                        // 2
	b.Type("textarea[name=text]", "Helpt bij de fietsenwerkplaats en is daar op tijd.") // 3
	b.ClickNav("main form button.button--block")                                        // 4
	b.both("case on a phone")
	b.says("Helpt bij de fietsenwerkplaats")
	b.silent(surname)
	b.open("/signaal?over=buurt")
	b.Check("input[name=domain][value=safety]")
	b.Type("textarea[name=text]", "Rustiger bij de brug dan vorige maand.")
	b.ClickNav("main form button.button--block")
	b.both("trends")
	b.says("Rustiger bij de brug")
	b.open("/signaal?over=ander")
	b.both("signal to the inbox")
	b.Type("input[name=who]", "Jongen met een blauwe fiets")
	b.Check("input[name=domain][value=home]")
	b.Check("input[name=knowing][value=told]")
	b.Type("textarea[name=text]", "Vertelt dat hij thuis weinig slaapt.")
	b.ClickNav("main form button.button--block")
	b.both("own signals")
	b.says("Wacht op de zorgcoördinator")
}

func (b tab) contributes(name, session string) {
	b.look("overview of a member")
	b.open(session)
	b.look("agenda of a member")
	b.toCase(name)
	b.look("case of a member")
	b.silent(surname, "Beheer van deze casus")
	b.Type(`form[action$="/notitie"] textarea`, "Geen meldingen bekend in de wijk.")
	b.ClickNav(`form[action$="/notitie"] button:not([type=button])`)
	b.says("Geen meldingen bekend")
	b.open("/register")
	if b.Status() != 403 {
		b.t.Errorf("a member opens the register: %d", b.Status())
	}
	b.inspect("refusal")
	b.Problems()
}

func (b tab) leads(name, session string) {
	b.open(session)
	b.Unfold(`form[action$="/start"] button`)
	b.ClickNav(`form[action$="/start"] button`)
	b.look("session begins with open agreements")
	b.says("Openstaande afspraken")
	b.Click(".presence summary")
	for i := range 5 {
		b.Check(fmt.Sprintf("#pr%d", i))
	}
	b.ClickNav(`form[action$="/aanwezig"] button`)
	b.says("5 van 6 aanwezig")
	for range 8 { // the keyboard: N goes on
		if b.Text("main h1") == name {
			break
		}
		b.Nav(func() { b.Press("n") })
		b.look("session at " + b.Text("main h1"))
	}
	b.says("Helpt bij de fietsenwerkplaats")
	b.silent(surname)
	b.Type(".notes textarea", "De fietsenwerkplaats kan een stageplek bieden.")
	b.Click(".notes button:not([type=button])")
	b.WaitText(".notes [data-said]", "Opgeslagen")
	b.look("notes saved")
	b.Type("aside input[name=what]", "Jongerenwerker gaat mee naar de open avond")
	b.chooseText("aside select[name=responsible]", "jongerenwerker")
	b.Type("aside input[name=due]", in(-1))
	b.Click("aside form[action$=afspraak] button:not([type=button])")
	b.WaitText("aside form[action$=afspraak]", "al voorbij")
	b.inspect("refused agreement")
	b.Problems()
	b.Type("aside input[name=due]", in(14))
	b.Click("aside form[action$=afspraak] button:not([type=button])")
	b.WaitText(`[data-live="live-agreements"]`, "Jongerenwerker gaat mee")
	b.look("agreement made")
	b.Click("#besluit summary")
	b.Type("textarea[name=decision]", "Stage bij de fietsenwerkplaats, te beginnen met twee dagen.")
	b.Type("textarea[name=goals]", "Een stageplek voor de voorjaarsvakantie.")
	b.Check("input[name=shared][value=yes]")
	b.chooseText("select[name=lead]", "zorgcoördinator")
	b.Type("input[name=evaluate]", in(60))
	b.ClickNav("#besluit button.button:not([type=button])")
	b.look("decision recorded")
	b.projector(session, name)
	b.open(session)
	b.Click(".sure summary")
	b.ClickNav(`form[action$="/sluiten"] button`)
	b.look("minutes")
	b.says(name, "Stage bij de fietsenwerkplaats", "Jongerenwerker gaat mee", "Controlepunt van het logboek", "zat/")
	b.silent(surname)
}

func (b tab) projector(session, name string) {
	b.open(session + "/projectie")
	b.look("projector")
	b.says(name, "Jongerenwerker gaat mee")
	b.silent(surname, "kan een stageplek bieden", "Marijke")
}

func (b tab) audits(name string) {
	b.look("log")
	b.says("De keten is ongebroken")
	b.Type("#cas", name)
	b.ClickNav(`form:has(#cas) button`)
	b.look("who saw a case")
	b.says("Naam geopend of onthuld", "wijkagent")
	b.ClickNav(`a[href^="/logboek?casus="]`)
	b.look("log of a case")
	b.says("Identiteit geopend", "Ouders bellen over de stage", "Naam onthuld aan lid", "wijkagent")
	b.silent(surname, "fietsenwerkplaats")
	b.open("/logboek/bewijs")
	b.ClickNav(`form[action="/logboek/controleren"] button`)
	b.WaitText("main", "De keten is ongebroken")
	b.look("log checked")
	b.open("/casussen")
	if b.Status() != 403 {
		b.t.Errorf("the officer opens cases: %d", b.Status())
	}
	b.Problems()
}

// TestWithoutJavaScript walks the key steps with JavaScript switched off.
func TestWithoutJavaScript(t *testing.T) {
	p := shared.browser.Page(t)
	p.NoJS()
	youth := asWith(t, p, account.YouthWorker, 0)
	youth.Mobile()
	youth.ClickNav(`a[href^="/signaal?over="]`)
	youth.Check("input[name=domain][value=home]")
	youth.Type("textarea[name=text]", "Zag emirhan toprak bij de brug, bel 06-12345678.")
	youth.ClickNav("main form button.button--block")
	if youth.Status() != 422 {
		t.Fatalf("a name in lower case passed: %d", youth.Status())
	}
	youth.inspect("refused signal without JavaScript")
	youth.Problems()
	if got := youth.Value("textarea[name=text]"); !strings.Contains(got, "bij de brug") {
		t.Errorf("what was typed is lost: %q", got)
	}
	youth.Nav(func() { youth.Click("textarea[name=text]"); youth.Click("main form button.button--block") })
	if youth.Status() != 422 {
		t.Errorf("sending it again passes: %d", youth.Status())
	}
	youth.Problems()
	youth.Check(`input[name="fix.text"][value$="=>de jongere"]`)
	youth.Check(`input[name="fix.text"][value$="=>[telefoonnummer]"]`)
	youth.ClickNav("main form button.button--block")
	youth.look("signal sent without JavaScript")
	youth.says("Zag de jongere bij de brug, bel [telefoonnummer].")

	p = shared.browser.Page(t)
	p.NoJS()
	chair := asWith(t, p, account.Coordinator, 1)
	chair.open("/overleggen/nieuw")
	chair.look("plan a session without JavaScript")
	chair.Type("input[name=day]", in(30))
	chair.Type("input[name=place]", "Lokaal 2")
	chair.ClickNav("main form button.button")
	chair.look("session planned")
	chair.Unfold(`form[action$="/start"] button`)
	chair.ClickNav(`form[action$="/start"] button`)
	chair.look("session started")
	chair.ClickNav(`.meeting__next form[action$="/naar"] button`)
	chair.Type(".notes textarea", "Rondvraag: niets bijzonders.")
	chair.ClickNav(".notes button")
	chair.look("notes without JavaScript")
	chair.Click(".sure summary")
	chair.ClickNav(`form[action$="/sluiten"] button`)
	chair.look("minutes without JavaScript")
	chair.says("Rondvraag: niets bijzonders.")
}

// TestEnterNeverOverrides presses Enter on a choice of the guard: it sends the
// form and chooses nothing by itself.
func TestEnterNeverOverrides(t *testing.T) {
	youth := as(t, account.YouthWorker, 0)
	youth.open("/signaal?over=buurt")
	youth.Check("input[name=domain][value=home]")
	youth.Type("textarea[name=text]", "Bel mij op 0612345678 hierover.")
	youth.ClickNav("main form button.button--block")
	if youth.Status() != 422 {
		t.Fatalf("a phone number passed: %d", youth.Status())
	}
	youth.Nav(func() {
		kit.Eval[int](youth.Page, `() => { document.querySelector("input[name='keep.text']").focus(); return 0 }`)
		youth.Press(kb.Enter)
	})
	if youth.Status() != 422 {
		t.Errorf("Enter on a choice let the text pass: %d", youth.Status())
	}
}

// TestNarrowAndEnglish looks at the main pages at 320 pixels and in English.
func TestNarrowAndEnglish(t *testing.T) {
	chair := as(t, account.Coordinator, 1)
	youth := as(t, account.YouthWorker, 1)
	for _, b := range []tab{chair, youth} {
		b.ClickNav(`form[action="/taal"] button`)
		b.Viewport(320, 700, true)
		for _, path := range []string{"/", "/casussen", "/overleggen", "/afspraken", "/trends", "/signaal"} {
			b.open(path)
			b.look(path + " at 320 pixels in English")
		}
		b.says("Sign out")
	}
	for _, path := range []string{"/register", "/team", "/account", "/account/wachtwoord", "/account/herstelcode", "/account/telefoon"} {
		chair.open(path)
		chair.look(path + " at 320 pixels")
	}
	chair.open("/team")
	chair.ClickNav(`a[href$="/beeindigen"]`)
	chair.look("ending a membership at 320 pixels")
	for _, path := range []string{"/herstel/wachtwoord", "/herstel/telefoon"} {
		youth.open(path)
		youth.look(path + " at 320 pixels")
	}
}
