package house_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/keyring"
	"zat/account/signin"
	"zat/account/staff"
	"zat/crypto/grant"
	"zat/crypto/keys"
	"zat/fault"
)

// opens counts the vaults of the team that somebody can open.
func (f *fixture) opens(a account.Actor) (n int) {
	f.t.Helper()
	vaults, err := f.Store.Vaults(f.ctx, a.Team)
	must(f.t, err)
	for _, v := range vaults {
		if _, _, err := grant.Enter(f.ctx, f.Store, a, v.ID, f.clock.Now()); err == nil {
			n++
		}
	}
	return n
}

// everybody renews all keys, as each coordinator does on signing in.
func (f *fixture) everybodyRenews() {
	f.t.Helper()
	rings := &keyring.Service{Store: f.Store, Log: f.Keys.Log, Now: f.clock.Now, Sources: f.Keys.Sources}
	_, _, err := rings.RenewAll(f.ctx, f.as(account.Coordinator))
	must(f.t, err)
}

// TestAdministrator tries each way that an administrator has to content, with the
// pages and with the database. TestWrittenIntoTheDatabase has the rows that he could
// forge; here are the people.
func TestAdministrator(t *testing.T) {
	t.Parallel()
	t.Run("by the pages", func(t *testing.T) {
		f := furnished(t)
		base := f.serve()
		admin := f.client(base, account.Admin)
		for _, path := range []string{"/casussen", "/casussen/" + f.based().ID.String(), "/register", "/signalen", "/trends", "/logboek", "/overleggen", "/herstellen", "/team/herstelblad", "/signaal", "/afspraken"} {
			if a := admin.get(path); a.status != http.StatusForbidden {
				t.Errorf("%s: %d", path, a.status)
			}
		}
		me := f.as(account.Admin).Member.String()
		for _, path := range []string{"/toegang/" + me, "/team/sleutels/case", "/herstellen"} {
			if a := admin.post(path, "member", f.as(account.Coordinator).Member.String(), "reason", "x"); a.status != http.StatusForbidden {
				t.Errorf("%s: %d", path, a.status)
			}
		}
		if n := f.opens(f.as(account.Admin)); n != 0 {
			t.Errorf("he opens %d vaults", n)
		}
	})
	t.Run("makes himself coordinator", func(t *testing.T) {
		f := furnished(t)
		a := f.as(account.Admin)
		f.insider(`UPDATE member SET role = 'coordinator' WHERE id = ?`, a.Member)
		a.Role = account.Coordinator
		must(t, f.Staff.GiveAccess(f.ctx, a, a.Member, staff.CheckCode(a.Key.Recipient(), cheap))) // he holds nothing to give
		f.staleAll()
		f.everybodyRenews()
		f.fresh("2012-05-06")
		if n := f.opens(a); n != 0 {
			t.Errorf("he opens %d vaults", n)
		}
		f.seenWaiting(a.Member)
	})
	t.Run("takes over a coordinator's account", func(t *testing.T) {
		f := furnished(t)
		chair := f.as(account.Coordinator)
		second := f.people[1]
		cred, err := f.Store.CredentialsByEmail(f.ctx, second.Email)
		must(t, err)
		mine, err := keys.Generate()
		must(t, err)
		secret := signin.NewTOTPSecret()
		lock, err := keys.LockWithPassword(phrase, cred.Account.ID.String(), cheap, mine, []byte(secret))
		must(t, err)
		must(t, f.Store.UpdateSignIn(f.ctx, func(tx signin.Tx) error { return tx.SetCredentials(cred.Account.ID, mine.Recipient(), lock) }))
		e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: second.Email, Password: phrase, Code: f.later(secret), Network: "192.0.2.1"})
		must(t, err)
		f.staleAll()
		f.everybodyRenews()
		f.fresh("2012-05-06")
		if n := f.opens(e.Actor); n != 0 {
			t.Errorf("with the coordinator's account he opens %d vaults", n)
		}
		f.seenWaiting(e.Actor.Member)
		_ = chair
	})
	t.Run("invites an alias", func(t *testing.T) {
		f := furnished(t)
		out, err := f.Staff.Invite(f.ctx, f.as(account.Admin), staff.Invitee{Name: "Een Coördinator", Email: "alias@stuwdam.example", Role: account.Coordinator, Organisation: "Praktijkschool De Stuwdam"})
		must(t, err)
		secret, paper := signin.NewTOTPSecret(), signin.DrawRecoveryCode()
		_, err = f.Staff.Join(f.ctx, staff.Joining{Token: out.Token.Secret(), Password: phrase, Again: phrase, TOTPSecret: secret, Code: f.code(secret), Recovery: paper, Typed: paper[30:]})
		must(t, err)
		e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: "alias@stuwdam.example", Password: phrase, Code: f.later(secret), Network: "192.0.2.1"})
		must(t, err)
		must(t, f.Staff.GiveAccess(f.ctx, e.Actor, e.Actor.Member, staff.CheckCode(e.Actor.Key.Recipient(), cheap)))
		f.staleAll()
		f.everybodyRenews()
		f.fresh("2012-05-06")
		if n := f.opens(e.Actor); n != 0 {
			t.Errorf("his alias opens %d vaults", n)
		}
		f.seenWaiting(e.Actor.Member)
	})
	t.Run("recovers a colleague with an alias", func(t *testing.T) {
		f := furnished(t)
		base := f.serve()
		link := f.begin(f.client(base, account.Police))
		_, check := f.anew(base, link)
		rows, err := f.Staff.Rescues(f.ctx, f.as(account.Admin))
		must(t, err)
		f.insider(`UPDATE rescue SET state = 'confirmed', confirmed_by = ?`, uuid.NewString())
		a := f.as(account.Admin)
		a.Role = account.Police
		_, err = f.Staff.ConfirmRescue(f.ctx, a, rows[0].ID, staff.Confirming{Check: check, Reason: text("x"), Paper: f.people[0].Paper})
		if !fault.Is(err, fault.Denied) {
			t.Errorf("with the sheet, and without access: %v", err)
		}
	})
	t.Run("restores an old back-up", func(t *testing.T) {
		f := furnished(t)
		youth, admin := f.as(account.YouthWorker), f.as(account.Admin)
		note := f.note()
		old := f.snapshot()
		must(t, f.Staff.End(f.ctx, admin, youth.Member, f.as(account.Coordinator).Member))
		f.everybodyRenews()
		c := f.fresh("2012-05-06")
		after := f.note()
		f.restore(old)
		if n := f.opens(admin); n != 0 {
			t.Errorf("he opens %d vaults", n)
		}
		if _, err := f.Store.Vault(f.ctx, c.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a case of after the back-up: %v", err)
		}
		r, err := f.Review.Check(f.ctx, admin.Team, note)
		must(t, err)
		if !r.OK() {
			t.Errorf("with a checkpoint of before: %s", r.Problem)
		}
		r, err = f.Review.Check(f.ctx, admin.Team, after)
		must(t, err)
		if r.OK() {
			t.Error("the checkpoint that was kept outside does not tell of it")
		}
	})
}

