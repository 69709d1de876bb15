package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"zat/account"
	"zat/account/staff"
	"zat/meeting"
)

//go:embed pages/*.html
var pageFiles embed.FS

// views holds a template set for each language and page. Each set is its own,
// so that two pages' blocks never overwrite each other. All files are parsed at start; a
// set is joined when it is first asked for, since few installations show every page in
// every language.
type views struct {
	sets map[string]map[string]func() (*template.Template, error) // language, page
}

// of returns the templates of a page.
func (v *views) of(lang, page string) (*template.Template, error) {
	f := v.sets[lang][page]
	if f == nil {
		return nil, fmt.Errorf("no page %q", page)
	}
	return f()
}

func loadViews() (*views, error) {
	catalogues, err := loadCatalogues()
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil {
		return nil, err
	}
	v := &views{sets: map[string]map[string]func() (*template.Template, error){}}
	var parsed trees
	for lang, cat := range catalogues {
		funcs := functions(cat)
		if parsed == nil {
			if parsed, err = parsePages(files, funcs); err != nil {
				return nil, err
			}
		}
		v.sets[lang] = map[string]func() (*template.Template, error){}
		for _, f := range files {
			name := strings.TrimSuffix(path.Base(f), ".html")
			if shared[name] {
				continue
			}
			own := append(slices.Clone(also[name]), f)
			v.sets[lang][name] = sync.OnceValues(func() (*template.Template, error) {
				return parsed.set(name, funcs, append([]string{"pages/layout.html", "pages/parts.html"}, own...), len(own))
			})
		}
	}
	return v, nil
}

// shared are the files that are part of every page.
var shared = map[string]bool{"layout": true, "parts": true, "live": true, "minutesparts": true}

// also are the shared files that only some pages need.
var also = map[string][]string{
	"follow": {"pages/live.html"}, "lead": {"pages/live.html"}, "projector": {"pages/live.html"}, "session": {"pages/live.html"},
	"minutes": {"pages/live.html", "pages/minutesparts.html"}, "kept": {"pages/live.html", "pages/minutesparts.html"},
}

// fragment fills one part of a page.
func (s *Server) fragment(lang, page, name string, data any) (string, error) {
	t, err := s.views.of(lang, page)
	if err != nil {
		return "", err
	}
	var buf bytes.Buffer
	if err := t.ExecuteTemplate(&buf, name, data); err != nil {
		return "", fmt.Errorf("filling %s of page %s: %w", name, page, err)
	}
	return buf.String(), nil
}

