package house_test

import (
	"html"
	"net/http"
	"testing"

	"zat/account"
	"zat/account/signin"
	"zat/audit"
	"zat/crypto/grant"
)

// TestOwnKeys: the doctor renews her own keys. Her session goes on with a new token,
// all she could open opens with the new key, and the old one opens nothing.
func TestOwnKeys(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	doctor, p, page := f.as(account.Doctor), f.person(account.Doctor), f.client(base, account.Doctor)
	before, err := f.Store.GrantsOf(f.ctx, doctor.Member)
	must(t, err)
	old, c := f.client(base, account.Doctor), f.based()
	var code string
	for _, m := range shown.FindAllStringSubmatch(page.get("/account/sleutels").body, -1) {
		code = html.UnescapeString(m[2])
	}
	send := func(password, typed string) answer {
		return page.post("/account/sleutels", "current", password, "recovery", code, "typed", typed)
	}
	for name, a := range map[string]answer{"a wrong password": send("niet mijn wachtwoord", code[30:]), "not typed back": send(p.Password, "AAAAA")} {
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	a := send(p.Password, code[30:])
	if a.to != "/account?gelukt=eigensleutels" || a.cookie == "" {
		t.Fatalf("renewing: %d to %s", a.status, a.to)
	}
	if a := old.get("/"); a.status != http.StatusSeeOther {
		t.Errorf("the token from before: %d", a.status)
	}
	page.token = a.cookie
	if a := page.get("/casussen/" + c.ID.String()); a.status != http.StatusOK {
		t.Errorf("reading on: %d", a.status)
	}
	e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: f.later(p.TOTPSecret), Network: "192.0.2.8"})
	must(t, err)
	for _, g := range before {
		if _, _, err := grant.Enter(f.ctx, f.Store, e.Actor, g.Vault, f.clock.Now()); err != nil {
			t.Errorf("a vault that was hers: %v", err)
		}
		if _, _, err := grant.Enter(f.ctx, f.Store, doctor, g.Vault, f.clock.Now()); err == nil {
			t.Error("the old key opens a vault")
		}
	}
	lines := 0
	for _, l := range f.all() {
		if l.Event == audit.OwnKeyRenewed && l.Outcome == audit.Success {
			lines++
		}
	}
	if lines != 1 {
		t.Errorf("%d lines", lines)
	}
	f.sound()
}
