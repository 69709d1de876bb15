package web

import (
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"zat/account/signin"
	"zat/account/staff"
	"zat/fault"
)

// deviceFor is how long a browser stays known.
const deviceFor = 180 * 24 * time.Hour

type signInPage struct {
	Page
	Form Form
	Kept bool
	Told string // what went before: joined, recovered
	Next string
	Here bool // passkeys can be used at this address
	// Organisation is the name of another sign-in that people can use.
	Organisation string
}

func (s *Server) showSignIn(c *fiber.Ctx) error { return s.signInPage(c, nil) }

func (s *Server) signInPage(c *fiber.Ctx, err error) error {
	p := s.page(c, "signin.title")
	p.Bare = true
	f := s.form(c, "/aanmelden", err)
	f.Values.Del("password")
	f.Values.Del("code")
	f.Values.Del("credential")
	f.Values.Del("prf")
	next := c.Query("verder")
	if v := c.FormValue("verder"); v != "" {
		next = v
	}
	told := ""
	for _, k := range []string{"welkom", "hersteld"} {
		if c.Query(k) != "" {
			told = "signin.told." + k
		}
	}
	view := signInPage{Page: p, Form: f, Kept: c.Query("bewaard") != "", Told: told, Next: localPath(next), Here: s.site(c).Usable()}
	if s.SignIn.Federation != nil {
		view.Organisation = s.SignIn.Federation.Name
	}
	return s.render(c, status(err), "signin", view)
}

// localPath returns a path of our own to go on to, or empty.
func localPath(p string) string {
	u, err := url.Parse(p) // refuses control characters
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.Contains(p, "\\") {
		return ""
	}
	return p
}

// empty says of each field that has to be filled in that it was not. It asks nothing of
// the store: it tells nothing of who has an account.
func empty(c *fiber.Ctx, fields ...string) error {
	var errs fault.List
	for _, name := range fields {
		if c.FormValue(name) == "" {
			errs.Add(fault.At(name, "error.required"))
		}
	}
	return errs.Err()
}

func (s *Server) postSignIn(c *fiber.Ctx) error {
	if c.FormValue("credential") == "" {
		if err := empty(c, "email", "password", "code"); err != nil {
			return s.signInPage(c, err)
		}
	}
	err := s.enter(c, signin.Attempt{Email: c.FormValue("email"), Password: c.FormValue("password"), Code: c.FormValue("code")})
	if refused(err) {
		return s.signInPage(c, err)
	}
	return err
}

// enter signs somebody in and sends him on: to what he was typing, to the page
// he asked for, or to his own.
func (s *Server) enter(c *fiber.Ctx, a signin.Attempt) error {
	a.Site = s.site(c)
	if a.Credential, a.PRF = answerOf(c); c.Path() == "/demo" {
		a.Credential = nil
	}
	a.Network, a.Device, a.Earlier, a.Agent = s.network(c), c.Cookies(deviceCookie), c.Cookies(sessionCookie), agentOf(c)
	e, err := s.SignIn.SignIn(work(c), a)
	if err != nil {
		return err
	}
	s.renewKeys(c, e.Actor)
	setCookie(c, sessionCookie, e.Token.Secret(), 0)
	setCookie(c, deviceCookie, e.Device.Secret(), deviceFor)
	drafts, err := s.SignIn.Drafts(work(c), e.Actor)
	if err != nil {
		return err
	}
	if len(drafts) > 0 {
		return c.Redirect("/concepten", fiber.StatusSeeOther)
	}
	if next := localPath(c.FormValue("verder")); next != "" {
		return c.Redirect(next, fiber.StatusSeeOther)
	}
	return c.Redirect("/", fiber.StatusSeeOther)
}

// network returns the client's address. Of what a proxy says only the last part
// is its own; what stands before it the client can make up.
func (s *Server) network(c *fiber.Ctx) string {
	if !s.Proxy {
		return c.IP()
	}
	list := c.Get(fiber.HeaderXForwardedFor)
	return strings.TrimSpace(list[strings.LastIndexByte(list, ',')+1:])
}

func (s *Server) postSignOut(c *fiber.Ctx) error {
	if err := s.SignIn.SignOut(work(c), actor(c), c.Cookies(sessionCookie)); err != nil {
		return err
	}
	return s.leave(c)
}

func (s *Server) postSignOutAll(c *fiber.Ctx) error {
	if err := s.SignIn.SignOutEverywhere(work(c), actor(c)); err != nil {
		return err
	}
	return s.leave(c)
}

func (s *Server) leave(c *fiber.Ctx) error {
	dropCookie(c, sessionCookie)
	c.Set("Clear-Site-Data", `"cache"`)
	return c.Redirect("/aanmelden", fiber.StatusSeeOther)
}

type demoPage struct {
	Page
	People []DemoPerson
	Error  Message
}

func (s *Server) showDemo(c *fiber.Ctx) error { return s.demoPage(c, nil) }

func (s *Server) demoPage(c *fiber.Ctx, err error) error {
	p := s.page(c, "demo.title")
	p.Bare = true
	d := demoPage{Page: p, People: s.Demo.People()}
	if err != nil {
		d.Error = Message{Key: "demo.wait"}
	}
	return s.render(c, status(err), "demo", d)
}

