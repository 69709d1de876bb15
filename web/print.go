package web

import "github.com/gofiber/fiber/v2"

// A page that is printed says so by itself; it shows nothing for it.

func (s *Server) postCasePrinted(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Meeting.CasePrinted(work(c), actor(c), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (s *Server) postMinutesPrinted(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Meeting.MinutesPrinted(work(c), actor(c), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
