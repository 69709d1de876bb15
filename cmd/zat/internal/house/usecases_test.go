package house_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/account/staff"
	"zat/audit"
	"zat/audit/export"
	"zat/audit/review"
	"zat/meeting"
	"zat/pseudonym"
	"zat/pseudonym/guard"
)

// useCase is one thing that somebody does, and the event that a line has to tell of.
type useCase struct {
	name string
	want audit.Event
	do   func() error
}

// lineless are the use cases without a line, each with what it touches; those with the name
// of a test are walked there.
var lineless = map[string]string{
	"Meeting.HasDigest": "one's own wish for e-mail", "Meeting.WantDigest": "the same", "Meeting.RaiseHand": "a hand", "Meeting.GiveFloor": "a hand",
	"Meeting.Holidays": "school holidays", "Meeting.Inbox": "how many signals wait, and since when", "Meeting.Invited": "when a session is", "Meeting.Table": "roles at the table",
	"Meeting.ToConfirm": "dates of sessions", "Meeting.Addresses": "addresses of colleagues", "Meeting.HasKeeper": "whether one has a key", "Meeting.Keepers": "roles", "Meeting.ReadNumbers": "counts",
	"Meeting.Preparing": "a pseudonym", "Meeting.Proposals": "pseudonyms and dates", "Meeting.Cases": "pseudonyms, states and dates", "Meeting.CountQuestions": "a count", "Meeting.Colleagues": "roles of colleagues",
	"Meeting.Sessions": "dates of sessions", "Meeting.Manages": "nothing: its caller writes the line", "Meeting.Allows": "whether a basis covers a member", "Meeting.Follow": "TestFollowing",
	"Meeting.FillAgenda": "TestAgendaFillsItself", "Meeting.AddCases": "TestAgendaFillsItself", "Meeting.PassRecognition": "TestPassedQuestion", "Meeting.KeptMinutes": "TestKeptMinutes",
	"Register.Tie": "TestUseCases: OpenCase", "Register.PassOn": "TestPassedQuestion", "Register.Disclosures": "to whom a name was disclosed, without the name", "Review.State": "how many lines there are", "Review.Processings": "the register of processing", "Review.CaseName": "a pseudonym, for a page that wrote its line",
	"Review.Directory": "names of colleagues, for the filter", "Review.Days": "counts", "Review.Due": "a day", "Review.Checkpoint": "TestCompare",
}

// TestUseCases goes through what people do with cases, signals, sessions, the register and
// the log, and fails where no line tells of it, and where a use case is in neither list.
func TestUseCases(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	done := map[string]bool{}
	for _, u := range f.useCases() {
		before := len(f.all())
		if err := u.do(); err != nil {
			t.Errorf("%s: %v", u.name, err)
			continue
		}
		done[u.name] = true
		told := slices.ContainsFunc(f.all()[before:], func(l audit.Line) bool { return l.Event == u.want && l.Outcome == audit.Success })
		if !told {
			t.Errorf("%s leaves no line of %s", u.name, u.want)
		}
	}
	tests := testNames(t)
	for service, v := range map[string]any{"Meeting": f.Meeting, "Register": f.Register, "Review": f.Review} {
		for _, name := range methodsOf(v) {
			full := service + "." + name
			why, quiet := lineless[full]
			switch {
			case done[full] == quiet:
				t.Errorf("%s is in both lists, or in none", full)
			case strings.HasPrefix(why, "Test") && !tests[strings.TrimSuffix(strings.Fields(why)[0], ":")]:
				t.Errorf("%s is said to be walked in %s, which is not there", full, why)
			}
		}
	}
}

// methodsOf lists the use cases of a service: what takes an actor.
func methodsOf(service any) (out []string) {
	v := reflect.TypeOf(service)
	for i := range v.NumMethod() {
		m := v.Method(i)
		if m.Type.NumIn() >= 3 && m.Type.In(2) == reflect.TypeOf(account.Actor{}) {
			out = append(out, m.Name)
		}
	}
	return out
}

