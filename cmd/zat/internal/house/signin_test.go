package house_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"zat/account"
	"zat/account/signin"
	"zat/account/staff"
	"zat/audit"
	"zat/cmd/zat/internal/demo"
	"zat/crypto/keys"
	"zat/fault"
)

// TestWrongAnswersAlike: an unknown address, a wrong password, a wrong code and
// a used code get the same answer, and each is a line.
func TestWrongAnswersAlike(t *testing.T) {
	f := furnished(t)
	c := f.client(f.serve(), "")
	p := f.person(account.Doctor)
	good := f.code(p.TOTPSecret)
	try := func(email, password, code string) answer {
		return c.do("POST", "/aanmelden", url.Values{"email": {email}, "password": {password}, "code": {code}})
	}
	if a := try(p.Email, p.Password, good); a.status != http.StatusSeeOther {
		t.Fatalf("the right words: %d", a.status)
	}
	before := len(f.all())
	var first string
	for name, a := range map[string]answer{"unknown": try("niemand@stuwdam.example", p.Password, good), "password": try(p.Email, "verkeerd wachtwoord", good),
		"code": try(p.Email, p.Password, "000000"), "used": try(p.Email, p.Password, good)} {
		body := strings.ReplaceAll(strings.ReplaceAll(a.body, p.Email, ""), "niemand@stuwdam.example", "")
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "E-mailadres, wachtwoord of code klopt niet") {
			t.Errorf("%s: %d", name, a.status)
		}
		if first == "" {
			first = body
		}
		if body != first {
			t.Errorf("%s has an answer of its own", name)
		}
		if strings.Contains(a.body, p.Password) {
			t.Errorf("%s echoes the password", name)
		}
	}
	if n := len(f.all()) - before; n != 3 {
		t.Errorf("%d lines for three failures of a known address", n)
	}
	size, _, err := f.Store.Head(f.ctx, [16]byte{})
	must(t, err)
	if size != 2 {
		t.Errorf("%d lines in the installation's log, want its first and an unknown address", size)
	}
	if a := try("", "", ""); a.status != http.StatusUnprocessableEntity || strings.Count(a.body, "Vul dit in") != 3 {
		t.Errorf("empty fields: %d", a.status)
	}
}

// TestNobodyIsLockedOut fails for an address from the same network many times:
// its owner still gets in, from a new device and from a known one.
func TestNobodyIsLockedOut(t *testing.T) {
	f := furnished(t)
	p := f.person(account.Police)
	for range 7 {
		_, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: "mis", Code: "111111", Network: "127.0.0.1"})
		if !fault.Is(err, fault.Invalid) {
			t.Fatalf("a wrong attempt: %v", err)
		}
	}
	start := time.Now()
	e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: f.code(p.TOTPSecret), Network: "127.0.0.1"})
	must(t, err)
	slowed := time.Since(start)
	for range 3 {
		f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: "mis", Code: "111111", Network: "127.0.0.1"})
	}
	step := signin.TOTPStep(f.clock.Now()) + 1
	code, err := signin.TOTPCode(p.TOTPSecret, step)
	must(t, err)
	start = time.Now()
	_, err = f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: code, Network: "127.0.0.1", Device: e.Device.Secret()})
	must(t, err)
	if known := time.Since(start); slowed < 500*time.Millisecond || known > slowed {
		t.Errorf("a new device waited %v and a known one %v: failures do not slow, or slow the wrong one", slowed, known)
	}
}

