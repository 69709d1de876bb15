package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"zat/account"
	"zat/account/staff"
)

type settingsPage struct {
	Page
	Form     Form
	Orgs     []account.Organisation
	Consents []Option
	Idle     []Option
	Length   []Option
	Years    []Option
}

func (s *Server) showSettings(c *fiber.Ctx) error { return s.settingsPage(c, nil) }

func (s *Server) settingsPage(c *fiber.Ctx, cause error) error {
	t, err := s.Staff.Settings(work(c), actor(c))
	if err != nil {
		return err
	}
	p := settingsPage{Page: s.page(c, "settings.title"), Form: s.form(c, "/beheer/instellingen", cause)}
	if p.Orgs, err = s.Staff.Organisations(work(c), actor(c)); err != nil {
		return err
	}
	cat := catalogueOf(c)
	for _, r := range account.ConsentRules() {
		p.Consents = append(p.Consents, Option{string(r), cat.text("settings.consent." + string(r))})
	}
	p.Idle = numberOptions(cat, "settings.minutes", account.IdleChoices())
	p.Years = numberOptions(cat, "settings.years", account.LogYearsChoices())
	p.Length = numberOptions(cat, "settings.hours", account.LengthChoices())
	p.Form = p.Form.Default("name", t.Name).Default("school", t.School).Default("consent", string(t.ConsentRule)).
		Default("idle", strconv.Itoa(int(t.Policy.Idle.Minutes()))).Default("length", strconv.Itoa(int(t.Policy.Length.Hours()))).Default("years", strconv.Itoa(t.LogYears))
	if t.Policy.Passkey {
		p.Form = p.Form.Default("passkey", "1")
	}
	return s.render(c, status(cause), "settings", p)
}

func numberOptions(cat catalogue, key string, list []int) []Option {
	var out []Option
	for _, n := range list {
		out = append(out, Option{strconv.Itoa(n), cat.text(key, n)})
	}
	return out
}

func (s *Server) postSettings(c *fiber.Ctx) error {
	err := s.Staff.SaveSettings(work(c), actor(c), staff.NewSettings{Name: c.FormValue("name"), School: c.FormValue("school"), Consent: c.FormValue("consent"),
		Passkey: c.FormValue("passkey") == "1", Idle: c.FormValue("idle"), Length: c.FormValue("length"), LogYears: c.FormValue("years")})
	if refused(err) {
		return s.settingsPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/beheer/instellingen", "instellingen")
}

type organisationPage struct {
	Page
	Form        Form
	Org         account.Organisation
	Controllers []Option
}

func (s *Server) showOrganisationForm(c *fiber.Ctx) error { return s.organisationPage(c, nil) }

func (s *Server) organisationPage(c *fiber.Ctx, cause error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	o, err := s.Staff.Organisation(work(c), actor(c), id)
	if err != nil {
		return err
	}
	p := organisationPage{Page: s.page(c, "organisation.title"), Form: s.form(c, "/beheer/organisaties/"+id.String(), cause), Org: o}
	p.Form = p.Form.Default("name", o.Name).Default("controller", string(o.Controller)).Default("convenant", o.Convenant)
	for _, k := range account.Controllers() {
		p.Controllers = append(p.Controllers, Option{string(k), catalogueOf(c).text("controller." + string(k))})
	}
	return s.render(c, status(cause), "organisation", p)
}

func (s *Server) postOrganisation(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	err = s.Staff.SaveOrganisation(work(c), actor(c), id, staff.NewOrganisation{Name: c.FormValue("name"), Controller: c.FormValue("controller"), Convenant: c.FormValue("convenant")})
	if refused(err) {
		return s.organisationPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/beheer/instellingen", "organisatie")
}
