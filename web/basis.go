package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/account"
	"zat/meeting"
)

type basisPage struct {
	Page
	Form          Form
	View          meeting.CaseView
	Organisations []account.Organisation
	OrgNames      map[uuid.UUID]string
	Rule          account.ConsentRule
	Base          string
}

func (s *Server) showBasis(c *fiber.Ctx) error { return s.basisPage(c, nil) }

func (s *Server) basisPage(c *fiber.Ctx, err error) error {
	id, perr := pathID(c, "id")
	if perr != nil {
		return perr
	}
	v, rerr := s.Meeting.ReadCase(work(c), actor(c), id)
	if rerr != nil {
		return rerr
	}
	orgs, rerr := s.Teams.Organisations(work(c), actor(c).Team)
	if rerr != nil {
		return rerr
	}
	team, rerr := s.Teams.Team(work(c), actor(c).Team)
	if rerr != nil {
		return rerr
	}
	base := "/casussen/" + id.String()
	p := basisPage{Page: s.page(c, "basis.title"), View: v, OrgNames: map[uuid.UUID]string{}, Rule: team.ConsentRule, Base: base}
	p.Form = s.form(c, base+"/grondslag", err).Default("kind", kindAsked(c)).Default("on", s.Now().In(meeting.Amsterdam).Format("2-1-2006"))
	p.Name = string(v.Case.Pseudonym)
	for _, o := range orgs {
		p.OrgNames[o.ID] = o.Name
		if o.External {
			p.Organisations = append(p.Organisations, o)
			if !p.Form.Refused && p.Form.Draft == "" {
				p.Form.Values.Add("organisation", o.ID.String())
			}
		}
	}
	return s.render(c, status(err), "basis", p)
}

func (s *Server) postBasis(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	err = s.Meeting.RecordBasis(work(c), actor(c), meeting.NewBasis{Once: formID(c, "once"), Case: id, Kind: c.FormValue("kind"),
		Givers: formValues(c)["givers"], On: c.FormValue("on"), Ends: c.FormValue("ends"), Organisations: formIDs(c, "organisation"),
		Form: draft(c, "form"), KeptAt: draft(c, "kept"), Topics: draft(c, "topics"), Motive: draft(c, "motive")})
	if refused(err) {
		return s.basisPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/casussen/"+id.String(), "grondslag")
}

func (s *Server) postWithdraw(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	basis, err := pathID(c, "basis")
	if err != nil {
		return err
	}
	if err := s.Meeting.WithdrawBasis(work(c), actor(c), id, basis); err != nil {
		return err
	}
	s.renewKeys(c, actor(c))
	return s.done(c, "/casussen/"+id.String(), "ingetrokken")
}

type participantsPage struct {
	Page
	Form         Form
	Case         meeting.Case
	Participants []meeting.Participant
	Choices      []Option
	Base         string
}

func (s *Server) showParticipants(c *fiber.Ctx) error { return s.participantsPage(c, nil) }

func (s *Server) participantsPage(c *fiber.Ctx, err error) error {
	id, perr := pathID(c, "id")
	if perr != nil {
		return perr
	}
	v, rerr := s.Meeting.ReadCase(work(c), actor(c), id)
	if rerr != nil {
		return rerr
	}
	in := map[uuid.UUID]bool{}
	for _, p := range v.Participants {
		in[p.Member.ID] = true
	}
	var free []account.Member
	members, rerr := s.Teams.Members(work(c), actor(c).Team)
	if rerr != nil {
		return rerr
	}
	for _, m := range members {
		if !in[m.ID] && m.Role.AtTable() && m.Joined() && m.Ended.IsZero() {
			free = append(free, m)
		}
	}
	base := "/casussen/" + id.String()
	p := participantsPage{s.page(c, "participants.title"), s.form(c, base+"/deelnemers", err), v.Case, v.Participants, memberOptions(catalogueOf(c), free), base}
	p.Name = string(v.Case.Pseudonym)
	return s.render(c, status(err), "participants", p)
}

func (s *Server) postParticipant(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	err = s.Meeting.AddParticipant(work(c), actor(c), id, formID(c, "member"))
	if refused(err) {
		return s.participantsPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/casussen/"+id.String()+"/deelnemers", "deelnemer")
}

func (s *Server) postRemoveParticipant(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	member, err := pathID(c, "member")
	if err != nil {
		return err
	}
	if err := s.Meeting.RemoveParticipant(work(c), actor(c), id, member); err != nil {
		return err
	}
	s.renewKeys(c, actor(c))
	return s.done(c, "/casussen/"+id.String()+"/deelnemers", "deelnemerweg")
}

// kindAsked is the kind of basis that the page before asked for, else consent.
func kindAsked(c *fiber.Ctx) string {
	for _, k := range meeting.BasisKinds() {
		if string(k) == c.Query("soort") {
			return string(k)
		}
	}
	return string(meeting.Consent)
}
