package web

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"zat/fault"
)

var statuses = map[fault.Kind]int{
	fault.Internal: fiber.StatusInternalServerError,
	fault.Invalid:  fiber.StatusUnprocessableEntity,
	fault.Denied:   fiber.StatusForbidden,
	fault.NotFound: fiber.StatusNotFound,
	fault.Conflict: fiber.StatusConflict,
	fault.Signed:   fiber.StatusUnauthorized,
	fault.Busy:     fiber.StatusTooManyRequests,
	fault.TooLarge: fiber.StatusRequestEntityTooLarge,
}

type errorPage struct {
	Page
	Status  int
	Message Message
}

// fail is the one place where an error becomes a status and a sentence. What is
// inside goes to the server log; neither holds content.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	var fe *fiber.Error
	if errors.As(err, &fe) {
		err = fromFiber(fe)
	}
	kind := fault.KindOf(err)
	msg := Message{Key: "error.internal"}
	var e *fault.Error
	if kind != fault.Internal && errors.As(err, &e) {
		msg = Message{e.Key, e.Args}
	}
	if list := fault.Fields(err); len(list) > 0 {
		msg = Message{list[0].Key, list[0].Args}
		if _, ok := guardRefusal(list[0]); ok {
			msg = Message{Key: "error.guard"}
		}
	}
	if kind == fault.Internal {
		s.Logger.Error("request failed", "method", c.Method(), "route", c.Route().Path, "error", err.Error())
	}
	return s.render(c, statuses[kind], "error", errorPage{s.page(c, "error.title"), statuses[kind], msg})
}

func fromFiber(e *fiber.Error) error {
	switch e.Code {
	case fiber.StatusNotFound, fiber.StatusMethodNotAllowed:
		return fault.New(fault.NotFound, "error.notfound")
	case fiber.StatusRequestEntityTooLarge:
		return fault.New(fault.TooLarge, "error.body")
	case fiber.StatusInternalServerError:
		return errors.New(e.Message)
	}
	return fault.New(fault.Invalid, "error.form")
}

func (s *Server) notFound(c *fiber.Ctx) error {
	if p, _, err := s.SignIn.Resume(work(c), c.Cookies(sessionCookie)); err == nil {
		c.Locals(presenceKey, p)
	}
	return fault.New(fault.NotFound, "error.notfound")
}

// status is what a page with a refused form answers.
func status(err error) int {
	if err == nil {
		return fiber.StatusOK
	}
	return statuses[fault.KindOf(err)]
}

// refused reports whether err belongs on the form's page: a typing mistake, or
// somebody who was first. All else goes to fail.
func refused(err error) bool {
	k := fault.KindOf(err)
	return err != nil && (k == fault.Invalid || k == fault.Conflict || k == fault.Busy)
}

// done ends a form that was accepted.
func (s *Server) done(c *fiber.Ctx, to, flash string) error {
	if id := formID(c, "concept"); id != [16]byte{} {
		if err := s.SignIn.DropDraft(work(c), actor(c), id); err != nil {
			return err
		}
	}
	if c.Get("X-Live") != "" { // the page stays where it is
		return c.SendStatus(fiber.StatusNoContent)
	}
	if flash != "" {
		to += "?gelukt=" + flash
	}
	return c.Redirect(to, fiber.StatusSeeOther)
}

var errNotFound = fault.New(fault.NotFound, "error.notfound")

func faultAt(field, key string) error { return fault.At(field, key) }

func isInvalid(err error) bool { return fault.Is(err, fault.Invalid) }

// faultOf returns the fault in an error.
func faultOf(err error) (*fault.Error, bool) {
	var e *fault.Error
	ok := errors.As(err, &e)
	return e, ok
}
