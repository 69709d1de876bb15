package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"zat/account/signin"
)

type coverPage struct {
	Page
	Form   Form
	Next   string
	HasPIN bool
	Locked bool // behind the cover; else the page on which it is locked
	Kept   bool
}

// behindCover reports whether a path is open while the screen is locked.
func behindCover(path string) bool {
	for _, p := range []string{"/slot", "/bevestigen", "/afmelden"} {
		if path == p || strings.HasPrefix(path, p+"/") {
			return true
		}
	}
	return false
}

// covered sends somebody to the cover. What he typed is kept, sealed.
func (s *Server) covered(c *fiber.Ctx, p signin.Presence) error {
	if c.Method() != fiber.MethodPost {
		return c.Redirect("/slot?verder="+queryEscape(c.Path()), fiber.StatusSeeOther)
	}
	if c.Get("X-CSRF") != "" {
		return c.SendStatus(fiber.StatusUnauthorized)
	}
	if !keepable(c) || !typed(c) {
		return c.Redirect("/slot?verder="+queryEscape(pageOf(c)), fiber.StatusSeeOther)
	}
	if err := s.SignIn.KeepOwn(work(c), p.Actor, c.Path(), formValues(c)); err != nil {
		return err
	}
	return c.Redirect("/slot?bewaard=1&verder=/concepten", fiber.StatusSeeOther)
}

func (s *Server) showCover(c *fiber.Ctx) error { return s.coverPage(c, nil) }

func (s *Server) coverPage(c *fiber.Ctx, cause error) error {
	p := coverPage{Page: s.page(c, "cover.title"), Form: s.form(c, "/slot", cause), Next: localPath(c.Query("verder")), HasPIN: who(c).HasPIN,
		Locked: who(c).Cover != signin.Uncovered, Kept: c.Query("bewaard") != ""}
	if v := c.FormValue("verder"); v != "" {
		p.Next = localPath(v)
	}
	if !p.Locked {
		p.Form = s.form(c, "/slot/dicht", cause)
	}
	p.Bare = true
	for _, k := range []string{"pin", "again"} {
		p.Form.Values.Del(k)
	}
	return s.render(c, status(cause), "cover", p)
}

// postLift lifts the cover with the PIN.
func (s *Server) postLift(c *fiber.Ctx) error {
	err := s.SignIn.Lift(work(c), who(c), c.FormValue("pin"))
	if refused(err) {
		return s.coverPage(c, err)
	}
	if err != nil {
		return err
	}
	next := localPath(c.FormValue("verder"))
	if next == "" {
		next = "/"
	}
	return c.Redirect(next, fiber.StatusSeeOther)
}

// postLock locks the screen, with a PIN when one is given or there.
func (s *Server) postLock(c *fiber.Ctx) error {
	p := who(c)
	if p.Cover != signin.Uncovered { // whoever stands before the cover chooses no PIN
		return c.Redirect("/slot", fiber.StatusSeeOther)
	}
	if c.FormValue("pin") != "" {
		err := s.SignIn.SetPIN(work(c), p, c.FormValue("pin"), c.FormValue("again"))
		if refused(err) {
			return s.coverPage(c, err)
		}
		if err != nil {
			return err
		}
	} else if !p.HasPIN && c.FormValue("zonder") == "" { // which PIN is asked first
		return c.Redirect("/slot?verder="+queryEscape(pageOf(c)), fiber.StatusSeeOther)
	}
	if err := s.SignIn.Lock(work(c), p); err != nil {
		return err
	}
	next := localPath(c.FormValue("verder"))
	if next == "" {
		next = pageOf(c)
	}
	return c.Redirect("/slot?verder="+queryEscape(next), fiber.StatusSeeOther)
}
