package web

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/meeting"
)

// followPage is a running session as a member follows it on his own device.
type followPage struct {
	Page
	Scene  scenePage
	Form   Form // his contribution
	Notes  Form // for who takes notes, as the others
	Agree  Form
	Clash  string // the newer notes of somebody else
	People []Option
}

// Stay is until when following keeps him signed in.
func (p followPage) Stay() time.Time {
	if end := p.Scene.Session.TalkEnds(); end.Before(p.Until) {
		return end
	}
	return p.Until
}

func (s *Server) followPage(c *fiber.Ctx, id uuid.UUID, err error) error {
	f, ferr := s.Meeting.Follow(work(c), actor(c), id, false)
	if ferr != nil {
		return ferr
	}
	scene, serr := f.Scene(work(c))
	if serr != nil {
		f.Close()
		return serr
	}
	p := followPage{Page: s.page(c, "session.title"), Scene: s.scenePage(who(c), scene)}
	p.Stays = true
	p.Path, p.Scene.Parked = p.Scene.Base, s.live.parked.put(c, f, "follow")
	p.Form = s.form(c, p.Scene.Base+"/punten/"+scene.Point.ID.String()+"/bijdrage", err)
	if f, ok := faultOf(err); ok && len(p.Form.Errors) == 0 {
		p.Form.Summary = Message{f.Key, f.Args}
	}
	if scene.Noting && scene.HasPoint && !scene.Point.Hidden {
		if err := s.fillNoting(c, &p, err); err != nil {
			return err
		}
	}
	return s.render(c, status(err), "follow", p)
}

func (s *Server) postContribution(c *fiber.Ctx) error {
	return s.withPoint(c, "bijdrage", func(id, point uuid.UUID) error {
		return s.Meeting.AddContribution(work(c), actor(c), id, point, contribution(c))
	})
}

func (s *Server) postHand(c *fiber.Ctx) error {
	return s.withSession(c, "", func(id uuid.UUID) error {
		return s.Meeting.RaiseHand(work(c), actor(c), id, c.FormValue("hand") == "op")
	})
}

func (s *Server) postFloor(c *fiber.Ctx) error {
	member, err := pathID(c, "member")
	if err != nil {
		return err
	}
	return s.withSession(c, "", func(id uuid.UUID) error { return s.Meeting.GiveFloor(work(c), actor(c), id, member) })
}

func contribution(c *fiber.Ctx) meeting.NewSignal {
	return meeting.NewSignal{Once: formID(c, "once"), Domain: c.FormValue("domain"), Tone: c.FormValue("tone"), Knowing: c.FormValue("knowing"), Text: draft(c, "text")}
}
