package web_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"zat/account"
	"zat/audit"
	"zat/audit/export"
	"zat/audit/review"
	"zat/meeting"
	"zat/pseudonym/guard"
)

func catalogue(t *testing.T, lang string) map[string]string {
	t.Helper()
	b, err := os.ReadFile("lang/" + lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

var (
	inPage   = regexp.MustCompile(`\bt "([a-z0-9.-]+)"`)
	inField  = regexp.MustCompile(`field [.$][A-Za-z.]+ "[a-z]+" "([a-z.]+)" "([a-z.]*)"`)
	inOpt    = regexp.MustCompile(`\(opt ([^)]*)\)`)
	quoted   = regexp.MustCompile(`"([^"]+)"`)
	inCode   = regexp.MustCompile(`"((?:error|nav|home|time|guard|signal|cases|demo|ok|draft|basiskind|role|domain|phase|event|month|weekday|answer)\.[a-zA-Z0-9.]+)"`)
	pageKey  = regexp.MustCompile(`s\.page\(c, "([a-z.]+)"\)`)
	argument = regexp.MustCompile(`\{(\d)\}`)
)

// used collects the keys that templates and code use, and those made from closed
// sets.
func used(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	each(t, "pages/*.html", func(s string) {
		for _, m := range inPage.FindAllStringSubmatch(s, -1) {
			out[m[1]] = true
		}
		for _, m := range inField.FindAllStringSubmatch(s, -1) {
			out[m[1]] = true
			if m[2] != "" {
				out[m[2]] = true
			}
		}
		for _, m := range inOpt.FindAllStringSubmatch(s, -1) {
			for i, q := range quoted.FindAllStringSubmatch(m[1], -1) {
				if i%2 == 1 {
					out[q[1]] = true
				}
			}
		}
	})
	for _, glob := range []string{"*.go", "../meeting/*.go", "../account/*.go", "../account/*/*.go", "../audit/*.go", "../audit/*/*.go", "../pseudonym/*.go", "../pseudonym/*/*.go", "../store/*.go", "../cmd/zat/*.go"} {
		each(t, glob, func(s string) {
			for _, re := range []*regexp.Regexp{inCode, pageKey} {
				for _, m := range re.FindAllStringSubmatch(s, -1) {
					out[m[1]] = true
				}
			}
		})
	}
	for k := range closedSets() {
		out[k] = true
	}
	for _, no := range []string{"guard.lookup", "guard.key", "cases.manage", "signal.judge", "draft.read", "draft.save", "draft.drop", "error.basis.givers."} {
		delete(out, no) // events, permissions, a file, a beginning: not sentences
	}
	return out
}

func closedSets() map[string]bool {
	out := map[string]bool{}
	add := func(prefix string, values ...string) {
		for _, v := range values {
			out[prefix+v] = true
		}
	}
	for _, k := range meeting.Kinds() {
		add("session.kind.", string(k))
	}
	add("minutes.state.", "writing", "draft", "fixed")
	add("numbers.", "sessions", "kind", "domains", "agreements", "outcome", "kept", "late", "open", "signals", "who", "youth", "others")
	for _, x := range meeting.Audiences() {
		add("feedback.to.", string(x))
		add("feedback.title.", string(x))
	}
	add("prepare.", "knows", "asks")
	add("plan.", "every", "everyweek")
	add("steps.", "question", "analyse", "plan", "act", "review")
	for _, r := range account.Roles() {
		add("role.", string(r))
	}
	for _, e := range audit.Events() {
		add("event.", string(e))
	}
	for _, p := range meeting.Phases() {
		add("phase.", string(p))
	}
	for _, d := range meeting.Domains() {
		add("domain.", string(d))
	}
	for _, k := range meeting.BasisKinds() {
		add("basiskind.", string(k))
	}
	for _, k := range meeting.Knowings() {
		add("knowing.", string(k))
	}
	for _, k := range meeting.Answers() {
		add("answer.", string(k))
	}
	add("band.", "", "-12", "12-15", "16+")
	add("basis.rule.", "strict", "school")
	add("class.", "police", "medical")
	add("giver.", "parents", "pupil")
	add("error.basis.givers.", "parents", "pupil")
	add("guard.", string(guard.Registered), string(guard.Maybe), string(guard.BSN), string(guard.Phone), string(guard.Email), string(guard.Postcode), string(guard.BirthDate))
	add("inbox.", "new", "tied", "declined")
	add("item.", "feedback", "note", "signal", "agreement", "notes", "known")
	add("vault.", "case", "register", "inbox", "team", "session", "reasons")
	add("tone.", "concern", "strength")
	add("attendance.", "invited", "present", "absent")
	add("point.", "open", "case", "trends", "other", "round")
	add("purpose.", "care", "session", "register", "signal", "control", "manage", "signin")
	add("log.problem.", "line", "order", "column", "signature", "tree", "size", "checkpoint", "gone")
	add("error.title.", "401", "403", "404", "409", "413", "422", "429", "500")
	add("month.", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")
	add("weekday.", "0", "1", "2", "3", "4", "5", "6")
	add("outcome.shared.", "yes", "partly", "no")
	add("draft.", "text", "what", "question", "reason", "reply", "place", "title", "concerns", "strengths", "help", "goals", "decision", "motive", "who", "area", "finding", "follow", "facts", "effects", "measures")
	add("pupil.", "number", "first", "infix", "last", "born", "class", "mentor")
	add("ok.", "notulist", "genodigden", "afgezegd", "vervallen", "gedeeld", "bijdrage", "voorbereid", "bericht", "terugkoppeling", "akkoord", "vastgesteld", "opmerking", "aanvulling", "vakantie", "overlegvakantie", "verplaatst", "uitgenodigd", "nietuitgenodigd", "notitie", "signaal", "afspraak", "gedaan", "grondslag", "ingetrokken", "deelnemer", "deelnemerweg", "fase", "gesloten", "hulpvraag", "casus", "vraag", "antwoord",
		"doorgegeven", "trend", "inbox", "gekoppeld", "afgewezen", "overleg", "punt", "puntweg", "aantekeningen", "besluit", "aanwezig", "overlegsluit", "leerling", "invoer", "onthuld",
		"toegang", "concept", "overlegalgesloten", "vertrokken", "sleutels", "sessieweg", "apparaat", "wachtwoord", "herstelcode", "telefoon",
		"rol", "instellingen", "organisatie", "eigensleutels", "sessiesweg", "gekoppeldaccount", "losgekoppeld", "passkey", "passkeynaast", "passkeyweg", "herstelblad", "bevestigd", "hersteld", "herstelgestopt")
	add("ok.", "getrokken", "controle", "datalek", "datalekbij", "verwerkingen")
	for _, k := range audit.Categories() {
		add("category.", string(k))
	}
	for _, k := range audit.Objects() {
		add("object.", string(k))
	}
	for _, k := range audit.Relations() {
		add("relation.", string(k))
	}
	for _, k := range []audit.Outcome{audit.Success, audit.Denied, audit.Failed} {
		add("outcome.is.", string(k))
		add("outcome.says.", string(k))
	}
	add("action.", "C", "R", "U", "D", "E")
	add("csv.", export.Columns()...)
	for _, f := range export.Formats() {
		add("export.format.", string(f))
	}
	for _, k := range review.FindingKinds() {
		add("finding.", string(k), string(k)+".why")
	}
	for _, k := range review.Verdicts() {
		add("verdict.", string(k))
	}
	for _, k := range review.BreachKinds() {
		add("breach.kind.", string(k))
	}
	for _, k := range review.Reportings() {
		add("breach.report.", string(k))
	}
	add("activity.", "security")
	for _, a := range audit.Activities() {
		add("activity.", string(a))
		for _, f := range (review.Described{}).Fields() {
			if add("processing.", f.Name); f.Name != "security" {
				add("activity.", string(a)+"."+f.Name)
			}
		}
	}
	add("settings.", "minutes", "hours", "years")
	add("settings.consent.", "strict", "school")
	for _, k := range account.Controllers() {
		add("controller.", string(k))
	}
	add("rescue.state.", "asked", "taken", "confirmed", "done")
	add("signin.told.", "welkom", "hersteld")
	add("members.", "mailed", "notmailed")
	return out
}

func each(t *testing.T, glob string, f func(string)) {
	t.Helper()
	files, err := filepath.Glob(glob)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", glob, len(files), err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f(string(b))
	}
}

// TestCatalogues compares the languages with each other and with what is used,
// both ways.
func TestCatalogues(t *testing.T) {
	nl, en, keys := catalogue(t, "nl"), catalogue(t, "en"), used(t)
	if len(nl) < 400 || len(keys) < 400 {
		t.Fatalf("%d sentences, %d keys: something is not read", len(nl), len(keys))
	}
	var missing []string
	for k := range keys {
		if nl[k] == "" {
			missing = append(missing, k)
		}
	}
	for k := range nl {
		if !keys[k] {
			t.Errorf("%s is used nowhere", k)
		}
		if en[k] == "" {
			t.Errorf("%s is not in English", k)
		}
		if a, b := args(nl[k]), args(en[k]); a != b {
			t.Errorf("%s has arguments %s in Dutch and %s in English", k, a, b)
		}
	}
	for k := range en {
		if nl[k] == "" {
			t.Errorf("%s is not in Dutch", k)
		}
	}
	sort.Strings(missing)
	if len(missing) > 0 {
		t.Errorf("not in the catalogue: %s", strings.Join(missing, " "))
	}
}

func args(s string) string {
	var list []string
	for _, m := range argument.FindAllStringSubmatch(s, -1) {
		list = append(list, m[1])
	}
	sort.Strings(list)
	return strings.Join(list, ",")
}

// TestNeverAnonymous: the product says pseudonym; "anoniem" is the name of one
// basis only.
func TestNeverAnonymous(t *testing.T) {
	for lang, word := range map[string]string{"nl": "anoniem", "en": "anonymous"} {
		for k, s := range catalogue(t, lang) {
			low := strings.ToLower(s)
			if strings.Contains(low, word) && !strings.Contains(low, word+" consult") && !strings.Contains(low, "an anonymous consult") {
				t.Errorf("%s in %s says %q", k, lang, word)
			}
		}
	}
}
