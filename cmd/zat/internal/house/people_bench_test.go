package house_test

import (
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/crypto/argon2"

	"zat/account"
	"zat/account/keyring"
	"zat/account/signin"
	"zat/account/staff"
	"zat/cmd/zat/internal/demo"
	"zat/crypto/grant"
	"zat/crypto/keys"
	"zat/meeting"
	"zat/pseudonym"
)

// BenchmarkSignInTogether lets eight people sign in at the same moment, and its floor:
// eight runs of Argon2id, divided by the cores that may run it at once. Goal: at most
// 1.2 times.
func BenchmarkSignInTogether(b *testing.B) {
	f := furnished(b)
	people := f.people[:8]
	for _, p := range people { // at the real cost
		cred, err := f.Store.CredentialsByEmail(f.ctx, p.Email)
		must(b, err)
		id, totp, err := cred.Lock.Unlock(p.Password, cred.Account.ID.String())
		must(b, err)
		lock, err := keys.LockWithPassword(p.Password, cred.Account.ID.String(), keys.Standard, id, totp)
		must(b, err)
		must(b, f.Store.UpdateSignIn(f.ctx, func(tx signin.Tx) error { return tx.SetCredentials(cred.Account.ID, id.Recipient(), lock) }))
	}
	devices := map[string]string{} // they signed in here before
	in := func(p demo.Person) error {
		e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: f.code(p.TOTPSecret), Network: "127.0.0.1", Device: devices[p.Email]})
		if err == nil && devices[p.Email] == "" {
			devices[p.Email] = e.Device.Secret()
		}
		return err
	}
	unused := func() { f.insider(`UPDATE account SET last_step = 0`) }
	unused()
	for _, p := range people {
		must(b, in(p))
	}
	known := maps.Clone(devices)
	var ours, theirs time.Duration
	for b.Loop() {
		f.insider(`DELETE FROM device`)
		for _, p := range people { // a device's token is renewed each time
			t, err := keys.ParseToken(known[p.Email])
			must(b, err)
			must(b, f.Store.UpdateSignIn(f.ctx, func(tx signin.Tx) error {
				cred, err := f.Store.CredentialsByEmail(f.ctx, p.Email)
				if err != nil {
					return err
				}
				return tx.PutDevice(cred.Account.ID, t.Hash(), f.clock.Now())
			}))
		}
		unused()
		start := time.Now()
		var all sync.WaitGroup
		for _, p := range people {
			all.Go(func() {
				if err := in(p); err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
		ours += time.Since(start)
		theirs += eightRuns()
	}
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "x-floor")
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ms/eight")
}

// eightRuns runs Argon2id eight times, as many at once as zat lets.
func eightRuns() time.Duration {
	start := time.Now()
	turns := make(chan struct{}, min(2, runtime.NumCPU()))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			turns <- struct{}{}
			argon2.IDKey([]byte("een lange zin"), make([]byte, 16), keys.Standard.Time, keys.Standard.MemoryKiB, keys.Standard.Threads, 32)
			<-turns
		})
	}
	all.Wait()
	return time.Since(start)
}

// BenchmarkRevoke ends the membership of one of forty who takes part in five hundred
// cases. Goals: in force everywhere within a second; new keys for all cases, by a
// coordinator who holds them, within a minute.
func BenchmarkRevoke(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		f := furnished(b)
		chair, youth := f.as(account.Coordinator), f.as(account.YouthWorker)
		f.forty(b, chair)
		f.shared(b, chair, youth, 500)
		b.StartTimer()
		start := time.Now()
		must(b, f.Staff.End(f.ctx, chair, youth.Member, chair.Member))
		b.ReportMetric(time.Since(start).Seconds(), "s/revoked")
		start = time.Now()
		done, left, err := (&keyring.Service{Store: f.Store, Log: f.Keys.Log, Now: f.clock.Now, Sources: f.Keys.Sources}).RenewAll(f.ctx, chair)
		must(b, err)
		if done < 500 || left > 0 {
			b.Fatalf("%d renewed, %d wait", done, left)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/rekeyed")
	}
}

