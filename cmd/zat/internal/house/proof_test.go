package house_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/audit"
	"zat/fault"
)

// weighty are pages that ask for a fresh proof, each with who may open it.
var weighty = map[string]account.Role{
	"/account/passkeys": account.Doctor, "/team/herstelblad": account.Coordinator, "/herstellen": account.Police, "/team/%/beeindigen": account.Admin,
}

// TestFreshProof: ten minutes after signing in a name, a key or a role asks who it
// is; the session has a new token after that, and the old one is worth nothing.
func TestFreshProof(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	f.Server.URL = "http://zat.school.example"
	chair := f.client(base, account.Coordinator)
	identity := "/casussen/" + f.based().ID.String() + "/identiteit"
	if a := chair.get(identity); a.status != http.StatusOK {
		t.Fatalf("just signed in: %d", a.status)
	}
	clients := map[account.Role]*client{account.Coordinator: chair}
	for _, role := range weighty {
		if clients[role] == nil {
			clients[role] = f.client(base, role)
		}
	}
	f.clock.Set(f.clock.Now().Add(11 * time.Minute))
	for path, role := range weighty {
		path = strings.Replace(path, "%", f.as(account.Police).Member.String(), 1)
		if a := clients[role].get(path); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/bevestigen?verder=%2F") {
			t.Errorf("%s after eleven minutes: %d to %s", path, a.status, a.to)
		}
	}
	if a := chair.post(identity, "reason", "verzuim bespreken met ouders", "pagina", identity); a.to != "/bevestigen?bewaard=1&verder=/concepten" {
		t.Errorf("opening an identity: %d to %s", a.status, a.to)
	}
	if a := chair.get("/concepten"); !strings.Contains(a.body, "verzuim bespreken met ouders") {
		t.Error("what was typed is gone")
	}
	if a := chair.post("/bevestigen", "current", "niet mijn wachtwoord", "verder", identity); a.status != http.StatusUnprocessableEntity || strings.Contains(a.body, "niet mijn wachtwoord") {
		t.Errorf("a wrong password: %d", a.status)
	}
	if a := chair.post("/bevestigen", "credential", `{"id":"x"}`, "verder", identity); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no passkey: %d", a.status)
	}
	a := chair.post("/bevestigen", "current", f.person(account.Coordinator).Password, "verder", identity)
	if a.to != identity || a.cookie == "" || a.cookie == chair.token {
		t.Fatalf("confirming: %d to %s, a new token: %v", a.status, a.to, a.cookie != "")
	}
	if a := chair.get("/"); a.status != http.StatusSeeOther {
		t.Errorf("the token from before: %d", a.status)
	}
	chair.token = a.cookie
	if a := chair.get(identity); a.status != http.StatusOK {
		t.Errorf("after confirming: %d", a.status)
	}
	if a := chair.post("/bevestigen", "current", f.person(account.Coordinator).Password, "verder", "https://elders.example/"); a.to != "/" {
		t.Errorf("going on to another site: %s", a.to)
	}
	lines := map[audit.Outcome]int{}
	for _, l := range f.all() {
		if l.Event == audit.Confirmed {
			lines[l.Outcome]++
		}
	}
	if lines[audit.Success] != 2 || lines[audit.Denied] != 2 {
		t.Errorf("lines of confirming: %v", lines)
	}
}

// TestForgedPasskey: what is no right answer of a passkey gets one and the same
// answer, and leaves a line.
func TestForgedPasskey(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	nobody := f.client(base, "")
	asked := nobody.post("/aanmelden/passkey")
	if asked.status != http.StatusUnprocessableEntity { // the address is a number
		t.Errorf("asking at an address in numbers: %d", asked.status)
	}
	f.Server.URL = "http://zat.school.example"
	if asked = nobody.post("/aanmelden/passkey"); asked.status != http.StatusOK || !strings.Contains(asked.body, `"userVerification":"required"`) || strings.Contains(asked.body, "stuwdam") {
		t.Fatalf("asking: %d %s", asked.status, asked.body)
	}
	for name, credential := range map[string]string{"no JSON": "x", "nothing in it": "{}", "no answer": `{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{}}`,
		"another challenge": `{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiQUFBQSIsIm9yaWdpbiI6Imh0dHA6Ly96YXQuc2Nob29sLmV4YW1wbGUifQ","authenticatorData":"` + strings.Repeat("A", 50) + `","signature":"AAAA","userHandle":"AAAA"}}`} {
		if a := nobody.post("/aanmelden", "credential", credential, "prf", "AAAA"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "niet herkend") {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	refused := 0
	for _, l := range f.linesOf(uuid.Nil) {
		if l.Event == audit.SignedIn && l.Rule == "unknown" {
			refused++
		}
	}
	if refused != 1 { // of passkeys that nobody has, one a minute from each network
		t.Errorf("%d lines of four forged answers in one minute", refused)
	}
}

func FuzzCredential(f *testing.F) {
	f.Add([]byte(`{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AAAA","signature":"AAAA","userHandle":"AAAA"}}`), []byte("prf"))
	f.Add([]byte(`{"id":"AAAA","type":"public-key","response":{"attestationObject":"o2NmbXRkbm9uZQ","clientDataJSON":"e30"}}`), []byte{})
	f.Add([]byte("{"), []byte{1})
	h := furnished(f)
	a := h.as(account.Doctor)
	site := signin.Site{Host: "zat.school.example", Origin: "https://zat.school.example"}
	f.Fuzz(func(t *testing.T, credential, prf []byte) {
		if len(credential) == 0 {
			return
		}
		if _, err := h.SignIn.SignIn(h.ctx, signin.Attempt{Credential: credential, PRF: prf, Site: site, Network: "192.0.2.9"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("signing in: %v", err)
		}
		if err := h.SignIn.AddPasskey(h.ctx, a, signin.Enrolment{Name: "x", Credential: credential, PRF: prf, Site: site}); !fault.Is(err, fault.Invalid) {
			t.Errorf("adding: %v", err)
		}
	})
}