func (s *Server) postDemo(c *fiber.Ctx) error {
	a, err := s.Demo.Attempt(c.FormValue("email"))
	if err == nil {
		err = s.enter(c, a)
	}
	if refused(err) {
		return s.demoPage(c, err)
	}
	return err
}

func (s *Server) showJoin(c *fiber.Ctx) error { return s.joinPage(c, nil) }

// joinPage keeps the invitation's token out of the form's action and of the
// page's title; it stands in the address that the newcomer was given.
func (s *Server) joinPage(c *fiber.Ctx, err error) error {
	m, ierr := s.Staff.Invitation(work(c), c.Params("token"))
	if ierr != nil {
		return ierr
	}
	known, kerr := s.Staff.Known(work(c), m)
	if kerr != nil {
		return kerr
	}
	p := s.secretForm(c, "join.title", c.Path(), true, err)
	p.Person, p.Role, p.Known = m.Name, string(m.Role), known
	if t, err := s.Teams.Team(work(c), m.Team); err == nil {
		p.Team = t.Name + " – " + t.School
	}
	if known {
		return s.render(c, status(err), "take", p)
	}
	p.withPaper()
	p.Here = s.site(c).Usable()
	if err := p.withPhone(m.Email); err != nil {
		return err
	}
	return s.render(c, status(err), "join", p)
}

// postAskFirst gives a newcomer's browser what it needs to make a passkey.
func (s *Server) postAskFirst(c *fiber.Ctx) error {
	b, err := s.Staff.BeginPasskey(work(c), c.Params("token"), s.site(c))
	return options(c, b, err)
}

// postTake lets somebody who has an account take an invitation of another team, by
// signing in.
func (s *Server) postTake(c *fiber.Ctx) error {
	err := s.enter(c, signin.Attempt{Email: c.FormValue("email"), Password: c.FormValue("password"), Code: c.FormValue("code"), Invitation: c.Params("token")})
	if refused(err) {
		return s.joinPage(c, err)
	}
	return err
}

// joining is what somebody gives to make his keys.
func (s *Server) joining(c *fiber.Ctx) staff.Joining {
	credential, prf := answerOf(c)
	return staff.Joining{Passkey: signin.Enrolment{Name: agentOf(c), Credential: credential, PRF: prf, Site: s.site(c)}, Device: c.Cookies(deviceCookie), Token: c.Params("token"), Password: c.FormValue("password"), Again: c.FormValue("again"),
		TOTPSecret: c.FormValue("secret"), Code: c.FormValue("code"), Recovery: c.FormValue("recovery"), Typed: c.FormValue("typed")}
}

func (s *Server) postJoin(c *fiber.Ctx) error {
	if c.FormValue("take") != "" {
		return s.postTake(c)
	}
	device, err := s.Staff.Join(work(c), s.joining(c))
	if refused(err) {
		return s.joinPage(c, err)
	}
	if err != nil {
		return err
	}
	setCookie(c, deviceCookie, device.Secret(), deviceFor)
	return c.Redirect("/aanmelden?welkom=1", fiber.StatusSeeOther)
}

type draftsPage struct {
	Page
	Drafts []draftView
}

type draftView struct {
	ID     string
	At     time.Time
	Page   string
	Fields []draftField
}

type draftField struct{ Name, Text string }

// draftFields are the fields worth showing, by their label in the catalogue.
var draftFields = []string{"text", "what", "question", "reason", "reply", "place", "title", "concerns", "strengths", "help", "goals", "decision", "motive", "who", "area", "finding", "follow", "facts", "effects", "measures"}

func (s *Server) showDrafts(c *fiber.Ctx) error {
	list, err := s.SignIn.Drafts(work(c), actor(c))
	if err != nil {
		return err
	}
	out := draftsPage{Page: s.page(c, "drafts.title")}
	for _, d := range list {
		_, form, err := s.SignIn.OpenDraft(work(c), actor(c), d.ID)
		if err != nil {
			return err
		}
		v := draftView{ID: d.ID.String(), At: d.At, Page: localPath(form.Get("pagina"))}
		for _, name := range draftFields {
			if t := form.Get(name); t != "" {
				v.Fields = append(v.Fields, draftField{"draft." + name, t})
			}
		}
		out.Drafts = append(out.Drafts, v)
	}
	return s.render(c, fiber.StatusOK, "drafts", out)
}

func (s *Server) postDropDraft(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.SignIn.DropDraft(work(c), actor(c), id); err != nil {
		return err
	}
	return s.done(c, "/", "concept")
}

// takeDraft opens the draft that a page was asked for with, so that its form is
// filled from it.
func (s *Server) takeDraft(c *fiber.Ctx) error {
	if c.Method() != fiber.MethodGet || c.Query("concept") == "" {
		return nil
	}
	id, err := parseID(c.Query("concept"))
	if err != nil {
		return err
	}
	d, form, err := s.SignIn.OpenDraft(work(c), actor(c), id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c.Locals(draftKey, openDraft{id.String(), d.Path, form})
	return nil
}