// forty fills the team up to forty members.
func (f *fixture) forty(b *testing.B, a account.Actor) {
	must(b, f.Store.UpdateStaff(f.ctx, func(tx staff.Tx) error {
		for i := range 30 {
			id, err := keys.Generate()
			if err != nil {
				return err
			}
			acc := account.Account{ID: uuid.New(), Email: fmt.Sprintf("lid%d@voorbeeld.example", i), Name: "Lid", Created: time.Now()}
			if err := tx.InsertAccount(acc); err != nil {
				return err
			}
			if err := tx.SetCredentials(acc.ID, id.Recipient(), keys.NoPassword(cheap)); err != nil {
				return err
			}
			m := account.Member{ID: uuid.New(), Account: acc.ID, Team: a.Team, Organisation: a.Organisation, Role: account.Doctor}
			if err := tx.InsertMember(m); err != nil {
				return err
			}
			if err := tx.SetJoined(m.ID, time.Now()); err != nil {
				return err
			}
		}
		return nil
	}))
}

// shared stores cases with real keys, in which both take part.
func (f *fixture) shared(b *testing.B, chair, youth account.Actor, n int) {
	for i := range n {
		v, key, err := grant.NewVault(chair.Team, grant.Case, f.clock.Now())
		must(b, err)
		var grants []grant.Grant
		for _, a := range []account.Actor{chair, youth} {
			g, err := grant.Give(v, key, grant.Grant{Member: a.Member, By: chair.Member, Why: "participant", From: f.clock.Now()}, a.Key.Recipient())
			must(b, err)
			grants = append(grants, g)
		}
		must(b, f.Store.UpdateMeeting(f.ctx, func(tx meeting.Tx) error {
			if err := tx.InsertVault(v); err != nil {
				return err
			}
			for _, g := range grants {
				if err := tx.PutGrant(g); err != nil {
					return err
				}
			}
			return tx.InsertCase(meeting.Case{ID: v.ID, Team: chair.Team, Pseudonym: pseudonym.Name(fmt.Sprintf("Veel-%03d", i)), Phase: meeting.Executing, Domains: []meeting.Domain{meeting.Home}, Lead: chair.Member, Opened: time.Now(), LastAt: time.Now()})
		}))
		must(b, f.Meeting.AddNote(f.ctx, chair, v.ID, uuid.New(), text("een tekst")))
		must(b, f.Meeting.AddNote(f.ctx, youth, v.ID, uuid.New(), text("nog een tekst")))
	}
}

// BenchmarkPageWhileRenewing asks for the chair's page of a running session while texts
// are sealed anew beside it, and its floor: the same page with nothing going on. Goal:
// at most 1.25 times.
func BenchmarkPageWhileRenewing(b *testing.B) {
	f := furnished(b)
	chair, c := f.as(account.Coordinator), f.based()
	session, _ := f.talkAbout(c.ID)
	other := f.cases()[0]
	for _, r := range f.cases() {
		if r.ID != c.ID && r.HasBasis {
			other = r
		}
	}
	for range 2000 {
		must(b, f.Meeting.AddNote(f.ctx, chair, other.ID, uuid.New(), text(strings.Repeat("een tekst om te verzegelen ", 30))))
	}
	page := f.client(f.serve(), account.Coordinator)
	load := func() time.Duration {
		start := time.Now()
		if a := page.get("/overleggen/" + session.String()); a.status != http.StatusOK {
			b.Fatalf("the page: %d", a.status)
		}
		return time.Since(start)
	}
	var busy, quiet []time.Duration
	for b.Loop() {
		for range 20 {
			quiet = append(quiet, load())
		}
		must(b, f.Store.UpdateKeys(f.ctx, func(tx keyring.Tx) error { return tx.MarkStale(other.ID, time.Now()) }))
		done := make(chan struct{})
		go func() {
			defer close(done)
			if _, _, err := f.Keys.RenewAll(f.ctx, chair); err != nil {
				b.Error(err)
			}
		}()
		for working := true; working; {
			select {
			case <-done:
				working = false
			default:
				busy = append(busy, load())
			}
		}
	}
	if len(busy) < 20 {
		b.Fatalf("only %d pages while it went on", len(busy))
	}
	b.ReportMetric(middle(busy).Seconds()/middle(quiet).Seconds(), "x-floor")
	b.ReportMetric(middle(busy).Seconds()*1000, "ms/page")
}

// middle returns the median.
func middle(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}
