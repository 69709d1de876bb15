package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/meeting"
)

type preparePage struct {
	Page
	Base  string
	Point meeting.PointView
	Form  Form
}

func (s *Server) showPrepare(c *fiber.Ctx) error { return s.preparePage(c, nil) }

func (s *Server) preparePage(c *fiber.Ctx, cause error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	point, err := pathID(c, "point")
	if err != nil {
		return err
	}
	p, err := s.Meeting.Preparing(work(c), actor(c), id, point)
	if err != nil {
		return err
	}
	base := "/overleggen/" + id.String()
	return s.render(c, status(cause), "prepare", preparePage{s.page(c, "prepare.title"), base, p, s.form(c, base+"/punten/"+point.String()+"/voorbereiden", cause)})
}

func (s *Server) postPrepare(c *fiber.Ctx) error {
	cat := catalogueOf(c)
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	point, err := pathID(c, "point")
	if err != nil {
		return err
	}
	in := meeting.Preparation{Once: formID(c, "once"), Know: draft(c, "know"), Ask: draft(c, "ask"), KnowWord: cat.text("prepare.knows"), AskWord: cat.text("prepare.asks")}
	err = s.Meeting.Prepare(work(c), actor(c), id, point, in)
	if refused(err) {
		return s.preparePage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/overleggen/"+id.String(), "voorbereid")
}

// brought are the notes that were brought to a point before it.
func brought(items []meeting.Opened, point uuid.UUID) (out []meeting.Opened) {
	for _, o := range items {
		if o.Kind == meeting.Note && o.Point == point {
			out = append(out, o)
		}
	}
	return out
}
