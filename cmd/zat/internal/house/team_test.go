package house_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/account/staff"
	"zat/cmd/zat/internal/demo"
	"zat/crypto/keys"
	"zat/meeting"
)

// otherTeam founds a second team in the same installation, and returns a
// request maker for its coordinator and one for its youth worker.
func (f *fixture) otherTeam(base string) (chair, youth *client) {
	f.t.Helper()
	secret := signin.NewTOTPSecret()
	out, err := f.Staff.Found(f.ctx, staff.Founding{Team: "ZAT Elders", School: "School Elders", Consent: account.ConsentStrict, Name: "Ander Mens", Email: "ander@elders.example",
		Password: "de fiets staat bij de haven", TOTPSecret: secret, Invite: []staff.Invitee{{Name: "Jongere Werker", Email: "werker@elders.example", Role: account.YouthWorker, Organisation: "Elders Werk", External: true}}})
	must(f.t, err)
	youthSecret := signin.NewTOTPSecret()
	paper := keys.NewRecoveryCode().Secret()
	_, err = f.Staff.Join(f.ctx, staff.Joining{Token: out.Invited[0].Token.Secret(), Password: "de fiets staat bij de haven", Again: "de fiets staat bij de haven", TOTPSecret: youthSecret, Code: f.code(youthSecret), Recovery: paper, Typed: paper[30:]})
	must(f.t, err)
	return f.enter(base, "ander@elders.example", secret), f.enter(base, "werker@elders.example", youthSecret)
}

func (f *fixture) code(secret string) string {
	f.t.Helper()
	code, err := signin.TOTPCode(secret, signin.TOTPStep(f.clock.Now()))
	must(f.t, err)
	return code
}

// enterAs is enter for somebody of the demo.
func (f *fixture) enterAs(base string, p demo.Person) *client {
	f.t.Helper()
	e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: f.code(p.TOTPSecret), Network: "127.0.0.1"})
	must(f.t, err)
	c := f.client(base, "")
	c.token = e.Token.Secret()
	in, _, err := f.SignIn.Resume(f.ctx, c.token)
	must(f.t, err)
	c.csrf = in.CSRF
	return c
}

func (f *fixture) enter(base, email, secret string) *client {
	f.t.Helper()
	e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: email, Password: "de fiets staat bij de haven", Code: f.code(secret), Network: "127.0.0.1"})
	must(f.t, err)
	c := f.client(base, "")
	c.token = e.Token.Secret()
	p, _, err := f.SignIn.Resume(f.ctx, c.token)
	must(f.t, err)
	c.csrf = p.CSRF
	return c
}

// ids is one id of each kind of the demo's team, for paths.
func (f *fixture) ids() map[string]string {
	f.t.Helper()
	a := f.as(account.Coordinator)
	c := f.based()
	v, err := f.Meeting.ReadCase(f.ctx, a, c.ID)
	must(f.t, err)
	page, err := f.Register.Search(f.ctx, a, "", 0)
	must(f.t, err)
	inbox, err := f.Meeting.Inbox(f.ctx, a)
	must(f.t, err)
	sessions, err := f.Meeting.Sessions(f.ctx, a, false)
	must(f.t, err)
	points, err := f.Store.Points(f.ctx, sessions[0].ID)
	must(f.t, err)
	questions, err := f.Meeting.MyQuestions(f.ctx, f.as(account.YouthWorker))
	must(f.t, err)
	ids := map[string]string{"case": c.ID.String(), "basis": v.Bases[0].ID.String(), "member": f.as(account.YouthWorker).Member.String(), "pupil": page.Rows[0].Pupil.ID.String(),
		"signal": inbox[0].ID.String(), "session": sessions[0].ID.String(), "point": points[1].ID.String(), "question": questions[0].ID.String()}
	for _, o := range v.Items {
		if o.Kind == meeting.Agreement {
			ids["agreement"] = o.ID.String()
		}
	}
	holiday := uuid.New()
	must(f.t, f.Meeting.AddHoliday(f.ctx, a, holiday, "Kerstvakantie", f.day(25), f.day(40)))
	feedback := uuid.New()
	must(f.t, f.Meeting.AddFeedback(f.ctx, a, meeting.NewFeedback{Once: feedback, Case: c.ID, To: "mentor", Text: text("gaat goed"), Responsible: f.as(account.YouthWorker).Member, Due: f.day(3)}))
	ids["holiday"], ids["item"] = holiday.String(), feedback.String()
	if ids["agreement"] == "" {
		open, err := f.Meeting.OpenAgreements(f.ctx, a, uuid.Nil)
		must(f.t, err)
		ids["agreement"] = open[0].ID.String()
	}
	return ids
}

