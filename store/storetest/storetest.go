// Package storetest holds what every database behind store has to keep: the
// contract that the domain packages rest on. A dialect runs it with its own way
// of opening an empty store.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/account/staff"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/logtree"
	"zat/fault"
	"zat/meeting"
	"zat/pseudonym"
	"zat/pseudonym/register"
	"zat/store"
)

// Open returns an empty store that is closed when the test ends.
type Open func(t testing.TB, sign store.SignHead) *store.Store

// Run runs the whole contract.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *world)
	}{
		{"a failed change leaves nothing", failedChange}, {"a panic fails one change only", panicking},
		{"a line that cannot be signed is no line", unsigned}, {"changes at once all stay", atOnce}, {"a cancelled wish does nothing", cancelled},
		{"what is not there is not found", notFound}, {"a session token is looked up whole", visits}, {"grants end", grants},
		{"of two chairs one wins", revisions}, {"of two settlements one wins", settlements}, {"agendas keep their order", agendas},
		{"a vault changes keys whole", rekeying},
		{"pages of cases meet without gap or double", pages}, {"the register keeps versions", registers}, {"an address is used once", addresses},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, newWorld(t, open)) })
	}
}

// world is a store with one team in it.
type world struct {
	t      testing.TB
	ctx    context.Context
	s      *store.Store
	log    *audit.Log
	team   uuid.UUID
	org    uuid.UUID
	member uuid.UUID
	broken bool // signing fails
}

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func newWorld(t testing.TB, open Open) *world {
	w := &world{t: t, ctx: context.Background(), team: uuid.New(), org: uuid.New()}
	w.s = open(t, func(_ uuid.UUID, size uint64, root logtree.Hash) ([]byte, error) {
		if w.broken {
			return nil, errors.New("no key")
		}
		return fmt.Appendf(nil, "%d %x", size, root), nil
	})
	w.log = &audit.Log{Store: w.s, Now: func() time.Time { return start }, System: "test"}
	w.must(w.s.UpdateStaff(w.ctx, func(tx staff.Tx) error {
		if err := tx.InsertTeam(account.Team{ID: w.team, Name: "ZAT", School: "School", ConsentRule: account.ConsentStrict, Policy: account.DefaultPolicy(), Created: start}); err != nil {
			return err
		}
		return tx.InsertOrganisation(account.Organisation{ID: w.org, Team: w.team, Name: "School"})
	}))
	w.member = w.addMember("een@voorbeeld.example")
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) addMember(email string) uuid.UUID {
	w.t.Helper()
	a, m := account.Account{ID: uuid.New(), Email: email, Name: "Iemand", Created: start}, uuid.New()
	w.must(w.s.UpdateStaff(w.ctx, func(tx staff.Tx) error {
		if err := tx.InsertAccount(a); err != nil {
			return err
		}
		return tx.InsertMember(account.Member{ID: m, Account: a.ID, Team: w.team, Organisation: w.org, Role: account.Coordinator})
	}))
	return m
}

func (w *world) line() audit.Line {
	return audit.By(account.Actor{Member: w.member, Team: w.team, Role: account.Coordinator}, audit.CaseRead, audit.ObjCase, uuid.New())
}

// lines reads the log and checks that its sequence has no gap.
func (w *world) lines() int {
	w.t.Helper()
	n := 0
	w.must(w.s.Entries(w.ctx, w.team, func(e audit.Entry) error {
		if e.Seq != uint64(n) || audit.Commit(e.Nonce, e.Raw) != e.Commitment {
			w.t.Errorf("entry %d has sequence %d", n, e.Seq)
		}
		n++
		return nil
	}))
	size, note, err := w.s.Head(w.ctx, w.team)
	w.must(err)
	if size != uint64(n) || (n > 0 && !strings.HasPrefix(string(note), fmt.Sprint(n, " "))) {
		w.t.Errorf("%d entries, and the head says %d: %.20s", n, size, note)
	}
	return n
}

var errTest = errors.New("refused by the test")

