// Package demo fills a house with an invented team and its history, through the
// same use cases that pages call: nothing is written around them.
package demo

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/account/staff"
	"zat/crypto/keys"
	"zat/meeting"
	"zat/pseudonym/guard"
	"zat/pseudonym/register"
)

//go:embed leerlingen.csv
var pupils []byte

// House is the use cases that the demo calls.
type House struct {
	SignIn   *signin.Service
	Staff    *staff.Service
	Meeting  *meeting.Service
	Register *register.Service
	Clock    *Clock
}

// filler writes the history; the first error stops it.
type filler struct {
	House
	ctx    context.Context
	start  time.Time
	told   time.Time // the moment up to which the history is written
	people []Person
	actors map[string]account.Actor // by e-mail
	tokens map[string]string
	cases  []uuid.UUID
	events []event
	err    error
}

// Fill writes the history and returns the people.
func Fill(ctx context.Context, h House) ([]Person, error) {
	f := &filler{House: h, ctx: ctx, start: time.Now(), people: cast(), actors: map[string]account.Actor{}, tokens: map[string]string{}}
	for i := range f.people {
		f.people[i].Password, f.people[i].TOTPSecret = Password, signin.NewTOTPSecret()
	}
	for _, step := range []func(){f.found, f.register, f.openCases, f.contribute, f.firstSession, f.secondSession, f.lately, f.nextSession, f.play, f.leave} {
		if step(); f.err != nil {
			h.Clock.Set(time.Time{})
			return nil, f.err
		}
	}
	h.Clock.Set(time.Time{})
	return f.people, nil
}

// ago sets the clock to so many days ago, at an hour.
func (f *filler) ago(days, hour int) {
	y, m, d := f.start.In(meeting.Amsterdam).AddDate(0, 0, -days).Date()
	t := time.Date(y, m, d, hour, 3, 0, 0, meeting.Amsterdam)
	if !t.Before(f.start) {
		t = f.start.Add(-time.Hour)
	}
	if t.After(f.told) { // the log is in order of time, as a real one is
		f.Clock.Set(t)
	}
}

// event is something that happened, so many days ago at an hour.
type event struct {
	days, hour int
	do         func()
}

// on plans what happened then.
func (f *filler) on(days, hour int, do func()) { f.events = append(f.events, event{days, hour, do}) }

// play has everything happen in the order of its time.
func (f *filler) play() {
	slices.SortStableFunc(f.events, func(a, b event) int {
		if a.days != b.days {
			return b.days - a.days
		}
		return a.hour - b.hour
	})
	for _, e := range f.events {
		f.told = f.Clock.Now()
		f.ago(e.days, e.hour)
		if e.do(); f.err != nil {
			return
		}
	}
}

// do remembers the first failure with what was tried.
func (f *filler) do(what string, err error) {
	if err != nil && f.err == nil {
		f.err = fmt.Errorf("filling the demo: %s: %w", what, err)
	}
}

func draft(s string) guard.Draft { return guard.Draft{Text: s} }

const firstDay = 70 // days ago at which the history begins

// found sets up the team; everybody joins as a newcomer would, and the
// coordinator gives access.
func (f *filler) found() {
	f.ago(firstDay, 9)
	first, officer, admin := f.people[0], f.people[8], f.people[9]
	out, err := f.Staff.Found(f.ctx, staff.Founding{Team: Team, School: School, Consent: account.ConsentStrict, Name: first.Name, Email: first.Email,
		Password: first.Password, TOTPSecret: first.TOTPSecret, Invite: []staff.Invitee{invitee(admin), invitee(officer)}})
	if f.do("founding", err); err != nil {
		return
	}
	f.people[0].Paper = keys.PaperOf(out.Paper)
	f.do("keeping the paper", f.Staff.KeepPaper(f.ctx, out, f.people[0].Paper[len(f.people[0].Paper)-6:]))
	f.join(admin, out.Invited[0])
	f.join(officer, out.Invited[1])
	f.enter(admin)
	defer f.convenants(admin.Email)
	for _, p := range f.people[1:8] {
		i, err := f.Staff.Invite(f.ctx, f.actors[admin.Email], invitee(p))
		f.do("inviting", err)
		f.join(p, i)
	}
	f.enter(first)
	waiting, err := f.Staff.Waiting(f.ctx, f.actors[first.Email])
	f.do("listing who waits", err)
	for _, m := range waiting {
		f.do("giving access", f.Staff.GiveAccess(f.ctx, f.actors[first.Email], m.ID, staff.CheckCode(m.Recipient, f.Staff.Cost)))
	}
	for _, p := range f.people[1:8] {
		f.enter(p)
	}
}

func invitee(p Person) staff.Invitee {
	return staff.Invitee{Name: p.Name, Email: p.Email, Role: p.Role, Organisation: p.Organisation, External: p.external}
}

func (f *filler) join(p Person, i staff.Invited) {
	code, err := signin.TOTPCode(p.TOTPSecret, signin.TOTPStep(f.Clock.Now()))
	f.do("making a code", err)
	paper := keys.NewRecoveryCode().Secret() // nobody prints it: the demo's people lose nothing
	_, err = f.Staff.Join(f.ctx, staff.Joining{Token: i.Token.Secret(), Password: p.Password, Again: p.Password, TOTPSecret: p.TOTPSecret, Code: code,
		Recovery: paper, Typed: paper[len(paper)-5:]})
	f.do("joining", err)
}

