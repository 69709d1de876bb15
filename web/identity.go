package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/account"
	"zat/fault"
	"zat/meeting"
	"zat/pseudonym"
)

// identitySeconds is how long a name stays on a page.
const identitySeconds = 60

type identityPage struct {
	Page
	Open      Form
	Give      Form
	Case      meeting.Case
	People    []Option
	Bases     []Option
	Disclosed []disclosedRow
	Base      string
}

type disclosedRow struct {
	Who   string
	Role  account.Role
	Until time.Time
}

func (s *Server) showIdentity(c *fiber.Ctx) error { return s.identityPage(c, nil) }

func (s *Server) identityPage(c *fiber.Ctx, err error) error {
	id, perr := pathID(c, "id")
	if perr != nil {
		return perr
	}
	v, rerr := s.Meeting.ReadCase(work(c), actor(c), id)
	if rerr != nil {
		return rerr
	}
	base := "/casussen/" + id.String()
	p := identityPage{Page: s.page(c, "identity.title"), Case: v.Case, Base: base, Open: s.form(c, base+"/identiteit", err), Give: s.form(c, base+"/onthulling", err)}
	p.Name = string(v.Case.Pseudonym)
	people := map[uuid.UUID]account.Member{}
	for _, x := range v.Participants {
		people[x.Member.ID] = x.Member
	}
	questions, rerr := s.Meeting.Recognitions(work(c), actor(c), id)
	if rerr != nil {
		return rerr
	}
	for _, q := range questions {
		if q.Answered.IsZero() {
			people[q.AskedOf] = v.Members[q.AskedOf]
		}
	}
	var list []account.Member
	for _, m := range v.Members {
		if x, ok := people[m.ID]; ok && x.Role.May(account.SeeDisclosed) {
			list = append(list, m)
		}
	}
	p.People = sorted(memberOptions(catalogueOf(c), list))
	for _, b := range v.Bases {
		if b.Valid(meeting.Today(s.Now())) && b.Kind != meeting.Anonymous {
			p.Bases = append(p.Bases, Option{b.ID.String(), catalogueOf(c).text("basiskind." + string(b.Kind))})
		}
	}
	given, rerr := s.Register.Disclosures(work(c), actor(c), id)
	if rerr != nil {
		return rerr
	}
	for _, d := range given {
		p.Disclosed = append(p.Disclosed, disclosedRow{v.Members[d.Member].Name, v.Members[d.Member].Role, d.Until})
	}
	return s.render(c, status(err), "identity", p)
}

type namePage struct {
	Page
	Pupil   pseudonym.Pupil
	Full    string
	Born    string
	Class   string
	Back    string
	Seconds int
	Own     bool // disclosed to the reader
	Last    time.Time
}

// showName shows a name for a minute: then the page goes back by itself, with
// or without JavaScript.
func (s *Server) showName(c *fiber.Ctx, p namePage) error {
	p.Seconds = identitySeconds
	c.Set("Refresh", strconv.Itoa(identitySeconds)+"; url="+p.Back)
	return s.render(c, fiber.StatusOK, "name", p)
}

func (s *Server) postIdentity(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	pupil, err := s.Discloser.Disclose(work(c), actor(c), id, draft(c, "reason"))
	if refused(err) {
		return s.identityPage(c, err)
	}
	if err != nil {
		return err
	}
	p := namePage{Page: s.page(c, "name.title"), Pupil: pupil, Full: pupil.FullName(), Born: pupil.BornText(), Class: pupil.Class, Back: "/casussen/" + id.String()}
	return s.showName(c, p)
}

func (s *Server) postDisclosure(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	var errs fault.List
	until, err := meeting.ParseDay("until", c.FormValue("until"), s.Now())
	errs.Add(err)
	var informed time.Time
	if strings.TrimSpace(c.FormValue("informed")) != "" {
		informed, err = meeting.ParseDay("informed", c.FormValue("informed"), s.Now())
		errs.Add(err)
	}
	err = errs.Err()
	if err == nil {
		err = s.Register.DiscloseTo(work(c), actor(c), id, formID(c, "member"), formID(c, "basis"), until, informed, draft(c, "reason"))
	}
	if refused(err) {
		return s.identityPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/casussen/"+id.String()+"/identiteit", "onthuld")
}

// postDisclosed shows a participant the name that was disclosed to him.
func (s *Server) postDisclosed(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	name, class, until, err := s.Register.Disclosed(work(c), actor(c), id)
	if err != nil {
		return err
	}
	back := pageOf(c)
	if back == "" {
		back = "/"
	}
	return s.showName(c, namePage{Page: s.page(c, "name.title"), Full: name, Class: class, Back: back, Own: true, Last: until})
}
