package walk_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zat/account"
	"zat/cmd/zat/internal/demo"
	"zat/cmd/zat/internal/kit"
)

// named is the demo at an address with a name: passkeys belong to names.
func named() string { return strings.Replace(shared.URL, "127.0.0.1", "localhost", 1) }

// atName signs a person in at the named address.
func atName(t *testing.T, role account.Role, nth int) tab {
	t.Helper()
	before := shared.URL
	shared.URL = named()
	t.Cleanup(func() { shared.URL = before })
	return as(t, role, nth)
}

// spy makes the page keep what it sends, so that the test can look at it.
const spy = `() => { const f = document.querySelector('form[data-passkey]'), send = f.submit.bind(f);
	f.submit = () => { sessionStorage.setItem('sent', f.elements.credential.value); sessionStorage.setItem('prf', f.elements.prf.value); send(); }; }`

func (b tab) makesPasskey(name string) {
	b.t.Helper()
	b.open("/account/passkeys")
	b.look("passkeys")
	b.Type("[name=name]", name)
	kit.Eval[any](b.Page, spy)
	b.ClickNav("[data-passkey-go]")
}

func (b tab) sent(key string) string {
	return kit.Eval[string](b.Page, `k => sessionStorage.getItem(k) ?? ''`, key)
}

// TestPasskeys adds a passkey in each sort of authenticator and signs in with it:
// alone where its function opens the keys, else beside the password. What the
// function gives is never inside what is sent as the credential.
func TestPasskeys(t *testing.T) {
	for _, c := range []struct {
		name  string
		f     kit.Function
		role  account.Role
		nth   int
		alone bool
	}{
		{"with the function", kit.AtOnce, account.Doctor, 0, true},
		{"with the function in use only", kit.InUse, account.Police, 0, true},
		{"without the function", kit.Never, account.Attendance, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := atName(t, c.role, c.nth)
			b.Authenticator(c.f)
			b.makesPasskey("Mijn telefoon")
			if !strings.Contains(b.URL(), "gelukt=passkey") {
				t.Fatalf("adding a passkey leads to %s: %s", b.URL(), b.Text("main"))
			}
			prf := b.sent("prf")
			if (prf != "") != c.alone {
				t.Fatalf("the function gave %d characters", len(prf))
			}
			if prf != "" && strings.Contains(b.sent("sent"), prf) || strings.Contains(b.sent("sent"), `"prf"`) {
				t.Error("the credential carries what the function gave")
			}
			b.says("Mijn telefoon")
			b.ClickNav(`form[action="/afmelden"] button`)
			b.open("/aanmelden")
			kit.Eval[any](b.Page, spy)
			b.ClickNav("[data-passkey-go]")
			if strings.Contains(b.sent("sent"), `"prf"`) {
				t.Error("the answer carries what the function gave")
			}
			if !c.alone {
				b.says("Vul ook je wachtwoord in")
				b.Type("[name=password]", demo.Password)
				b.ClickNav("[data-passkey-go]")
				b.Problems() // of the refusal
			}
			b.open("/casussen")
			b.look("cases after signing in with a passkey")
			b.open("/account/passkeys")
			b.ClickNav(`form[action$="/weg"] button`)
			b.says("verwijderd")
			b.ClickNav(`form[action="/afmelden"] button`)
			b.ClickNav("[data-passkey-go]")
			if s := b.Status(); s != 422 {
				t.Errorf("a passkey that was removed: status %d", s)
			}
			b.Problems()
		})
	}
}

// TestNotRecognised: a device that does not recognise its owner makes no passkey, and
// lets nobody in.
func TestNotRecognised(t *testing.T) {
	b := atName(t, account.SocialWork, 0)
	device := b.Authenticator(kit.Never)
	device.Verified(false)
	b.open("/account/passkeys")
	b.Click("[data-passkey-go]")
	b.WaitFor("[data-passkey-problem]")
	device.Verified(true)
	b.makesPasskey("Laptop")
	b.says("naast je wachtwoord")
	b.ClickNav(`form[action="/afmelden"] button`)
	device.Verified(false)
	b.Click("[data-passkey-go]")
	b.WaitFor("[data-passkey-problem]")
	b.says("herkende je niet")
	b.look("signing in with a passkey, refused")
}

// TestJoinWithPasskey: a newcomer makes a passkey in the place of a password and a
// phone, and signs in with it.
func TestJoinWithPasskey(t *testing.T) {
	admin := atName(t, account.Admin, 0)
	admin.open("/beheer")
	admin.Type("[name=name]", "Nieuwe Collega")
	admin.Type("[name=email]", "nieuw@wijkwerk.example")
	admin.Select("[name=role]", string(account.SocialWork))
	admin.Type("[name=organisation]", "Jongerenwerk Waalkade")
	admin.ClickNav(`form[action="/beheer"] button`)
	link := strings.TrimSpace(admin.Text("[data-copy]"))
	b := tab{shared.browser.Page(t), t}
	b.Authenticator(kit.AtOnce)
	b.Goto(link)
	b.look("joining")
	b.Mobile()
	b.look("joining on a phone")
	b.Desktop()
	b.Click("[data-passkey-go]") // nothing happens before the code is typed back
	code := b.Value("[name=recovery]")
	b.Type("[name=typed]", code[len(code)-5:])
	b.ClickNav("[data-passkey-go]")
	if !strings.HasSuffix(b.URL(), "/aanmelden?welkom=1") {
		t.Fatalf("joining leads to %s: %s", b.URL(), b.Text("main"))
	}
	b.ClickNav("[data-passkey-go]")
	b.both("a newcomer's first page")
	b.Desktop()
	chair := as(t, account.Coordinator, 1)
	chair.open("/team")
	chair.ClickNav(`main a[href^="/toegang/"]`)
	chair.both("giving access")
	chair.Desktop()
	chair.Type("[name=check]", "123")
	chair.ClickNav("main form button:not([type=button])")
	chair.inspect("a wrong number")
	chair.says("Geef dan geen toegang")
	chair.Problems()
	if dir := os.Getenv("ZAT_SHOTS"); dir != "" {
		b.Screenshot(filepath.Join(dir, "newcomer.png"), true)
		chair.Screenshot(filepath.Join(dir, "access.png"), true)
	}
	chair.Type("[name=check]", b.Text(".check-digits"))
	chair.ClickNav("main form button:not([type=button])")
	chair.look("access given")
	b.open("/account/wachtwoord")
	b.look("a first password")
	if b.Exists("[name=current]") {
		t.Error("who has no password is asked for it")
	}
	b.Type("[name=password]", "een kat op het warme dak")
	b.Type("[name=again]", "een kat op het warme dak")
	b.ClickNav("main form button")
	if !strings.Contains(b.URL(), "gelukt=wachtwoord") {
		t.Errorf("a first password leads to %s: %s", b.URL(), b.Text("main"))
	}
	b.open("/account/wachtwoord")
	if !b.Exists("[name=current]") {
		t.Error("who has a password is not asked for it")
	}
}
