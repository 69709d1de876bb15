package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/account"
	"zat/meeting"
)

func (s *Server) postScribe(c *fiber.Ctx) error {
	return s.withSession(c, "notulist", func(id uuid.UUID) error { return s.Meeting.NameScribe(work(c), actor(c), id, formID(c, "scribe")) })
}

// scribes lists who can take notes in a session. Coordinators do anyway.
func scribes(cat catalogue, v meeting.SessionView) []Option {
	var list []account.Member
	for _, t := range v.Attendees {
		if t.Role != account.Coordinator {
			list = append(list, account.Member{ID: t.Member, Role: t.Role, Name: t.Name})
		}
	}
	return memberOptions(cat, list)
}

// ScribeName is who takes notes besides the chair; empty for nobody.
func (p sessionPage) ScribeName() string {
	for _, t := range p.View.Attendees {
		if t.Member == p.View.Session.Scribe {
			return t.Name
		}
	}
	return ""
}

// IsScribe reports whether the member with this id takes notes.
func (p sessionPage) IsScribe(member string) bool {
	return p.View.Session.Scribe != uuid.Nil && p.View.Session.Scribe.String() == member
}

// fillNoting adds what somebody needs who takes notes on his own device.
func (s *Server) fillNoting(c *fiber.Ctx, p *followPage, cause error) error {
	point := p.Scene.Base + "/punten/" + p.Scene.Point.ID.String()
	n, err := s.Meeting.ReadNotes(work(c), actor(c), p.Scene.Session.ID, p.Scene.Point.ID)
	if err != nil {
		return err
	}
	p.Notes, p.Clash = onNotes(s.form(c, point+"/aantekeningen", cause), n, cause)
	p.Agree = s.form(c, point+"/afspraak", cause)
	var people []account.Member
	for _, t := range p.Scene.Doers {
		people = append(people, account.Member{ID: t.Member, Role: t.Role, Name: t.Name})
	}
	p.People = memberOptions(catalogueOf(c), people)
	return nil
}
