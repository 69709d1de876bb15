package house_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/keyring"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/seal"
	"zat/fault"
	"zat/meeting"
)

// TestLeaving ends the membership of the youth worker while he is at work: his
// next request finds nothing, what he had open goes to the successor, and every
// case he knew gets a key that is not his.
func TestLeaving(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	chair, youth := f.as(account.Coordinator), f.as(account.YouthWorker)
	phone, admin := f.client(base, account.YouthWorker), f.client(base, account.Admin)
	c := f.based()
	must(t, f.Meeting.AddAgreement(f.ctx, chair, meeting.NewAgreement{Once: uuid.New(), Case: c.ID, What: text("bellen"), Responsible: youth.Member, Due: f.day(3)}))
	duties, err := f.Store.Duties(f.ctx, youth.Member)
	must(t, err)
	grants, err := f.Store.GrantsOf(f.ctx, youth.Member)
	must(t, err)
	if len(duties) == 0 || len(grants) < 3 {
		t.Fatalf("the youth worker has %d duties and %d grants", len(duties), len(grants))
	}
	old := map[uuid.UUID]account.Key{}
	for _, g := range grants {
		_, key, err := grant.Enter(f.ctx, f.Store, youth, g.Vault, f.clock.Now())
		must(t, err)
		old[g.Vault] = key
	}
	path := "/team/" + youth.Member.String() + "/beeindigen"
	page := admin.get(path)
	if page.status != http.StatusOK || !strings.Contains(page.body, "Wie neemt dit over?") {
		t.Fatalf("the page before: %d", page.status)
	}
	for name, successor := range map[string]string{"nobody": "", "nonsense": "x", "himself": youth.Member.String(), "who knows no case": f.as(account.Officer).Member.String()} {
		if a := admin.post(path, "successor", successor, "pagina", path); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Kies wie dit overneemt") {
			t.Errorf("handing over to %s: %d", name, a.status)
		}
	}
	if a := phone.get("/casussen/" + c.ID.String()); a.status != http.StatusOK {
		t.Fatalf("after refused attempts he reads with %d", a.status)
	}
	if a := admin.post(path, "successor", chair.Member.String(), "pagina", path); a.to != "/team?gelukt=vertrokken" {
		t.Fatalf("ending: %d to %s", a.status, a.to)
	}
	for _, p := range []string{"/casussen/" + c.ID.String(), "/", "/trends"} {
		if a := phone.get(p); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/aanmelden") {
			t.Errorf("%s after leaving: %d to %s", p, a.status, a.to)
		}
	}
	if _, err := f.Meeting.ReadCase(f.ctx, youth, c.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("with his key still in hand: %v", err)
	}
	left, err := f.Store.Duties(f.ctx, youth.Member)
	must(t, err)
	if len(left) != 0 {
		t.Errorf("%d cases still wait for him", len(left))
	}
	f.Keys.Close() // the administrator holds nothing: nothing was renewed beside the request
	n, err := f.Keys.Waiting(f.ctx, chair)
	must(t, err)
	if n != len(grants) {
		t.Errorf("%d vaults wait for a new key, want %d", n, len(grants))
	}
	keys := &keyring.Service{Store: f.Store, Log: f.Keys.Log, Now: f.clock.Now, Sources: f.Keys.Sources}
	_, waits, err := keys.RenewAll(f.ctx, chair)
	must(t, err)
	if waits != 0 {
		t.Errorf("%d vaults wait after the coordinator signed in", waits)
	}
	for id, key := range old {
		v, err := f.Store.Vault(f.ctx, id)
		must(t, err)
		texts, err := f.Meeting.SealedIn(f.ctx, v)
		must(t, err)
		for _, p := range texts {
			if _, err := seal.Renew(key, p, v.Recipient); err == nil {
				t.Errorf("a %s opens with the key of who left", p.Header.Kind)
			}
		}
	}
	lines := 0
	for _, l := range f.all() {
		if l.OnBehalf == youth.Member && l.Event == audit.AccessEnded && l.Outcome == audit.Success {
			lines++
		}
	}
	if lines != len(grants) {
		t.Errorf("%d lines tell of %d ended grants", lines, len(grants))
	}
	f.sound()
}

// TestWhoMayNotLeave: not oneself, not the last who can open the register, and
// nobody of another team.
func TestWhoMayNotLeave(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	chair, admin := f.as(account.Coordinator), f.as(account.Admin)
	members, err := f.Store.Members(f.ctx, chair.Team)
	must(t, err)
	var second account.Member
	for _, m := range members {
		if m.Role == account.Coordinator && m.ID != chair.Member {
			second = m
		}
	}
	if err := f.Staff.End(f.ctx, chair, chair.Member, second.ID); !fault.Is(err, fault.Invalid) {
		t.Errorf("oneself: %v", err)
	}
	must(t, f.Staff.End(f.ctx, admin, second.ID, chair.Member))
	if err := f.Staff.End(f.ctx, admin, chair.Member, uuid.Nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("the last coordinator: %v", err)
	}
	if _, err := f.Meeting.Cases(f.ctx, chair, meeting.CaseQuery{Limit: 10}); err != nil {
		t.Errorf("the last coordinator after that: %v", err)
	}
	other, _ := f.otherTeam(base)
	if a := other.get("/team/" + chair.Member.String() + "/beeindigen"); a.status != http.StatusNotFound {
		t.Errorf("the page for a member of another team: %d", a.status)
	}
	if a := other.post("/team/" + chair.Member.String() + "/beeindigen"); a.status != http.StatusNotFound {
		t.Errorf("ending a membership in another team: %d", a.status)
	}
}
