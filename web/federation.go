package web

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/account/signin"
	"zat/fault"
)

// Cookies of the way to an organisation's sign-in and back.
const (
	journeyCookie = "__Host-zat-onderweg"
	ticketCookie  = "__Host-zat-kaartje"
	journeyLife   = 10 * time.Minute
)

// showOrganisation sends somebody to his organisation's sign-in.
func (s *Server) showOrganisation(c *fiber.Ctx) error { return s.journey(c, uuid.Nil) }

// showLink sends somebody there to link it to his account.
func (s *Server) showLink(c *fiber.Ctx) error { return s.journey(c, actor(c).Account) }

func (s *Server) journey(c *fiber.Ctx, link uuid.UUID) error {
	to, state, err := s.SignIn.BeginFederation(work(c), link)
	if err != nil {
		return s.unreachable(c, err)
	}
	setCookie(c, journeyCookie, state, journeyLife)
	return c.Redirect(to, fiber.StatusSeeOther)
}

// unreachable keeps an identity provider that does not answer from being an error of
// ours: signing in with password and code goes on.
func (s *Server) unreachable(c *fiber.Ctx, err error) error {
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	s.Logger.Error("identity provider", "error", err.Error())
	return fault.New(fault.Busy, "error.federation.away")
}

// showReturn takes somebody back from it.
func (s *Server) showReturn(c *fiber.Ctx) error {
	kept := c.Cookies(journeyCookie)
	dropCookie(c, journeyCookie)
	ticket, linked, err := s.SignIn.EndFederation(work(c), signin.Return{State: c.Query("state"), Kept: kept, Code: c.Query("code"), Network: s.network(c)})
	if err != nil {
		return s.unreachable(c, err)
	}
	if linked {
		return c.Redirect("/account?gelukt=gekoppeldaccount", fiber.StatusSeeOther)
	}
	setCookie(c, ticketCookie, ticket, journeyLife)
	return c.Redirect("/aanmelden/sleutel", fiber.StatusSeeOther)
}

type unlockPage struct {
	Page
	Form         Form
	Organisation string
	Here         bool
}

func (s *Server) showUnlock(c *fiber.Ctx) error {
	if c.Cookies(ticketCookie) == "" {
		return c.Redirect("/aanmelden", fiber.StatusSeeOther)
	}
	return s.unlockPage(c, nil)
}

// unlockPage asks who came from his organisation for what opens his keys: the
// organisation does not have it.
func (s *Server) unlockPage(c *fiber.Ctx, cause error) error {
	if s.SignIn.Federation == nil {
		return errNotFound
	}
	p := unlockPage{s.page(c, "unlock.title"), s.form(c, "/aanmelden/sleutel", cause), s.SignIn.Federation.Name, s.site(c).Usable()}
	p.Bare = true
	for _, k := range []string{"password", "credential", "prf"} {
		p.Form.Values.Del(k)
	}
	return s.render(c, status(cause), "unlock", p)
}

func (s *Server) postUnlock(c *fiber.Ctx) error {
	ticket := c.Cookies(ticketCookie)
	if ticket == "" {
		return c.Redirect("/aanmelden", fiber.StatusSeeOther)
	}
	err := s.enter(c, signin.Attempt{Password: c.FormValue("password"), Ticket: ticket})
	if refused(err) {
		return s.unlockPage(c, err)
	}
	if err == nil {
		dropCookie(c, ticketCookie)
	}
	return err
}

func (s *Server) postUnlink(c *fiber.Ctx) error {
	if err := s.SignIn.Unlink(work(c), actor(c)); err != nil {
		return err
	}
	return s.done(c, "/account", "losgekoppeld")
}
