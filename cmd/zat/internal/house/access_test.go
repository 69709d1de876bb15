package house_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/account/staff"
	"zat/crypto/keys"
	"zat/fault"
)

// newcomer joins as a doctor, and returns him signed in.
func (f *fixture) newcomer() (signin.Entry, uuid.UUID) {
	f.t.Helper()
	out, err := f.Staff.Invite(f.ctx, f.as(account.Admin), staff.Invitee{Name: "Nieuwe Arts", Email: "nieuw@ggd.example", Role: account.Doctor, Organisation: "Jeugdgezondheidszorg", External: true})
	must(f.t, err)
	secret, paper := signin.NewTOTPSecret(), signin.DrawRecoveryCode()
	_, err = f.Staff.Join(f.ctx, staff.Joining{Token: out.Token.Secret(), Password: phrase, Again: phrase, TOTPSecret: secret, Code: f.code(secret), Recovery: paper, Typed: paper[len(paper)-5:]})
	must(f.t, err)
	e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: "nieuw@ggd.example", Password: phrase, Code: f.later(secret), Network: "192.0.2.1"})
	must(f.t, err)
	return e, out.Member.ID
}

// TestAccessComparesKeys: who joined tells the coordinator a number; without it she gives
// nothing, and nobody can be asked to a case or a session.
func TestAccessComparesKeys(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	chair := f.client(base, account.Coordinator)
	e, member := f.newcomer()
	mine := f.client(base, "")
	mine.token = e.Token.Secret()
	home := mine.get("/")
	m := digits.FindStringSubmatch(home.body)
	if m == nil {
		t.Fatalf("his first page shows no number: %d", home.status)
	}
	f.clock.Set(time.Time{}) // a proof is fresh for minutes, and the clock of a test runs fast
	path := "/toegang/" + member.String()
	if a := chair.get(path); a.status != http.StatusOK || !strings.Contains(a.body, "Nieuwe Arts") || strings.Contains(a.body, m[1]) {
		t.Errorf("the page: %d, or it tells the number itself", a.status)
	}
	if a := chair.post("/overleggen/nieuw", "day", f.day(3), "from", "9.00", "until", "10.00", "place", "Lokaal 3", "members", member.String(), "pagina", "/overleggen/nieuw"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("asked to a session before that: %d", a.status)
	}
	for name, typed := range map[string]string{"nothing": "", "another": "000 000 000 000", "long": strings.Repeat("1", 4000), "bytes": "\xff"} {
		if a := chair.post(path, "check", typed, "pagina", path); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if n := f.opens(e.Actor); n != 0 {
		t.Errorf("he opens %d vaults before that", n)
	}
	if a := chair.post(path, "check", strings.ReplaceAll(m[1], " ", ""), "pagina", path); a.to != "/?gelukt=toegang" {
		t.Errorf("with the number: %d to %s", a.status, a.to)
	}
	if n := f.opens(e.Actor); n != 1 {
		t.Errorf("he opens %d vaults", n)
	}
	if a := mine.get("/"); digits.MatchString(a.body) {
		t.Error("the number stays")
	}
}

// TestSwappedKey: somebody who can write to the database puts his own key in the place
// of a colleague's. Nothing is sealed for it.
func TestSwappedKey(t *testing.T) {
	f := furnished(t)
	chair, police := f.as(account.Coordinator), f.as(account.Police)
	theirs, err := keys.Generate()
	must(t, err)
	f.insider(`UPDATE account SET recipient = ? WHERE id = ?`, theirs.Recipient(), police.Account)
	thief := police
	thief.Key = theirs
	f.seenWaiting(police.Member)
	if err := f.Staff.GiveAccess(f.ctx, chair, police.Member, staff.CheckCode(police.Key.Recipient(), cheap)); !fault.Is(err, fault.Invalid) {
		t.Errorf("with the number that the colleague tells: %v", err)
	}
	c := f.fresh("2012-05-06")
	_ = f.record(c.ID, "consent", "parents", "pupil")
	if err := f.Meeting.AddParticipant(f.ctx, chair, c.ID, police.Member); err == nil {
		t.Error("he becomes a participant")
	}
	f.staleAll()
	f.everybodyRenews()
	if n := f.opens(thief); n != 0 {
		t.Errorf("the swapped key opens %d vaults", n)
	}
}

// TestThrottleHoldsAcrossNodes: failures at one node make the next attempt wait at
// another that uses the same database, and after a restart.
func TestThrottleHoldsAcrossNodes(t *testing.T) {
	f := furnished(t)
	p := f.person(account.Doctor)
	other := open(t, f.dir, f.clock, f.log)
	defer other.Close()
	for range 7 {
		if _, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: "mis", Code: "000000", Network: "192.0.2.40"}); !fault.Is(err, fault.Invalid) {
			t.Fatalf("a wrong password: %v", err)
		}
	}
	start := time.Now()
	_, err := other.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: f.code(p.TOTPSecret), Network: "192.0.2.40"})
	must(t, err)
	if waited := time.Since(start); waited < 500*time.Millisecond {
		t.Errorf("at the other node he waited %v", waited)
	}
}