// seenWaiting checks that a coordinator sees somebody wait for access.
func (f *fixture) seenWaiting(member uuid.UUID) {
	f.t.Helper()
	list, err := f.Staff.Waiting(f.ctx, f.as(account.Coordinator))
	must(f.t, err)
	for _, m := range list {
		if m.ID == member {
			return
		}
	}
	f.t.Error("no coordinator sees it")
}

// note returns the newest checkpoint of the team's log.
func (f *fixture) note() []byte {
	f.t.Helper()
	_, note, err := f.Store.Head(f.ctx, f.as(account.Coordinator).Team)
	must(f.t, err)
	return note
}

// snapshot copies the database as a back-up does.
func (f *fixture) snapshot() string {
	f.t.Helper()
	path := filepath.Join(f.t.TempDir(), "backup.db")
	f.copyTo(path)
	return path
}

// restore puts a back-up in the place of the database.
func (f *fixture) restore(path string) {
	f.t.Helper()
	must(f.t, f.Close())
	file := filepath.Join(f.dir, "zat.db")
	for _, suffix := range []string{"-wal", "-shm"} {
		os.Remove(file + suffix)
	}
	b, err := os.ReadFile(path)
	must(f.t, err)
	must(f.t, os.WriteFile(file, b, 0o600))
	f.House = open(f.t, f.dir, f.clock, f.log)
}

// copyTo writes a whole copy of the database.
func (f *fixture) copyTo(path string) {
	f.t.Helper()
	if strings.ContainsAny(path, "'") {
		f.t.Fatal("a path with a quote")
	}
	f.statement("VACUUM INTO '" + path + "'")
}
