package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/meeting"
	"zat/pseudonym/guard"
)

func revision(c *fiber.Ctx) int64 {
	n, err := strconv.ParseInt(c.FormValue("revision"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func (s *Server) postStart(c *fiber.Ctx) error {
	return s.withSession(c, "", func(id uuid.UUID) error { return s.Meeting.StartSession(work(c), actor(c), id, revision(c)) })
}

func (s *Server) postGoTo(c *fiber.Ctx) error {
	return s.withSession(c, "", func(id uuid.UUID) error {
		return s.Meeting.GoTo(work(c), actor(c), id, formID(c, "point"), revision(c))
	})
}

func (s *Server) postMoreTime(c *fiber.Ctx) error {
	return s.withSession(c, "", func(id uuid.UUID) error { return s.Meeting.MoreTime(work(c), actor(c), id, formInt(c, "minutes")) })
}

func (s *Server) postPresent(c *fiber.Ctx) error {
	return s.withSession(c, "aanwezig", func(id uuid.UUID) error {
		return s.Meeting.Attend(work(c), actor(c), id, formIDs(c, "present"), append(formIDs(c, "shown"), uuid.Nil)...)
	})
}

func (s *Server) postNotes(c *fiber.Ctx) error {
	return s.withPoint(c, "aantekeningen", func(id, point uuid.UUID) error {
		return s.Meeting.SaveNotes(work(c), actor(c), id, point, formID(c, "once"), formID(c, "base"), draft(c, "text"))
	})
}

func (s *Server) postPointAgreement(c *fiber.Ctx) error {
	return s.withPoint(c, "afspraak", func(id, point uuid.UUID) error {
		in := meeting.NewAgreement{Once: formID(c, "once"), What: draft(c, "what"), Responsible: formID(c, "responsible"), Due: c.FormValue("due")}
		if err := s.propose(c, id, &in); err != nil {
			return err
		}
		return s.Meeting.AddPointAgreement(work(c), actor(c), id, point, in)
	})
}

// propose fills in who and when from the line itself, where they were left open.
func (s *Server) propose(c *fiber.Ctx, session uuid.UUID, in *meeting.NewAgreement) error {
	if day, ok := dueIn(in.What.Text, s.Now()); ok && in.Due == "" {
		in.Due = day.Format("2-1-2006")
		formValues(c).Set("due", in.Due)
	}
	if in.Responsible != uuid.Nil {
		return nil
	}
	table, err := s.Meeting.Table(work(c), actor(c), session)
	if err != nil {
		return err
	}
	if id, ok := doerIn(in.What.Text, table, catalogueOf(c)); ok {
		in.Responsible = id
		formValues(c).Set("responsible", id.String())
	}
	return nil
}

func (s *Server) postOutcome(c *fiber.Ctx) error {
	return s.withPoint(c, "besluit", func(id, point uuid.UUID) error {
		in := meeting.NewOutcome{Once: formID(c, "once"), Shared: c.FormValue("shared"), Lead: formID(c, "lead"), EvaluateOn: c.FormValue("evaluate"), Texts: map[string]guard.Draft{}}
		for _, name := range []string{"concerns", "strengths", "help", "goals", "decision"} {
			in.Texts[name] = draft(c, name)
		}
		return s.Meeting.SaveOutcome(work(c), actor(c), id, point, in)
	})
}

// postCloseSession closes a session. Of two chairs the second comes to the
// minutes and reads that it was closed already.
func (s *Server) postCloseSession(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	to := "/overleggen/" + id.String() + "/verslag"
	err = s.Meeting.CloseSession(work(c), actor(c), id, revision(c))
	if f, ok := faultOf(err); ok && f.Key == "error.session.closed" {
		return c.Redirect(to+"?gelukt=overlegalgesloten", fiber.StatusSeeOther)
	}
	if err != nil {
		return s.sessionDone(c, err, "")
	}
	return s.done(c, to, "overlegsluit")
}

type projectorPage struct {
	Page
	Scene scenePage
}

// showProjector shows the room the point in hand: pseudonym, question and
// agreements. It has no forms, and no address that could show a name.
func (s *Server) showProjector(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	f, err := s.Meeting.Follow(work(c), actor(c), id, false)
	if err != nil {
		return err
	}
	scene, err := f.Scene(work(c))
	if err != nil {
		f.Close()
		return err
	}
	p := projectorPage{Page: s.page(c, "projector.title"), Scene: s.scenePage(who(c), scene)}
	p.Bare, p.Scene.Parked = true, s.live.parked.put(c, f, "projector")
	return s.render(c, fiber.StatusOK, "projector", p)
}
