package house_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/cmd/zat/internal/demo"
	"zat/fault"
	"zat/meeting"
)

const (
	writersEnv = "ZAT_TEST_WRITERS" // data folder; makes this binary a writer
	caseEnv    = "ZAT_TEST_CASE"
)

// TestMain lets the test binary be the server that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(writersEnv); dir != "" {
		writeUntilKilled(dir, uuid.MustParse(os.Getenv(caseEnv)))
		return
	}
	os.Exit(m.Run())
}

// writeUntilKilled adds notes from ten goroutines and prints the id of each one
// that was acknowledged.
func writeUntilKilled(dir string, c uuid.UUID) {
	h := open(dieOnFailure{}, dir, &demo.Clock{}, os.Stderr)
	ctx := context.Background()
	acc, err := h.Store.CaseAccess(ctx, c, uuid.Nil)
	if err != nil {
		panic(err)
	}
	members, err := h.Store.Participants(ctx, c)
	if err != nil {
		panic(err)
	}
	var out sync.Mutex
	var wg sync.WaitGroup
	for w := range 10 {
		m := members[w%len(members)].Member
		a := account.Actor{Account: m.Account, Member: m.ID, Team: acc.Case.Team, Organisation: m.Organisation, Role: m.Role}
		wg.Go(func() {
			for {
				id := uuid.New()
				if err := h.Meeting.AddNote(ctx, a, c, id, text("een notitie om te bewaren")); err != nil {
					panic(err)
				}
				out.Lock()
				fmt.Println(id)
				out.Unlock()
			}
		})
	}
	wg.Wait()
}

// dieOnFailure is enough of a testing.TB for a process that is no test.
type dieOnFailure struct{ testing.TB }

func (dieOnFailure) Helper()                           {}
func (dieOnFailure) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// TestKilledWriters kills the server at random moments under ten writers, and
// finds every acknowledged note and its line again, and a log that verifies.
func TestKilledWriters(t *testing.T) {
	f := furnished(t)
	c := f.based()
	chair := f.as(account.Coordinator)
	must(t, f.Store.Close())
	var acknowledged []uuid.UUID
	for range 4 {
		got := killed(t, f.dir, c.ID, time.Duration(150+rand.IntN(500))*time.Millisecond)
		if len(got) == 0 {
			t.Fatal("no note was acknowledged before the kill")
		}
		acknowledged = append(acknowledged, got...)
	}
	f.House = open(t, f.dir, f.clock, f.log)
	items, err := f.Store.Items(f.ctx, c.ID)
	must(t, err)
	stored := map[uuid.UUID]bool{}
	seqs := map[uint64]bool{}
	for _, it := range items {
		stored[it.ID] = true
		if seqs[it.Seq] {
			t.Errorf("sequence %d is used twice", it.Seq)
		}
		seqs[it.Seq] = true
	}
	for _, id := range acknowledged {
		if !stored[id] {
			t.Errorf("note %s was acknowledged and is gone", id)
		}
	}
	r, err := f.Review.Check(f.ctx, chair.Team)
	must(t, err)
	if !r.OK() {
		t.Errorf("the log does not verify: %s at %d", r.Problem, r.Bad)
	}
	if lines := f.count("contribution.add"); lines < len(acknowledged) {
		t.Errorf("%d lines for %d acknowledged notes", lines, len(acknowledged))
	}
	if v, err := f.Meeting.ReadCase(f.ctx, chair, c.ID); err != nil || len(v.Items) < len(acknowledged) {
		t.Errorf("reading the case: %d items, %v", len(v.Items), err)
	}
	t.Logf("%d notes acknowledged over four kills", len(acknowledged))
}

func killed(t *testing.T, dir string, c uuid.UUID, after time.Duration) []uuid.UUID {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^$")
	cmd.Env = append(os.Environ(), writersEnv+"="+dir, caseEnv+"="+c.String())
	pipe, err := cmd.StdoutPipe()
	must(t, err)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	must(t, cmd.Start())
	var out []uuid.UUID
	timer := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() }) // nothing came at all
	sc := bufio.NewScanner(pipe)
	for sc.Scan() {
		if len(out) == 0 {
			timer.Stop()
			time.AfterFunc(after, func() { cmd.Process.Signal(syscall.SIGKILL) })
		}
		id, err := uuid.Parse(sc.Text())
		if err != nil {
			break // the last line may be cut
		}
		out = append(out, id)
	}
	cmd.Wait()
	if len(out) == 0 {
		t.Fatalf("the writer wrote nothing: %s", stderr.String())
	}
	return out
}

