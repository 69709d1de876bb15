package house_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"zat/account"
	"zat/account/signin"
	"zat/audit"
)

// school is the sign-in of an organisation: a certified OpenID Connect server, whose
// second user is a student.
type school struct{ *storage.Storage }

func (s school) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, token, subject, origin string) error {
	if err := s.Storage.SetUserinfoFromToken(ctx, info, token, subject, origin); err != nil {
		return err
	}
	info.AppendClaims("eduperson_affiliation", map[string][]string{"id1": {"employee", "member"}, "id2": {"student", "member"}}[subject])
	return nil
}

// federated runs such a server and joins the house with it.
func (f *fixture) federated(base string) {
	f.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(f.t, err)
	issuer := "http://" + ln.Addr().String()
	f.Server.URL = base
	f.SignIn.Federation = &signin.Federation{Name: "Schoolbestuur", Issuer: issuer, ClientID: "zat", Secret: "geheim van de test", Redirect: base + "/aanmelden/organisatie/terug"}
	client := storage.WebClient("zat", "geheim van de test", f.SignIn.Federation.Redirect)
	store := school{storage.NewStorageWithClients(storage.NewUserStore(issuer), map[string]*storage.Client{"zat": client})}
	server := &http.Server{Handler: exampleop.SetupServer(issuer, store, nil, false, op.WithAllowInsecure())}
	go server.Serve(ln)
	f.t.Cleanup(func() { server.Close() })
}

// browser keeps the cookies of one person, also those that ask for TLS.
type browser struct {
	t       testing.TB
	base    string
	cookies map[string]string
	http    http.Client
}

