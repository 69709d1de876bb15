package house_test

import (
	"net/http"
	"sort"
	"strings"
	"testing"

	"github.com/google/uuid"

	"zat/account"
)

// open to everybody, signed in or not.
const everybody = "*"

// table is who may open what, written down a second time: the code's table and
// this one have to agree. c coordinator, j youth worker, m other members at the
// table, f officer, b administrator.
var table = map[string]string{
	"GET /static/:version/:file": everybody, "GET /gezond": everybody, "GET /aanmelden": everybody, "POST /aanmelden": everybody,
	"GET /welkom/:token": everybody, "POST /welkom/:token": everybody, "POST /welkom/:token/passkey": everybody,
	"GET /herstel/wachtwoord": everybody, "POST /herstel/wachtwoord": everybody, "GET /herstel/telefoon": everybody, "POST /herstel/telefoon": everybody,
	"POST /teams/:member": "cjmfb", "GET /account": "cjmfb", "POST /account/sessies/:ref/weg": "cjmfb", "POST /account/gezien": "cjmfb", "GET /account/wachtwoord": "cjmfb", "POST /account/wachtwoord": "cjmfb",
	"GET /account/herstelcode": "cjmfb", "POST /account/herstelcode": "cjmfb", "GET /account/telefoon": "cjmfb", "POST /account/telefoon": "cjmfb", "POST /taal": everybody,

	"GET /": "cjmfb", "POST /afmelden": "cjmfb", "POST /afmelden/overal": "cjmfb", "GET /concepten": "cjmfb", "POST /concepten/:id/weg": "cjmfb",
	"POST /controle": "cjm",
	"GET /casussen":  "cjm", "GET /casussen/:id": "cjm", "POST /casussen/:id/notitie": "cjm", "POST /casussen/:id/afspraak": "cjm",
	"POST /casussen/:id/naam":     "jm",
	"GET /casussen/:id/hulpvraag": "c", "POST /casussen/:id/hulpvraag": "c", "GET /casussen/:id/grondslag": "c", "POST /casussen/:id/grondslag": "c",
	"POST /casussen/:id/grondslag/:basis/intrekken": "c", "GET /casussen/:id/deelnemers": "c", "POST /casussen/:id/deelnemers": "c",
	"POST /casussen/:id/deelnemers/:member/weg": "c", "POST /casussen/:id/fase": "c", "POST /casussen/:id/sluiten": "c", "POST /casussen/:id/vraag": "c",
	"GET /casussen/:id/identiteit": "c", "POST /casussen/:id/identiteit": "c", "POST /casussen/:id/onthulling": "c",
	"GET /signaal": "cjm", "POST /signaal": "cjm", "GET /mijn-signalen": "cjm",
	"GET /signalen": "c", "GET /signalen/:id": "c", "POST /signalen/:id/koppelen": "c", "POST /signalen/:id/afwijzen": "c",
	"GET /vragen": "j", "POST /vragen/:id": "j", "POST /vragen/:id/doorgeven": "j", "GET /trends": "cjm",
	"GET /overleggen": "cjm", "GET /overleggen/nieuw": "c", "POST /overleggen/nieuw": "c", "GET /overleggen/:id": "cjm", "GET /overleggen/:id/verslag": "cjm",
	"GET /overleggen/:id/projectie": "c", "GET /overleggen/:id/live": "cjm", "POST /overleggen/:id/hand": "cjm", "GET /overleggen/:id/punten/:point/voorbereiden": "cjm", "POST /overleggen/:id/punten/:point/voorbereiden": "cjm", "POST /afspraken/bericht": "cjm", "POST /casussen/:id/terugkoppeling": "c", "GET /casussen/:id/terugkoppeling/:item": "cjm", "GET /slot": "cjmfb", "POST /slot": "cjmfb", "POST /slot/dicht": "cjmfb", "GET /cijfers": "c", "POST /overleggen/:id/verslag/akkoord": "cjm", "POST /overleggen/:id/verslag/vaststellen": "c", "POST /overleggen/:id/verslag/bewaren": "c",
	"POST /overleggen/:id/verslag/:point/opmerking": "cjm", "POST /overleggen/:id/verslag/:point/aantekeningen": "c", "POST /overleggen/:id/verslag/:point/aanvulling": "c",
	"GET /account/bewaarsleutel": "cjm", "POST /account/bewaarsleutel": "cjm", "GET /overleggen/vakanties": "c", "POST /overleggen/vakanties": "c", "POST /overleggen/vakanties/:id/weg": "c",
	"GET /overleggen/:id/agenda.ics": "cjm", "POST /overleggen/:id/uitnodigen": "c", "POST /overleggen/:id/verplaatsen": "c", "POST /overleggen/:id/voorstel": "c",
	"POST /overleggen/:id/volgorde": "c", "POST /overleggen/:id/punten/:point/minuten": "c", "POST /overleggen/:id/punten/:point/parkeren": "c",
	"POST /overleggen/:id/woord/:member": "c", "POST /overleggen/:id/punten/:point/bijdrage": "cjm", "POST /overleggen/:id/punten": "c",
	"POST /overleggen/:id/punten/:point/weg": "c", "POST /overleggen/:id/punten/:point/omhoog": "c", "POST /overleggen/:id/punten/:point/omlaag": "c",
	"POST /overleggen/:id/start": "c", "POST /overleggen/:id/naar": "c", "POST /overleggen/:id/tijd": "c", "POST /overleggen/:id/aanwezig": "c",
	"POST /overleggen/:id/punten/:point/aantekeningen": "cjm", "POST /overleggen/:id/punten/:point/afspraak": "cjm", "POST /overleggen/:id/genodigden": "c",
	"POST /overleggen/:id/afzeggen": "c", "POST /overleggen/:id/notulist": "c", "POST /casussen/:id/vraag/:question/delen": "c", "POST /afspraken/:id/vervalt": "c",
	"POST /overleggen/:id/punten/:point/besluit": "c", "POST /overleggen/:id/sluiten": "c",
	"GET /afspraken": "cjm", "POST /afspraken/:id/gedaan": "cjm",
	"GET /register": "c", "POST /register": "c", "GET /register/nieuw": "c", "POST /register/nieuw": "c", "GET /register/invoer": "c", "POST /register/invoer": "c",
	"POST /register/invoer/opslaan": "c", "GET /register/:id": "c", "POST /register/:id": "c", "GET /register/:id/casus": "c", "POST /register/:id/casus": "c",
	"POST /getuige/add-checkpoint": everybody, "POST /logboek": "f", "GET /logboek/regels/:seq": "f", "GET /logboek/casussen/:id": "f", "POST /logboek/casussen/:id": "f", "GET /logboek/personen/:id": "f",
	"GET /logboek/overleggen/:id": "f", "GET /logboek/bevindingen": "f", "GET /logboek/controles": "f", "POST /logboek/controles": "f", "GET /logboek/controles/:id": "f", "POST /logboek/controles/:id": "f",
	"GET /logboek/datalekken": "f", "POST /logboek/datalekken": "f", "GET /logboek/datalekken/:id": "f", "POST /logboek/datalekken/:id": "f", "GET /logboek/verwerkingen": "f", "POST /logboek/verwerkingen": "f",
	"GET /logboek/uitvoer": "f", "POST /logboek/uitvoer": "f", "GET /logboek/bewijs": "f", "POST /logboek/vergelijken": "f", "GET /logboek/stand": "f", "GET /casussen/:id/gezien": "c",
	"POST /casussen/:id/afgedrukt": "cjm", "POST /overleggen/:id/verslag/afgedrukt": "cjm",
	"GET /logboek": "f", "POST /logboek/controleren": "f", "GET /logboek/controlepunt": "f", "GET /beheer": "cb", "POST /beheer": "cb", "POST /beheer/:member/uitnodiging": "cb",
	"GET /beheer/instellingen": "b", "POST /beheer/instellingen": "b", "GET /beheer/organisaties/:id": "b", "POST /beheer/organisaties/:id": "b",
	"GET /toegang/:member": "c", "POST /toegang/:member": "c",
	"POST /aanmelden/passkey": everybody, "GET /aanmelden/organisatie": everybody, "GET /aanmelden/organisatie/terug": everybody, "GET /aanmelden/sleutel": everybody, "POST /aanmelden/sleutel": everybody,
	"GET /account/organisatie": "cjmfb", "GET /account/sleutels": "cjmfb", "POST /account/sleutels": "cjmfb", "GET /beheer/:member/rol": "b", "POST /beheer/:member/afmelden": "b", "POST /beheer/:member/rol": "b", "POST /account/organisatie/weg": "cjmfb", "GET /bevestigen": "cjmfb", "POST /bevestigen": "cjmfb",
	"GET /account/passkeys": "cjmfb", "POST /account/passkeys": "cjmfb", "POST /account/passkeys/vraag": "cjmfb", "POST /account/passkeys/:ref/weg": "cjmfb",
	"GET /opnieuw/:token": everybody, "POST /opnieuw/:token": everybody, "GET /team/herstelblad": "c", "POST /team/herstelblad": "c",
	"GET /herstellen": "cjm", "POST /herstellen": "cjm", "GET /herstellen/:id": "cjm", "POST /herstellen/:id": "cjm", "POST /herstellen/:id/stop": "cjmfb",
	"GET /team": "cb", "POST /team/sleutels/:kind": "c", "GET /team/:member/beeindigen": "cb", "POST /team/:member/beeindigen": "cb",
}

