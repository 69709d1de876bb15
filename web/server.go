// Package web is what people see: routes, pages, forms, languages.
//
// It cannot import the store, the register or anything in crypto: names and
// keys reach it only as values that a use case handed out. A handler decodes a
// form, calls one use case and renders or redirects; every failure goes to one
// place that turns it into a status and a sentence.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/account"
	"zat/account/keyring"
	"zat/account/signin"
	"zat/account/staff"
	"zat/audit/review"
	"zat/audit/witness"
	"zat/fault"
	"zat/meeting"
	"zat/pseudonym"
	"zat/pseudonym/guard"
)

// Discloser opens the identity behind a case to a coordinator. It is the one
// way from a page to a name.
type Discloser interface {
	Disclose(ctx context.Context, a account.Actor, c uuid.UUID, why guard.Draft) (pseudonym.Pupil, error)
}

// Register is the coordinators' work on the sealed register.
type Register interface {
	Search(ctx context.Context, a account.Actor, query string, page int) (pseudonym.Page, error)
	Pupil(ctx context.Context, a account.Actor, id uuid.UUID) (pseudonym.Row, error)
	Save(ctx context.Context, a account.Actor, id uuid.UUID, raw pseudonym.RawPupil) (uuid.UUID, error)
	Preview(ctx context.Context, a account.Actor, file []byte) (pseudonym.Preview, error)
	Import(ctx context.Context, a account.Actor, blob string) (added, changed int, err error)
	Suggest(ctx context.Context, a account.Actor, text string, found []guard.Finding) ([]pseudonym.Suggestion, error)
	DiscloseTo(ctx context.Context, a account.Actor, c, member, basis uuid.UUID, until, informed time.Time, why guard.Draft) error
	Disclosures(ctx context.Context, a account.Actor, c uuid.UUID) ([]pseudonym.Disclosed, error)
	Disclosed(ctx context.Context, a account.Actor, c uuid.UUID) (name, class string, until time.Time, err error)
}

// Teams tells what a team is called.
type Teams interface {
	Team(ctx context.Context, id uuid.UUID) (account.Team, error)
	Members(ctx context.Context, team uuid.UUID) ([]account.Member, error)
	Organisations(ctx context.Context, team uuid.UUID) ([]account.Organisation, error)
	Due(ctx context.Context, team uuid.UUID, until time.Time) ([]meeting.Case, error)
	OpenAgreements(ctx context.Context, team, member uuid.UUID, mine bool, now time.Time) ([]meeting.Item, error)
}

// DemoPerson is somebody of the demo, to be chosen with one click.
type DemoPerson struct {
	Name, Organisation, Email string
	Role                      account.Role
}

// Demo signs in a person of the demo, through the same unlocking of keys as
// everybody's. It is nil outside demo mode, and then its pages do not exist.
type Demo interface {
	People() []DemoPerson
	Attempt(email string) (signin.Attempt, error)
}

// Mailer sends e-mail. No message holds a pseudonym, and no failure an address.
type Mailer interface {
	Invite(ctx context.Context, to, school, link string) error
	// Digest tells how much waits for somebody.
	Digest(ctx context.Context, to, school string, open, late int, link string) error
	// Session tells of a session, with a calendar file; Off that it does not take place.
	Session(ctx context.Context, to, school, title, when, link string, file []byte) error
	Off(ctx context.Context, to, school, title, when string, file []byte) error
}

// Server serves the pages.
type Server struct {
	SignIn    *signin.Service
	Staff     *staff.Service
	Keys      *keyring.Service
	Meeting   *meeting.Service
	URL       string // address that people open, for invitations; empty: as the request says
	Review    *review.Service
	Guard     *guard.Watch
	Register  Register
	Discloser Discloser
	Teams     Teams
	Demo      Demo
	Logger    *slog.Logger
	Now       func() time.Time
	Witness   *witness.Witness // signs checkpoints of others; nil: of nobody
	Mail      Mailer           // sends invitations; nil: their links are handed over
	Proxy     bool             // a trusted proxy ends TLS and tells the client's address

	parse sync.Once // the views
	views *views
	bad   error
	live  live
}

// Limits of a request. Ten megabytes of text get an answer at the field; more
// than this is refused unread.
const (
	bodyLimit    = 12 << 20
	readTimeout  = 30 * time.Second
	writeTimeout = 60 * time.Second
	idleTimeout  = 120 * time.Second
)

// App returns an application with its routes. Templates are parsed the first
// time.
func (s *Server) App() (*fiber.App, error) {
	if s.parse.Do(func() { s.views, s.bad = loadViews() }); s.bad != nil {
		return nil, s.bad
	}
	app := fiber.New(fiber.Config{
		AppName: "zat", Immutable: true, DisableStartupMessage: true, ErrorHandler: s.fail, BodyLimit: bodyLimit,
		ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, ReadBufferSize: 16 << 10,
		StreamRequestBody: false, ReduceMemoryUsage: true, ServerHeader: "",
	})
	app.Use(s.recovered, s.headers, plainBody, s.sameSite)
	s.routes(app)
	return app, nil
}

// Serve runs the application on a listener until ctx ends, and then ends streams
// and lets requests in hand finish.
func (s *Server) Serve(ctx context.Context, app *fiber.App, ln net.Listener) error {
	done := make(chan error, 1)
	go func() { done <- app.Listener(ln) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	s.Stop()
	if err := app.ShutdownWithTimeout(10 * time.Second); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	ln.Close() // a stop that comes before the first accept is not seen by the server
	if err := <-done; !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

const contentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (s *Server) headers(c *fiber.Ctx) error {
	c.Set("Content-Security-Policy", contentPolicy)
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("Referrer-Policy", "no-referrer")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	c.Set("Cache-Control", "no-store")
	if c.Protocol() == "https" || s.Proxy {
		c.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
	return c.Next()
}

// plainBody refuses compressed requests: no browser sends one, and a small one
// could unpack to more than there is memory.
func plainBody(c *fiber.Ctx) error {
	if len(c.Request().Header.ContentEncoding()) > 0 {
		return fault.New(fault.Invalid, "error.form")
	}
	return c.Next()
}

// sameSite refuses requests that change something and come from another site;
// the token in each form is the second lock.
func (s *Server) sameSite(c *fiber.Ctx) error {
	if c.Method() != fiber.MethodPost {
		return c.Next()
	}
	if site := c.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return fault.New(fault.Denied, "error.csrf")
	}
	return c.Next()
}

// recovered turns a panic into an error without its value, which may hold
// content.
func (s *Server) recovered(c *fiber.Ctx) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return c.Next()
}

var errPanic = errors.New("panic in a handler")
