package web

import (
	"context"
	"crypto/subtle"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/fault"
)

// Cookies. The prefix __Host- binds them to this host and to TLS; browsers
// count the loopback address as such.
const (
	sessionCookie  = "__Host-zat"
	deviceCookie   = "__Host-zat-apparaat"
	languageCookie = "__Host-zat-taal"
)

func setCookie(c *fiber.Ctx, name, value string, life time.Duration) {
	cookie := &fiber.Cookie{Name: name, Value: value, Path: "/", Secure: true, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode}
	if life > 0 {
		cookie.MaxAge = int(life.Seconds())
	}
	c.Cookie(cookie)
}

func dropCookie(c *fiber.Ctx, name string) {
	c.Cookie(&fiber.Cookie{Name: name, Value: "", Path: "/", Secure: true, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode, Expires: time.Unix(1, 0)})
}

// work is the context of a use case. A request in hand goes on to its end when
// the server stops; fasthttp's own context would end at once.
func work(c *fiber.Ctx) context.Context { return context.WithoutCancel(c.Context()) }

const presenceKey = "presence"

// who returns who is signed in; it is there behind allow only.
func who(c *fiber.Ctx) signin.Presence {
	p, _ := c.Locals(presenceKey).(signin.Presence)
	return p
}

func actor(c *fiber.Ctx) account.Actor { return who(c).Actor }

// allow lets people in whose role has the permission. A refusal is a line.
func (s *Server) allow(p account.Permission) fiber.Handler {
	own, bySelf := s.door(p, s.SignIn.Resume), s.door(p, s.SignIn.Peek)
	return func(c *fiber.Ctx) error {
		if c.Method() == fiber.MethodGet && c.Query("vanzelf") == "1" { // a page that loads itself is no activity of its reader
			return bySelf(c)
		}
		return own(c)
	}
}

// allowPeek is allow for what is no activity of the person.
func (s *Server) allowPeek(p account.Permission) fiber.Handler { return s.door(p, s.SignIn.Peek) }

type resume func(ctx context.Context, token string) (signin.Presence, *signin.Lapsed, error)

func (s *Server) door(p account.Permission, open resume) fiber.Handler {
	return func(c *fiber.Ctx) error {
		presence, lapsed, err := open(work(c), c.Cookies(sessionCookie))
		if fault.Is(err, fault.Signed) {
			return s.signInFirst(c, lapsed)
		}
		if err != nil {
			return err
		}
		presence.Actor.Trace = uuid.New()
		c.Locals(presenceKey, presence)
		if c.Method() == fiber.MethodPost && !sameToken(presence.CSRF, csrfOf(c)) {
			return s.strayForm(c, presence.Actor)
		}
		if covers(presence, c) {
			return s.covered(c, presence)
		}
		if !presence.Actor.May(p) {
			return s.SignIn.Refuse(work(c), presence.Actor, p)
		}
		if presence.Short && !ofAccount(c.Path()) {
			return s.makePasskey(c, presence.Actor)
		}
		if err := s.takeDraft(c); err != nil {
			return err
		}
		return c.Next()
	}
}

// covers reports whether the cover is before this page. The room's screen shows nothing
// personal: it is covered only when its owner locked it.
func covers(p signin.Presence, c *fiber.Ctx) bool {
	if behindCover(c.Path()) {
		return false
	}
	if strings.HasSuffix(c.Path(), "/projectie") || strings.HasSuffix(c.Path(), "/live") && c.Query("beeld") == "projector" {
		return p.Cover == signin.Locked
	}
	return p.Cover != signin.Uncovered
}

// ofAccount reports whether a page is of somebody's own account: it stays open to who
// still has to make the passkey that his team asks for.
func ofAccount(path string) bool {
	for _, p := range []string{"/account", "/bevestigen", "/slot", "/afmelden", "/teams/"} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

// makePasskey sends somebody there who signed in without the passkey that his team
// asks for. What he typed is kept.
func (s *Server) makePasskey(c *fiber.Ctx, a account.Actor) error {
	if c.Method() == fiber.MethodPost && keepable(c) {
		if err := s.SignIn.KeepOwn(work(c), a, c.Path(), formValues(c)); err != nil {
			return err
		}
	}
	return c.Redirect("/account/passkeys", fiber.StatusSeeOther)
}

// strayForm answers a form without the session's token. When it comes from a page
// of an earlier session of the same person, what he typed is kept; else it is
// refused, with its line.
func (s *Server) strayForm(c *fiber.Ctx, a account.Actor) error {
	own, err := s.SignIn.Wrote(work(c), a, csrfOf(c))
	if err != nil {
		return err
	}
	if own && c.Get("X-CSRF") != "" {
		return c.SendStatus(fiber.StatusUnauthorized) // the check while typing, on that page
	}
	if !own || !keepable(c) {
		return s.SignIn.Spoil(work(c), a)
	}
	if err := s.SignIn.KeepOwn(work(c), a, c.Path(), formValues(c)); err != nil {
		return err
	}
	return c.Redirect("/concepten", fiber.StatusSeeOther)
}

func csrfOf(c *fiber.Ctx) string {
	if t := c.Get("X-CSRF"); t != "" {
		return t
	}
	return c.FormValue("csrf")
}

func sameToken(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// signInFirst sends somebody to the sign-in page. What he typed in a session
// that has ended meanwhile is kept for him, sealed.
func (s *Server) signInFirst(c *fiber.Ctx, lapsed *signin.Lapsed) error {
	if c.Cookies(sessionCookie) != "" { // one that is over: nothing of it stays in the browser
		c.Set("Clear-Site-Data", `"cache"`)
		dropCookie(c, sessionCookie)
	}
	if c.Method() != fiber.MethodPost {
		if c.Path() == "/" {
			return c.Redirect("/aanmelden", fiber.StatusSeeOther)
		}
		return c.Redirect("/aanmelden?verder="+queryEscape(c.Path()), fiber.StatusSeeOther)
	}
	if lapsed == nil || !sameToken(lapsed.CSRF, csrfOf(c)) {
		if c.Get("X-CSRF") != "" {
			return c.SendStatus(fiber.StatusUnauthorized)
		}
		return c.Redirect("/aanmelden", fiber.StatusSeeOther)
	}
	if !keepable(c) {
		return c.Redirect("/aanmelden", fiber.StatusSeeOther)
	}
	if err := s.SignIn.KeepDraft(work(c), *lapsed, c.Path(), formValues(c)); err != nil {
		return err
	}
	return c.Redirect("/aanmelden?bewaard=1", fiber.StatusSeeOther)
}

// keepable reports whether a form holds typed text worth keeping: files and
// sealed imports are not kept.
func keepable(c *fiber.Ctx) bool {
	path := c.Path()
	for _, no := range []string{"/afmelden", "/slot", "/controle", "/register/invoer", "/concepten", "/logboek/vergelijken", "/logboek/uitvoer", "/account", "/herstel", "/team/herstelblad", "/bevestigen"} {
		if strings.HasPrefix(path, no) {
			return false
		}
	}
	return pageOf(c) != ""
}

// pageOf returns the page on which a form stands: a path of our own.
func pageOf(c *fiber.Ctx) string { return localPath(c.FormValue("pagina")) }