var testFunc = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

func testNames(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	must(t, err)
	out := map[string]bool{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		for _, m := range testFunc.FindAllSubmatch(b, -1) {
			out[string(m[1])] = true
		}
	}
	return out
}

func (f *fixture) useCases() []useCase {
	return slices.Concat(f.caseCases(), f.signalCases(), f.sessionCases(), f.registerCases(), f.logCases())
}

// only drops what a use case returns beside its failure.
func only[T any](_ T, err error) error { return err }

func (f *fixture) caseCases() []useCase {
	m, a, youth := f.Meeting, f.as(account.Coordinator), f.as(account.YouthWorker)
	pupil, err := f.Register.Save(f.ctx, a, uuid.Nil, pseudonym.RawPupil{Number: "u1", First: "Proefje", Last: "Testpersoon", Born: born(f.clock.Now().Year() - 17), Class: "1a"})
	must(f.t, err)
	var c meeting.Case
	agreement, dropped, feedback, question, basis := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.UUID{}
	agree := func(id uuid.UUID) meeting.NewAgreement {
		return meeting.NewAgreement{Once: id, Case: c.ID, What: text("belt de school"), Responsible: youth.Member, Due: f.day(5)}
	}
	return []useCase{
		{"Meeting.OpenCase", audit.CaseOpened, func() (err error) {
			c, err = m.OpenCase(f.ctx, a, meeting.NewCase{Once: uuid.New(), Pupil: pupil, Question: text("Wat helpt hier?"), Domains: []string{"school"}})
			return err
		}},
		{"Meeting.RecordBasis", audit.BasisAdded, func() error {
			if err := f.record(c.ID, "consent", "pupil"); err != nil {
				return err
			}
			bases, err := f.Store.Bases(f.ctx, c.ID)
			basis = bases[0].ID
			return err
		}},
		{"Meeting.AddParticipant", audit.AccessGiven, func() error { return m.AddParticipant(f.ctx, a, c.ID, youth.Member) }},
		{"Meeting.ReadCase", audit.CaseRead, func() error { return only(m.ReadCase(f.ctx, youth, c.ID)) }},
		{"Meeting.CasePrinted", audit.Printed, func() error { return m.CasePrinted(f.ctx, youth, c.ID) }},
		{"Meeting.AskAnew", audit.CaseChanged, func() error { return m.AskAnew(f.ctx, a, c.ID, uuid.New(), text("En wat nu?"), []string{"home"}) }},
		{"Meeting.AddNote", audit.ItemAdded, func() error { return m.AddNote(f.ctx, youth, c.ID, uuid.New(), text("het gaat beter")) }},
		{"Meeting.AddAgreement", audit.AgreementMade, func() error { return m.AddAgreement(f.ctx, a, agree(agreement)) }},
		{"Meeting.OpenAgreements", audit.AgreementsRead, func() error { return only(m.OpenAgreements(f.ctx, youth, uuid.Nil)) }},
		{"Meeting.FinishAgreement", audit.AgreementDone, func() error { return m.FinishAgreement(f.ctx, youth, agreement) }},
		{"Meeting.DropAgreement", audit.AgreementDropped, func() error {
			must(f.t, m.AddAgreement(f.ctx, a, agree(dropped)))
			return only(m.DropAgreement(f.ctx, a, dropped))
		}},
		{"Meeting.AddFeedback", audit.AgreementMade, func() error {
			return m.AddFeedback(f.ctx, a, meeting.NewFeedback{Once: feedback, Case: c.ID, To: "mentor", Text: text("er is hulp"), Responsible: a.Member, Due: f.day(5)})
		}},
		{"Meeting.ReadFeedback", audit.MinutesExported, func() error { return only(m.ReadFeedback(f.ctx, a, c.ID, feedback)) }},
		{"Meeting.AskRecognition", audit.QuestionAsked, func() error { return m.AskRecognition(f.ctx, a, c.ID, question, youth.Member) }},
		{"Meeting.MyQuestions", audit.QuestionRead, func() error { return only(m.MyQuestions(f.ctx, youth)) }},
		{"Meeting.AnswerRecognition", audit.QuestionReplied, func() error { return m.AnswerRecognition(f.ctx, youth, question, "yes") }},
		{"Meeting.Recognitions", audit.QuestionRead, func() error { return only(m.Recognitions(f.ctx, a, c.ID)) }},
		{"Meeting.ShareAnswer", audit.QuestionShared, func() error { return m.ShareAnswer(f.ctx, a, c.ID, question) }},
		{"Register.Disclose", audit.IdentityOpened, func() error { return only(f.Register.Disclose(f.ctx, a, c.ID, text("ouders bellen"))) }},
		{"Register.DiscloseTo", audit.IdentityGiven, func() error {
			return f.Register.DiscloseTo(f.ctx, a, c.ID, youth.Member, basis, meeting.Today(f.clock.Now()).AddDate(0, 0, 9), time.Time{}, text("hij kent de groep"))
		}},
		{"Register.Disclosed", audit.IdentityRead, func() error { _, _, _, err := f.Register.Disclosed(f.ctx, youth, c.ID); return err }},
		{"Review.WhoSaw", audit.WhoSawRead, func() error { return only(f.Review.WhoSaw(f.ctx, a, c.ID, m.Manages)) }},
		{"Meeting.MovePhase", audit.CaseChanged, func() error {
			v, err := m.ReadCase(f.ctx, a, c.ID)
			must(f.t, err)
			return m.MovePhase(f.ctx, a, c.ID, v.Case.Phase.Next()[0])
		}},
		{"Meeting.RemoveParticipant", audit.AccessEnded, func() error { return m.RemoveParticipant(f.ctx, a, c.ID, youth.Member) }},
		{"Meeting.WithdrawBasis", audit.BasisWithdrawn, func() error { return m.WithdrawBasis(f.ctx, a, c.ID, basis) }},
		{"Meeting.CloseCase", audit.CaseClosed, func() error { return m.CloseCase(f.ctx, a, f.fresh(born(f.clock.Now().Year()-15)).ID) }},
	}
}

