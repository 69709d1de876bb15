package web

import (
	"github.com/gofiber/fiber/v2"

	"zat/meeting"
)

type holidaysPage struct {
	Page
	Form Form
	List []meeting.Holiday
}

func (s *Server) showHolidays(c *fiber.Ctx) error { return s.holidaysPage(c, nil) }

func (s *Server) holidaysPage(c *fiber.Ctx, cause error) error {
	list, err := s.Meeting.Holidays(work(c), actor(c))
	if err != nil {
		return err
	}
	return s.render(c, status(cause), "holidays", holidaysPage{s.page(c, "holidays.title"), s.form(c, "/overleggen/vakanties", cause), list})
}

func (s *Server) postHoliday(c *fiber.Ctx) error {
	err := s.Meeting.AddHoliday(work(c), actor(c), formID(c, "once"), c.FormValue("name"), c.FormValue("first"), c.FormValue("last"))
	if refused(err) {
		return s.holidaysPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/overleggen/vakanties", "vakantie")
}

func (s *Server) postDropHoliday(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Meeting.DropHoliday(work(c), actor(c), id); err != nil {
		return err
	}
	return s.done(c, "/overleggen/vakanties", "vakantie")
}