func failedChange(t *testing.T, w *world) {
	name := pseudonym.Name("Reiger-27")
	err := w.s.UpdateMeeting(w.ctx, func(tx meeting.Tx) error {
		if _, err := tx.TakePseudonym(w.team, name); err != nil {
			return err
		}
		if err := w.log.Append(tx, w.team, w.line()); err != nil {
			return err
		}
		return errTest
	})
	if !errors.Is(err, errTest) {
		t.Errorf("the failure comes back as %v", err)
	}
	used, err := w.s.PseudonymUsed(w.ctx, w.team, name)
	w.must(err)
	if used || w.lines() != 0 {
		t.Error("something stayed")
	}
}

func panicking(t *testing.T, w *world) {
	err := w.s.UpdateLog(w.ctx, func(audit.Tx) error { panic("Geheimnaam") })
	if err == nil || strings.Contains(err.Error(), "Geheimnaam") {
		t.Errorf("a panic comes back as %v", err)
	}
	w.must(w.s.UpdateLog(w.ctx, func(tx audit.Tx) error { return w.log.Append(tx, w.team, w.line()) }))
	if w.lines() != 1 {
		t.Error("the store did not go on")
	}
}

func unsigned(t *testing.T, w *world) {
	w.broken = true
	if _, err := w.log.Look(w.ctx, w.team, w.line()); err == nil {
		t.Error("a receipt without a signed head")
	}
	w.broken = false
	if n := w.lines(); n != 0 {
		t.Errorf("%d lines", n)
	}
}