func (f *fixture) signalCases() []useCase {
	m, a, youth := f.Meeting, f.as(account.Coordinator), f.as(account.YouthWorker)
	c := f.based()
	signal := func(id uuid.UUID) meeting.NewSignal {
		return meeting.NewSignal{Once: id, Case: c.ID, Domain: "school", Tone: "concern", Knowing: "seen", Text: text("vaak buiten na tienen")}
	}
	tied, declined := uuid.New(), uuid.New()
	inbox := func(id uuid.UUID) error {
		in := signal(id)
		in.Case, in.Who = uuid.Nil, "een jongen uit de groep"
		return m.SendToInbox(f.ctx, youth, in)
	}
	return []useCase{
		{"Meeting.AddSignal", audit.ItemAdded, func() error { return m.AddSignal(f.ctx, youth, signal(uuid.New())) }},
		{"Meeting.AddTrend", audit.TrendAdded, func() error { in := signal(uuid.New()); in.Case = uuid.Nil; return m.AddTrend(f.ctx, youth, in) }},
		{"Meeting.ReadTrends", audit.TrendsRead, func() error { return only(m.ReadTrends(f.ctx, youth)) }},
		{"Meeting.SendToInbox", audit.InboxAdded, func() error { return inbox(tied) }},
		{"Meeting.OwnSignals", audit.InboxRead, func() error { return only(m.OwnSignals(f.ctx, youth)) }},
		{"Meeting.JudgeView", audit.InboxRead, func() error { return only(m.JudgeView(f.ctx, a, tied)) }},
		{"Meeting.TieSignal", audit.InboxTied, func() error { return m.TieSignal(f.ctx, a, tied, uuid.New(), c.ID, text("vaak buiten na tienen")) }},
		{"Meeting.DeclineSignal", audit.InboxDeclined, func() error {
			must(f.t, inbox(declined))
			return m.DeclineSignal(f.ctx, a, declined, text("niet voor ons"))
		}},
	}
}

