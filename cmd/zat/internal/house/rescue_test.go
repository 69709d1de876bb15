package house_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/keyring"
	"zat/account/signin"
	"zat/account/staff"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/keys"
	"zat/fault"
)

var (
	anewLink   = regexp.MustCompile(`/opnieuw/[A-Za-z0-9_-]{43}`)
	rescuePath = regexp.MustCompile(`/herstellen/[0-9a-f-]{36}`)
	digits     = regexp.MustCompile(`check-digits">([0-9]{3}(?: [0-9]{3}){3})<`)
	shown      = regexp.MustCompile(`name="(secret|recovery)" value="([^"]+)"`)
)

// proved lets everybody who is signed in have proved just now who he is.
func (f *fixture) proved() {
	f.t.Helper()
	f.insider(`UPDATE visit SET proved = ? WHERE ended = 0`, f.clock.Now().UnixMilli())
}

// begin asks for a recovery of the doctor and returns his link.
func (f *fixture) begin(c *client) string {
	f.t.Helper()
	f.proved()
	a := c.post("/herstellen", "member", f.as(account.Doctor).Member.String(), "reason", "wachtwoord en code kwijt", "pagina", "/herstellen")
	link := anewLink.FindString(a.body)
	if a.status != http.StatusOK || link == "" {
		f.t.Fatalf("asking for a recovery: %d", a.status)
	}
	return link
}

// anew makes new keys with a link, and returns what he has now and the digits.
func (f *fixture) anew(base, link string) (secret, check string) {
	f.t.Helper()
	nobody := f.client(base, "")
	got := map[string]string{}
	for _, m := range shown.FindAllStringSubmatch(nobody.get(link).body, -1) {
		got[m[1]] = html.UnescapeString(m[2])
	}
	f.clock.Set(f.clock.Now().Add(time.Minute))
	a := nobody.do("POST", link, url.Values{"password": {phrase}, "again": {phrase}, "secret": {got["secret"]}, "code": {f.code(got["secret"])},
		"recovery": {got["recovery"]}, "typed": {got["recovery"][30:]}})
	m := digits.FindStringSubmatch(a.body)
	if m == nil {
		f.t.Fatalf("making new keys: %d", a.status)
	}
	return got["secret"], m[1]
}

// TestRecoveryByTwo: the doctor lost everything. One colleague asks, he makes new
// keys, another confirms with the paper; then he reads what he read before, the one
// who helped reads no more than before, and the whole team sees it.
func TestRecoveryByTwo(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	doctor, p := f.as(account.Doctor), f.person(account.Doctor)
	police, youth, old := f.client(base, account.Police), f.client(base, account.YouthWorker), f.client(base, account.Doctor)
	before, err := f.Store.GrantsOf(f.ctx, doctor.Member)
	must(t, err)
	mine, err := f.Store.GrantsOf(f.ctx, f.as(account.Police).Member)
	must(t, err)
	paper := f.people[0].Paper

	link := f.begin(police)
	if a := old.get("/"); !strings.Contains(a.body, "begonnen jouw toegang te herstellen") {
		t.Error("the member is not told while he is signed in")
	}
	secret, check := f.anew(base, link)
	if a := f.client(base, "").get(link); a.status != http.StatusNotFound {
		t.Errorf("the link once more: %d", a.status)
	}
	if _, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: phrase, Code: f.later(secret), Network: "192.0.2.7"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("signing in before anybody confirmed: %v", err)
	}
	f.proved()
	path := rescuePath.FindString(youth.get("/herstellen").body)
	send := func(c *client, check, paper string) answer {
		return c.post(path, "check", check, "paper", paper, "reason", "ik sprak haar zelf", "pagina", path)
	}
	other, err := keyring.DrawPaper()
	must(t, err)
	for name, a := range map[string]answer{"the one who asked": send(police, check, paper), "other digits": send(youth, "000 000", paper),
		"another paper": send(youth, check, other), "a slip of the pen": send(youth, check, paper[:70]+"Q"), "no reason": youth.post(path, "check", check, "paper", paper, "pagina", path)} {
		if a.status != http.StatusUnprocessableEntity || strings.Contains(a.body, paper) || strings.Contains(a.body, other) {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a := old.get("/casussen"); a.status != http.StatusOK {
		t.Errorf("the member's session before it is done: %d", a.status)
	}
	if a := send(youth, check, strings.ToLower(paper)); a.to != "/herstellen?gelukt=hersteld" {
		t.Fatalf("confirming: %d to %s", a.status, a.to)
	}
	if a := old.get("/casussen"); a.status != http.StatusSeeOther {
		t.Errorf("a session from before: %d", a.status)
	}
	if _, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: f.later(p.TOTPSecret), Network: "192.0.2.7"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("the old password: %v", err)
	}
	e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: phrase, Code: f.later(secret), Network: "192.0.2.7"})
	must(t, err)
	for _, g := range before {
		if _, _, err := grant.Enter(f.ctx, f.Store, e.Actor, g.Vault, f.clock.Now()); err != nil {
			t.Errorf("a vault that was his: %v", err)
		}
		if _, _, err := grant.Enter(f.ctx, f.Store, doctor, g.Vault, f.clock.Now()); err == nil {
			t.Error("his lost key still opens a vault")
		}
	}
	after, err := f.Store.GrantsOf(f.ctx, f.as(account.Police).Member)
	must(t, err)
	if len(after) != len(mine) {
		t.Errorf("who helped has %d grants, and had %d", len(after), len(mine))
	}
	for _, role := range []account.Role{account.Coordinator, account.Officer, account.Admin, account.SocialWork} {
		start := map[account.Role]string{account.Officer: "/logboek", account.Admin: "/beheer"}[role]
		if start == "" {
			start = "/"
		}
		if a := f.client(base, role).get(start); !strings.Contains(a.body, "is hersteld op") {
			t.Errorf("%s does not see that it happened: %d", role, a.status)
		}
	}
	f.Keys.Close()
	keyrings := &keyring.Service{Store: f.Store, Log: f.Keys.Log, Now: f.clock.Now, Sources: f.Keys.Sources}
	_, left, err := keyrings.RenewAll(f.ctx, f.as(account.Coordinator))
	must(t, err)
	if left != 0 {
		t.Errorf("%d vaults wait", left)
	}
	for _, g := range before {
		if _, _, err := grant.Enter(f.ctx, f.Store, e.Actor, g.Vault, f.clock.Now()); err != nil {
			t.Errorf("after the keys were renewed: %v", err)
		}
	}
	events := map[audit.Event]int{}
	for _, l := range f.all() {
		if l.Outcome == audit.Success {
			events[l.Event]++
		}
	}
	for _, ev := range []audit.Event{audit.RescueAsked, audit.RescueTaken, audit.RescueConfirmed, audit.RescueDone} {
		if events[ev] != 1 {
			t.Errorf("%d lines %s", events[ev], ev)
		}
	}
	f.sound()
}