// TestSessionsEnd: after a quarter of an hour idle, after twelve hours, by
// signing out, and everywhere at once.
func TestSessionsEnd(t *testing.T) {
	f := furnished(t)
	a := f.as(account.Coordinator)
	token := f.tokens[f.person(account.Coordinator).Email]
	alive := func() bool { _, _, err := f.SignIn.Resume(f.ctx, token); return err == nil }
	now := time.Now()
	f.clock.Set(now.Add(14 * time.Minute))
	if !alive() {
		t.Error("ended before a quarter of an hour")
	}
	f.clock.Set(now.Add(30 * time.Minute))
	if alive() {
		t.Error("alive after a quarter of an hour idle")
	}
	f.clock.Set(now.Add(time.Hour))
	must(t, f.SignIn.Sweep(f.ctx))
	f.clock.Set(time.Time{})
	if alive() {
		t.Error("a swept session came back")
	}
	delete(f.actors, f.person(account.Doctor).Email)
	doctor := f.as(account.Doctor)
	token = f.tokens[f.person(account.Doctor).Email]
	for h := 0; h < 12; h++ { // never idle
		for m := 0; m < 60; m += 10 {
			f.clock.Set(now.Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute))
			if !alive() {
				t.Fatalf("ended after %d:%02d of work", h, m)
			}
		}
	}
	f.clock.Set(now.Add(12*time.Hour + time.Minute))
	if alive() {
		t.Error("alive after twelve hours")
	}
	f.clock.Set(time.Time{})
	must(t, f.SignIn.SignOutEverywhere(f.ctx, doctor))
	_ = a
}

// TestDraftSurvivesExpiry: what is sent after a session expired is kept, sealed,
// and stands in its form after signing in.
func TestDraftSurvivesExpiry(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	c := f.client(base, account.SocialWork)
	cs := f.based()
	page := "/casussen/" + cs.ID.String()
	f.clock.Set(time.Now().Add(40 * time.Minute))
	a := c.post(page+"/notitie", "text", "Kwispelconcept over het gesprek", "pagina", page)
	if a.status != http.StatusSeeOther || a.to != "/aanmelden?bewaard=1" {
		t.Fatalf("sending after expiry: %d to %s", a.status, a.to)
	}
	f.clock.Set(time.Time{})
	search(t, []string{"Kwispelconcept"}, f.dir)
	p := f.person(account.SocialWork)
	code, err := signin.TOTPCode(p.TOTPSecret, signin.TOTPStep(f.clock.Now())+1)
	must(t, err)
	e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: code, Network: "127.0.0.1"})
	must(t, err)
	c.token = e.Token.Secret()
	presence, _, err := f.SignIn.Resume(f.ctx, c.token)
	must(t, err)
	c.csrf = presence.CSRF
	list := c.get("/concepten")
	if !strings.Contains(list.body, "Kwispelconcept over het gesprek") {
		t.Fatal("the draft is not offered")
	}
	drafts, err := f.SignIn.Drafts(f.ctx, e.Actor)
	must(t, err)
	form := c.get(page + "?concept=" + drafts[0].ID.String())
	if !strings.Contains(form.body, "Kwispelconcept over het gesprek</textarea>") {
		t.Fatal("the draft does not stand in its form")
	}
	other := f.client(base, account.Doctor)
	if a := other.get(page + "?concept=" + drafts[0].ID.String()); strings.Contains(a.body, "Kwispelconcept") {
		t.Error("another member reads the draft")
	}
	if a := c.post(page+"/notitie", "text", "Kwispelconcept over het gesprek", "concept", drafts[0].ID.String()); a.status != http.StatusSeeOther {
		t.Fatalf("sending it: %d", a.status)
	}
	if drafts, err = f.SignIn.Drafts(f.ctx, e.Actor); err != nil || len(drafts) != 0 {
		t.Errorf("%d drafts are left, %v", len(drafts), err)
	}
	c.csrf = "wrong"
	f.clock.Set(time.Now().Add(40 * time.Minute))
	c.post(page+"/notitie", "text", "Kwispelvervalsing", "pagina", page)
	if drafts, err = f.SignIn.Drafts(f.ctx, e.Actor); err != nil || len(drafts) != 0 {
		t.Errorf("a form without its token was kept: %d drafts, %v", len(drafts), err)
	}
}