func (f *fixture) sessionCases() []useCase {
	m, a, youth := f.Meeting, f.as(account.Coordinator), f.as(account.YouthWorker)
	c := f.based()
	var ses, off meeting.Session
	point, other, holiday, later := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	plan := func() meeting.NewSession {
		return meeting.NewSession{Once: uuid.New(), Day: f.day(1), From: "9", Until: "10", Place: text("lokaal 4"), Members: []uuid.UUID{youth.Member}}
	}
	first := func() uuid.UUID { // the standing point at the beginning
		points, err := f.Store.Points(f.ctx, ses.ID)
		must(f.t, err)
		for _, p := range points {
			if p.Kind == meeting.PointOpen {
				return p.ID
			}
		}
		return uuid.Nil
	}
	rev := func() int64 { return f.revision(ses.ID) }
	return []useCase{
		{"Meeting.AddHoliday", audit.SessionChanged, func() error { return m.AddHoliday(f.ctx, a, holiday, "Kerstvakantie", f.day(25), f.day(40)) }},
		{"Meeting.DropHoliday", audit.SessionChanged, func() error { return m.DropHoliday(f.ctx, a, holiday) }},
		{"Meeting.PlanSession", audit.SessionPlanned, func() (err error) { ses, err = m.PlanSession(f.ctx, a, plan()); return err }},
		{"Meeting.PlanSeries", audit.SessionPlanned, func() (err error) { off, _, err = m.PlanSeries(f.ctx, a, plan(), meeting.Repeat{}); return err }},
		{"Meeting.CancelSession", audit.SessionOff, func() error { return only(m.CancelSession(f.ctx, a, off.ID)) }},
		{"Meeting.Reschedule", audit.SessionChanged, func() error { return m.Reschedule(f.ctx, a, ses.ID, f.day(2), "9", "11") }},
		{"Meeting.SetInvited", audit.SessionChanged, func() error {
			return m.SetInvited(f.ctx, a, ses.ID, f.members(account.YouthWorker, account.Doctor), nil)
		}},
		{"Meeting.NameScribe", audit.SessionChanged, func() error { return m.NameScribe(f.ctx, a, ses.ID, youth.Member) }},
		{"Meeting.AddPoint", audit.SessionChanged, func() error {
			must(f.t, m.AddPoint(f.ctx, a, ses.ID, meeting.NewPoint{Once: other, Kind: "trends", Minutes: 5}))
			must(f.t, m.AddPoint(f.ctx, a, ses.ID, meeting.NewPoint{Once: later, Kind: "other", Title: text("uitje"), Minutes: 5}))
			return m.AddPoint(f.ctx, a, ses.ID, meeting.NewPoint{Once: point, Kind: "case", Case: c.ID, Minutes: 10})
		}},
		{"Meeting.OrderPoints", audit.SessionChanged, func() error { return m.OrderPoints(f.ctx, a, ses.ID, []uuid.UUID{point}) }},
		{"Meeting.MovePoint", audit.SessionChanged, func() error { return m.MovePoint(f.ctx, a, ses.ID, other, true) }},
		{"Meeting.SetMinutes", audit.SessionChanged, func() error { return m.SetMinutes(f.ctx, a, ses.ID, point, 15) }},
		{"Meeting.DropPoint", audit.SessionChanged, func() error { return m.DropPoint(f.ctx, a, ses.ID, other) }},
		{"Meeting.ReadSession", audit.SessionRead, func() error { return only(m.ReadSession(f.ctx, youth, ses.ID)) }},
		{"Meeting.Prepare", audit.ItemAdded, func() error {
			return m.Prepare(f.ctx, youth, ses.ID, point, meeting.Preparation{Once: uuid.New(), Know: text("hij sport"), KnowWord: "Weet", AskWord: "Vraagt"})
		}},
		{"Meeting.StartSession", audit.SessionStarted, func() error { return m.StartSession(f.ctx, a, ses.ID, rev()) }},
		{"Meeting.GoTo", audit.SessionMoved, func() error {
			must(f.t, m.GoTo(f.ctx, a, ses.ID, first(), rev()))
			return m.GoTo(f.ctx, a, ses.ID, point, rev())
		}},
		{"Meeting.MoreTime", audit.SessionMoved, func() error { return m.MoreTime(f.ctx, a, ses.ID, 5) }},
		{"Meeting.ParkPoint", audit.SessionChanged, func() error { return m.ParkPoint(f.ctx, a, ses.ID, later, true) }},
		{"Meeting.Attend", audit.SessionChanged, func() error { return m.Attend(f.ctx, a, ses.ID, f.members(account.Coordinator, account.YouthWorker)) }},
		{"Meeting.ReadPoint", audit.CaseRead, func() error {
			v, err := m.ReadSession(f.ctx, youth, ses.ID)
			must(f.t, err)
			p, _ := v.Find(point)
			return only(m.ReadPoint(f.ctx, youth, v, p))
		}},
		{"Meeting.AddContribution", audit.ItemAdded, func() error {
			return m.AddContribution(f.ctx, youth, ses.ID, point, meeting.NewSignal{Once: uuid.New(), Domain: "school", Tone: "strength", Knowing: "seen", Text: text("helpt anderen")})
		}},
		{"Meeting.SaveNotes", audit.ItemAdded, func() error { return m.SaveNotes(f.ctx, youth, ses.ID, point, uuid.New(), uuid.Nil, text("besproken")) }},
		{"Meeting.ReadNotes", audit.CaseRead, func() error { return only(m.ReadNotes(f.ctx, youth, ses.ID, point)) }},
		{"Meeting.AddPointAgreement", audit.AgreementMade, func() error {
			return m.AddPointAgreement(f.ctx, a, ses.ID, point, meeting.NewAgreement{Once: uuid.New(), What: text("gaat mee"), Responsible: youth.Member, Due: f.day(9)})
		}},
		{"Meeting.SaveOutcome", audit.ItemAdded, func() error {
			return m.SaveOutcome(f.ctx, a, ses.ID, point, meeting.NewOutcome{Once: uuid.New(), Lead: a.Member, EvaluateOn: f.day(40), Texts: map[string]guard.Draft{"decision": text("stage")}})
		}},
		{"Meeting.CloseSession", audit.SessionClosed, func() error { return m.CloseSession(f.ctx, a, ses.ID, rev()) }},
		{"Meeting.ReadMinutes", audit.MinutesRead, func() error { return only(m.ReadMinutes(f.ctx, youth, ses.ID)) }},
		{"Meeting.MinutesPrinted", audit.Printed, func() error { return m.MinutesPrinted(f.ctx, youth, ses.ID) }},
		{"Meeting.ConfirmMinutes", audit.MinutesConfirmed, func() error { return m.ConfirmMinutes(f.ctx, youth, ses.ID, rev()) }},
		{"Meeting.Remark", audit.ItemAdded, func() error { return m.Remark(f.ctx, youth, ses.ID, point, uuid.New(), text("het waren er drie")) }},
		{"Meeting.AmendNotes", audit.ItemAdded, func() error {
			newest, err := f.Store.KindItems(f.ctx, c.ID, meeting.Notes)
			must(f.t, err)
			return m.AmendNotes(f.ctx, a, ses.ID, point, uuid.New(), newest[0].ID, text("anders besproken"))
		}},
		{"Meeting.FixMinutes", audit.MinutesFixed, func() error { return m.FixMinutes(f.ctx, a, ses.ID) }},
		{"Meeting.Addendum", audit.ItemAdded, func() error { return m.Addendum(f.ctx, a, ses.ID, point, uuid.New(), text("een week later")) }},
		{"Meeting.MakeKeeper", audit.KeyMade, func() error { return only(m.MakeKeeper(f.ctx, a)) }},
	}
}