// render fills a page in full before it sets the status: a page that fails
// halfway is an error, never half a page.
func (s *Server) render(c *fiber.Ctx, status int, name string, data any) error {
	t, err := s.views.of(languageOf(c), name)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := t.ExecuteTemplate(&buf, "layout", data); err != nil {
		return fmt.Errorf("filling page %s: %w", name, err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Status(status).Send(buf.Bytes())
}

// Link is an entry of a menu.
type Link struct {
	To, Key string
	Current bool
	Count   int
	Icon    string
}

// Page is what every page has.
type Page struct {
	Lang    string
	Title   string // catalogue key
	Name    string // stands before the title: a pseudonym
	Path    string
	CSRF    string
	Actor   account.Actor
	In      bool // somebody is signed in
	Short   bool // he has to make a passkey before he comes any further
	Phone   bool
	Bare    bool // without menu: sign-in, projector
	Nav     []Link
	Flash   string
	Now     time.Time
	Demo    bool
	Until   time.Time
	Stays   bool // the page itself says until when somebody stays signed in
	Team    string
	Teams   []TeamLink // the others that he is in
	Rescues []staff.RescueRow
	Digits  string // to tell a coordinator, who still has to give him access
}

// TeamLink is another team of the same person.
type TeamLink struct{ Member, Name string }

// page returns what every page has, for this request.
func (s *Server) page(c *fiber.Ctx, title string) Page {
	p := who(c)
	out := Page{Lang: languageOf(c), Title: title, Path: c.Path(), CSRF: p.CSRF, Actor: p.Actor, In: p.Actor.Role != "", Short: p.Short,
		Phone: p.Actor.Role == account.YouthWorker, Now: s.Now(), Demo: s.Demo != nil, Until: p.Until}
	if flash := c.Query("gelukt"); flashes[flash] {
		out.Flash = "ok." + flash
	}
	if out.In {
		out.Nav = s.nav(c, out)
		out.Team, out.Teams = s.teamLinks(c, p.Actor)
		if starts[out.Path] {
			out.Rescues = s.rescuesOf(c, p.Actor)
			out.Digits = s.digitsOf(c, p.Actor)
		}
	}
	return out
}

// starts are the pages on which people begin: there the team sees that somebody's
// access is or was recovered.
var starts = map[string]bool{"/": true, "/logboek": true, "/beheer": true, "/team": true}

func (s *Server) rescuesOf(c *fiber.Ctx, a account.Actor) []staff.RescueRow {
	list, err := s.Staff.Rescues(work(c), a)
	if err != nil {
		s.Logger.Error("no notice of recoveries", "error", err.Error())
	}
	return list
}

// digitsOf returns what somebody tells a coordinator who is to give him access.
func (s *Server) digitsOf(c *fiber.Ctx, a account.Actor) string {
	digits, err := s.Staff.Awaits(work(c), a)
	if err != nil {
		s.Logger.Error("no digits for access", "error", err.Error())
	}
	return digits
}

var flashes = map[string]bool{"notitie": true, "getrokken": true, "controle": true, "datalek": true, "datalekbij": true, "verwerkingen": true, "notulist": true, "genodigden": true, "afgezegd": true, "vervallen": true, "gedeeld": true, "signaal": true, "afspraak": true, "gedaan": true, "grondslag": true, "ingetrokken": true, "deelnemer": true,
	"deelnemerweg": true, "fase": true, "gesloten": true, "hulpvraag": true, "casus": true, "vraag": true, "antwoord": true, "doorgegeven": true, "trend": true,
	"inbox": true, "gekoppeld": true, "afgewezen": true, "overleg": true, "punt": true, "puntweg": true, "aantekeningen": true, "besluit": true,
	"aanwezig": true, "overlegsluit": true, "leerling": true, "invoer": true, "onthuld": true, "toegang": true, "concept": true, "overlegalgesloten": true, "vertrokken": true, "sleutels": true, "sessieweg": true, "apparaat": true, "wachtwoord": true, "herstelcode": true, "telefoon": true,
	"herstelblad": true, "bijdrage": true, "voorbereid": true, "bericht": true, "terugkoppeling": true, "akkoord": true, "vastgesteld": true, "opmerking": true, "aanvulling": true, "vakantie": true, "overlegvakantie": true, "verplaatst": true, "uitgenodigd": true, "nietuitgenodigd": true, "instellingen": true, "organisatie": true, "passkey": true, "sessiesweg": true, "eigensleutels": true, "rol": true, "gekoppeldaccount": true, "losgekoppeld": true, "passkeynaast": true, "passkeyweg": true, "bevestigd": true, "hersteld": true, "herstelgestopt": true}

type entry struct {
	to, key, icon string
	need          account.Permission
}

var menu = []entry{
	{"/", "nav.overview", "", account.SeeOverview},
	{"/overleggen", "nav.sessions", "", account.SeeSessions},
	{"/casussen", "nav.cases", "", account.SeeCases},
	{"/afspraken", "nav.agreements", "", account.SeeAgreements},
	{"/signalen", "nav.inbox", "", account.JudgeSignals},
	{"/trends", "nav.trends", "", account.SeeTrends},
	{"/register", "nav.register", "", account.UseRegister},
	{"/logboek", "nav.log", "", account.ReadLog},
	{"/beheer", "nav.members", "", account.ManageMembers},
	{"/beheer/instellingen", "nav.settings", "", account.ManageTeam},
	{"/team", "nav.team", "", account.SeeTeam},
}

var tabs = []entry{
	{"/", "nav.start", "M4 11l8-7 8 7v9H4z", account.SeeOverview},
	{"/signaal", "nav.signal", "M12 5v14M5 12h14", account.SendSignal},
	{"/vragen", "nav.questions", "M4 5h16v11H9l-5 4z", account.AnswerQuestions},
	{"/trends", "nav.trends", "M5 20V10M12 20V4M19 20v-7", account.SeeTrends},
}

func (s *Server) nav(c *fiber.Ctx, p Page) []Link {
	list := menu
	if p.Phone {
		list = tabs
	}
	var out []Link
	current := within(list, p.Path)
	for _, e := range list {
		if !p.Actor.May(e.need) {
			continue
		}
		l := Link{To: e.to, Key: e.key, Icon: e.icon, Current: e.to == current}
		if e.to == "/vragen" {
			if n, err := s.Meeting.CountQuestions(work(c), p.Actor); err == nil {
				l.Count = n
			}
		}
		out = append(out, l)
	}
	return out
}

// within returns the entry of a menu to which a path belongs: the longest that it
// begins with.
func within(list []entry, path string) (to string) {
	for _, e := range list {
		if path == e.to || (e.to != "/" && strings.HasPrefix(path, e.to+"/")) {
			if len(e.to) > len(to) {
				to = e.to
			}
		}
	}
	return to
}

// Option is a choice in a list.
type Option struct{ Value, Label string }

// memberOptions lists members as "role – organisation": colleagues know each
// other by function, and names stay off the projector.
func memberOptions(cat catalogue, list []account.Member) []Option {
	out := make([]Option, len(list))
	seen := map[string]int{}
	for _, m := range list {
		seen[cat.text("role."+string(m.Role))]++
	}
	for i, m := range list {
		role := cat.text("role." + string(m.Role))
		out[i] = Option{m.ID.String(), role}
		if seen[role] > 1 {
			out[i].Label = role + " (" + m.Name + ")"
		}
	}
	return out
}

func domainOptions(cat catalogue) []Option {
	var out []Option
	for _, d := range meeting.Domains() {
		out = append(out, Option{string(d), cat.text("domain." + string(d))})
	}
	return out
}