// TestFormOfAnEarlierSession sends a form from a page that stood open while the
// same person signed in anew beside it: his text is kept. With the token of
// somebody else it is refused, and that is a line.
func TestFormOfAnEarlierSession(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	c, cs := f.client(base, account.SocialWork), f.based()
	page := "/casussen/" + cs.ID.String()
	p := f.person(account.SocialWork)
	code, err := signin.TOTPCode(p.TOTPSecret, signin.TOTPStep(f.clock.Now())+1)
	must(t, err)
	e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: code, Network: "127.0.0.1"})
	must(t, err)
	c.token = e.Token.Secret() // c.csrf is of the page before
	if a := c.post(page+"/notitie", "text", "Nog niet verstuurd", "pagina", page); a.status != http.StatusSeeOther || a.to != "/concepten" {
		t.Fatalf("the form of an earlier page: %d to %s", a.status, a.to)
	}
	if !strings.Contains(c.get("/concepten").body, "Nog niet verstuurd") {
		t.Error("what was typed is lost")
	}
	c.csrf = f.client(base, account.Doctor).csrf
	before := f.lines()
	if a := c.post(page+"/notitie", "text", "Van een ander", "pagina", page); a.status != http.StatusForbidden {
		t.Errorf("a form with another's token: %d", a.status)
	}
	if f.lines() == before {
		t.Error("the refusal left no line")
	}
	if strings.Contains(c.get("/concepten").body, "Van een ander") {
		t.Error("a form with another's token is kept")
	}
}

// TestTwoChairsClose closes one session twice at once: one wins, the other comes
// to the minutes, and there is one line.
func TestTwoChairsClose(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	one := f.client(base, account.Coordinator)
	sessions, err := f.Meeting.Sessions(f.ctx, f.as(account.Coordinator), false)
	must(t, err)
	id := sessions[0].ID.String()
	if a := one.post("/overleggen/"+id+"/start", "revision", "1"); a.status != http.StatusSeeOther {
		t.Fatalf("starting: %d", a.status)
	}
	two := *one
	var wg sync.WaitGroup
	got := make([]answer, 2)
	for i, c := range []*client{one, &two} {
		wg.Go(func() { got[i] = c.post("/overleggen/"+id+"/sluiten", "revision", "2") })
	}
	wg.Wait()
	closed := 0
	for _, a := range got {
		if strings.HasSuffix(a.to, "gelukt=overlegsluit") {
			closed++
		} else if !strings.HasSuffix(a.to, "gelukt=overlegalgesloten") && a.status != http.StatusConflict {
			t.Errorf("the second chair gets %d to %s", a.status, a.to)
		}
	}
	if closed != 1 {
		t.Errorf("%d chairs closed the session", closed)
	}
	lines := 0
	for _, l := range f.all() {
		if l.Event == audit.SessionClosed && l.Meeting == sessions[0].ID {
			lines++
		}
	}
	if lines != 1 {
		t.Errorf("%d lines tell of closing", lines)
	}
	if a := one.get("/overleggen/" + id + "/verslag"); !strings.Contains(a.body, "Controlepunt van het logboek") {
		t.Error("the minutes have no checkpoint")
	}
	if a := one.post("/overleggen/"+id+"/punten", "kind", "other", "title", "nog iets", "minutes", "5"); a.status != http.StatusConflict && a.status != http.StatusSeeOther {
		t.Errorf("adding to a closed session: %d", a.status)
	}
}