func (f *fixture) registerCases() []useCase {
	r, a := f.Register, f.as(account.Coordinator)
	var id uuid.UUID
	blob := ""
	return []useCase{
		{"Register.Preview", audit.RegisterSearch, func() error {
			p, err := r.Preview(f.ctx, a, []byte("leerlingnummer;roepnaam;tussenvoegsel;achternaam;geboortedatum;klas;mentor\nu7;Proef;;Invoer;1-2-2012;1b;\n"))
			blob = p.Blob
			return err
		}},
		{"Register.Import", audit.RegisterImport, func() error { _, _, err := r.Import(f.ctx, a, blob); return err }},
		{"Register.Suggest", audit.GuardLookup, func() error {
			found, err := f.Guard.Check(f.ctx, a.Team, "Proef Invoer was er ook")
			must(f.t, err)
			return only(r.Suggest(f.ctx, a, "Proef Invoer was er ook", found))
		}},
		{"Register.Save", audit.RegisterAdd, func() (err error) {
			id, err = r.Save(f.ctx, a, uuid.Nil, pseudonym.RawPupil{Number: "u2", First: "Nog", Last: "Iemand", Born: born(f.clock.Now().Year() - 14), Class: "2b"})
			return err
		}},
		{"Register.Search", audit.RegisterSearch, func() error { return only(r.Search(f.ctx, a, "Iemand", 1)) }},
		{"Register.Pupil", audit.RegisterRead, func() error { return only(r.Pupil(f.ctx, a, id)) }},
	}
}