// enter signs a person in, as everybody does.
func (f *filler) enter(p Person) {
	code, err := signin.TOTPCode(p.TOTPSecret, signin.TOTPStep(f.Clock.Now()))
	f.do("making a code", err)
	e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: code, Network: "127.0.0.1"})
	f.do("signing in "+string(p.Role), err)
	f.actors[p.Email], f.tokens[p.Email] = e.Actor, e.Token.Secret()
}

// leave signs everybody out.
func (f *filler) leave() {
	for email, t := range f.tokens {
		f.do("signing out", f.SignIn.SignOut(f.ctx, f.actors[email], t))
	}
}

// as returns the first person with a role.
func (f *filler) as(role string) account.Actor {
	for _, p := range f.people {
		if string(p.Role) == role {
			return f.actors[p.Email]
		}
	}
	return account.Actor{}
}

func (f *filler) chair() account.Actor { return f.actors[f.people[0].Email] }

// register imports the pupils from a CSV file, preview and all.
func (f *filler) register() {
	pre, err := f.Register.Preview(f.ctx, f.chair(), bytes.Clone(pupils))
	if f.do("reading the CSV", err); err != nil {
		return
	}
	if len(pre.Refused) > 0 {
		f.do("reading the CSV", fmt.Errorf("%d rows refused", len(pre.Refused)))
	}
	_, _, err = f.Register.Import(f.ctx, f.chair(), pre.Blob)
	f.do("importing", err)
}

func (f *filler) openCases() {
	orgs, err := f.Staff.Store.Organisations(f.ctx, f.chair().Team)
	f.do("reading organisations", err)
	var external []uuid.UUID
	for _, o := range orgs {
		if o.External {
			external = append(external, o.ID)
		}
	}
	f.cases = make([]uuid.UUID, len(scripts))
	for i, sc := range scripts {
		days := 66 - i
		if !sc.basis {
			days = 7
		}
		f.on(days, 10, func() { f.cases[i] = f.openCase(sc, external) })
	}
}

func (f *filler) openCase(sc script, external []uuid.UUID) uuid.UUID {
	page, err := f.Register.Search(f.ctx, f.chair(), sc.pupil, 0)
	f.do("searching", err)
	if err != nil || len(page.Rows) != 1 {
		f.do("searching", fmt.Errorf("%d pupils with number %s", len(page.Rows), sc.pupil))
		return uuid.Nil
	}
	c, err := f.Meeting.OpenCase(f.ctx, f.chair(), meeting.NewCase{Once: uuid.New(), Pupil: page.Rows[0].Pupil.ID, Question: draft(sc.question), Domains: sc.domains})
	f.do("opening a case", err)
	if !sc.basis || err != nil {
		return c.ID
	}
	f.do("recording a basis", f.Meeting.RecordBasis(f.ctx, f.chair(), meeting.NewBasis{Once: uuid.New(), Case: c.ID, Kind: string(meeting.Consent),
		Givers: []string{"parents", "pupil"}, Ends: day(f.start.AddDate(1, 0, 0)), Organisations: external,
		Form: draft("Toestemmingsformulier, versie 3"), KeptAt: draft("Leerlingdossier, map zorg"), Topics: draft("school, thuis, vrije tijd")}))
	for _, m := range f.participants() {
		f.do("adding a participant", f.Meeting.AddParticipant(f.ctx, f.chair(), c.ID, m))
	}
	return c.ID
}

// participants are those who take part in every case of the demo: all at the
// table but the youth worker's colleague, since the school wants one contact.
func (f *filler) participants() []uuid.UUID {
	var out []uuid.UUID
	for i, p := range f.people {
		if p.Role.AtTable() && p.Role != account.Coordinator && i != 3 {
			out = append(out, f.actors[p.Email].Member)
		}
	}
	return out
}

func day(t time.Time) string { return t.In(meeting.Amsterdam).Format("2-1-2006") }

func (f *filler) contribute() {
	for i, sc := range scripts {
		for _, l := range sc.signals {
			f.on(l.days, 14, func() { f.signal(f.cases[i], l) })
		}
		for _, n := range sc.notes {
			f.on(n.days, 15, func() {
				f.do("adding a note", f.Meeting.AddNote(f.ctx, f.as(n.role), f.cases[i], uuid.New(), draft(n.text)))
			})
		}
	}
	for _, t := range trends {
		f.on(t.days, 16, func() {
			f.do("adding a trend", f.Meeting.AddTrend(f.ctx, f.as(t.role), meeting.NewSignal{Once: uuid.New(), Domain: t.domain, Text: draft(t.text)}))
		})
	}
}

func (f *filler) signal(c uuid.UUID, l line) {
	f.do("adding a signal", f.Meeting.AddSignal(f.ctx, f.as(l.role), meeting.NewSignal{Once: uuid.New(), Case: c, Domain: l.domain, Tone: l.tone,
		Knowing: l.knowing, Text: draft(l.text), Area: draft("Noord"), When: draft("deze week")}))
}

// convenants records what the partners are under the AVG.
func (f *filler) convenants(admin string) {
	orgs, err := f.Staff.Organisations(f.ctx, f.actors[admin])
	f.do("reading organisations", err)
	for i, o := range orgs {
		if !o.External {
			continue
		}
		in := staff.NewOrganisation{Name: o.Name, Controller: string(account.ControllerSeparate), Convenant: fmt.Sprintf("ZAT-2026/%02d", i)}
		f.do("recording a convenant", f.Staff.SaveOrganisation(f.ctx, f.actors[admin], o.ID, in))
	}
}