var letters = map[account.Role]string{account.Coordinator: "c", account.YouthWorker: "j", account.Attendance: "m", account.Police: "m", account.Doctor: "m",
	account.SocialWork: "m", account.Officer: "f", account.Admin: "b"}

// routes lists the routes of the real application.
func (f *fixture) routes() []string {
	app, err := f.Server.App()
	must(f.t, err)
	var out []string
	for _, r := range app.GetRoutes(true) {
		if r.Method == http.MethodGet || r.Method == http.MethodPost {
			out = append(out, r.Method+" "+r.Path)
		}
	}
	sort.Strings(out)
	return out
}

func filled(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") {
			parts[i] = uuid.NewString()
		}
	}
	return strings.Join(parts, "/")
}

// TestRoutes walks every route as nobody and as every role, and compares with
// the table. A route that is missing in the table fails, and one too many.
func TestRoutes(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	known := map[string]bool{}
	for _, r := range f.routes() {
		known[r] = true
		if table[r] == "" {
			t.Errorf("route %s is not in the table", r)
		}
	}
	for r := range table {
		if !known[r] {
			t.Errorf("the table has route %s, the application has not", r)
		}
	}
	nobody := f.client(base, "")
	for _, r := range f.routes() {
		method, path, _ := strings.Cut(r, " ")
		if table[r] == everybody {
			continue
		}
		a := nobody.do(method, filled(path), formFor(method))
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/aanmelden") {
			t.Errorf("%s as nobody: %d to %q, want the sign-in page", r, a.status, a.to)
		}
	}
	for role, letter := range letters {
		f.walk(base, role, letter)
	}
}