// TestPaperWithTheFirst: the second confirms without the paper, and the one who
// asked finishes with it; a third has no part in it.
func TestPaperWithTheFirst(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	police, youth, social := f.client(base, account.Police), f.client(base, account.YouthWorker), f.client(base, account.SocialWork)
	_, check := f.anew(base, f.begin(police))
	path := rescuePath.FindString(police.get("/herstellen").body)
	if a := youth.post(path, "check", check, "reason", "ik sprak haar", "pagina", path); a.to != "/herstellen?gelukt=bevestigd" {
		t.Fatalf("confirming without the paper: %d to %s", a.status, a.to)
	}
	if a := social.post(path, "check", check, "reason", "ik ook", "paper", f.people[0].Paper, "pagina", path); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a third: %d to %s", a.status, a.to)
	}
	if a := police.post(path, "check", check, "reason", "het blad lag bij mij", "pagina", path); a.status != http.StatusUnprocessableEntity {
		t.Errorf("finishing without the paper: %d", a.status)
	}
	if a := police.post(path, "check", "000 000 000 000", "reason", "het blad lag bij mij", "paper", f.people[0].Paper, "pagina", path); a.status != http.StatusUnprocessableEntity {
		t.Errorf("finishing without comparing the digits: %d", a.status)
	}
	if a := police.post(path, "check", check, "reason", "het blad lag bij mij", "paper", f.people[0].Paper, "pagina", path); a.to != "/herstellen?gelukt=hersteld" {
		t.Errorf("finishing: %d to %s", a.status, a.to)
	}
	f.sound()
}

// TestStoppedRecovery: the member, who is signed in after all, stops it; then the
// new keys are worth nothing.
func TestStoppedRecovery(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	police, youth, doctor := f.client(base, account.Police), f.client(base, account.YouthWorker), f.client(base, account.Doctor)
	_, check := f.anew(base, f.begin(police))
	path := rescuePath.FindString(police.get("/herstellen").body)
	if a := doctor.post(path + "/stop"); a.to != "/?gelukt=herstelgestopt" {
		t.Fatalf("stopping: %d to %s", a.status, a.to)
	}
	if a := youth.post(path, "check", check, "reason", "ik sprak haar", "paper", f.people[0].Paper, "pagina", path); a.status != http.StatusNotFound {
		t.Errorf("confirming what was stopped: %d to %s", a.status, a.to)
	}
	if a := doctor.get("/casussen"); a.status != http.StatusOK {
		t.Errorf("the member after it: %d", a.status)
	}
	other, _ := f.otherTeam(base)
	_, check = f.anew(base, f.begin(police))
	path = rescuePath.FindString(police.get("/herstellen").body)
	for _, a := range []answer{other.get(path), other.post(path, "check", check, "paper", f.people[0].Paper, "reason", "x", "pagina", path), other.post(path + "/stop")} {
		if a.status != http.StatusNotFound {
			t.Errorf("from another team: %d", a.status)
		}
	}
}

