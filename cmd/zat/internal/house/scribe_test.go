package house_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
	"zat/meeting"
)

// TestScribe: whom the chair names types notes and agreements on his own device, and
// nobody else does; when she names another, he does no more.
func TestScribe(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	c := f.based()
	session, point := f.talkAbout(c.ID)
	chair, doctor, youth := f.as(account.Coordinator), f.as(account.Doctor), f.as(account.YouthWorker)
	path := "/overleggen/" + session.String()
	page := f.client(base, account.YouthWorker)
	write := func(text string) answer {
		return page.post(path+"/punten/"+point.String()+"/aantekeningen", "once", uuid.NewString(), "base", uuid.Nil.String(), "text", text, "pagina", path)
	}
	if a := write("zonder te zijn aangewezen"); a.status != http.StatusNotFound {
		t.Errorf("not named, he notes: %d", a.status)
	}
	if err := f.Meeting.NameScribe(f.ctx, chair, session, uuid.New()); field(err) != "scribe error.member" {
		t.Errorf("a stranger as note-taker: %v", err)
	}
	must(t, f.Meeting.NameScribe(f.ctx, chair, session, youth.Member))
	if a := page.get(path); !strings.Contains(a.body, "Jij noteert") {
		t.Error("his page has no notes")
	}
	if a := write("Besproken wat helpt."); a.status != http.StatusSeeOther {
		t.Errorf("named, he cannot note: %d", a.status)
	}
	n, err := f.Meeting.ReadNotes(f.ctx, youth, session, point)
	must(t, err)
	if n == nil || n.Text.Reveal() != "Besproken wat helpt." {
		t.Error("his notes are not there")
	}
	if a := write("En op een oudere versie."); !strings.Contains(a.body, "Besproken wat helpt.") || !strings.Contains(a.body, "En op een oudere versie.") {
		t.Error("of two versions one is lost")
	}
	a := page.post(path+"/punten/"+point.String()+"/afspraak", "once", uuid.NewString(), "what", "Jongerenwerker belt de coach", "responsible", youth.Member.String(), "due", f.day(7), "pagina", path)
	if a.status != http.StatusSeeOther || !strings.Contains(page.get(path).body, "belt de coach") {
		t.Errorf("his agreement: %d", a.status)
	}
	for name, do := range map[string]func() error{
		"notes": func() error {
			return f.Meeting.SaveNotes(f.ctx, doctor, session, point, uuid.New(), uuid.Nil, text("ook iets"))
		},
		"reads": func() error { _, err := f.Meeting.ReadNotes(f.ctx, doctor, session, point); return err },
		"agreement": func() error {
			return f.Meeting.AddPointAgreement(f.ctx, doctor, session, point, meeting.NewAgreement{Once: uuid.New(), What: text("x"), Responsible: doctor.Member, Due: f.day(2)})
		},
	} {
		if err := do(); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s by another: %v", name, err)
		}
	}
	must(t, f.Meeting.Attend(f.ctx, chair, session, []uuid.UUID{chair.Member, doctor.Member}))
	if a := write("vanuit de trein"); a.status != http.StatusNotFound {
		t.Errorf("marked absent, he notes: %d", a.status)
	}
	must(t, f.Meeting.NameScribe(f.ctx, chair, session, uuid.Nil))
	if a := write("te laat"); a.status != http.StatusNotFound {
		t.Errorf("named no more, he notes: %d", a.status)
	}
}

// TestShareAnswer: until the chair shares it, those of the case do not learn the answer;
// then they do, once, and nobody else.
func TestShareAnswer(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	chair, youth, doctor := f.as(account.Coordinator), f.as(account.YouthWorker), f.as(account.Doctor)
	c := f.based()
	f.talkAbout(c.ID)
	question := uuid.New()
	must(t, f.Meeting.AskRecognition(f.ctx, chair, c.ID, question, youth.Member))
	if err := f.Meeting.ShareAnswer(f.ctx, chair, c.ID, question); !fault.Is(err, fault.NotFound) {
		t.Errorf("an answer that is not there: %v", err)
	}
	must(t, f.Meeting.AnswerRecognition(f.ctx, youth, question, "yes"))
	shared := func() (n int) {
		v, err := f.Meeting.ReadCase(f.ctx, doctor, c.ID)
		must(t, err)
		for _, o := range v.Items {
			if o.Kind == meeting.Recognised && o.Answer() == meeting.KnowsWell && o.ResponsibleRole == account.YouthWorker {
				n++
			}
		}
		return n
	}
	if shared() != 0 {
		t.Error("he learns the answer by himself")
	}
	if err := f.Meeting.ShareAnswer(f.ctx, doctor, c.ID, question); err == nil {
		t.Error("a member shares it")
	}
	if err := f.Meeting.ShareAnswer(f.ctx, chair, f.fresh(born(f.clock.Now().Year()-17)).ID, question); !fault.Is(err, fault.NotFound) {
		t.Errorf("shared with another case: %v", err)
	}
	for range 2 {
		must(t, f.Meeting.ShareAnswer(f.ctx, chair, c.ID, question))
	}
	if n := shared(); n != 1 {
		t.Errorf("shared %d times", n)
	}
}

// TestDropAgreement: a withdrawn agreement is open no more, and was not kept.
func TestDropAgreement(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	c := f.based()
	chair, youth := f.as(account.Coordinator), f.as(account.YouthWorker)
	session, point := f.talkAbout(c.ID)
	id := uuid.New()
	must(t, f.Meeting.AddPointAgreement(f.ctx, chair, session, point, meeting.NewAgreement{Once: id, What: text("Belt de school"), Responsible: youth.Member, Due: f.day(0)}))
	before, err := f.Meeting.ReadNumbers(f.ctx, chair, 0)
	must(t, err)
	if _, err := f.Meeting.DropAgreement(f.ctx, youth, id); err == nil {
		t.Error("a member withdraws one")
	}
	page := f.client(base, account.Coordinator)
	if a := page.post("/afspraken/"+id.String()+"/vervalt", "pagina", "/casussen/"+c.ID.String()); a.status != http.StatusSeeOther || !strings.Contains(page.get(a.to).body, "vervallen op") {
		t.Errorf("withdrawing: %d", a.status)
	}
	list, err := f.Meeting.OpenAgreements(f.ctx, youth, uuid.Nil)
	must(t, err)
	for _, o := range list {
		if o.ID == id {
			t.Error("it is still open")
		}
	}
	after, err := f.Meeting.ReadNumbers(f.ctx, chair, 0)
	must(t, err)
	if after.Kept != before.Kept {
		t.Errorf("kept went from %d to %d", before.Kept, after.Kept)
	}
	if n := f.count(string(audit.AgreementDropped)); n != 2 { // his refused one, and hers
		t.Errorf("%d lines", n)
	}
}