// with fills a route's path with real ids of the demo's team.
func with(path string, ids map[string]string) string {
	path = strings.Replace(path, "/vakanties/:id", "/vakanties/"+ids["holiday"], 1)
	kind := map[string]string{"/casussen/": "case", "/overleggen/": "session", "/register/": "pupil", "/signalen/": "signal", "/vragen/": "question", "/afspraken/": "agreement"}
	for prefix, k := range kind {
		if strings.HasPrefix(path, prefix) {
			path = strings.Replace(path, ":id", ids[k], 1)
		}
	}
	for _, k := range []string{"basis", "member", "point", "item"} {
		path = strings.Replace(path, ":"+k, ids[k], 1)
	}
	return filled(path)
}

// TestOtherTeam asks for everything of one team as the same role in another:
// nothing is found, nothing changes, and each refusal is a line of his team.
func TestOtherTeam(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	ids := f.ids()
	chair, youth := f.otherTeam(base)
	values := []string{"text", "poging van elders", "what", "poging", "due", "1-1-2028", "question", "poging", "domain", "home", "kind", "internal", "motive", "poging", "reason", "poging",
		"answer", "yes", "reply", "poging", "minutes", "10", "revision", "1", "decision", "poging", "evaluate", "1-1-2028", "until", "1-1-2028", "tone", "concern", "knowing", "seen", "phase", "execute",
		"number", "7", "first", "Poging", "last", "Elders", "born", "1-2-2012", "class", "1A", "over", ids["case"], "case", ids["case"], "member", ids["member"], "responsible", ids["member"],
		"lead", ids["member"], "point", ids["point"], "present", ids["member"], "colleague", ids["member"], "members", ids["member"], "basis", ids["basis"]}
	tried := 0
	session := uuid.MustParse(ids["session"])
	for _, state := range []string{"planned", "running", "closed"} {
		f.bring(session, state)
		before := f.fingerprint()
		tried += f.fromElsewhere(map[string]*client{"c": chair, "j": youth}, state, ids, values)
		if f.fingerprint() != before {
			t.Errorf("something of the team changed while its session was %s", state)
		}
	}
	if tried < 200 {
		t.Fatalf("only %d requests were tried", tried)
	}
}

// bring brings a session so far.
func (f *fixture) bring(session uuid.UUID, state string) {
	f.t.Helper()
	switch a := f.as(account.Coordinator); state {
	case "running":
		must(f.t, f.Meeting.StartSession(f.ctx, a, session, f.revision(session)))
	case "closed":
		must(f.t, f.Meeting.CloseSession(f.ctx, a, session, f.revision(session)))
	}
}

