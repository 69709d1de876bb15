package house_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"zat/account"
	"zat/account/signin"
	"zat/account/staff"
	"zat/audit"
	"zat/fault"
)

// settingsForm is the form of the settings as they stand, with some of it changed.
func settingsForm(changed ...string) []string {
	form := map[string]string{"name": "ZAT", "school": "De School", "consent": "strict", "idle": "15", "length": "12", "years": "5", "pagina": "/beheer/instellingen"}
	for i := 0; i+1 < len(changed); i += 2 {
		form[changed[i]] = changed[i+1]
	}
	var out []string
	for k, v := range form {
		out = append(out, k, v)
	}
	return out
}

func TestSettings(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	admin := f.client(base, account.Admin)
	if a := admin.get("/beheer/instellingen"); a.status != http.StatusOK {
		t.Fatalf("the page: %d", a.status)
	}
	for name, bad := range map[string][]string{"name": {"name", ""}, "school": {"school", strings.Repeat("s", 81)}, "consent": {"consent", "nobody"}, "idle": {"idle", "600"}, "length": {"length", "-4"}, "years": {"years", "100"}, "bytes": {"name", "\xff"},
		"passkey without one": {"passkey", "1"}} {
		if a := admin.post("/beheer/instellingen", settingsForm(bad...)...); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d, want 422", name, a.status)
		}
	}
	if a := admin.post("/beheer/instellingen", settingsForm("consent", "school", "idle", "5", "length", "4")...); a.to != "/beheer/instellingen?gelukt=instellingen" {
		t.Fatalf("saving: %d to %s", a.status, a.to)
	}
	team, err := f.Store.Team(f.ctx, f.as(account.Admin).Team)
	must(t, err)
	if team.ConsentRule != account.ConsentSchool || team.Policy != (account.Policy{Idle: 5 * time.Minute, Length: 4 * time.Hour}) || team.Name != "ZAT" {
		t.Errorf("stored: %+v", team)
	}
	parts := map[string]bool{}
	for _, l := range f.all() {
		if l.Event == audit.TeamChanged && l.Outcome == audit.Success {
			parts[l.Part] = true
		}
	}
	for _, p := range []string{"name", "consent strict to school", "idle 15 min to 5 min", "length 720 min to 240 min"} {
		if !parts[p] {
			t.Errorf("no line says %q: %v", p, parts)
		}
	}
	other := f.client(base, account.Doctor)
	f.clock.Set(time.Now().Add(6 * time.Minute))
	if a := other.get("/"); a.status != http.StatusSeeOther {
		t.Errorf("six minutes of silence, of five: %d", a.status)
	}
	must(t, f.SignIn.Sweep(f.ctx))
	for _, p := range f.people {
		if _, _, err := f.SignIn.Peek(f.ctx, f.tokens[p.Email]); !fault.Is(err, fault.Signed) {
			t.Errorf("a session after six minutes of silence: %v", err)
		}
	}
}

// TestPasskeyPolicy: where the team asks for a passkey, who signed in without reaches
// his own account and nothing else, also in a session that had begun before.
func TestPasskeyPolicy(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	admin := f.as(account.Admin)
	c := f.based()
	chair := f.client(base, account.Coordinator)
	strong := admin
	strong.Auth = signin.AuthPasskey
	in := staff.NewSettings{Name: "ZAT", School: "De School", Consent: "strict", Passkey: true, Idle: "15", Length: "12", LogYears: "5"}
	if err := f.Staff.SaveSettings(f.ctx, admin, in); !fault.Is(err, fault.Invalid) {
		t.Errorf("asked by somebody who has none: %v", err)
	}
	must(t, f.Staff.SaveSettings(f.ctx, strong, in))
	for path, open := range map[string]bool{"/": false, "/casussen/" + c.ID.String(): false, "/register": false, "/overleggen": false, "/account": true, "/account/passkeys": false} {
		a := chair.get(path)
		if path == "/account/passkeys" { // asks for a fresh proof first
			if a.status == http.StatusSeeOther && !strings.HasPrefix(a.to, "/bevestigen") {
				t.Errorf("%s: to %s", path, a.to)
			}
			continue
		}
		if open != (a.status == http.StatusOK) || (!open && a.to != "/account/passkeys") {
			t.Errorf("%s: %d to %q", path, a.status, a.to)
		}
	}
	if a := chair.post("/casussen/"+c.ID.String()+"/notitie", "text", "wat ik aan het typen was", "pagina", "/casussen/"+c.ID.String()); a.to != "/account/passkeys" {
		t.Errorf("a form: %d to %s", a.status, a.to)
	}
	must(t, f.Staff.SaveSettings(f.ctx, strong, staff.NewSettings{Name: "ZAT", School: "De School", Consent: "strict", Idle: "15", Length: "12", LogYears: "5"}))
	if a := chair.get("/concepten"); a.status != http.StatusOK || !strings.Contains(a.body, "wat ik aan het typen was") {
		t.Errorf("what was typed is not kept: %d", a.status)
	}
}

