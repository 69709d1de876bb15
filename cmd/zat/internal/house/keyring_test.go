package house_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/keyring"
	"zat/audit"
	"zat/audit/review"
	"zat/crypto/grant"
	"zat/crypto/seal"
	"zat/fault"
	"zat/meeting"
)

// TestNewKeyAfterRemoval: whoever is taken out of a case cannot open what is in
// the database from then on, not even with the case's key in hand; the others
// read on, and writers write on.
func TestNewKeyAfterRemoval(t *testing.T) {
	f := furnished(t)
	chair, youth, police := f.as(account.Coordinator), f.as(account.YouthWorker), f.as(account.Police)
	c := f.based()
	v, old, err := grant.Enter(f.ctx, f.Store, youth, c.ID, f.clock.Now())
	must(t, err)
	before, err := f.Meeting.ReadCase(f.ctx, police, c.ID)
	must(t, err)
	must(t, f.Meeting.RemoveParticipant(f.ctx, chair, c.ID, youth.Member))
	f.renewed(chair, 1, 0)
	fresh, err := f.Store.Vault(f.ctx, c.ID)
	must(t, err)
	if fresh.Recipient == v.Recipient || string(fresh.Shred) == string(v.Shred) {
		t.Error("the case has its old key, or its old shred key")
	}
	texts, err := f.Meeting.SealedIn(f.ctx, fresh)
	must(t, err)
	if len(texts) < 5 {
		t.Fatalf("only %d texts to try", len(texts))
	}
	for _, p := range texts {
		if _, err := seal.Renew(old, p, v.Recipient); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("the old key opens %s: %v", p.Header.Kind, err)
		}
	}
	must(t, f.Meeting.AddNote(f.ctx, police, c.ID, uuid.New(), text("na de nieuwe sleutel")))
	after, err := f.Meeting.ReadCase(f.ctx, police, c.ID)
	must(t, err)
	if len(after.Items) != len(before.Items)+1 || after.Question.Reveal() != before.Question.Reveal() {
		t.Errorf("%d texts, want %d", len(after.Items), len(before.Items)+1)
	}
	for i, o := range before.Items {
		if after.Items[i+1].Text.Reveal() != o.Text.Reveal() {
			t.Errorf("text %d is another than before", i)
		}
	}
	f.sound()
}

// renewed renews what waits as somebody, and expects so many done and left.
func (f *fixture) renewed(a account.Actor, done, left int) {
	f.t.Helper()
	d, l, err := f.Keys.RenewAll(f.ctx, a)
	must(f.t, err)
	if d != done || l != left {
		f.t.Errorf("%d renewed and %d left, want %d and %d", d, l, done, left)
	}
}

// sound checks the log.
func (f *fixture) sound() {
	f.t.Helper()
	r, err := f.Review.Check(f.ctx, f.as(account.Coordinator).Team)
	must(f.t, err)
	if !r.OK() {
		f.t.Errorf("the log: %s at %d", r.Problem, r.Bad)
	}
}

// staleAll lets every vault of the team wait for a new key.
func (f *fixture) staleAll() int {
	f.t.Helper()
	list, err := f.Store.Vaults(f.ctx, f.as(account.Coordinator).Team)
	must(f.t, err)
	must(f.t, f.Store.UpdateKeys(f.ctx, func(tx keyring.Tx) error {
		for _, v := range list {
			if err := tx.MarkStale(v.ID, f.clock.Now()); err != nil {
				return err
			}
		}
		return nil
	}))
	return len(list)
}

