package demo

import (
	"fmt"

	"github.com/google/uuid"

	"zat/account"
	"zat/meeting"
	"zat/pseudonym/guard"
)

// talk is what a session of the demo says about one case.
type talk struct {
	c                         int // index of the case
	concerns, strengths, help string
	goals, decision, notes    string
	agreements                []deal
}

// deal is an agreement: who, what, and in how many days after the session.
type deal struct {
	role, what string
	days       int
	done       bool
}

func (f *filler) firstSession() {
	f.session(56, []talk{
		{c: 0, concerns: "Te laat komen en afhaken bij theorie.", strengths: "Praktijkvakken en de kookclub.", help: "Oma en de jongerenwerker.",
			goals: "Vier weken op tijd bij het eerste uur.", decision: "Mentoraat gaat door; jongerenwerker houdt contact via de kookclub.",
			notes:      "Zorgen worden gedeeld. De leerling weet dat dit besproken is.",
			agreements: []deal{{"youth", "Contact houden via de kookclub", 21, true}, {"attendance", "Verzuimgesprek plannen", 30, true}}},
		{c: 1, concerns: "Veel verzuim, slecht slapen, spanning over geld.", strengths: "Techniek, en de band met de mentor.", help: "Jeugdarts en schoolmaatschappelijk werk.",
			goals: "Vier dagen per week op school voor de kerst.", decision: "Aangepast rooster op dinsdag en donderdag tot de kerstvakantie.",
			notes:      "Rooster begint later op dinsdag en donderdag. Jeugdarts belt ouder over slaap.",
			agreements: []deal{{"doctor", "Gesprek met ouder over slaap", 14, true}, {"coordinator", "Aangepast rooster maken", 7, true}}},
	})
}

func (f *filler) secondSession() {
	f.session(21, []talk{
		{c: 1, concerns: "Verzuim neemt af, slapen blijft lastig.", strengths: "Komt drie dagen per week.", goals: "Vier dagen per week.", decision: "Rooster blijft; contributie voor voetbal aanvragen.",
			notes:      "Goede stap. De leerling wil zelf weer gaan voetballen.",
			agreements: []deal{{"social", "Fonds aanvragen voor de contributie", 18, false}, {"attendance", "Verzuim van deze periode bespreken", 21, false}}},
		{c: 2, concerns: "Onveilig gevoel op de route naar huis.", strengths: "Komt nu zelf naar de inloop.", help: "Wijkagent en jongerenwerker samen.", goals: "Zonder omweg naar huis.",
			decision:   "Wijkagent is zichtbaar op het plein; jongerenwerker praat met de groep.",
			agreements: []deal{{"police", "Twee keer per week op het plein na schooltijd", 28, false}, {"youth", "Gesprek met de groep bij het winkelplein", 12, true}}},
		{c: 3, decision: "Werkschoenen zijn betaald; stage gaat door.", strengths: "Inzet en omgang met klanten.", goals: "Stage afronden in januari.",
			agreements: []deal{{"coordinator", "Stagebegeleider bellen over de voortgang", 25, false}}},
	})
	f.on(9, 15, func() { f.finish(f.as("youth"), "Gesprek met de groep bij het winkelplein") })
}

// session plans a session, holds it and closes it, so many days ago.
func (f *filler) session(days int, talks []talk) {
	var id uuid.UUID
	f.on(days+4, 11, func() { id = f.plan(days, talks) })
	f.on(days, 13, func() { f.hold(id, days, talks) })
	f.on(days-2, 16, func() { f.feedback(days, talks) })
}

func (f *filler) plan(days int, talks []talk) uuid.UUID {
	a := f.chair()
	on := f.start.In(meeting.Amsterdam).AddDate(0, 0, -days)
	ses, err := f.Meeting.PlanSession(f.ctx, a, meeting.NewSession{Once: uuid.New(), Day: day(on), From: "13.30", Until: "15.00", Place: draft("Lokaal 1.12"), Members: f.participants()})
	if f.do("planning a session", err); err != nil {
		return uuid.Nil
	}
	for _, t := range talks {
		f.do("making the agenda", f.Meeting.AddPoint(f.ctx, a, ses.ID, meeting.NewPoint{Once: uuid.New(), Kind: "case", Case: f.cases[t.c], Minutes: 20}))
	}
	f.do("making the agenda", f.Meeting.AddPoint(f.ctx, a, ses.ID, meeting.NewPoint{Once: uuid.New(), Kind: "trends", Minutes: 10}))
	return ses.ID
}

func (f *filler) hold(id uuid.UUID, days int, talks []talk) {
	a := f.chair()
	f.do("starting", f.Meeting.StartSession(f.ctx, a, id, 1))
	f.do("noting who is present", f.Meeting.Attend(f.ctx, a, id, append(f.participants()[1:], a.Member)))
	points, err := f.Meeting.Store.Points(f.ctx, id)
	f.do("reading the agenda", err)
	revision := int64(2)
	for _, p := range points[1:] {
		f.do("going on", f.Meeting.GoTo(f.ctx, a, id, p.ID, revision))
		revision++
		for _, t := range talks {
			if p.Case == f.cases[t.c] {
				f.discuss(id, p.ID, days, t)
			}
		}
	}
	f.do("closing", f.Meeting.CloseSession(f.ctx, a, id, revision))
}

