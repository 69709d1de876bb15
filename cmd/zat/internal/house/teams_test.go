package house_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"zat/account"
	"zat/account/signin"
	"zat/account/staff"
	"zat/audit"
	"zat/cmd/zat/internal/demo"
	"zat/fault"
)

// elsewhere founds a second team, and returns its coordinator and administrator.
func (f *fixture) elsewhere() (chair, admin account.Actor) {
	f.t.Helper()
	secret := signin.NewTOTPSecret()
	out, err := f.Staff.Found(f.ctx, staff.Founding{Team: "ZAT Elders", School: "School Elders", Consent: account.ConsentStrict, Name: "Ander Mens", Email: "ander@elders.example",
		Password: phrase, TOTPSecret: secret, Invite: []staff.Invitee{{Name: "Beheer Elders", Email: "beheer@elders.example", Role: account.Admin, Organisation: "School Elders"}}})
	must(f.t, err)
	paper := signin.DrawRecoveryCode()
	_, err = f.Staff.Join(f.ctx, staff.Joining{Token: out.Invited[0].Token.Secret(), Password: phrase, Again: phrase, TOTPSecret: secret, Code: f.code(secret), Recovery: paper, Typed: paper[30:]})
	must(f.t, err)
	in := func(email string) account.Actor {
		e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: email, Password: phrase, Code: f.code(secret), Network: "127.0.0.1"})
		must(f.t, err)
		return e.Actor
	}
	return in("ander@elders.example"), in("beheer@elders.example")
}

// TestTwoTeams: one account in two teams. It joins the second by signing in, holds
// nothing there until then, switches with one tap, and takes nothing along.
func TestTwoTeams(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	p, other, cs := f.person(account.YouthWorker), f.person(account.Police), f.based()
	first := f.as(account.YouthWorker)
	chair, admin := f.elsewhere()
	out, err := f.Staff.Invite(f.ctx, admin, staff.Invitee{Name: "Een Jongerenwerker", Email: p.Email, Role: account.YouthWorker, Organisation: "Wijkwerk", External: true})
	must(t, err)
	if _, err := f.Staff.Invite(f.ctx, admin, staff.Invitee{Name: "Nog eens", Email: p.Email, Role: account.Police, Organisation: "Wijkwerk", External: true}); !fault.Is(err, fault.Invalid) {
		t.Errorf("twice in one team: %v", err)
	}
	if err := f.Staff.GiveAccess(f.ctx, chair, out.Member.ID, ""); !fault.Is(err, fault.NotFound) {
		t.Errorf("access by invitation alone: %v", err)
	}
	link := "/welkom/" + out.Token.Secret()
	nobody := f.client(base, "")
	if a := nobody.get(link); a.status != http.StatusOK || !strings.Contains(a.body, "Aanmelden en lid worden") || strings.Contains(a.body, p.Email) {
		t.Fatalf("the invitation: %d", a.status)
	}
	take := func(q demo.Person, password string) answer {
		return nobody.do("POST", link, url.Values{"take": {"1"}, "email": {q.Email}, "password": {password}, "code": {f.later(q.TOTPSecret)}})
	}
	if a := take(p, "mis"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("with a wrong password: %d", a.status)
	}
	if a := take(other, other.Password); a.status != http.StatusConflict {
		t.Errorf("by somebody else: %d to %s", a.status, a.to)
	}
	if a := nobody.do("POST", link, url.Values{"password": {phrase}, "again": {phrase}}); a.to != "" {
		t.Errorf("joining with new keys beside the old ones: %d to %s", a.status, a.to)
	}
	a := take(p, p.Password)
	if a.to != "/" {
		t.Fatalf("taking it: %d to %s", a.status, a.to)
	}
	if a := take(p, p.Password); a.status == http.StatusSeeOther {
		t.Errorf("taking it again: %d to %s", a.status, a.to)
	}
	f.clock.Set(f.clock.Now().Add(time.Minute))
	e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: f.code(p.TOTPSecret), Network: "127.0.0.1"})
	must(t, err)
	if e.Actor.Team != first.Team {
		t.Error("signing in does not begin in the earliest team")
	}
	c := f.client(base, "")
	c.token = e.Token.Secret()
	presence, _, err := f.SignIn.Resume(f.ctx, c.token)
	must(t, err)
	c.csrf = presence.CSRF
	page := c.get("/")
	if !strings.Contains(page.body, "Ga naar ZAT Elders") {
		t.Fatalf("the other team is not offered: %d", page.status)
	}
	if a := c.post("/teams/" + f.as(account.Police).Member.String()); a.status != http.StatusNotFound {
		t.Errorf("switching to somebody else's membership: %d", a.status)
	}
	token, there, err := f.SignIn.Switch(f.ctx, presence, out.Member.ID)
	must(t, err)
	if there.Team != chair.Team || there.Member != out.Member.ID {
		t.Errorf("the switch leads to another place")
	}
	if a := c.get("/"); a.status != http.StatusSeeOther {
		t.Errorf("the session before the switch: %d", a.status)
	}
	old := c.csrf
	c.token = token.Secret()
	if a := c.get("/casussen/" + cs.ID.String()); a.status != http.StatusNotFound {
		t.Errorf("a case of the first team, from the second: %d", a.status)
	}
	c.csrf = old
	if a := c.post("/signaal", "text", "Kwispel van de andere school", "pagina", "/signaal"); a.status != http.StatusForbidden {
		t.Errorf("a form of the first team, sent in the second: %d to %s", a.status, a.to)
	}
	drafts, err := f.SignIn.Drafts(f.ctx, there)
	must(t, err)
	if len(drafts) != 0 {
		t.Error("what was typed in the first team is a draft in the second")
	}
	seen := map[string]bool{}
	for _, team := range []account.Actor{first, there} {
		must(t, f.Store.Entries(f.ctx, team.Team, func(e audit.Entry) error {
			l, err := audit.ParseLine(e.Raw)
			if l.Part == "switched" {
				seen[string(l.Event)] = seen[string(l.Event)] || l.Actor == team.Member
			}
			return err
		}))
	}
	if !seen[string(audit.SignedOut)] || !seen[string(audit.SignedIn)] {
		t.Errorf("the switch is in the logs as %v", seen)
	}
	must(t, f.Staff.End(f.ctx, admin, out.Member.ID, chair.Member))
	presence, _, err = f.SignIn.Resume(f.ctx, c.token)
	if !fault.Is(err, fault.Signed) {
		t.Errorf("in the team that he left: %v", err)
	}
	if _, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: f.later(p.TOTPSecret), Network: "127.0.0.1"}); err != nil {
		t.Errorf("in the team where he stays: %v", err)
	}
	if _, err := f.Staff.Invite(f.ctx, admin, staff.Invitee{Name: "Komt terug", Email: p.Email, Role: account.YouthWorker, Organisation: "Wijkwerk"}); err != nil {
		t.Errorf("inviting him back: %v", err)
	}
}
