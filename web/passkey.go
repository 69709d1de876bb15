package web

import (
	"encoding/base64"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"zat/account/signin"
)

// site is where passkeys belong: the address that was configured, else the one that
// was asked for. A browser keeps to it.
func (s *Server) site(c *fiber.Ctx) signin.Site {
	base := s.URL
	if base == "" {
		base = c.BaseURL()
	}
	u, err := url.Parse(base)
	if err != nil {
		return signin.Site{}
	}
	return signin.Site{Host: u.Hostname(), Origin: u.Scheme + "://" + u.Host}
}

// answerOf is what a passkey answered, and what its function gave.
func answerOf(c *fiber.Ctx) (credential, prf []byte) {
	prf, err := base64.RawURLEncoding.DecodeString(c.FormValue("prf"))
	if err != nil {
		prf = nil
	}
	return []byte(c.FormValue("credential")), prf
}

func options(c *fiber.Ctx, b []byte, err error) error {
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(b)
}

// postAskEntry gives a browser what it needs to use a passkey.
func (s *Server) postAskEntry(c *fiber.Ctx) error {
	b, err := s.SignIn.BeginEntry(work(c), s.site(c))
	return options(c, b, err)
}

func (s *Server) postAskPasskey(c *fiber.Ctx) error {
	b, err := s.SignIn.BeginPasskey(work(c), actor(c), s.site(c))
	return options(c, b, err)
}

type passkeysPage struct {
	Page
	Form   Form
	Access signin.Access
	Here   bool // passkeys can be made at this address
}

func (s *Server) showPasskeys(c *fiber.Ctx) error { return s.passkeysPage(c, nil) }

func (s *Server) passkeysPage(c *fiber.Ctx, cause error) error {
	access, err := s.SignIn.Access(work(c), actor(c))
	if err != nil {
		return err
	}
	p := passkeysPage{s.page(c, "passkeys.title"), s.form(c, "/account/passkeys", cause), access, s.site(c).Usable()}
	p.Form.Values.Del("credential")
	p.Form.Values.Del("prf")
	p.Form = p.Form.Default("name", agentOf(c))
	return s.render(c, status(cause), "passkeys", p)
}

func (s *Server) postPasskey(c *fiber.Ctx) error {
	credential, prf := answerOf(c)
	err := s.SignIn.AddPasskey(work(c), actor(c), signin.Enrolment{Name: c.FormValue("name"), Credential: credential, PRF: prf, Site: s.site(c)})
	if refused(err) {
		return s.passkeysPage(c, err)
	}
	if err != nil {
		return err
	}
	if len(prf) == 0 {
		return s.done(c, "/account/passkeys", "passkeynaast")
	}
	return s.done(c, "/account/passkeys", "passkey")
}

func (s *Server) postDropPasskey(c *fiber.Ctx) error {
	err := s.SignIn.RemovePasskey(work(c), actor(c), c.Params("ref"), c.Cookies(sessionCookie))
	if refused(err) {
		return s.passkeysPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/account/passkeys", "passkeyweg")
}

type provePage struct {
	Page
	Form     Form
	Next     string
	Kept     bool
	Password bool
	Here     bool
}

func (s *Server) showProve(c *fiber.Ctx) error { return s.provePage(c, nil) }

// provePage asks again who it is, before what weighs more than reading.
func (s *Server) provePage(c *fiber.Ctx, cause error) error {
	has, err := s.SignIn.HasPassword(work(c), actor(c))
	if err != nil {
		return err
	}
	p := provePage{Page: s.page(c, "prove.title"), Form: s.form(c, "/bevestigen", cause), Next: localPath(c.Query("verder")), Kept: c.Query("bewaard") != "", Password: has, Here: s.site(c).Usable()}
	if v := c.FormValue("verder"); v != "" {
		p.Next = localPath(v)
	}
	for _, k := range []string{"current", "credential", "prf"} {
		p.Form.Values.Del(k)
	}
	return s.render(c, status(cause), "prove", p)
}

func (s *Server) postProve(c *fiber.Ctx) error {
	credential, _ := answerOf(c)
	if len(credential) == 0 {
		if err := empty(c, "current"); err != nil {
			return s.provePage(c, err)
		}
	}
	token, err := s.SignIn.Confirm(work(c), who(c), signin.Attempt{Password: c.FormValue("current"), Credential: credential, Site: s.site(c)})
	if refused(err) {
		return s.provePage(c, err)
	}
	if err != nil {
		return err
	}
	setCookie(c, sessionCookie, token.Secret(), 0)
	next := localPath(c.FormValue("verder"))
	if next == "" {
		next = "/"
	}
	return c.Redirect(next, fiber.StatusSeeOther)
}

// freshWithout is fresh for who has no password to type.
func (s *Server) freshWithout(c *fiber.Ctx) error {
	has, err := s.SignIn.HasPassword(work(c), actor(c))
	if err != nil {
		return err
	}
	if has {
		return c.Next()
	}
	return s.fresh(c)
}

// typed reports whether somebody typed anything in a form: a button alone has nothing
// to keep.
func typed(c *fiber.Ctx) bool {
	for name, list := range formValues(c) {
		if name == "csrf" || name == "once" || name == "pagina" {
			continue
		}
		for _, v := range list {
			if v != "" {
				return true
			}
		}
	}
	return false
}

// fresh lets nobody through who did not prove lately who he is. What he typed is
// kept.
func (s *Server) fresh(c *fiber.Ctx) error {
	if s.SignIn.Fresh(who(c)) {
		return c.Next()
	}
	if c.Method() != fiber.MethodPost {
		return c.Redirect("/bevestigen?verder="+queryEscape(c.OriginalURL()), fiber.StatusSeeOther)
	}
	if !keepable(c) || !typed(c) {
		return c.Redirect("/bevestigen?verder="+queryEscape(pageOf(c)), fiber.StatusSeeOther)
	}
	if err := s.SignIn.KeepOwn(work(c), actor(c), c.Path(), formValues(c)); err != nil {
		return err
	}
	return c.Redirect("/bevestigen?bewaard=1&verder=/concepten", fiber.StatusSeeOther)
}