func formFor(method string) map[string][]string {
	if method == http.MethodPost {
		return map[string][]string{}
	}
	return nil
}

// walk asks for every route as one role. What the role may not open answers 403
// and leaves a line; what it may open answers anything but that.
func (f *fixture) walk(base string, role account.Role, letter string) {
	c := f.client(base, role)
	for _, r := range f.routes() {
		method, path, _ := strings.Cut(r, " ")
		if table[r] == everybody || (strings.HasPrefix(path, "/afmelden") || strings.HasPrefix(path, "/slot")) {
			continue
		}
		before := f.lines()
		a := c.do(method, filled(path), formFor(method))
		allowed := strings.Contains(table[r], letter)
		switch {
		case allowed && (a.status == http.StatusForbidden || a.status >= 500):
			f.t.Errorf("%s as %s: %d, and the table allows it", r, role, a.status)
		case !allowed && a.status != http.StatusForbidden:
			f.t.Errorf("%s as %s: %d, want 403", r, role, a.status)
		case !allowed && f.lines() == before:
			f.t.Errorf("%s as %s was refused without a line", r, role)
		}
	}
}

// lines counts the lines of the team's log.
func (f *fixture) lines() uint64 {
	f.t.Helper()
	n, _, err := f.Store.Head(f.ctx, f.as(account.Coordinator).Team)
	must(f.t, err)
	return n
}