func (f *fixture) logCases() []useCase {
	session, _ := f.talkAbout(f.based().ID)
	r, officer, c := f.Review, f.as(account.Officer), f.based()
	from, until := f.clock.Now().AddDate(0, -1, 0), f.clock.Now().Add(time.Hour)
	drawn, breach := uuid.New(), uuid.New()
	scope := review.Scope{From: from, Until: until}
	described := review.Described{Purpose: "x", Ground: "x", Subjects: "x", Data: "x", Recipients: "x", Term: "x", Security: "x"}
	return []useCase{
		{"Review.Read", audit.LogRead, func() error { return only(r.Read(f.ctx, officer, review.Filter{})) }},
		{"Review.ReadLine", audit.LogRead, func() error { return only(r.ReadLine(f.ctx, officer, false, 3)) }},
		{"Review.ByCase", audit.LogRead, func() error { return only(r.ByCase(f.ctx, officer, c.ID)) }},
		{"Review.ByPerson", audit.LogRead, func() error { return only(r.ByPerson(f.ctx, officer, f.as(account.YouthWorker).Member, from, until)) }},
		{"Review.ByMeeting", audit.LogRead, func() error { return only(r.ByMeeting(f.ctx, officer, session)) }},
		{"Review.Findings", audit.LogRead, func() error { return only(r.Findings(f.ctx, officer, from, until)) }},
		{"Review.AccessReport", audit.ReportMade, func() error { return only(r.AccessReport(f.ctx, officer, c.ID, true)) }},
		{"Review.Begin", audit.LogVerified, func() error { defer r.Wait(); return r.Begin(f.ctx, officer) }},
		{"Review.Compare", audit.LogVerified, func() error {
			note, err := f.Store.LogHead(f.ctx, officer.Team)
			must(f.t, err)
			return only(r.Compare(f.ctx, officer, note))
		}},
		{"Review.Export", audit.LogExported, func() error {
			write, err := r.Export(f.ctx, officer, review.Filter{}, export.JSON, export.Options{})
			must(f.t, err)
			return write(io.Discard)
		}},
		{"Review.Draw", audit.LogReviewed, func() error { return only(r.Draw(f.ctx, officer, drawn, from, until, 5)) }},
		{"Review.Reviews", audit.LogRead, func() error { _, _, err := r.Reviews(f.ctx, officer); return err }},
		{"Review.ReadReview", audit.LogRead, func() error { return only(r.ReadReview(f.ctx, officer, drawn)) }},
		{"Review.FindCase", audit.LogRead, func() error { _, err := r.FindCase(f.ctx, officer, f.based().Pseudonym); return err }},
		{"Review.WriteReview", audit.LogReviewed, func() error {
			return r.WriteReview(f.ctx, officer, drawn, review.Outcome{Finding: text("niets"), Revision: 1})
		}},
		{"Review.Assess", audit.LogRead, func() error { return only(r.Assess(f.ctx, officer, scope)) }},
		{"Review.AddBreach", audit.BreachWritten, func() error {
			return r.AddBreach(f.ctx, officer, review.NewBreach{Once: breach, Known: from, Kind: "device", Scope: scope, Facts: text("telefoon kwijt")})
		}},
		{"Review.Breaches", audit.LogRead, func() error { return only(r.Breaches(f.ctx, officer)) }},
		{"Review.ReadBreach", audit.LogRead, func() error { return only(r.ReadBreach(f.ctx, officer, breach)) }},
		{"Review.WriteBreach", audit.BreachWritten, func() error {
			return r.WriteBreach(f.ctx, officer, breach, review.NewBreach{Facts: text("telefoon kwijt"), Report: "open", Revision: 1})
		}},
		{"Review.SetProcessing", audit.ProcessingSet, func() error {
			list := map[audit.Activity]review.Described{}
			for _, x := range audit.Activities() {
				list[x] = described
			}
			return r.SetProcessing(f.ctx, officer, 1, list)
		}},
	}
}

