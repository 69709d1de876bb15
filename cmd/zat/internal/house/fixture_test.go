package house_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/cmd/zat/internal/demo"
	"zat/cmd/zat/internal/house"
	"zat/crypto/keys"
	"zat/meeting"
	"zat/pseudonym/guard"
)

// cheap is a cost of Argon2id for tests only.
var cheap = keys.Cost{MemoryKiB: 64, Time: 1, Threads: 1}

// fixture is a house with the team of the demo and its history.
type fixture struct {
	*house.House
	t      testing.TB
	ctx    context.Context
	dir    string
	clock  *demo.Clock
	log    *syncBuffer
	people []demo.Person
	actors map[string]account.Actor
	tokens map[string]string
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}
func (s *syncBuffer) String() string { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

func open(t testing.TB, dir string, clock *demo.Clock, out io.Writer) *house.House {
	t.Helper()
	h, err := house.Open(context.Background(), house.Options{Data: dir, Version: "test", Now: clock.Now, Cost: cheap, Logger: slog.New(slog.NewTextHandler(out, nil))})
	if err != nil {
		t.Fatalf("opening a house: %v", err)
	}
	return h
}

// furnished returns a house with the demo's history, and everybody signed in.
func furnished(t testing.TB) *fixture {
	t.Helper()
	dir := t.TempDir()
	must(t, chmod(dir))
	f := &fixture{t: t, ctx: context.Background(), dir: dir, clock: &demo.Clock{}, log: &syncBuffer{}, actors: map[string]account.Actor{}, tokens: map[string]string{}}
	f.House = open(t, dir, f.clock, f.log)
	t.Cleanup(func() { f.Close() })
	people, err := demo.Fill(f.ctx, demo.House{SignIn: f.SignIn, Staff: f.Staff, Meeting: f.Meeting, Register: f.Register, Clock: f.clock})
	must(t, err)
	f.people = people
	f.clock.Slow()
	return f
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) person(role account.Role) demo.Person {
	for _, p := range f.people {
		if p.Role == role {
			return p
		}
	}
	f.t.Fatalf("nobody is %s", role)
	return demo.Person{}
}

// as signs the first person with a role in, once, and returns him.
func (f *fixture) as(role account.Role) account.Actor {
	f.t.Helper()
	p := f.person(role)
	if a, ok := f.actors[p.Email]; ok {
		return a
	}
	code, err := signin.TOTPCode(p.TOTPSecret, signin.TOTPStep(f.clock.Now()))
	must(f.t, err)
	e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: code, Network: "127.0.0.1"})
	must(f.t, err)
	f.actors[p.Email], f.tokens[p.Email] = e.Actor, e.Token.Secret()
	return e.Actor
}

// cases returns the cases of the team, by the order of the list.
func (f *fixture) cases() []meeting.CaseRow {
	f.t.Helper()
	rows, err := f.Meeting.Cases(f.ctx, f.as(account.Coordinator), meeting.CaseQuery{Limit: 100})
	must(f.t, err)
	return rows
}

// based returns a case with a valid basis in which all take part.
func (f *fixture) based() meeting.CaseRow {
	f.t.Helper()
	for _, r := range f.cases() {
		if r.HasBasis {
			return r
		}
	}
	f.t.Fatal("no case has a basis")
	return meeting.CaseRow{}
}

func text(s string) guard.Draft { return guard.Draft{Text: s} }

// client is a browser without a browser: requests through the router of a
// running server.
type client struct {
	t     testing.TB
	base  string
	token string
	csrf  string
	http  *http.Client
}

// serve starts the server on a free port of the loopback address.
func (f *fixture) serve() string {
	f.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(f.t, err)
	app, err := f.Server.App()
	must(f.t, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Server.Serve(ctx, app, ln) }()
	f.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			f.t.Errorf("serving: %v", err)
		}
	})
	return "http://" + ln.Addr().String()
}

func (f *fixture) client(base string, role account.Role) *client {
	f.t.Helper()
	c := &client{t: f.t, base: base, http: &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if role == "" {
		return c
	}
	f.as(role)
	c.token = f.tokens[f.person(role).Email]
	p, _, err := f.SignIn.Resume(f.ctx, c.token)
	must(f.t, err)
	c.csrf = p.CSRF
	return c
}

type answer struct {
	status int
	to     string
	body   string
	cookie string // the new token of the session, if there is one
}

func sessionOf(res *http.Response) string {
	for _, c := range res.Cookies() {
		if c.Name == "__Host-zat" {
			return c.Value
		}
	}
	return ""
}

func (c *client) do(method, path string, form url.Values) answer {
	c.t.Helper()
	var body io.Reader
	if form != nil {
		form.Set("csrf", c.csrf)
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, c.base+path, body)
	must(c.t, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.token != "" {
		req.Header.Set("Cookie", "__Host-zat="+c.token)
	}
	res, err := c.http.Do(req)
	must(c.t, err)
	defer res.Body.Close()
	from := io.Reader(res.Body)
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") { // it has no end of its own
		from = io.LimitReader(res.Body, 40)
	}
	b, err := io.ReadAll(from)
	must(c.t, err)
	return answer{res.StatusCode, res.Header.Get("Location"), string(b), sessionOf(res)}
}

func (c *client) get(path string) answer { c.t.Helper(); return c.do("GET", path, nil) }

func (c *client) post(path string, pairs ...string) answer {
	c.t.Helper()
	form := url.Values{"once": {uuid.NewString()}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return c.do("POST", path, form)
}

// upload sends a file as a browser does.
func (c *client) upload(path, field, content string) answer {
	c.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	must(c.t, w.WriteField("csrf", c.csrf))
	part, err := w.CreateFormFile(field, "leerlingen.csv")
	must(c.t, err)
	_, err = io.WriteString(part, content)
	must(c.t, err)
	must(c.t, w.Close())
	req, err := http.NewRequest("POST", c.base+path, &body)
	must(c.t, err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Cookie", "__Host-zat="+c.token)
	res, err := c.http.Do(req)
	must(c.t, err)
	defer res.Body.Close()
	from := io.Reader(res.Body)
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") { // it has no end of its own
		from = io.LimitReader(res.Body, 40)
	}
	b, err := io.ReadAll(from)
	must(c.t, err)
	return answer{res.StatusCode, res.Header.Get("Location"), string(b), sessionOf(res)}
}