// atOnce lets many write while some of them fail: who succeeds has his line,
// who fails has none, and both see what their own change saw.
func atOnce(t *testing.T, w *world) {
	const writers, each = 12, 20
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for j := range each {
				fail := (i+j)%4 == 0
				err := w.s.UpdateLog(w.ctx, func(tx audit.Tx) error {
					if err := w.log.Append(tx, w.team, w.line(), w.line()); err != nil {
						return err
					}
					if fail {
						return errTest
					}
					return nil
				})
				if fail != (err != nil) {
					t.Errorf("writer %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
	if got, want := w.lines(), writers*each*3/4*2; got != want {
		t.Errorf("%d lines, want %d", got, want)
	}
}

func cancelled(t *testing.T, w *world) {
	ctx, stop := context.WithCancel(w.ctx)
	stop()
	if err := w.s.UpdateLog(ctx, func(tx audit.Tx) error { return w.log.Append(tx, w.team, w.line()) }); err == nil {
		t.Error("a change for somebody who has gone")
	}
	if n := w.lines(); n != 0 {
		t.Errorf("%d lines", n)
	}
}

func notFound(t *testing.T, w *world) {
	id := uuid.New()
	for name, err := range map[string]error{
		"team":        second(w.s.Team(w.ctx, id)),
		"member":      second(w.s.Member(w.ctx, id)),
		"case":        second(w.s.CaseAccess(w.ctx, id, w.member)),
		"item":        second(w.s.Item(w.ctx, id)),
		"session":     second(w.s.Session(w.ctx, id)),
		"vault":       second(w.s.Vault(w.ctx, id)),
		"grant":       second(w.s.Grant(w.ctx, id, w.member)),
		"visit":       second(w.s.Visit(w.ctx, []byte("x"))),
		"draft":       second(w.s.Draft(w.ctx, id, w.member)),
		"credentials": second(w.s.CredentialsByEmail(w.ctx, "een@voorbeeld.example")),
	} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func visits(t *testing.T, w *world) {
	m, err := w.s.Member(w.ctx, w.member)
	w.must(err)
	v := signin.Session{Hash: []byte("12345678"), Ref: "ref", Account: m.Account, Member: m.ID, Box: []byte("box"), CSRF: "csrf", Auth: "password+totp", Created: start, Seen: start}
	w.must(w.s.UpdateSignIn(w.ctx, func(tx signin.Tx) error { return tx.InsertVisit(v) }))
	if _, err := w.s.Visit(w.ctx, []byte("1234567")); !fault.Is(err, fault.NotFound) {
		t.Errorf("half a hash: %v", err)
	}
	w.must(w.s.UpdateSignIn(w.ctx, func(tx signin.Tx) error { return tx.EndVisits(m.Account) }))
	got, err := w.s.Visit(w.ctx, v.Hash)
	w.must(err)
	if !got.Ended || got.Box != nil {
		t.Error("an ended session keeps its sealed identity")
	}
}

// newCase stores a case with a grant for the member of the world.
func (w *world) newCase(name pseudonym.Name, last time.Time, until time.Time) uuid.UUID {
	w.t.Helper()
	id := uuid.New()
	w.must(w.s.UpdateMeeting(w.ctx, func(tx meeting.Tx) error {
		if err := tx.InsertVault(grant.Vault{ID: id, Team: w.team, Kind: grant.Case, Recipient: "r", Shred: make([]byte, 32), Created: start}); err != nil {
			return err
		}
		if err := tx.PutGrant(grant.Grant{Vault: id, Key: "r", Member: w.member, Recipient: "m", Vouch: []byte("v"), Sealed: []byte("g"), By: w.member, Why: "role", From: start, Until: until}); err != nil {
			return err
		}
		return tx.InsertCase(meeting.Case{ID: id, Team: w.team, Pseudonym: name, Phase: meeting.Intake, Domains: []meeting.Domain{meeting.School}, Opened: start, OpenedBy: w.member, LastAt: last})
	}))
	return id
}

func grants(t *testing.T, w *world) {
	id := w.newCase("Reiger-27", start, start.Add(time.Hour))
	for _, c := range []struct {
		at   time.Time
		gone int
	}{{start.Add(time.Hour - time.Millisecond), 0}, {start.Add(time.Hour), 1}, {start.Add(2 * time.Hour), 0}} {
		w.must(w.s.UpdateMeeting(w.ctx, func(tx meeting.Tx) error {
			list, err := tx.DropGrants(c.at)
			if len(list) != c.gone {
				t.Errorf("%d grants end at %v", len(list), c.at)
			}
			return err
		}))
	}
	a, err := w.s.CaseAccess(w.ctx, id, w.member)
	w.must(err)
	if a.Granted {
		t.Error("a grant that ended is there")
	}
}

func (w *world) newSession() meeting.Session {
	w.t.Helper()
	ses := meeting.Session{ID: uuid.New(), Team: w.team, Starts: start, Ends: start.Add(time.Hour), State: meeting.Planned, Chair: w.member}
	w.must(w.s.UpdateMeeting(w.ctx, func(tx meeting.Tx) error {
		if err := tx.InsertVault(grant.Vault{ID: ses.ID, Team: w.team, Kind: grant.Session, Recipient: "r", Shred: make([]byte, 32), Created: start}); err != nil {
			return err
		}
		return tx.InsertSession(ses)
	}))
	return ses
}

func revisions(t *testing.T, w *world) {
	ses := w.newSession()
	ses.State = meeting.Running
	for i, want := range []bool{true, false} {
		w.must(w.s.UpdateMeeting(w.ctx, func(tx meeting.Tx) error {
			first, err := tx.AdvanceSession(ses, 1)
			if first != want {
				t.Errorf("chair %d: %v", i, first)
			}
			now, err2 := tx.Session(ses.ID)
			if now.State != meeting.Running || now.Revision != 2 {
				t.Errorf("the change sees %s at revision %d", now.State, now.Revision)
			}
			return errors.Join(err, err2)
		}))
	}
}

func settlements(t *testing.T, w *world) {
	id := w.newCase("Reiger-27", start, time.Time{})
	for i, want := range []bool{true, false} {
		w.must(w.s.UpdateMeeting(w.ctx, func(tx meeting.Tx) error {
			same, err := tx.AdvanceCase(id, 1)
			if same != want {
				t.Errorf("settlement %d: %v", i, same)
			}
			return err
		}))
	}
}

func agendas(t *testing.T, w *world) {
	ses := w.newSession()
	var ids []uuid.UUID
	w.must(w.s.UpdateMeeting(w.ctx, func(tx meeting.Tx) error {
		for _, p := range []meeting.Point{{Kind: meeting.PointOpen, Position: 1}, {Kind: meeting.PointRound, Position: 10000}, {Kind: meeting.PointOther}, {Kind: meeting.PointTrends}} {
			p.ID, p.Session, p.Minutes = uuid.New(), ses.ID, 5
			ids = append(ids, p.ID)
			if first, err := tx.InsertPoint(p); err != nil || !first {
				return fmt.Errorf("first: %v, %w", first, err)
			}
			if again, err := tx.InsertPoint(p); err != nil || again {
				return fmt.Errorf("again: %v, %w", again, err)
			}
		}
		return nil
	}))
	points, err := w.s.Points(w.ctx, ses.ID)
	w.must(err)
	for i, want := range []uuid.UUID{ids[0], ids[2], ids[3], ids[1]} {
		if points[i].ID != want {
			t.Fatalf("place %d holds the wrong point", i)
		}
	}
	w.must(w.s.UpdateMeeting(w.ctx, func(tx meeting.Tx) error {
		points[1].Started = start
		if err := tx.UpdatePoint(points[1]); err != nil {
			return err
		}
		if gone, err := tx.DeletePoint(points[1].ID); gone || err != nil {
			t.Errorf("a point that started is deleted: %v", err)
		}
		if gone, err := tx.DeletePoint(points[2].ID); !gone || err != nil {
			t.Errorf("a point that did not start stays: %v", err)
		}
		seen, err := tx.Points(ses.ID)
		if len(seen) != 3 {
			t.Errorf("the change sees %d points", len(seen))
		}
		return err
	}))
}

// pages walks a list of cases, many of the same moment, by its cursor.
func pages(t *testing.T, w *world) {
	want := map[uuid.UUID]bool{}
	for i := range 23 {
		want[w.newCase(pseudonym.Name(fmt.Sprintf("Reiger-%02d", i+1)), start.Add(time.Duration(i/5)*time.Minute), time.Time{})] = true
	}
	q := meeting.CaseQuery{Team: w.team, Member: w.member, Now: start, Limit: 4}
	for range 10 {
		rows, err := w.s.Cases(w.ctx, q)
		w.must(err)
		for _, r := range rows {
			if !want[r.ID] {
				t.Errorf("%s twice", r.Pseudonym)
			}
			delete(want, r.ID)
		}
		if len(rows) < q.Limit {
			break
		}
		q.Before, q.After = rows[len(rows)-1].LastAt, rows[len(rows)-1].ID
	}
	if len(want) > 0 {
		t.Errorf("%d cases are on no page", len(want))
	}
	q.Member = w.addMember("twee@voorbeeld.example")
	if rows, err := w.s.Cases(w.ctx, q); err != nil || len(rows) != 0 {
		t.Errorf("a member without grants sees %d cases, %v", len(rows), err)
	}
}

func registers(t *testing.T, w *world) {
	e := register.Entry{ID: uuid.New(), Team: w.team, Version: 1, By: w.member, Sealed: []byte("one")}
	before, err := w.s.RollVersion(w.ctx, w.team)
	w.must(err)
	w.must(w.s.UpdateRegister(w.ctx, func(tx register.Tx) error {
		same, err := tx.SetRoll(w.team, before, nil)
		again, err2 := tx.SetRoll(w.team, before, nil)
		if !same || again {
			t.Errorf("two rolls of one version: %v, %v", same, again)
		}
		return errors.Join(tx.InsertPupil(e), err, err2)
	}))
	e.Version, e.Sealed = 2, []byte("two")
	for i, want := range []bool{true, false} {
		w.must(w.s.UpdateRegister(w.ctx, func(tx register.Tx) error {
			first, err := tx.UpdatePupil(e)
			if first != want {
				t.Errorf("change %d: %v", i, first)
			}
			return err
		}))
	}
	list, err := w.s.PupilEntries(w.ctx, w.team)
	w.must(err)
	if len(list) != 1 || list[0].Version != 2 || string(list[0].Sealed) != "two" {
		t.Errorf("%d entries", len(list))
	}
	if after, err := w.s.RollVersion(w.ctx, w.team); err != nil || after == before {
		t.Errorf("the roll's version stays %d, %v", after, err)
	}
}

func addresses(t *testing.T, w *world) {
	err := w.s.UpdateStaff(w.ctx, func(tx staff.Tx) error {
		return tx.InsertAccount(account.Account{ID: uuid.New(), Email: "een@voorbeeld.example", Name: "Ander", Created: start})
	})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("%v", err)
	}
}