func newBrowser(t testing.TB, base string) *browser {
	return &browser{t, base, map[string]string{}, http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (b *browser) do(method, address string, form url.Values) answer {
	b.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.base + address
	}
	req, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	must(b.t, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if strings.HasPrefix(address, b.base) {
		var all []string
		for k, v := range b.cookies {
			all = append(all, k+"="+v)
		}
		req.Header.Set("Cookie", strings.Join(all, "; "))
	}
	res, err := b.http.Do(req)
	must(b.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(b.t, err)
	for _, c := range res.Cookies() {
		if b.cookies[c.Name] = c.Value; c.Value == "" {
			delete(b.cookies, c.Name)
		}
	}
	return answer{res.StatusCode, res.Header.Get("Location"), string(body), ""}
}

var requestID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// through walks from our page to the organisation's sign-in and back, and returns the
// address with which it sends him back to us.
func (b *browser) through(from, user string) string {
	b.t.Helper()
	a := b.do("GET", from, nil)
	if a.status != http.StatusSeeOther || !strings.Contains(a.to, "code_challenge=") || !strings.Contains(a.to, "nonce=") {
		b.t.Fatalf("leaving from %s: %d to %s", from, a.status, a.to)
	}
	issuer := a.to[:strings.Index(a.to[8:], "/")+8]
	full := func(to string) string {
		if strings.HasPrefix(to, "/") {
			return issuer + to
		}
		return to
	}
	a = b.do("GET", a.to, nil)
	a = b.do("GET", full(a.to), nil)
	m := requestID.FindStringSubmatch(a.body)
	if m == nil {
		b.t.Fatalf("no form at the organisation: %d", a.status)
	}
	a = b.do("POST", issuer+"/login/username", url.Values{"id": {m[1]}, "username": {user}, "password": {"verysecure"}})
	a = b.do("GET", full(a.to), nil)
	if !strings.HasPrefix(a.to, b.base+"/aanmelden/organisatie/terug?") {
		b.t.Fatalf("coming back: %d to %s", a.status, a.to)
	}
	return a.to
}

// TestFederation: a real OpenID Connect server says who it is; a link that was made by
// somebody signed in lets him in, and his password opens his keys.
func TestFederation(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	f.federated(base)
	user := "test-user@127.0.0.1"
	f.as(account.Doctor)
	stranger := newBrowser(t, base)
	if a := stranger.do("GET", stranger.through("/aanmelden/organisatie", user), nil); a.status != http.StatusForbidden || !strings.Contains(a.body, "nog niet gekoppeld") {
		t.Fatalf("before it was linked: %d", a.status)
	}

	own := newBrowser(t, base)
	own.cookies["__Host-zat"] = f.tokens[f.person(account.Doctor).Email]
	if a := own.do("GET", own.through("/account/organisatie", user), nil); a.to != "/account?gelukt=gekoppeldaccount" {
		t.Fatalf("linking: %d to %s", a.status, a.to)
	}
	other := newBrowser(t, base)
	f.as(account.Police)
	other.cookies["__Host-zat"] = f.tokens[f.person(account.Police).Email]
	if a := other.do("GET", other.through("/account/organisatie", user), nil); a.status != http.StatusConflict {
		t.Errorf("linking the same person to another account: %d", a.status)
	}

	b := newBrowser(t, base)
	back := b.through("/aanmelden/organisatie", user)
	thief := newBrowser(t, base)
	if a := thief.do("GET", back, nil); a.status != http.StatusForbidden {
		t.Errorf("the way back in another browser: %d", a.status)
	}
	if a := b.do("GET", back, nil); a.to != "/aanmelden/sleutel" {
		t.Fatalf("coming back: %d to %s", a.status, a.to)
	}
	if a := b.do("GET", back, nil); a.status != http.StatusForbidden {
		t.Errorf("the way back once more: %d", a.status)
	}
	if a := b.do("GET", "/casussen", nil); a.status != http.StatusSeeOther {
		t.Errorf("without keys: %d", a.status)
	}
	if a := b.do("POST", "/aanmelden/sleutel", url.Values{"password": {"iets anders dan dit"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong password: %d", a.status)
	}
	if a := thief.do("POST", "/aanmelden/sleutel", url.Values{"password": {f.person(account.Doctor).Password}}); a.to != "/aanmelden" {
		t.Errorf("the password without the ticket: %d to %s", a.status, a.to)
	}
	ticket := b.cookies["__Host-zat-kaartje"]
	if a := b.do("POST", "/aanmelden/sleutel", url.Values{"password": {f.person(account.Doctor).Password}}); a.to != "/" {
		t.Fatalf("opening the keys: %d to %s", a.status, a.to)
	}
	if a := b.do("GET", "/casussen/"+f.based().ID.String(), nil); a.status != http.StatusOK {
		t.Errorf("reading: %d", a.status)
	}
	thief.cookies["__Host-zat-kaartje"] = ticket
	if a := thief.do("POST", "/aanmelden/sleutel", url.Values{"password": {f.person(account.Doctor).Password}}); a.status != http.StatusUnauthorized {
		t.Errorf("the ticket once more: %d to %s", a.status, a.to)
	}
	how := 0
	for _, l := range f.all() {
		if l.Event == audit.SignedIn && l.Auth == signin.AuthFederated {
			how++
		}
	}
	if how != 1 {
		t.Errorf("%d lines of signing in at the organisation", how)
	}
}

// TestFederationRefuses: a student, a forged way back and one that took too long.
func TestFederationRefuses(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	f.federated(base)
	b := newBrowser(t, base)
	if a := b.do("GET", b.through("/aanmelden/organisatie", "test-user2"), nil); a.status != http.StatusForbidden || !strings.Contains(a.body, "leerling of student") {
		t.Errorf("a student: %d", a.status)
	}
	for name, address := range map[string]string{"no state": "?code=x", "no code": "?state=x", "made up": "?state=x&code=y", "refused": "?error=access_denied"} {
		b.cookies["__Host-zat-onderweg"] = "x"
		if a := b.do("GET", "/aanmelden/organisatie/terug"+address, nil); a.status != http.StatusForbidden {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	late := newBrowser(t, base)
	back := late.through("/aanmelden/organisatie", "test-user@127.0.0.1")
	f.clock.Set(f.clock.Now().Add(11 * time.Minute))
	if a := late.do("GET", back, nil); a.status != http.StatusForbidden {
		t.Errorf("after eleven minutes: %d", a.status)
	}
	other := newBrowser(t, base)
	back = other.through("/aanmelden/organisatie", "test-user@127.0.0.1")
	if a := other.do("GET", strings.Replace(back, "code=", "code=x", 1), nil); a.status != http.StatusForbidden {
		t.Errorf("another code: %d", a.status)
	}
	f.SignIn.Federation.Issuer = "http://127.0.0.1:1"
	away := f.SignIn.Federation
	f.SignIn.Federation = &signin.Federation{Name: away.Name, Issuer: away.Issuer, ClientID: away.ClientID, Secret: away.Secret, Redirect: away.Redirect}
	if a := newBrowser(t, base).do("GET", "/aanmelden/organisatie", nil); a.status != http.StatusTooManyRequests || !strings.Contains(a.body, "antwoordt niet") {
		t.Errorf("a provider that is away: %d", a.status)
	}
}
