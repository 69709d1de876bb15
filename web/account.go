package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/mileusna/useragent"

	"zat/account/signin"
)

// agentOf says what sort of browser asks, as its owner would: "Chrome, Windows".
// It is for him to tell his devices apart; nothing is decided by it.
func agentOf(c *fiber.Ctx) string {
	ua := useragent.Parse(c.Get(fiber.HeaderUserAgent))
	out := ua.Name
	if ua.OS != "" {
		out += ", " + ua.OS
	}
	return out[:min(len(out), 60)]
}

type accountPage struct {
	Page
	Access signin.Access
}

func (s *Server) showAccount(c *fiber.Ctx) error {
	access, err := s.SignIn.Access(work(c), actor(c))
	if err != nil {
		return err
	}
	return s.render(c, fiber.StatusOK, "account", accountPage{s.page(c, "account.title"), access})
}

func (s *Server) postEndSession(c *fiber.Ctx) error {
	if err := s.SignIn.EndSession(work(c), actor(c), c.Params("ref")); err != nil {
		return err
	}
	return s.done(c, "/account", "sessieweg")
}

func (s *Server) postSeen(c *fiber.Ctx) error {
	if err := s.SignIn.Seen(work(c), actor(c)); err != nil {
		return err
	}
	return s.done(c, "/account", "apparaat")
}

// secretPage is a page on which somebody types or is shown a secret.
type secretPage struct {
	Page
	Form   Form
	Person string
	Role   string
	Secret string // of a new phone
	QR     QR
	Paper  string // a new recovery code
	Phone  bool   // the phone is lost, and not the password
	Known  bool   // he has an account, of another team
	Here   bool   // passkeys can be made at this address
	None   bool   // he has no password to type
}

// secretForm is the form of such a page. No password and no
// code of a phone comes back.
func (s *Server) secretForm(c *fiber.Ctx, title, action string, bare bool, err error) secretPage {
	p := secretPage{Page: s.page(c, title), Form: s.form(c, action, err)}
	p.Bare = bare
	for _, k := range []string{"current", "password", "again", "code"} {
		p.Form.Values.Del(k)
	}
	return p
}

// withPhone adds a new phone's secret: the one that the form had, or a fresh one.
func (p *secretPage) withPhone(email string) (err error) {
	if p.Secret = p.Form.V("secret"); len(p.Secret) != len(signin.NewTOTPSecret()) {
		p.Secret = signin.NewTOTPSecret()
	}
	p.QR, err = qrOf(signin.TOTPLink(p.Secret, email))
	return err
}

// withPaper adds a new recovery code: the one that the form had, or a fresh one.
func (p *secretPage) withPaper() {
	if p.Paper = p.Form.V("recovery"); p.Paper == "" {
		p.Paper = signin.DrawRecoveryCode()
	}
}

// own is what somebody gives to change how he gets in.
func (s *Server) own(c *fiber.Ctx) signin.Own {
	return signin.Own{Fresh: s.SignIn.Fresh(who(c)), Current: c.FormValue("current"), Password: c.FormValue("password"), Again: c.FormValue("again"), TOTPSecret: c.FormValue("secret"),
		Code: c.FormValue("code"), Recovery: c.FormValue("recovery"), Typed: c.FormValue("typed"), Token: c.Cookies(sessionCookie)}
}

// passwordless reports whether the actor has no password to type.
func (s *Server) passwordless(c *fiber.Ctx) bool {
	has, err := s.SignIn.HasPassword(work(c), actor(c))
	return err == nil && !has
}

func (s *Server) showPassword(c *fiber.Ctx) error { return s.passwordPage(c, nil) }

func (s *Server) passwordPage(c *fiber.Ctx, err error) error {
	p := s.secretForm(c, "password.title", "/account/wachtwoord", false, err)
	p.None = s.passwordless(c)
	return s.render(c, status(err), "password", p)
}

func (s *Server) postPassword(c *fiber.Ctx) error {
	err := s.SignIn.ChangePassword(work(c), actor(c), s.own(c))
	if refused(err) {
		return s.passwordPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/account", "wachtwoord")
}

func (s *Server) showPaper(c *fiber.Ctx) error { return s.paperPage(c, nil) }

func (s *Server) paperPage(c *fiber.Ctx, err error) error {
	p := s.secretForm(c, "paper.title", "/account/herstelcode", false, err)
	p.None = s.passwordless(c)
	p.withPaper()
	return s.render(c, status(err), "paper", p)
}

func (s *Server) postPaper(c *fiber.Ctx) error {
	err := s.SignIn.MakeRecovery(work(c), actor(c), s.own(c))
	if refused(err) {
		return s.paperPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/account", "herstelcode")
}

func (s *Server) showOwnKeys(c *fiber.Ctx) error { return s.ownKeysPage(c, nil) }

func (s *Server) ownKeysPage(c *fiber.Ctx, err error) error {
	p := s.secretForm(c, "ownkeys.title", "/account/sleutels", false, err)
	p.withPaper()
	return s.render(c, status(err), "ownkeys", p)
}

// postOwnKeys renews the keys of whoever asks, in all his teams.
func (s *Server) postOwnKeys(c *fiber.Ctx) error {
	token, err := s.SignIn.RenewKeys(work(c), who(c), s.own(c))
	if refused(err) {
		return s.ownKeysPage(c, err)
	}
	if err != nil {
		return err
	}
	setCookie(c, sessionCookie, token.Secret(), 0)
	return c.Redirect("/account?gelukt=eigensleutels", fiber.StatusSeeOther)
}

func (s *Server) showPhone(c *fiber.Ctx) error { return s.phonePage(c, nil) }

func (s *Server) phonePage(c *fiber.Ctx, err error) error {
	p := s.secretForm(c, "phone.title", "/account/telefoon", false, err)
	if err := p.withPhone(actor(c).Name); err != nil {
		return err
	}
	return s.render(c, status(err), "phone", p)
}

func (s *Server) postPhone(c *fiber.Ctx) error {
	err := s.SignIn.ChangePhone(work(c), actor(c), s.own(c))
	if refused(err) {
		return s.phonePage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/account/herstelcode", "telefoon")
}