// TestWrittenIntoTheDatabase: whoever can write to the database, and to nothing
// else, gives himself a role, a grant, a colleague's key or a recovery identity of
// his own. The next coordinator who signs in and renews keys gives him nothing, and
// neither does a new case.
func TestWrittenIntoTheDatabase(t *testing.T) {
	f := furnished(t)
	chair, admin, officer := f.as(account.Coordinator), f.as(account.Admin), f.as(account.Officer)
	mine, err := keys.Generate()
	must(t, err)
	c := f.based()
	exec := func(query string, args ...any) {
		t.Helper()
		f.insider(query, args...)
	}
	exec(`UPDATE member SET role = 'coordinator' WHERE id = ?`, admin.Member)
	exec(`UPDATE account SET recipient = ? WHERE id = ?`, mine.Recipient(), officer.Account)
	exec(`INSERT INTO vault_grant (vault, member, recipient, vouch, sealed, given_by, basis, why, since, until)
		SELECT vault, ?, ?, vouch, sealed, given_by, basis, why, since, until FROM vault_grant WHERE vault = ? AND member = ?`, admin.Member, admin.Key.Recipient(), c.ID, chair.Member)
	exec(`UPDATE backing SET recipient = ? WHERE vault IN (SELECT id FROM vault WHERE kind = 'case')`, mine.Recipient())
	exec(`INSERT OR IGNORE INTO stale_vault (vault, since) SELECT id, 1 FROM vault`)
	keyrings := &keyring.Service{Store: f.Store, Log: f.Keys.Log, Now: f.clock.Now, Sources: f.Keys.Sources}
	done, left, err := keyrings.RenewAll(f.ctx, chair)
	must(t, err)
	if done < 5 || left != 0 {
		t.Fatalf("%d renewed, %d wait", done, left)
	}
	fresh := f.fresh("2012-03-04").ID
	asAdmin, asOfficer := admin, officer
	asAdmin.Role = account.Coordinator
	asOfficer.Key = mine
	vaults, err := f.Store.Vaults(f.ctx, chair.Team)
	must(t, err)
	for _, v := range vaults {
		for name, a := range map[string]account.Actor{"the administrator": asAdmin, "a colleague's row": asOfficer} {
			if _, _, err := grant.Enter(f.ctx, f.Store, a, v.ID, f.clock.Now()); err == nil {
				t.Errorf("%s opens a vault of kind %s", name, v.Kind)
			}
		}
		b, err := f.Store.Backing(f.ctx, v.ID)
		must(t, err)
		if b.Recipient == mine.Recipient() {
			t.Errorf("a written recovery identity stands behind a vault of kind %s", v.Kind)
		}
		if _, err := grant.Open(v, b, mine, f.clock.Now()); err == nil {
			t.Errorf("a written recovery identity opens a vault of kind %s", v.Kind)
		}
	}
	if fresh == uuid.Nil {
		t.Error("no new case was opened")
	}
	if _, err := f.Staff.Members(f.ctx, asAdmin); err != nil {
		t.Errorf("what he may see he does not see: %v", err)
	}
	waits, err := f.Staff.Waiting(f.ctx, chair)
	must(t, err)
	var seen bool
	for _, m := range waits {
		seen = seen || m.ID == admin.Member
	}
	if !seen {
		t.Error("a coordinator does not see that somebody has a role without access")
	}
}

