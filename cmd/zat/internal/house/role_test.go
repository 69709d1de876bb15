package house_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"zat/account"
	"zat/account/keyring"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
)

// TestRoleChange: a second coordinator becomes doctor. He cannot open the register or
// the cases that he had by his role, at once; a doctor who becomes coordinator opens
// nothing more until a coordinator gives it.
func TestRoleChange(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	admin, chair, doctor := f.client(base, account.Admin), f.as(account.Coordinator), f.as(account.Doctor)
	page := f.client(base, account.Doctor)
	members, err := f.Store.Members(f.ctx, chair.Team)
	must(t, err)
	var second account.Member
	for _, m := range members {
		if m.Role == account.Coordinator && m.ID != chair.Member {
			second = m
		}
	}
	if a := admin.post("/beheer/" + f.as(account.Police).Member.String() + "/afmelden"); a.to != "/beheer?gelukt=sessiesweg" {
		t.Errorf("ending sessions: %d to %s", a.status, a.to)
	}
	police := &client{t: t, base: base, token: f.tokens[f.person(account.Police).Email], http: admin.http}
	if a := police.get("/"); a.status != http.StatusSeeOther {
		t.Errorf("a session that the administrator ended: %d", a.status)
	}
	path := "/beheer/" + second.ID.String() + "/rol"
	if a := admin.get(path); a.status != http.StatusOK {
		t.Fatalf("the page: %d", a.status)
	}
	for name, role := range map[string]string{"none": "", "no role": "directeur", "the same": "coordinator"} {
		if a := admin.post(path, "role", role, "successor", chair.Member.String(), "pagina", path); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a := admin.post(path, "role", "doctor", "successor", chair.Member.String(), "pagina", path); a.to != "/beheer?gelukt=rol" {
		t.Fatalf("changing a role: %d to %s", a.status, a.to)
	}
	grants, err := f.Store.GrantsOf(f.ctx, second.ID)
	must(t, err)
	for _, g := range grants {
		v, err := f.Store.Vault(f.ctx, g.Vault)
		must(t, err)
		if v.Kind == grant.Register || v.Kind == grant.Inbox || g.Why == "role" && v.Kind == grant.Case {
			t.Errorf("he still has a grant of kind %s (%s)", v.Kind, g.Why)
		}
	}
	f.Keys.Close()
	rings := &keyring.Service{Store: f.Store, Log: f.Keys.Log, Now: f.clock.Now, Sources: f.Keys.Sources}
	if done, left, err := rings.RenewAll(f.ctx, chair); err != nil || left != 0 || done == 0 {
		t.Errorf("keys after it: %d renewed, %d wait, %v", done, left, err)
	}

	path = "/beheer/" + doctor.Member.String() + "/rol"
	if a := admin.post(path, "role", "coordinator", "pagina", path); a.to != "/beheer?gelukt=rol" {
		t.Fatalf("making a coordinator: %d to %s", a.status, a.to)
	}
	if a := page.get("/"); a.status != http.StatusSeeOther {
		t.Errorf("her session goes on: %d", a.status)
	}
	doctor.Role = account.Coordinator
	if _, _, err := grant.EnterTeam(f.ctx, f.Store, doctor, grant.Register, f.clock.Now()); !fault.Is(err, fault.NotFound) {
		t.Errorf("a new coordinator opens the register: %v", err)
	}
	if fresh := f.fresh("2011-05-06"); fresh.ID == doctor.Member {
		t.Error("no case")
	} else if _, _, err := grant.Enter(f.ctx, f.Store, doctor, fresh.ID, f.clock.Now()); !fault.Is(err, fault.NotFound) {
		t.Errorf("a new coordinator opens a case that was made after it: %v", err)
	}
	must(t, f.Staff.GiveAccess(f.ctx, chair, doctor.Member, ""))
	if _, _, err := grant.EnterTeam(f.ctx, f.Store, doctor, grant.Register, f.clock.Now()); err != nil {
		t.Errorf("after access was given: %v", err)
	}
	me := "/beheer/" + f.as(account.Admin).Member.String() + "/rol"
	if a := admin.post(me, "role", "coordinator", "pagina", me); a.status != http.StatusForbidden {
		t.Errorf("an administrator changes his own role: %d to %s", a.status, a.to)
	}
	other, _ := f.otherTeam(base)
	if a := other.post(path, "role", "police"); a.status != http.StatusForbidden && a.status != http.StatusNotFound {
		t.Errorf("from another team: %d", a.status)
	}
	changed := 0
	for _, l := range f.all() {
		if l.Event == audit.RoleChanged && l.Outcome == audit.Success && strings.Contains(l.Part, " to ") {
			changed++
		}
	}
	if changed != 2 {
		t.Errorf("%d lines of two changes", changed)
	}
	f.sound()
}

type outbox struct {
	mu  sync.Mutex
	to  []string
	err error
}

func (o *outbox) Invite(_ context.Context, to, _, _ string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.to = append(o.to, to)
	return o.err
}

func (o *outbox) Digest(ctx context.Context, to, _ string, _, _ int, _ string) error {
	return o.Invite(ctx, to, "", "")
}

func (o *outbox) Session(ctx context.Context, to, _, _, _, _ string, _ []byte) error {
	return o.Invite(ctx, to, "", "")
}

func (o *outbox) Off(ctx context.Context, to, _, _, _ string, file []byte) error {
	if !strings.Contains(string(file), "STATUS:CANCELLED") {
		return errors.New("the calendar file does not say so")
	}
	return o.Invite(ctx, to, "", "")
}

// fail makes sending fail from now on.
func (o *outbox) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.err = err
}

// sent lists the addresses to which something was sent, or tried.
func (o *outbox) sent() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.to)
}

// TestInvitationByMail: the link is sent where there is a mail server, and stands on
// the page whether that works or not.
func TestInvitationByMail(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	box := &outbox{}
	f.Server.Mail = box
	admin := f.client(base, account.Admin)
	for i, address := range []string{"een@wijkwerk.example", "twee@wijkwerk.example"} {
		want := "ook per e-mail verstuurd"
		if i == 1 {
			want = "niet worden verstuurd"
			box.fail(errors.New("away"))
		}
		a := admin.post("/beheer", "name", "Nieuw Iemand", "email", address, "role", "doctor", "organisation", "Jeugdgezondheidszorg", "external", "1", "pagina", "/beheer")
		if a.status != http.StatusOK || !strings.Contains(a.body, want) || !strings.Contains(a.body, "/welkom/") || len(box.sent()) != i+1 || box.sent()[i] != address {
			t.Errorf("invitation %d: %d, sent to %v", i, a.status, box.sent())
		}
	}
}