// TestBadInput sends what people send by mistake: a clear sentence at the field,
// and what they typed is still there.
func TestBadInput(t *testing.T) {
	f := furnished(t)
	c := f.client(f.serve(), account.Coordinator)
	path := "/casussen/" + f.based().ID.String()
	member := f.as(account.YouthWorker).Member.String()
	huge := strings.Repeat("lang verhaal ", 10<<20/13)
	for name, x := range map[string]struct {
		path  string
		pairs []string
		says  string
		keeps string
	}{
		"ten megabytes":     {path + "/notitie", []string{"text", huge}, "te lang: hoogstens 8000 tekens", "lang verhaal lang verhaal"},
		"empty note":        {path + "/notitie", []string{"text", "  "}, "Vul dit in", ""},
		"wrong encoding":    {path + "/notitie", []string{"text", "caf\xe9 na school"}, "tekens die niet te lezen zijn", "na school"},
		"bsn":               {path + "/notitie", []string{"text", "het nummer is 111222333"}, "burgerservicenummer", "het nummer is"},
		"due in the past":   {path + "/afspraak", []string{"what", "bellen met thuis", "responsible", member, "due", "1-1-2020"}, "al voorbij", "bellen met thuis"},
		"no such date":      {path + "/afspraak", []string{"what", "bellen met thuis", "responsible", member, "due", "31-2-2027"}, "Vul een datum in", "31-2-2027"},
		"nobody":            {path + "/afspraak", []string{"what", "bellen met thuis", "due", "1-1-2028"}, "Kies een deelnemer", "bellen met thuis"},
		"broken csv":        {"/register/invoer", []string{"paste", "leerlingnummer;roepnaam\n1;\"open"}, "ontbreekt in de eerste regel", ""},
		"broken quotes":     {"/register/invoer", []string{"paste", "leerlingnummer;roepnaam;achternaam;geboortedatum;klas\n1;\"open"}, "geen geldige CSV-regel", "open"},
		"consent not asked": {path + "/grondslag", []string{"kind", "consent", "ends", "1-1-2028", "kept", "map"}, "toestemming van", "map"},
		"plan yesterday":    {"/overleggen/nieuw", []string{"day", "1-1-2020", "from", "13", "until", "12", "place", "Lokaal 9", "members", member}, "al voorbij", "Lokaal 9"},
	} {
		a := c.post(x.path, x.pairs...)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d, want 422", name, a.status)
		}
		if !strings.Contains(a.body, x.says) {
			t.Errorf("%s: the page does not say %q", name, x.says)
		}
		if !strings.Contains(a.body, x.keeps) {
			t.Errorf("%s: what was typed is lost", name)
		}
		if !strings.Contains(a.body, `aria-invalid="true"`) {
			t.Errorf("%s: no field is marked", name)
		}
	}
	form := url.Values{"csrf": {c.csrf}, "text": {strings.Repeat("x", 13<<20)}}
	if res, err := c.http.PostForm(c.base+path+"/notitie", form); err == nil { // or the connection is cut while sending
		res.Body.Close()
		if res.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("thirteen megabytes: %d, want 413", res.StatusCode)
		}
	}
	if a := c.get(path); a.status != http.StatusOK {
		t.Errorf("after thirteen megabytes the server answers %d", a.status)
	}
}

// TestManyNetworksWait: failures for one address from many networks make each
// further attempt from a strange device wait, whether it was the password or the
// code that was wrong; its owner's own device stays quick, and so it does for
// somebody who shares it.
func TestManyNetworksWait(t *testing.T) {
	f := furnished(t)
	p, other := f.person(account.Doctor), f.person(account.SocialWork)
	own := signin.Attempt{Email: p.Email, Password: p.Password, Code: f.code(p.TOTPSecret), Network: "192.0.2.1"}
	e, err := f.SignIn.SignIn(f.ctx, own)
	must(t, err)
	own.Email, own.Password, own.Code, own.Device = other.Email, other.Password, f.code(other.TOTPSecret), e.Device.Secret()
	shared, err := f.SignIn.SignIn(f.ctx, own)
	must(t, err)
	laptop := shared.Device.Secret()
	for i := range 30 {
		a := signin.Attempt{Email: p.Email, Password: []string{p.Password, "verkeerd wachtwoord"}[i%2], Code: "000000", Network: fmt.Sprintf("10.%d.0.1", i)}
		if _, err := f.SignIn.SignIn(f.ctx, a); !fault.Is(err, fault.Invalid) {
			t.Fatalf("failure %d: %v", i, err)
		}
	}
	soon := func(a signin.Attempt) error {
		ctx, stop := context.WithTimeout(f.ctx, 2*time.Second)
		defer stop()
		_, err := f.SignIn.SignIn(ctx, a)
		return err
	}
	for _, password := range []string{p.Password, "verkeerd wachtwoord"} {
		a := signin.Attempt{Email: p.Email, Password: password, Code: "000000", Network: "10.99.0.1"}
		if err := soon(a); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("one more from a network of its own: %v, want a wait", err)
		}
		a.Device = laptop
		if err := soon(a); !fault.Is(err, fault.Invalid) {
			t.Errorf("the owner's own device: %v, want an answer", err)
		}
	}
}