// TestFoundedWithPaper: a team has its recovery identity from the start, behind
// every vault, and a new one takes the place of the old everywhere.
func TestFoundedWithPaper(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	chair, page := f.as(account.Coordinator), f.client(base, account.Coordinator)
	inv, err := f.Keys.Inventory(f.ctx, chair)
	must(t, err)
	if len(inv.Thin) != 0 || !inv.Paper.Kept {
		t.Errorf("%d vaults hang on one person, kept: %v", len(inv.Thin), inv.Paper.Kept)
	}
	for _, k := range inv.Kinds {
		if k.Bare != 0 {
			t.Errorf("%d vaults of kind %s have no recovery identity behind them", k.Bare, k.Kind)
		}
	}
	m := regexp.MustCompile(`name="paper" value="([^"]+)"`).FindStringSubmatch(page.get("/team/herstelblad").body)
	if m == nil {
		t.Fatal("no paper on the page")
	}
	paper := html.UnescapeString(m[1])
	if a := page.post("/team/herstelblad", "paper", paper, "typed", "QQQQQQ", "pagina", "/team/herstelblad"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, paper) {
		t.Errorf("not typed back: %d", a.status)
	}
	if a := page.post("/team/herstelblad", "paper", paper, "typed", strings.ToLower(paper[len(paper)-6:]), "pagina", "/team/herstelblad"); a.to != "/team?gelukt=herstelblad" {
		t.Fatalf("typed back: %d to %s", a.status, a.to)
	}
	f.Keys.Close() // what is renewed beside the answer is done, or waits
	id, err := keys.ParsePaper(paper)
	must(t, err)
	before, err := keys.ParsePaper(f.people[0].Paper)
	must(t, err)
	vaults, err := f.Store.Vaults(f.ctx, chair.Team)
	must(t, err)
	for _, v := range vaults {
		b, err := f.Store.Backing(f.ctx, v.ID)
		must(t, err)
		if _, err := grant.Open(v, b, id, f.clock.Now()); err != nil {
			t.Errorf("the new paper does not open a vault of kind %s: %v", v.Kind, err)
		}
		if _, err := grant.Open(v, b, before, f.clock.Now()); err == nil {
			t.Errorf("the old paper opens a vault of kind %s", v.Kind)
		}
	}
	if staff.CheckCode("a", cheap) == staff.CheckCode("b", cheap) {
		t.Error("all keys have the same digits")
	}
}

// TestAskerWhoLeft: whoever asked is not in the team any more when the second finishes:
// then one person would recover alone.
func TestAskerWhoLeft(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	police, youth := f.client(base, account.Police), f.client(base, account.YouthWorker)
	_, check := f.anew(base, f.begin(police))
	path := rescuePath.FindString(youth.get("/herstellen").body)
	must(t, f.Staff.End(f.ctx, f.as(account.Admin), f.as(account.Police).Member, f.as(account.Coordinator).Member))
	f.proved()
	if a := youth.post(path, "check", check, "paper", f.people[0].Paper, "reason", "ik sprak haar", "pagina", path); a.status < 400 {
		t.Errorf("finishing: %d to %s", a.status, a.to)
	}
	m, err := f.Store.Member(f.ctx, f.as(account.Doctor).Member)
	must(t, err)
	if m.Recipient != f.as(account.Doctor).Key.Recipient() {
		t.Error("the member has other keys")
	}
}

// TestEndedGrantStaysEnded: a grant that ended while it was being made anew, for new
// keys of its member, does not come back.
func TestEndedGrantStaysEnded(t *testing.T) {
	f := furnished(t)
	doctor := f.as(account.Doctor)
	list, err := f.Store.GrantsOf(f.ctx, doctor.Member)
	must(t, err)
	g := list[0]
	must(t, f.Store.UpdateStaff(f.ctx, func(tx staff.Tx) error { return tx.DeleteGrant(g.Vault, doctor.Member, f.clock.Now()) }))
	v, err := f.Store.Vault(f.ctx, g.Vault)
	must(t, err)
	g.Key = v.Recipient
	must(t, f.Store.UpdateStaff(f.ctx, func(tx staff.Tx) error {
		still, err := tx.ReplaceGrant(g, g)
		if still {
			t.Error("it is back")
		}
		return err
	}))
	if _, err := f.Store.Grant(f.ctx, g.Vault, doctor.Member); !fault.Is(err, fault.NotFound) {
		t.Errorf("after it: %v", err)
	}
}

// TestPasswordChangedMeanwhile: what was opened with a password is not stored any more
// when the password is another by then.
func TestPasswordChangedMeanwhile(t *testing.T) {
	f := furnished(t)
	doctor := f.as(account.Doctor)
	cred, err := f.Store.CredentialsOf(f.ctx, doctor.Account)
	must(t, err)
	same := func() (ok bool) {
		must(t, f.Store.UpdateSignIn(f.ctx, func(tx signin.Tx) (err error) { ok, err = tx.SameKeys(cred); return err }))
		return ok
	}
	if !same() {
		t.Error("the keys that were read are not the same")
	}
	f.insider(`UPDATE account SET verifier = x'00' WHERE id = ?`, doctor.Account)
	if same() {
		t.Error("another password is the same")
	}
}