func TestOrganisations(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	admin := f.client(base, account.Admin)
	orgs, err := f.Store.Organisations(f.ctx, f.as(account.Admin).Team)
	must(t, err)
	var own, partner account.Organisation
	for _, o := range orgs {
		if o.External {
			partner = o
		} else {
			own = o
		}
	}
	path := "/beheer/organisaties/" + partner.ID.String()
	for name, bad := range map[string][]string{"no name": {"name", ""}, "role": {"name", "P", "controller", "boss"}, "a sentence": {"name", "P", "convenant", "Dit is een hele zin over wie dan ook, en te lang."},
		"the name of another": {"name", strings.ToUpper(own.Name)}} {
		if a := admin.post(path, bad...); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d, want 422", name, a.status)
		}
	}
	if a := admin.post(path, "name", "Politie Zuid", "controller", "separate", "convenant", "ZAT-2026/14", "external", "0"); a.status != http.StatusSeeOther {
		t.Fatalf("saving: %d", a.status)
	}
	admin.post("/beheer/organisaties/"+own.ID.String(), "name", own.Name, "controller", "joint", "convenant", "X-1")
	orgs, err = f.Store.Organisations(f.ctx, f.as(account.Admin).Team)
	must(t, err)
	for _, o := range orgs {
		if o.ID == partner.ID && (o.Name != "Politie Zuid" || o.Controller != account.ControllerSeparate || o.Convenant != "ZAT-2026/14" || !o.External) {
			t.Errorf("stored: %+v", o)
		}
		if o.ID == own.ID && (o.Controller != "" || o.Convenant != "") {
			t.Errorf("the school's own: %+v", o)
		}
	}
	_, other := f.elsewhere()
	if _, err := f.Staff.Organisation(f.ctx, other, partner.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("an administrator of another team: %v", err)
	}
}

// TestCoordinatorInvites: she invites who sits at the table, and neither administrator
// nor privacy officer.
func TestCoordinatorInvites(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	chair := f.client(base, account.Coordinator)
	invite := func(role account.Role, address string) answer {
		return chair.post("/beheer", "name", "Nieuw Iemand", "email", address, "role", string(role), "organisation", "Jeugdgezondheidszorg", "external", "1", "pagina", "/beheer")
	}
	if a := invite(account.Doctor, "arts@ggd.example"); a.status != http.StatusOK || !strings.Contains(a.body, "/welkom/") {
		t.Errorf("a doctor: %d", a.status)
	}
	for _, role := range []account.Role{account.Admin, account.Officer} {
		if a := invite(role, string(role)+"@ggd.example"); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d, want 422", role, a.status)
		}
	}
	out, err := f.Staff.Invite(f.ctx, f.as(account.Admin), staff.Invitee{Name: "Een Beheerder", Email: "b2@stuwdam.example", Role: account.Admin, Organisation: "School"})
	must(t, err)
	if a := chair.post("/beheer/" + out.Member.ID.String() + "/uitnodiging"); a.status != http.StatusNotFound {
		t.Errorf("a link for an administrator: %d", a.status)
	}
}
