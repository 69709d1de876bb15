// Command shots takes the screenshots of docs/images from a running demo:
//
//	go run ./cmd/zat/internal/shots READYFILE FOLDER
//	go run ./cmd/zat/internal/shots READYFILE FOLDER NAME EMAIL PATH ...
//
// The second form takes one whole page at both widths for each NAME, as that person; a
// NAME that begins with a dash only does what it says.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zat/cmd/zat/internal/demo"
	"zat/cmd/zat/internal/kit"
)

// tb lets the browser kit fail a command as it fails a test.
type tb struct {
	testing.TB
	cleanup []func()
}

func (t *tb) Cleanup(f func()) { t.cleanup = append(t.cleanup, f) }
func (t *tb) Fatalf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

// shot is one picture: who, where, what to do before.
type shot struct {
	name, email string
	phone, full bool
	at          func(p *kit.Page, url string)
}

func main() {
	if len(os.Args) < 3 || len(os.Args)%3 != 0 {
		fmt.Fprintln(os.Stderr, "usage: shots READYFILE FOLDER [NAME EMAIL PATH ...]")
		os.Exit(2)
	}
	b, err := os.ReadFile(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var ready struct {
		URL    string
		People []demo.Person
	}
	if err := json.Unmarshal(b, &ready); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	browser, err := kit.Start("/usr/bin/chromium")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer browser.Close()
	t := &tb{}
	pages := map[string]*kit.Page{}
	list := shots()
	if len(os.Args) > 3 {
		list = asked(os.Args[3:])
	}
	for _, s := range list {
		p := pages[s.email]
		if p == nil {
			p = browser.Page(t)
			pages[s.email] = p
			enter(p, ready.URL, s.email)
		}
		if p.Desktop(); s.phone {
			p.Mobile()
		}
		s.at(p, ready.URL)
		if strings.HasPrefix(s.name, "-") {
			continue
		}
		p.Screenshot(filepath.Join(os.Args[2], s.name+".png"), s.full)
	}
	for _, f := range t.cleanup {
		f()
	}
}

// asked returns two shots for each three arguments.
func asked(args []string) (out []shot) {
	for ; len(args) >= 3; args = args[3:] {
		name, email, path := args[0], args[1], args[2]
		if !strings.HasPrefix(name, "-") { // else it only prepares
			out = append(out, shot{name + "-telefoon", email, true, true, to(path)})
		}
		out = append(out, shot{name, email, false, true, to(path)})
	}
	return out
}

func enter(p *kit.Page, url, email string) {
	p.Goto(url + "/demo")
	if email != "" {
		p.ClickNav(`form:has([value="` + email + `"]) button`)
	}
}

const (
	chair   = "m.degraaf@stuwdam.example"
	youth   = "r.amrani@wijkwerk.example"
	officer = "j.bakker@bestuur.example"
	admin   = "w.smulders@stuwdam.example"
)

// to goes to a page, and on through what has to be clicked: "/overleggen >> main a". What
// begins with a plus loads no page.
func to(path string) func(*kit.Page, string) {
	steps := strings.Split(path, " >> ")
	return func(p *kit.Page, url string) {
		p.Goto(url + steps[0])
		for _, css := range steps[1:] {
			if here, stays := strings.CutPrefix(css, "+"); stays {
				p.Click(here)
				continue
			}
			p.ClickNav(css)
		}
	}
}

// follow goes to a page and on to the first link that fits.
func follow(path, css string) func(*kit.Page, string) {
	return func(p *kit.Page, url string) {
		p.Goto(url + path)
		p.ClickNav(css)
	}
}

func shots() []shot {
	return []shot{
		{"demo", "", false, false, to("/demo")},
		{"overzicht", chair, false, false, to("/")},
		{"casussen", chair, false, false, to("/casussen")},
		{"casus", chair, false, true, follow("/casussen", "tbody tr:nth-child(2) a")},
		{"grondslag", chair, false, true, func(p *kit.Page, url string) { p.Goto(p.URL() + "/grondslag") }},
		{"identiteit", chair, false, true, func(p *kit.Page, url string) {
			p.Goto(url + "/casussen")
			p.ClickNav("tbody tr:nth-child(2) a")
			p.Goto(p.URL() + "/identiteit")
		}},
		{"register", chair, false, false, to("/register")},
		{"beoordelen", chair, false, true, follow("/signalen", ".inbox a")},
		{"afspraken", chair, false, false, to("/afspraken")},
		{"verslag", chair, false, true, follow("/overleggen", `a[href$="verslag"]`)},
		{"agenda", chair, false, false, follow("/overleggen", `main a[href^="/overleggen/"]:not([href$="nieuw"])`)},
		{"overleg", chair, false, false, func(p *kit.Page, url string) {
			p.Unfold(`form[action$="/start"] button`)
			p.ClickNav(`form[action$="/start"] button`)
			p.ClickNav(`[data-key="n"]`)
		}},
		{"projectie", chair, false, false, func(p *kit.Page, url string) {
			p.Goto(kit.Eval[string](p, `() => location.href.split("?")[0]`) + "/projectie")
		}},
		{"logboek", officer, false, false, to("/logboek")},
		{"wie-zag", officer, false, false, follow("/logboek", "tbody td:nth-child(5) a")},
		{"bewijs", officer, false, false, to("/logboek/bewijs")},
		{"leden", admin, false, false, to("/beheer")},
		{"start-telefoon", youth, true, false, to("/")},
		{"signaal-telefoon", youth, true, true, follow("/", `a[href^="/signaal?over="]`)},
		{"vragen-telefoon", youth, true, true, to("/vragen")},
		{"trends-telefoon", youth, true, true, to("/trends")},
		{"overleg-telefoon", youth, true, true, follow("/overleggen", `main a[href^="/overleggen/"]`)},
	}
}
