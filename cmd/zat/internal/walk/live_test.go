package walk_test

import (
	"encoding/json"

	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"zat/account"
	"zat/cmd/zat/internal/kit"
)

// building is a server on a port of its own that can be killed and started again with
// the same data.
type building struct {
	world
	t         *testing.T
	bin, data string
	addr      string
	cmd       *exec.Cmd
}

func newBuilding(t *testing.T) *building {
	t.Helper()
	dir := t.TempDir()
	b := &building{t: t, bin: filepath.Join(dir, "zat"), data: filepath.Join(dir, "data")}
	if out, err := exec.Command("go", "build", "-o", b.bin, "zat/cmd/zat").CombinedOutput(); err != nil {
		t.Fatal(string(out))
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.addr = ln.Addr().String()
	ln.Close()
	ready := filepath.Join(dir, "ready.json")
	b.start("demo", "--addr", b.addr, "--data", b.data, "--ready", ready)
	t.Cleanup(func() { b.kill() })
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if raw, err := os.ReadFile(ready); err == nil && json.Unmarshal(raw, &b.world) == nil {
			return b
		}
		if time.Now().After(end) {
			t.Fatal("the demo does not start")
		}
	}
}

func (b *building) start(args ...string) {
	b.cmd = exec.Command(b.bin, args...)
	b.cmd.Stderr = os.Stderr
	if err := b.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
}

// kill ends the server at once, as a cut of the power does.
func (b *building) kill() {
	b.cmd.Process.Kill()
	b.cmd.Wait()
}

// again starts it on the same port and waits until it answers.
func (b *building) again() {
	b.start("serve", "--addr", b.addr, "--data", b.data)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if c, err := net.Dial("tcp", b.addr); err == nil {
			c.Close()
			return
		}
	}
	b.t.Fatal("the server does not start again")
}

func (b *building) enter(role account.Role) tab {
	b.t.Helper()
	before := shared
	shared.URL, shared.People = b.URL, b.People
	defer func() { shared.URL, shared.People = before.URL, before.People }()
	return as(b.t, role, 0)
}

// TestSessionTogether walks a whole session with four browsers at once: three cases,
// contributions and hands from phones, one phone offline for a while, and the server
// killed and started again in the middle. Nobody reloads a page by hand.
func TestSessionTogether(t *testing.T) {
	b := newBuilding(t)
	chair, youth, police, doctor := b.enter(account.Coordinator), b.enter(account.YouthWorker), b.enter(account.Police), b.enter(account.Doctor)
	for _, p := range []tab{youth, police, doctor} {
		p.Mobile()
	}
	chair.Goto(b.URL + "/overleggen")
	chair.ClickNav(`main section a[href^="/overleggen/"]:not([href$="verslag"])`)
	session := strings.Split(chair.URL(), "?")[0]
	chair.look("agenda")
	chair.Unfold(`form[action$="/start"] button`)
	chair.ClickNav(`form[action$="/start"] button`)
	for _, p := range []tab{youth, police, doctor} {
		p.Goto(session)
		p.look("following")
	}
	chair.WaitText(`[data-live="live-people"]`, "4 van 6 aanwezig")
	chair.Nav(func() { chair.Press("n") })
	first := chair.Text("main h1")
	for _, p := range []tab{youth, police, doctor} {
		p.WaitText("main h1", first)
		p.look("following the first case")
	}

	contribute(youth, "Op het plein gaat het de laatste weken goed.")
	chair.WaitText(`[data-live="live-signals"]`, "Op het plein gaat het de laatste weken goed.")
	police.Click("#hand")
	chair.WaitText(`[data-live="live-people"]`, "wijkagent")
	chair.Click(`[data-live="live-people"] form button`)
	police.WaitText("#hand", "Ik wil iets zeggen")

	chair.Press("a") // by keyboard: to the line of the agreement, and send it
	if !kit.Eval[bool](chair.Page, `() => document.activeElement.name === "what"`) {
		t.Error("A does not go to the agreement")
	}
	chair.Type("aside input[name=what]", "Jongerenwerker belt de oudere broer binnen twee weken")
	chair.Press("\r")
	for _, p := range []tab{youth, police, doctor} {
		p.WaitText(`[data-live="live-agreements"]`, "belt de oudere broer")
	}
	chair.look("agreement in one line")

	doctor.Offline(true)
	contribute(doctor, "Afspraak op het spreekuur staat gepland.")
	doctor.WaitText("[data-said]", "Nog niet verstuurd")
	b.kill()
	youth.Type("form[data-send] textarea", "Dit typte ik toen de server weg was.")
	youth.WaitText("[data-lost]", "Geen verbinding")
	time.Sleep(2 * time.Second)
	b.again()
	doctor.Offline(false)
	chair.WaitText(`[data-live="live-signals"]`, "Afspraak op het spreekuur staat gepland.")
	doctor.WaitText("[data-said]", "Verstuurd")
	if got := youth.Value("form[data-send] textarea"); got != "Dit typte ik toen de server weg was." {
		t.Errorf("what was typed while the server was away: %q", got)
	}
	choose(youth)
	chair.WaitText(`[data-live="live-signals"]`, "Dit typte ik toen de server weg was.")
	for _, p := range []tab{chair, youth, police, doctor} {
		p.Problems() // the cut itself
	}

	for range 2 {
		before := chair.Text("main h1")
		chair.Press(kb.Escape) // out of the field
		chair.Nav(func() { chair.Press("n") })
		now := chair.Text("main h1")
		if now == before {
			t.Fatal("N does not go on")
		}
		for _, p := range []tab{youth, police, doctor} {
			p.WaitText("main h1", now)
		}
	}
	chair.look("third case")
	doctor.look("following the third case")
	chair.Click(".sure summary")
	chair.ClickNav(`form[action$="/sluiten"] button`)
	chair.look("minutes, draft")
	for _, p := range []tab{youth, police, doctor} {
		p.WaitText("main h1", "Verslag")
	}
	youth.look("minutes on a phone")
	youth.ClickNav(`form[action$="/akkoord"] button`)
	youth.look("minutes confirmed")
	chair.Goto(session + "/verslag")
	chair.says("Akkoord: 1 van")
	chair.Click(".sure summary")
	chair.ClickNav(`form[action$="/vaststellen"] button`)
	chair.look("minutes fixed")
	chair.says("Vastgesteld", first, "belt de oudere broer")
	if sheets := regexp.MustCompile(`/MediaBox \[0 0 59[45][.0-9]* 84[12][.0-9]*\]`).FindAll(chair.PDF(), -1); len(sheets) < 1 {
		t.Errorf("printed, the minutes are %d sheets of A4", len(sheets))
	}
}

// contribute fills in the form of a follower and sends it.
func contribute(p tab, text string) {
	p.Type("form[data-send] textarea", text)
	choose(p)
}

// choose fills in the rest of the form and sends it.
func choose(p tab) {
	p.Check(`form[data-send] [value="strength"]`)
	p.Select(`form[data-send] [name=domain]`, "leisure")
	p.Select(`form[data-send] [name=knowing]`, "seen")
	p.Click("form[data-send] button.button:not([type=button])")
}