// count counts the lines of an event in the team's log.
func (f *fixture) count(event string) int {
	f.t.Helper()
	n := 0
	for _, l := range f.all() {
		if string(l.Event) == event {
			n++
		}
	}
	return n
}

// TestTwoHundredSignals sends two hundred signals at once by ten people: all
// are stored, none is refused, none is there twice, though each is sent twice.
func TestTwoHundredSignals(t *testing.T) {
	f := furnished(t)
	base := f.serve()
	c := f.based()
	roles := []account.Role{account.Coordinator, account.YouthWorker, account.Attendance, account.Police, account.Doctor, account.SocialWork}
	var clients []*client
	for i := range 10 {
		clients = append(clients, f.client(base, roles[i%len(roles)]))
	}
	before := len(f.signals(c.ID))
	var wg sync.WaitGroup
	var mu sync.Mutex
	refused := 0
	for i := range 200 {
		once := uuid.NewString()
		for range 2 {
			wg.Go(func() {
				cl := *clients[i%10]
				a := cl.do("POST", "/signaal", map[string][]string{"once": {once}, "over": {c.ID.String()}, "domain": {"school"}, "tone": {"concern"}, "knowing": {"seen"},
					"text": {fmt.Sprintf("signaal nummer %d van de storm", i)}})
				if a.status != 303 {
					mu.Lock()
					refused++
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	if refused > 0 {
		t.Errorf("%d signals were refused", refused)
	}
	texts := map[string]int{}
	for _, o := range f.signals(c.ID) {
		texts[o.Body().Text]++
	}
	if n := len(f.signals(c.ID)) - before; n != 200 {
		t.Errorf("%d signals stored, want 200", n)
	}
	for s, n := range texts {
		if strings.HasPrefix(s, "signaal nummer") && n != 1 {
			t.Errorf("a signal is stored %d times", n)
		}
	}
}

func (f *fixture) signals(c uuid.UUID) []meeting.Opened {
	f.t.Helper()
	v, err := f.Meeting.ReadCase(f.ctx, f.as(account.Coordinator), c)
	must(f.t, err)
	var out []meeting.Opened
	for _, o := range v.Items {
		if o.Kind == meeting.Signal {
			out = append(out, o)
		}
	}
	return out
}

// TestSameIDFromAnother keeps one writer from taking another's form id.
func TestSameIDFromAnother(t *testing.T) {
	f := furnished(t)
	c, once := f.based(), uuid.New()
	must(t, f.Meeting.AddNote(f.ctx, f.as(account.YouthWorker), c.ID, once, text("de eerste")))
	must(t, f.Meeting.AddNote(f.ctx, f.as(account.YouthWorker), c.ID, once, text("de eerste")))
	err := f.Meeting.AddNote(f.ctx, f.as(account.Police), c.ID, once, text("een ander"))
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("another writer with the same id: %v, want a conflict", err)
	}
	a := f.as(account.Coordinator)
	mine := uuid.New()
	must(t, f.Meeting.AddNote(f.ctx, a, c.ID, mine, text("mijn notitie")))
	if err := f.Meeting.AskAnew(f.ctx, a, c.ID, mine, text("een andere vraag"), []string{"home"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("the same id for another kind of text: %v, want a conflict", err)
	}
	plan := meeting.NewSession{Once: mine, Day: "morgen", From: "9", Until: "10", Place: text("lokaal 4"), Members: []uuid.UUID{f.as(account.Police).Member}}
	if _, err := f.Meeting.PlanSession(f.ctx, a, plan); !fault.Is(err, fault.Conflict) {
		t.Errorf("the same id for a session: %v, want a conflict", err)
	}
	plan.Once = uuid.New()
	ses, err := f.Meeting.PlanSession(f.ctx, a, plan)
	must(t, err)
	plan.Once = uuid.New()
	other, err := f.Meeting.PlanSession(f.ctx, a, plan)
	must(t, err)
	points, err := f.Store.Points(f.ctx, ses.ID)
	must(t, err)
	err = f.Meeting.AddPoint(f.ctx, a, other.ID, meeting.NewPoint{Once: points[0].ID, Kind: "trends", Minutes: 5})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("the id of a point of another agenda: %v, want a conflict", err)
	}
}