// TestAccountLines is the same for accounts, rights and keys.
func TestAccountLines(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	admin, chair, youth := f.as(account.Admin), f.as(account.Coordinator), f.as(account.YouthWorker)
	var invited staff.Invited
	for _, u := range []useCase{
		{"invite", audit.MemberInvited, func() (err error) {
			invited, err = f.Staff.Invite(f.ctx, admin, staff.Invitee{Name: "Nieuw Mens", Email: "nieuw@wijkwerk.example", Role: account.Doctor, Organisation: "Jeugdgezondheidszorg", External: true})
			return err
		}},
		{"settings", audit.TeamChanged, func() error {
			s, err := f.Staff.Settings(f.ctx, admin)
			must(t, err)
			return f.Staff.SaveSettings(f.ctx, admin, staff.NewSettings{Name: s.Name, School: s.School, Consent: "school", Idle: "15", Length: "8", LogYears: "3"})
		}},
		{"end sessions", audit.SignedOutAll, func() error { return f.Staff.EndSessions(f.ctx, admin, f.as(account.Police).Member) }},
		{"change a role", audit.RoleChanged, func() error {
			return f.Staff.ChangeRole(f.ctx, admin, f.as(account.Doctor).Member, string(account.SocialWork), uuid.Nil)
		}},
		{"end a membership", audit.MemberEnded, func() error { return f.Staff.End(f.ctx, chair, f.as(account.Attendance).Member, youth.Member) }},
		{"rotate keys", audit.KeyRenewed, func() error { return f.Keys.Rotate(f.ctx, chair, "inbox") }},
		{"keep what was typed", audit.DraftSaved, func() error {
			return f.SignIn.KeepOwn(f.ctx, youth, "/casussen", map[string][]string{"text": {"half af"}})
		}},
		{"sign out everywhere", audit.SignedOutAll, func() error { return f.SignIn.SignOutEverywhere(f.ctx, youth) }},
		{"a failed sign-in", audit.SignedIn, func() error {
			_, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: f.person(account.YouthWorker).Email, Password: "niet goed", Code: "000000", Network: "192.0.2.7"})
			if err == nil {
				return fmt.Errorf("signed in with a wrong password")
			}
			return nil
		}},
	} {
		before := len(f.all())
		if err := u.do(); err != nil {
			t.Errorf("%s: %v", u.name, err)
			continue
		}
		if !slices.ContainsFunc(f.all()[before:], func(l audit.Line) bool { return l.Event == u.want }) {
			t.Errorf("%s leaves no line of %s", u.name, u.want)
		}
	}
	_ = invited
}