// fromElsewhere asks for every route with an id as people of another team: nothing is
// found, and each refusal is a line of their team.
func (f *fixture) fromElsewhere(who map[string]*client, state string, ids map[string]string, values []string) (tried int) {
	f.t.Helper()
	for letter, c := range who {
		p, _, err := f.SignIn.Resume(f.ctx, c.token)
		must(f.t, err)
		for _, r := range f.routes() {
			method, path, _ := strings.Cut(r, " ")
			if table[r] == everybody || !strings.Contains(table[r], letter) || !strings.Contains(path, ":") || strings.HasPrefix(path, "/concepten") || strings.HasSuffix(path, ":kind") { // drafts are their owner's; a kind of key is no id
				continue
			}
			tried++
			before, _, err := f.Store.Head(f.ctx, p.Actor.Team)
			must(f.t, err)
			var a answer
			if method == http.MethodGet {
				a = c.get(with(path, ids))
			} else {
				a = c.post(with(path, ids), values...)
			}
			after, _, err := f.Store.Head(f.ctx, p.Actor.Team)
			must(f.t, err)
			if a.status != http.StatusNotFound {
				f.t.Errorf("%s of another team, %s: %d, want 404", r, state, a.status)
			}
			if after == before {
				f.t.Errorf("%s of another team, %s, leaves no line", r, state)
			}
		}
		if a := c.post("/signaal", values...); a.status != http.StatusNotFound {
			f.t.Errorf("a signal to a case of another team: %d, want 404", a.status)
		}
	}
	return tried
}

// TestNotInvited asks for every page and form of a session as a colleague of the same role
// who is not invited: nothing is found, and each refusal is a line.
func TestNotInvited(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	session, point := f.talkAbout(f.based().ID)
	ids := map[string]string{"session": session.String(), "point": point.String(), "member": f.as(account.YouthWorker).Member.String()}
	colleague := f.people[3]
	c := f.enterAs(base, colleague)
	for _, state := range []string{"running", "closed"} {
		if state == "closed" {
			f.bring(session, state)
		}
		for _, r := range f.routes() {
			method, path, _ := strings.Cut(r, " ")
			if !strings.HasPrefix(path, "/overleggen/:id") || !strings.Contains(table[r], "j") {
				continue
			}
			before := f.lines()
			a := c.do(method, with(path, ids), formFor(method))
			if a.status != http.StatusNotFound || f.lines() == before {
				t.Errorf("%s of a %s session: %d, %d lines", r, state, a.status, f.lines()-before)
			}
		}
	}
}

// fingerprint counts what another team must not change.
func (f *fixture) fingerprint() [4]int {
	f.t.Helper()
	var out [4]int
	for _, r := range f.cases() {
		items, err := f.Store.Items(f.ctx, r.ID)
		must(f.t, err)
		ps, err := f.Store.Participants(f.ctx, r.ID)
		must(f.t, err)
		out[0] += len(items)
		out[1] += len(ps)
		out[2] += int(r.Revision)
	}
	entries, err := f.Store.PupilEntries(f.ctx, f.as(account.Coordinator).Team)
	must(f.t, err)
	out[3] = len(entries)
	return out
}

// TestNotParticipant keeps a member of the same team out of a case in which he
// takes no part: the youth worker's colleague.
func TestNotParticipant(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	c := f.based()
	colleague := f.people[3]
	cl := f.enterAs(base, colleague)
	path := "/casussen/" + c.ID.String()
	for _, a := range []answer{cl.get(path), cl.post(path+"/notitie", "text", "poging"), cl.post(path+"/afspraak", "what", "poging"), cl.post(path + "/naam"),
		cl.post("/signaal", "over", c.ID.String(), "text", "poging", "domain", "home", "tone", "concern", "knowing", "seen")} {
		if a.status != http.StatusNotFound {
			t.Errorf("somebody who takes no part gets %d, want 404", a.status)
		}
	}
	if a := cl.get("/casussen"); strings.Contains(a.body, string(c.Pseudonym)) {
		t.Error("the list shows a case in which he takes no part")
	}
	sessions, err := f.Meeting.Sessions(f.ctx, f.as(account.Coordinator), false)
	must(t, err)
	if a := cl.get("/overleggen/" + sessions[0].ID.String()); a.status != http.StatusNotFound {
		t.Errorf("a session to which he is not invited: %d, want 404", a.status)
	}
}
