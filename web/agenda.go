package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
)

// postProposals puts what was ticked on the agenda. What is refused meanwhile stays a
// proposal, and the page says why.
func (s *Server) postProposals(c *fiber.Ctx) error {
	return s.withSession(c, "punt", func(id uuid.UUID) error {
		return s.Meeting.AddCases(work(c), actor(c), id, formIDs(c, "cases"))
	})
}

func (s *Server) postOrder(c *fiber.Ctx) error {
	return s.withSession(c, "", func(id uuid.UUID) error { return s.Meeting.OrderPoints(work(c), actor(c), id, formIDs(c, "points")) })
}

func (s *Server) postMinutesOf(c *fiber.Ctx) error {
	return s.withPoint(c, "", func(id, point uuid.UUID) error {
		return s.Meeting.SetMinutes(work(c), actor(c), id, point, formInt(c, "minutes"))
	})
}

func (s *Server) postPark(c *fiber.Ctx) error {
	return s.withPoint(c, "", func(id, point uuid.UUID) error {
		return s.Meeting.ParkPoint(work(c), actor(c), id, point, c.FormValue("park") == "1")
	})
}

func (s *Server) postMove(c *fiber.Ctx) error {
	return s.withSession(c, "verplaatst", func(id uuid.UUID) error {
		return s.Meeting.Reschedule(work(c), actor(c), id, c.FormValue("day"), c.FormValue("from"), c.FormValue("until"))
	})
}

// postMailSession sends the invitations of a session.
func (s *Server) postMailSession(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	ses, err := s.Meeting.Invited(work(c), actor(c), id)
	if err != nil {
		return err
	}
	flash := "uitgenodigd"
	if !s.mailSession(c, ses) {
		flash = "nietuitgenodigd"
	}
	return s.done(c, "/overleggen/"+id.String(), flash)
}