// TestCopiedDevice: a copy of the cookie from before somebody signed in does not
// make its holder known as him, nor does an old copy of his own.
func TestCopiedDevice(t *testing.T) {
	f := furnished(t)
	p, other := f.person(account.Doctor), f.person(account.SocialWork)
	in := func(q demo.Person, device string) string {
		e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: q.Email, Password: q.Password, Code: f.code(q.TOTPSecret), Network: "192.0.2.1", Device: device})
		must(t, err)
		return e.Device.Secret()
	}
	copied := in(other, "")
	first := in(p, copied)
	f.clock.Set(f.clock.Now().Add(time.Minute))
	last := in(p, first)
	f.clock.Set(f.clock.Now().Add(time.Minute)) // a code works once
	acc := f.as(account.Doctor).Account
	for name, c := range map[string]struct {
		cookie string
		known  bool
	}{"the colleague's copy": {copied, false}, "an old copy": {first, false}, "his own": {last, true}} {
		known := false
		for _, s := range strings.Split(c.cookie, ".") {
			token, err := keys.ParseToken(s)
			must(t, err)
			k, err := f.Store.KnownDevice(f.ctx, acc, token.Hash())
			must(t, err)
			known = known || k
		}
		if known != c.known {
			t.Errorf("%s is known: %v", name, known)
		}
	}
}

// TestSignInEndsTheEarlierSession of the same browser.
func TestSignInEndsTheEarlierSession(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	f.as(account.Coordinator) // who reads the log
	first := f.client(base, account.Doctor)
	p := f.person(account.Police)
	_, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: f.code(p.TOTPSecret), Network: "192.0.2.1", Earlier: first.token})
	must(t, err)
	if _, _, err := f.SignIn.Resume(f.ctx, first.token); !fault.Is(err, fault.Signed) {
		t.Errorf("the session that the browser had: %v, want it ended", err)
	}
	lines := f.all()
	if l := lines[len(lines)-2]; l.Event != audit.SignedOut || l.Role != string(account.Doctor) || l.Part != "replaced" {
		t.Errorf("the line before the sign-in is %s of %s, want the end of the doctor's session", l.Event, l.Role)
	}
}

// TestFollowingIsIdling: a page that asks by itself keeps nobody signed in, but
// while a session is held, for two hours.
func TestFollowingIsIdling(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	c := f.fresh(born(f.clock.Now().Year() - 17))
	must(t, f.record(c.ID, "legal"))
	ses, _ := f.talkAbout(c.ID)
	chair := f.client(base, account.Coordinator)
	start := f.clock.Now()
	follow := func(until time.Duration) int { // as the projector does, which loads itself anew after each change
		for past := f.clock.Now().Sub(start); past < until; past = f.clock.Now().Sub(start) {
			f.clock.Set(f.clock.Now().Add(10 * time.Minute))
			for _, page := range []string{"/live?beeld=projector", "/projectie"} {
				if a := chair.get("/overleggen/" + ses.String() + page); a.status != http.StatusOK {
					return a.status
				}
			}
		}
		return http.StatusOK
	}
	if got := follow(110 * time.Minute); got != http.StatusOK {
		t.Fatalf("while the session is held: %d", got)
	}
	if got := follow(150 * time.Minute); got != http.StatusSeeOther {
		t.Errorf("half an hour past two hours: %d, want the sign-in page", got)
	}
}

// TestInviteAgain: a link that went by is replaced by a new one, and the old one
// does not work beside it; somebody who joined gets none.
func TestInviteAgain(t *testing.T) {
	f := furnished(t)
	admin := f.as(account.Admin)
	out, err := f.Staff.Invite(f.ctx, admin, staff.Invitee{Name: "Nieuwe Collega", Email: "nieuw@stuwdam.example", Role: account.SocialWork, Organisation: "Stuwdam"})
	must(t, err)
	again, err := f.Staff.InviteAgain(f.ctx, admin, out.Member.ID)
	must(t, err)
	if _, err := f.Staff.Invitation(f.ctx, out.Token.Secret()); !fault.Is(err, fault.NotFound) {
		t.Errorf("the first link still works: %v", err)
	}
	secret := signin.NewTOTPSecret()
	paper := keys.NewRecoveryCode().Secret()
	_, err = f.Staff.Join(f.ctx, staff.Joining{Token: again.Token.Secret(), Password: "een tuin vol wilde tulpen", Again: "een tuin vol wilde tulpen", TOTPSecret: secret, Code: f.code(secret), Recovery: paper, Typed: paper[30:]})
	must(t, err)
	if _, err := f.Staff.InviteAgain(f.ctx, admin, out.Member.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("a new link for somebody who joined: %v", err)
	}
}
