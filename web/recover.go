package web

import (
	"github.com/gofiber/fiber/v2"

	"zat/account/signin"
)

func (s *Server) showRecover(c *fiber.Ctx) error      { return s.recoverPage(c, false, nil) }
func (s *Server) showRecoverPhone(c *fiber.Ctx) error { return s.recoverPage(c, true, nil) }

// recoverPage is for who lost his password, or his phone. It says nothing of whom
// it knows.
func (s *Server) recoverPage(c *fiber.Ctx, phone bool, err error) error {
	title, action := "recover.password.title", "/herstel/wachtwoord"
	if phone {
		title, action = "recover.phone.title", "/herstel/telefoon"
	}
	p := s.secretForm(c, title, action, true, err)
	p.Phone = phone
	if phone {
		if err := p.withPhone("Zorgtafel"); err != nil {
			return err
		}
	}
	return s.render(c, status(err), "recover", p)
}

func (s *Server) recovery(c *fiber.Ctx) signin.Recovery {
	return signin.Recovery{Email: c.FormValue("email"), Recovery: c.FormValue("recovery"), Password: c.FormValue("password"), Again: c.FormValue("again"),
		Code: c.FormValue("code"), TOTPSecret: c.FormValue("secret"), Network: s.network(c), Device: c.Cookies(deviceCookie)}
}

func (s *Server) postRecover(c *fiber.Ctx) error {
	if err := empty(c, "email", "recovery", "password", "again", "code"); err != nil {
		return s.recoverPage(c, false, err)
	}
	return s.recoveredOr(c, false, s.SignIn.RecoverPassword(work(c), s.recovery(c)))
}

func (s *Server) postRecoverPhone(c *fiber.Ctx) error {
	if err := empty(c, "email", "recovery", "password", "code"); err != nil {
		return s.recoverPage(c, true, err)
	}
	return s.recoveredOr(c, true, s.SignIn.RecoverPhone(work(c), s.recovery(c)))
}

func (s *Server) recoveredOr(c *fiber.Ctx, phone bool, err error) error {
	if refused(err) {
		return s.recoverPage(c, phone, err)
	}
	if err != nil {
		return err
	}
	return c.Redirect("/aanmelden?hersteld=1", fiber.StatusSeeOther)
}