// TestPostNeedsToken sends every form without its token, and from another site.
func TestPostNeedsToken(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	c := f.client(f.serve(), account.Coordinator)
	c.csrf = "wrong"
	for _, r := range f.routes() {
		method, path, _ := strings.Cut(r, " ")
		if method != http.MethodPost || !strings.Contains(table[r], "c") {
			continue
		}
		if a := c.post(filled(path)); a.status != http.StatusForbidden {
			t.Errorf("%s with a wrong token: %d, want 403", r, a.status)
		}
	}
	req, err := http.NewRequest("POST", c.base+"/aanmelden", strings.NewReader("email=a"))
	must(t, err)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := c.http.Do(req)
	must(t, err)
	res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("sign-in from another site: %d, want 403", res.StatusCode)
	}
}

// TestOddInput sends odd values to every form: none may answer 500.
func TestOddInput(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	cs := f.based()
	odd := map[string]string{"empty": "", "bytes": "\xff\xfe\xc3\x28", "control": "a\x00b\r\nc", "long": strings.Repeat("lang ", 2000), "markup": `"><script>alert(1)</script>{{.}}`, "uuid": uuid.NewString()}
	fields := []string{"text", "what", "due", "responsible", "question", "domain", "kind", "givers", "on", "ends", "organisation", "form", "kept", "topics", "motive", "member", "phase",
		"reason", "until", "informed", "basis", "over", "tone", "knowing", "shown", "know", "ask", "digest", "to", "pin", "again", "hand", "weeks", "days", "oncall", "points", "cases", "park", "without", "area", "when", "who", "case", "reply", "answer", "colleague", "day", "from", "place", "members", "title", "minutes",
		"revision", "point", "present", "base", "shared", "lead", "evaluate", "concerns", "decision", "number", "first", "infix", "last", "born", "class", "mentor", "paste", "blob", "zoek",
		"blad", "name", "email", "role", "pagina", "fix.text", "keep.text", "concept"}
	for role, letter := range map[account.Role]string{account.Coordinator: "c", account.YouthWorker: "j", account.Admin: "b"} {
		c := f.client(base, role)
		for _, r := range f.routes() {
			method, path, _ := strings.Cut(r, " ")
			if method != http.MethodPost || !strings.Contains(table[r], letter) || (strings.HasPrefix(path, "/afmelden") || path == "/slot" || path == "/slot/dicht") {
				continue
			}
			path = filled(strings.ReplaceAll(path, "/casussen/:id", "/casussen/"+cs.ID.String()))
			for name, v := range odd {
				var pairs []string
				for _, field := range fields {
					pairs = append(pairs, field, v)
				}
				a := c.post(path, pairs...)
				if a.status >= 500 {
					t.Errorf("%s with %s values: %d", r, name, a.status)
				}
				if strings.Contains(a.body, "<script>alert") {
					t.Errorf("%s with %s values: markup came back unescaped", r, name)
				}
			}
		}
	}
	if s := f.log.String(); s != "" {
		t.Errorf("the server log has %d bytes; the first: %.300s", len(s), s)
	}
}
