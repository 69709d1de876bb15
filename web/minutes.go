package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/account"
	"zat/meeting"
)

type minutesPage struct {
	Page
	View        meeting.MinutesView
	Base        string
	Here, Away  []attendeeRow
	Interactive bool // with forms
	Mine        bool // the reader confirmed his part
	Keep        Form
	Keepers     []Option
	Summary     Message
	Remarks     int // on the draft

	forms map[uuid.UUID]partForms
}

type attendeeRow struct {
	Role  account.Role
	Chair bool
	Name  string // where the role does not tell who it is
}

// partForms are what a reader can do with one part of the minutes.
type partForms struct {
	Page                    *minutesPage
	Part                    meeting.MinutesPart
	Remark, Amend, Addendum Form
}

// Part returns the forms of a part.
func (p *minutesPage) Part(x meeting.MinutesPart) partForms { return p.forms[x.Point.ID] }

func (s *Server) showMinutes(c *fiber.Ctx) error { return s.minutesPage(c, nil) }

func (s *Server) minutesPage(c *fiber.Ctx, cause error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	v, err := s.Meeting.ReadMinutes(work(c), actor(c), id)
	if err != nil {
		return err
	}
	p := s.minutesOf(c, v)
	p.Interactive = v.Session.Minutes() != meeting.Writing
	_, p.Mine = v.Confirmed[actor(c).Member]
	p.Keep = s.form(c, p.Base+"/verslag/bewaren", cause)
	for _, x := range v.Parts {
		p.forms[x.Point.ID] = s.partForms(c, p, x, cause)
		p.Remarks += len(x.Remarks)
	}
	if f, ok := faultOf(cause); ok && !isInvalid(cause) {
		p.Summary = Message{f.Key, f.Args}
	}
	if v.Chairing && p.Interactive {
		if err := s.fillKeepers(c, p, id); err != nil {
			return err
		}
	}
	return s.render(c, status(cause), "minutes", p)
}

// minutesOf is the minutes without anything to do with them.
func (s *Server) minutesOf(c *fiber.Ctx, v meeting.MinutesView) *minutesPage {
	p := &minutesPage{Page: s.page(c, "minutes.title"), View: v, Base: "/overleggen/" + v.Session.ID.String(), forms: map[uuid.UUID]partForms{}}
	p.Path = p.Base + "/verslag"
	for _, t := range v.Attendees {
		row := attendeeRow{Role: t.Role, Chair: t.Member == v.Session.Chair}
		if twice(v.Attendees, t.Role) {
			row.Name = t.Name
		}
		if t.Attendance == meeting.Present {
			p.Here = append(p.Here, row)
		} else {
			p.Away = append(p.Away, row)
		}
	}
	return p
}

func (s *Server) partForms(c *fiber.Ctx, p *minutesPage, x meeting.MinutesPart, cause error) partForms {
	at := p.Path + "/" + x.Point.ID.String()
	f := partForms{Page: p, Part: x, Remark: s.form(c, at+"/opmerking", cause), Amend: s.form(c, at+"/aantekeningen", cause), Addendum: s.form(c, at+"/aanvulling", cause)}
	if x.Notes != nil {
		f.Amend = f.Amend.Default("text", x.Notes.Text.Reveal()).Default("base", x.Notes.ID.String())
	}
	return f
}

func (s *Server) fillKeepers(c *fiber.Ctx, p *minutesPage, id uuid.UUID) error {
	list, err := s.Meeting.Keepers(work(c), actor(c), id)
	if err != nil {
		return err
	}
	for _, t := range list {
		p.Keepers = append(p.Keepers, Option{t.Member.String(), catalogueOf(c).text("role."+string(t.Role)) + " – " + t.OrgName})
	}
	return nil
}

// withMinutes runs a change of minutes and shows them again.
func (s *Server) withMinutes(c *fiber.Ctx, flash string, change func(id uuid.UUID) error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	err = change(id)
	if refused(err) {
		return s.minutesPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/overleggen/"+id.String()+"/verslag", flash)
}

func (s *Server) postConfirmMinutes(c *fiber.Ctx) error {
	return s.withMinutes(c, "akkoord", func(id uuid.UUID) error { return s.Meeting.ConfirmMinutes(work(c), actor(c), id, revision(c)) })
}

func (s *Server) postFixMinutes(c *fiber.Ctx) error {
	return s.withMinutes(c, "vastgesteld", func(id uuid.UUID) error { return s.Meeting.FixMinutes(work(c), actor(c), id) })
}

func (s *Server) postRemark(c *fiber.Ctx) error {
	return s.withMinutesPoint(c, "opmerking", func(id, point uuid.UUID) error {
		return s.Meeting.Remark(work(c), actor(c), id, point, formID(c, "once"), draft(c, "text"))
	})
}

func (s *Server) postAmend(c *fiber.Ctx) error {
	return s.withMinutesPoint(c, "aantekeningen", func(id, point uuid.UUID) error {
		return s.Meeting.AmendNotes(work(c), actor(c), id, point, formID(c, "once"), formID(c, "base"), draft(c, "text"))
	})
}

func (s *Server) postAddendum(c *fiber.Ctx) error {
	return s.withMinutesPoint(c, "aanvulling", func(id, point uuid.UUID) error {
		return s.Meeting.Addendum(work(c), actor(c), id, point, formID(c, "once"), draft(c, "text"))
	})
}

func (s *Server) withMinutesPoint(c *fiber.Ctx, flash string, change func(id, point uuid.UUID) error) error {
	point, err := pathID(c, "point")
	if err != nil {
		return err
	}
	return s.withMinutes(c, flash, func(id uuid.UUID) error { return change(id, point) })
}

// postKeep gives the minutes as a file: HTML that stands alone, encrypted with age to
// the keys of those chosen.
func (s *Server) postKeep(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	v, to, err := s.Meeting.KeptMinutes(work(c), actor(c), id, formIDs(c, "members"))
	if refused(err) {
		return s.minutesPage(c, err)
	}
	if err != nil {
		return err
	}
	p := s.minutesOf(c, v)
	html, err := s.fragment(languageOf(c), "kept", "kept", p)
	if err != nil {
		return err
	}
	file, err := meeting.SealKept([]byte(html), to)
	if err != nil {
		return err
	}
	return download(c, "verslag-"+meeting.Today(v.Session.Starts).Format("2006-01-02")+".html.age", "application/octet-stream", file)
}

func download(c *fiber.Ctx, name, kind string, file []byte) error {
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	return c.Send(file)
}

type keeperPage struct {
	Page
	Has bool
}

func (s *Server) showKeeper(c *fiber.Ctx) error {
	has, err := s.Meeting.HasKeeper(work(c), actor(c))
	if err != nil {
		return err
	}
	return s.render(c, fiber.StatusOK, "keeper", keeperPage{s.page(c, "keeper.title"), has})
}

// postKeeper makes a key for files and hands it out, once.
func (s *Server) postKeeper(c *fiber.Ctx) error {
	file, err := s.Meeting.MakeKeeper(work(c), actor(c))
	if err != nil {
		return err
	}
	return download(c, "zorgtafel-sleutel.txt", "text/plain; charset=utf-8", file)
}