func (f *filler) discuss(session, point uuid.UUID, days int, t talk) {
	a := f.chair()
	on := f.start.AddDate(0, 0, -days)
	if t.notes != "" {
		f.do("taking notes", f.Meeting.SaveNotes(f.ctx, a, session, point, uuid.New(), uuid.Nil, draft(t.notes)))
	}
	texts := map[string]guard.Draft{"concerns": draft(t.concerns), "strengths": draft(t.strengths), "help": draft(t.help), "goals": draft(t.goals), "decision": draft(t.decision)}
	f.do("deciding", f.Meeting.SaveOutcome(f.ctx, a, session, point, meeting.NewOutcome{Once: uuid.New(), Texts: texts, Shared: "yes", Lead: a.Member, EvaluateOn: day(on.AddDate(0, 0, 35))}))
	for _, d := range t.agreements {
		f.do("agreeing", f.Meeting.AddPointAgreement(f.ctx, a, session, point, meeting.NewAgreement{Once: uuid.New(), What: draft(d.what), Responsible: f.as(d.role).Member, Due: day(on.AddDate(0, 0, d.days))}))
	}
}

// feedback tells those concerned, and ticks off what was done since.
func (f *filler) feedback(days int, talks []talk) {
	for _, t := range talks {
		f.do("feeding back", f.Meeting.MovePhase(f.ctx, f.chair(), f.cases[t.c], meeting.Feedback))
		f.do("carrying out", f.Meeting.MovePhase(f.ctx, f.chair(), f.cases[t.c], meeting.Executing))
		if days < 30 {
			continue
		}
		for _, d := range t.agreements {
			if d.done {
				f.finish(f.as(d.role), d.what)
			}
		}
	}
}

func (f *filler) lately() {
	f.on(17, 12, f.decline)
	f.on(1, 11, f.recognise)
}

func (f *filler) decline() {
	declined := uuid.New()
	f.do("sending to the inbox", f.Meeting.SendToInbox(f.ctx, f.as("youth"), meeting.NewSignal{Once: declined, Domain: "leisure", Tone: "concern", Knowing: "hearsay",
		Text: draft("Zou in het weekend tot laat op straat zijn, meer weet ik niet."), Who: "Jongen met rode jas, vermoedelijk tweede klas"}))
	f.do("declining", f.Meeting.DeclineSignal(f.ctx, f.chair(), declined, draft("Dank je. Dit is te weinig om iets mee te doen; laat het weten als je meer hoort.")))
}

func (f *filler) recognise() {
	youth, chair := f.as("youth"), f.chair()
	f.do("sending to the inbox", f.Meeting.SendToInbox(f.ctx, youth, meeting.NewSignal{Once: uuid.New(), Domain: "home", Tone: "concern", Knowing: "seen",
		Text: draft("Staat vaak buiten te wachten tot er iemand thuis is, ook als het regent."), Who: "Fenna, onderbouw", Area: draft("Noord")}))
	f.do("asking", f.Meeting.AskRecognition(f.ctx, chair, f.cases[4], uuid.New(), youth.Member))
	bases, err := f.Meeting.Store.Bases(f.ctx, f.cases[4])
	f.do("reading bases", err)
	if len(bases) > 0 {
		f.do("disclosing", f.Register.DiscloseTo(f.ctx, chair, f.cases[4], youth.Member, bases[0].ID, meeting.Today(f.start).AddDate(0, 0, 14), meeting.Today(f.start).AddDate(0, 0, -1),
			draft("Herkenning door het jongerenwerk voor het volgende overleg.")))
	}
}

func (f *filler) finish(a account.Actor, what string) {
	list, err := f.Meeting.OpenAgreements(f.ctx, a, uuid.Nil)
	f.do("reading agreements", err)
	for _, o := range list {
		if o.Text.Reveal() == what {
			f.do("ticking off", f.Meeting.FinishAgreement(f.ctx, a, o.ID))
			return
		}
	}
	f.do("ticking off", fmt.Errorf("no agreement to tick off"))
}

// nextSession plans the session of tomorrow.
func (f *filler) nextSession() { f.on(0, 9, f.planNext) }

func (f *filler) planNext() {
	a := f.chair()
	ses, err := f.Meeting.PlanSession(f.ctx, a, meeting.NewSession{Once: uuid.New(), Day: day(f.start.AddDate(0, 0, 1)), From: "13.30", Until: "15.00", Place: draft("Lokaal 1.12"), Members: f.participants()})
	if f.do("planning the next session", err); err != nil {
		return
	}
	for _, i := range []int{1, 2, 4} {
		f.do("making the agenda", f.Meeting.AddPoint(f.ctx, a, ses.ID, meeting.NewPoint{Once: uuid.New(), Kind: "case", Case: f.cases[i], Minutes: 20}))
	}
	f.do("making the agenda", f.Meeting.AddPoint(f.ctx, a, ses.ID, meeting.NewPoint{Once: uuid.New(), Kind: "trends", Minutes: 10}))
}
