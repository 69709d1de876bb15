package house_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/account/staff"
	"zat/audit"
	"zat/audit/review"
	"zat/meeting"
)

// TestForeignIDs asks for every route with an id, as the same role in another team, with ids
// that are real in the first: nothing is shown or changed, and each refusal is a line in the
// log of the team of who asked.
func TestForeignIDs(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	ids := f.foreign()
	team, clients := f.outsiders(base)
	ours := f.as(account.Coordinator).Team
	for _, r := range f.routes() {
		method, path, _ := strings.Cut(r, " ")
		to, ok := ids.fill(path)
		if !ok {
			continue
		}
		for letter, c := range clients {
			if !strings.Contains(table[r], letter) {
				continue
			}
			before, mine := f.refusals(team), len(f.linesOf(ours))
			a := c.do(method, to, formFor(method))
			if a.status != http.StatusNotFound && a.status != http.StatusForbidden {
				t.Errorf("%s as %s of another team: %d to %q", r, letter, a.status, a.to)
			}
			if f.refusals(team) == before {
				t.Errorf("%s as %s of another team was refused without a line", r, letter)
			}
			if len(f.linesOf(ours)) != mine {
				t.Errorf("%s as %s of another team wrote in our log", r, letter)
			}
		}
	}
}

// refusals counts the refusals in a log.
func (f *fixture) refusals(log uuid.UUID) (n int) {
	for _, l := range f.linesOf(log) {
		if l.Outcome == audit.Denied {
			n++
		}
	}
	return n
}

// known are ids of one team, by what stands before them in a path.
type known map[string]uuid.UUID

// foreign makes one of everything that a path can name.
func (f *fixture) foreign() known {
	c := f.based()
	session, point := f.talkAbout(c.ID)
	chair, officer, youth := f.as(account.Coordinator), f.as(account.Officer), f.as(account.YouthWorker)
	deal, rev, breach, question := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	must(f.t, f.Meeting.AddPointAgreement(f.ctx, chair, session, point, meeting.NewAgreement{Once: deal, What: text("belt de mentor"), Responsible: youth.Member, Due: f.day(3)}))
	from, until := f.clock.Now().AddDate(0, -2, 0), f.clock.Now().Add(time.Minute)
	_, err := f.Review.Draw(f.ctx, officer, rev, from, until, 5)
	must(f.t, err)
	must(f.t, f.Review.AddBreach(f.ctx, officer, review.NewBreach{Once: breach, Known: f.clock.Now(), Kind: "device", Scope: review.Scope{From: from, Until: until}, Facts: text("telefoon kwijt")}))
	must(f.t, f.Meeting.AskRecognition(f.ctx, chair, c.ID, question, youth.Member))
	bases, err := f.Meeting.Store.Bases(f.ctx, c.ID)
	must(f.t, err)
	return known{"casussen": c.ID, "overleggen": session, "punten": point, "verslag": point, "afspraken": deal, "personen": youth.Member, "controles": rev, "datalekken": breach,
		"vraag": question, "grondslag": bases[0].ID, "deelnemers": youth.Member, "woord": youth.Member}
}

// fill puts the ids in a path; ok is false for a path that names something else, or nothing.
func (k known) fill(path string) (to string, ok bool) {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if !strings.HasPrefix(p, ":") {
			continue
		}
		id, there := k[parts[i-1]]
		if !there {
			return "", false
		}
		parts[i], ok = id.String(), true
	}
	return strings.Join(parts, "/"), ok
}

// outsiders founds another team and signs in a coordinator, a youth worker and an officer
// of it.
func (f *fixture) outsiders(base string) (team uuid.UUID, out map[string]*client) {
	secret := signin.NewTOTPSecret()
	at := func(name string) string { return name + "@elders.example" }
	founded, err := f.Staff.Found(f.ctx, staff.Founding{Team: "ZAT Elders", School: "School Elders", Consent: account.ConsentStrict, Name: "Ander Mens", Email: at("c"), Password: phrase, TOTPSecret: secret,
		Invite: []staff.Invitee{{Name: "Jong Elders", Email: at("j"), Role: account.YouthWorker, Organisation: "Elders"}, {Name: "Toezicht Elders", Email: at("f"), Role: account.Officer, Organisation: "Elders"},
			{Name: "Beheer Elders", Email: at("b"), Role: account.Admin, Organisation: "Elders"}}})
	must(f.t, err)
	for _, i := range founded.Invited {
		paper := signin.DrawRecoveryCode()
		_, err = f.Staff.Join(f.ctx, staff.Joining{Token: i.Token.Secret(), Password: phrase, Again: phrase, TOTPSecret: secret, Code: f.code(secret), Recovery: paper, Typed: paper[30:]})
		must(f.t, err)
	}
	out = map[string]*client{}
	for _, who := range []string{"c", "j", "f"} {
		e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: at(who), Password: phrase, Code: f.code(secret), Network: fmt.Sprint("192.0.2.", len(out))})
		must(f.t, err)
		team = e.Actor.Team
		out[who] = f.client(base, "")
		out[who].token = e.Token.Secret()
		p, _, err := f.SignIn.Resume(f.ctx, out[who].token)
		must(f.t, err)
		out[who].csrf = p.CSRF
	}
	return team, out
}