// everything reads all that the people of a team can read, and returns it.
func (f *fixture) everything() map[string]string {
	f.t.Helper()
	chair, youth, officer := f.as(account.Coordinator), f.as(account.YouthWorker), f.as(account.Officer)
	out := map[string]string{}
	keep := func(name string, texts ...string) { out[name] += fmt.Sprintf("%q", texts) }
	for _, a := range []account.Actor{chair, youth} {
		rows, err := f.Meeting.Cases(f.ctx, a, meeting.CaseQuery{Limit: 100})
		must(f.t, err)
		for _, r := range rows {
			v, err := f.Meeting.ReadCase(f.ctx, a, r.ID)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			must(f.t, err)
			keep("case", v.Question.Reveal())
			for _, o := range v.Items {
				keep("case", o.Text.Reveal())
			}
			for _, b := range v.Bases {
				keep("basis", b.Details.Motive, b.Details.KeptAt)
			}
		}
		for _, closed := range []bool{true, false} {
			sessions, err := f.Meeting.Sessions(f.ctx, a, closed)
			must(f.t, err)
			for _, ses := range sessions {
				v, err := f.Meeting.ReadSession(f.ctx, a, ses.ID)
				if err == nil {
					keep("session", v.Place)
				}
				if m, err := f.Meeting.ReadMinutes(f.ctx, a, ses.ID); err == nil {
					for _, p := range m.Parts {
						keep("minutes", p.Question.Reveal())
						if p.Outcome != nil {
							keep("minutes", p.Outcome.Decision)
						}
					}
				}
			}
		}
		trends, err := f.Meeting.ReadTrends(f.ctx, a)
		must(f.t, err)
		for _, o := range trends.Texts {
			keep("trend", o.Text.Reveal())
		}
	}
	page, err := f.Register.Search(f.ctx, chair, "", 0)
	must(f.t, err)
	for _, r := range page.Rows {
		keep("register", r.Pupil.FullName(), string(r.Pseudonym))
	}
	inbox, err := f.Meeting.Inbox(f.ctx, chair)
	must(f.t, err)
	for _, it := range inbox {
		o, err := f.Meeting.JudgeView(f.ctx, chair, it.ID)
		must(f.t, err)
		keep("inbox", o.Body.Text, o.Body.Who)
	}
	own, err := f.Meeting.OwnSignals(f.ctx, youth)
	must(f.t, err)
	for _, o := range own {
		keep("own", o.Body.Text, o.Reply)
	}
	lines, err := f.Review.Read(f.ctx, officer, review.Filter{Event: audit.IdentityOpened})
	must(f.t, err)
	for _, l := range lines.Lines {
		keep("reason", l.Reason)
	}
	return out
}

// TestEveryVaultRenews gives every vault of the team a new key, twice, by two
// people: all that could be read can be read as it was, and nothing waits.
func TestEveryVaultRenews(t *testing.T) {
	f := furnished(t)
	chair := f.as(account.Coordinator)
	c := f.based()
	_, err := f.Register.Disclose(f.ctx, chair, c.ID, text("ouders bellen over de afspraak"))
	must(t, err)
	question := uuid.New()
	must(t, f.Meeting.AskRecognition(f.ctx, chair, c.ID, question, f.as(account.YouthWorker).Member))
	must(t, f.Meeting.AnswerRecognition(f.ctx, f.as(account.YouthWorker), question, "yes"))
	want := f.everything()
	for _, kind := range []string{"case", "basis", "session", "minutes", "trend", "register", "inbox", "own", "reason"} {
		if len(want[kind]) < 10 {
			t.Fatalf("nothing of kind %s to read: %s", kind, want[kind])
		}
	}
	for range 2 {
		f.renewed(chair, f.staleAll(), 0)
		got := f.everything()
		for kind := range want {
			if got[kind] != want[kind] {
				t.Errorf("%s reads otherwise with a new key", kind)
			}
		}
		answers, err := f.Meeting.Recognitions(f.ctx, chair, c.ID)
		must(t, err)
		if n := len(answers); n == 0 || answers[n-1].Answer != meeting.KnowsWell {
			t.Error("the answer of the youth worker reads otherwise")
		}
	}
	f.sound()
}

