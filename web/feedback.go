package web

import (
	"github.com/gofiber/fiber/v2"

	"zat/meeting"
)

type feedbackPage struct {
	Page
	Base string
	Item meeting.Opened
}

func (s *Server) postFeedback(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	err = s.Meeting.AddFeedback(work(c), actor(c), meeting.NewFeedback{Once: formID(c, "once"), Case: id, To: c.FormValue("to"), Text: draft(c, "text"),
		Responsible: formID(c, "responsible"), Due: c.FormValue("due")})
	return s.backToCase(c, id, err, "terugkoppeling")
}

// showFeedback shows just what the coordinator released, to print or read out.
func (s *Server) showFeedback(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	item, err := pathID(c, "item")
	if err != nil {
		return err
	}
	o, err := s.Meeting.ReadFeedback(work(c), actor(c), id, item)
	if err != nil {
		return err
	}
	return s.render(c, fiber.StatusOK, "feedback", feedbackPage{s.page(c, "feedback.page"), "/casussen/" + id.String(), o})
}