// TestRotate renews the keys of all cases from the page, though nobody left.
func TestRotate(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	chair := f.client(base, account.Coordinator)
	c := f.based()
	before, err := f.Store.Vault(f.ctx, c.ID)
	must(t, err)
	if a := chair.post("/team/sleutels/nonsense"); a.status != http.StatusNotFound {
		t.Errorf("a kind that is none: %d", a.status)
	}
	if a := chair.post("/team/sleutels/case"); a.to != "/team?gelukt=sleutels" {
		t.Fatalf("asking for new keys: %d to %s", a.status, a.to)
	}
	waits := 1
	for end := time.Now().Add(20 * time.Second); waits > 0 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		waits, err = f.Keys.Waiting(f.ctx, f.as(account.Coordinator))
		must(t, err)
	}
	after, err := f.Store.Vault(f.ctx, c.ID)
	must(t, err)
	if waits != 0 || after.Recipient == before.Recipient {
		t.Errorf("%d keys wait, and the case's is new: %v", waits, after.Recipient != before.Recipient)
	}
	if a := chair.get("/casussen/" + c.ID.String()); a.status != http.StatusOK {
		t.Errorf("the case after that: %d", a.status)
	}
	f.sound()
}

// TestWaitsForAKeyholder: what ends by its date waits for a new key until
// somebody who holds the vault signs in; who holds nothing renews nothing.
func TestWaitsForAKeyholder(t *testing.T) {
	f := furnished(t)
	youth := f.as(account.YouthWorker)
	c := f.based()
	acc, err := f.Store.CaseAccess(f.ctx, c.ID, youth.Member)
	must(t, err)
	admin := f.as(account.Admin)
	chair := f.as(account.Coordinator)
	f.clock.Set(acc.Grant.Until.Add(time.Minute))
	must(t, f.Meeting.Sweep(f.ctx))
	n, err := f.Keys.Waiting(f.ctx, admin)
	must(t, err)
	if n == 0 {
		t.Fatal("nothing waits for a key")
	}
	f.renewed(admin, 0, n)
	f.renewed(chair, n, 0)
	f.renewed(chair, 0, 0)
}

// TestRenewWhileAtWork renews a case over and over while others read it and add
// to it: whoever meets a change of keys is told to try again, and nothing is lost.
func TestRenewWhileAtWork(t *testing.T) {
	f := furnished(t)
	chair, police, youth := f.as(account.Coordinator), f.as(account.Police), f.as(account.YouthWorker)
	c := f.based()
	v, err := f.Meeting.ReadCase(f.ctx, chair, c.ID)
	must(t, err)
	before, added := len(v.Items), 0
	var mu sync.Mutex
	var work sync.WaitGroup
	calm := func(what string, err error) {
		if err != nil && !fault.Is(err, fault.Busy) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, a := range []account.Actor{police, youth} {
		work.Go(func() {
			for range 20 {
				err := f.Meeting.AddNote(f.ctx, a, c.ID, uuid.New(), text("tussendoor"))
				calm("adding", err)
				if err == nil {
					mu.Lock()
					added++
					mu.Unlock()
				}
			}
		})
		work.Go(func() {
			for range 20 {
				_, err := f.Meeting.ReadCase(f.ctx, a, c.ID)
				calm("reading", err)
			}
		})
	}
	work.Go(func() {
		for range 10 {
			calm("marking", f.Store.UpdateKeys(f.ctx, func(tx keyring.Tx) error { return tx.MarkStale(c.ID, f.clock.Now()) }))
			_, _, err := f.Keys.RenewAll(f.ctx, chair)
			calm("renewing", err)
		}
	})
	work.Wait()
	v, err = f.Meeting.ReadCase(f.ctx, police, c.ID)
	must(t, err)
	if len(v.Items) != before+added || added < 30 {
		t.Errorf("%d texts, want %d and %d added", len(v.Items), before, added)
	}
	f.sound()
}
