package house_test

import (
	"context"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/audit/export"
	"zat/audit/review"
)

// benchLines is how many lines the log has in the benchmarks of the officer's pages;
// ZAT_BENCH_LINES says otherwise.
func benchLines(b *testing.B) int {
	if n, err := strconv.Atoi(os.Getenv("ZAT_BENCH_LINES")); err == nil {
		return n
	}
	return 1_000_000
}

// longLog is a log of many lines over five years, and what is in it.
type longLog struct {
	*fixture
	team                   uuid.UUID
	actors                 []account.Actor
	cases, meetings, bases []uuid.UUID
	rareCase, rareBasis    uuid.UUID // of 5,000 and of 3 lines
	first, last            time.Time
	n                      int
}

// BenchmarkLog is what the officer does with a log of a million lines.
func BenchmarkLog(b *testing.B) {
	l := long(b, benchLines(b))
	b.Run("filters", l.benchFilters)
	b.Run("case report", l.benchCaseReport)
	b.Run("verify", l.benchVerify)
	b.Run("export", l.benchExport)
	b.Run("findings", l.benchFindings)
}

// long makes a log of n lines.
func long(b *testing.B, n int) *longLog {
	l := &longLog{fixture: furnished(b), n: n, rareBasis: uuid.New()}
	for _, r := range []account.Role{account.Coordinator, account.YouthWorker, account.Doctor, account.Police, account.Attendance} {
		l.actors = append(l.actors, l.as(r))
	}
	l.as(account.Officer)
	l.team = l.actors[0].Team
	for range 300 {
		l.cases, l.meetings, l.bases = append(l.cases, uuid.New()), append(l.meetings, uuid.New()), append(l.bases, uuid.New())
	}
	l.rareCase = l.based().ID
	l.fill(b)
	return l
}

var longEvents = []audit.Event{audit.CaseRead, audit.CaseRead, audit.CaseRead, audit.SessionRead, audit.AgreementsRead, audit.ItemAdded, audit.CaseListed, audit.SignedIn, audit.MinutesRead, audit.GuardLookup}

// fill appends the lines, ten thousand in a transaction.
func (l *longLog) fill(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	l.last = time.Now()
	l.first = l.last.AddDate(-5, 0, 0)
	at, i := l.first, 0
	log := &audit.Log{Store: l.Store, System: "zat bench", Now: func() time.Time { return at }}
	step := l.last.Sub(l.first) / time.Duration(l.n)
	for i < l.n {
		must(b, l.Store.UpdateLog(context.Background(), func(tx audit.Tx) error {
			for range 10_000 {
				if i == l.n {
					break
				}
				if err := log.Append(tx, l.team, l.line(r, i)); err != nil {
					return err
				}
				i, at = i+1, at.Add(step)
			}
			return nil
		}))
	}
}

func (l *longLog) line(r *rand.Rand, i int) audit.Line {
	a := l.actors[r.IntN(len(l.actors))]
	e := longEvents[r.IntN(len(longEvents))]
	c := l.cases[r.IntN(len(l.cases))]
	if i%max(1, l.n/5000) == 0 {
		c, e = l.rareCase, audit.CaseRead
	}
	x := audit.By(a, e, audit.ObjCase, c).On(c, audit.RelParticipant).For(audit.PurposeCare, "texts 12: 1-12")
	x.Basis, x.Session = l.bases[r.IntN(len(l.bases))], strconv.Itoa(i/200)
	if i%(l.n/3) == 7 {
		x.Basis = l.rareBasis
	}
	if r.IntN(3) == 0 {
		x = x.In(l.meetings[r.IntN(len(l.meetings))])
	}
	if r.IntN(200) == 0 {
		x = x.Refused("no-grant")
	}
	if i%(l.n/20) == 3 {
		x.BreakGlass = true
	}
	return x
}

// filtersOf are all filters by one thing, and by several.
func (l *longLog) filtersOf() map[string]review.Filter {
	a := l.actors[1]
	mid := l.first.Add(l.last.Sub(l.first) / 2)
	return map[string]review.Filter{
		"none": {}, "person": {Actor: a.Member}, "role": {Role: a.Role}, "organisation": {Org: a.Organisation}, "pseudonym": {Case: l.rareCase}, "session": {Meeting: l.meetings[3]},
		"event": {Event: audit.MinutesRead}, "rare event": {Event: audit.TeamCreated}, "outcome": {Outcome: audit.Success}, "refusals": {Outcome: audit.Denied}, "basis": {Basis: l.bases[4]}, "rare basis": {Basis: l.rareBasis},
		"break-glass": {Glass: true}, "period": {From: mid, Until: mid.AddDate(0, 0, 7)}, "visit": {Visit: "17"}, "no such person": {Actor: uuid.New()},
		"person in a period": {Actor: a.Member, From: mid, Until: mid.AddDate(0, 1, 0)}, "role and event": {Role: a.Role, Event: audit.MinutesRead},
		"refusals of a role in a period": {Role: a.Role, Outcome: audit.Denied, From: mid}, "person and rare event": {Actor: a.Member, Event: audit.TeamCreated},
		"a case in a session": {Case: l.cases[5], Meeting: l.meetings[7]}, "organisation and refusals": {Org: a.Organisation, Outcome: audit.Denied},
	}
}

// benchFilters is the first page of each filter: the worst of them, and by name.
func (l *longLog) benchFilters(b *testing.B) {
	worst := map[string]time.Duration{}
	for b.Loop() {
		for name, f := range l.filtersOf() {
			f.Limit = review.PageSize + 1
			start := time.Now()
			if _, _, err := l.Store.LogLines(l.ctx, l.team, f); err != nil {
				b.Fatal(err)
			}
			worst[name] = max(worst[name], time.Since(start))
		}
	}
	top := time.Duration(0)
	for name, d := range worst {
		if top = max(top, d); os.Getenv("ZAT_BENCH_EACH") != "" {
			b.Logf("%-32s %v", name, d)
		}
	}
	b.ReportMetric(float64(top.Microseconds())/1000, "ms-worst-page")
	b.ReportMetric(float64(l.n), "lines")
}

// benchCaseReport is the report of a case with 5,000 lines.
func (l *longLog) benchCaseReport(b *testing.B) {
	officer := l.as(account.Officer)
	lines := 0
	for b.Loop() {
		r, err := l.Review.ByCase(l.ctx, officer, l.rareCase)
		must(b, err)
		lines = r.Lines
	}
	b.ReportMetric(float64(lines), "lines")
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/report")
}

// benchVerify checks the whole log, beside its floor: SHA-256 over the same bytes
// (each nonce and line, each leaf and node) on the same cores.
func (l *longLog) benchVerify(b *testing.B) {
	var ours, floor time.Duration
	var size uint64
	for b.Loop() {
		start := time.Now()
		r, err := l.Review.Check(l.ctx, l.team)
		must(b, err)
		if !r.OK() {
			b.Fatal(r.Problem, r.Bad)
		}
		ours += time.Since(start)
		size = r.Size
		floor += hashing(int(size), runtime.GOMAXPROCS(0))
	}
	b.ReportMetric(ours.Seconds()/floor.Seconds(), "x-floor")
	b.ReportMetric(float64(size)*float64(b.N)/ours.Seconds(), "lines/s")
}

// hashing is how long SHA-256 takes over as many bytes as a check hashes, in the same
// pieces.
func hashing(lines, cores int) time.Duration {
	entry, leaf, node := make([]byte, 32+700), make([]byte, 33), make([]byte, 65)
	var all sync.WaitGroup
	start := time.Now()
	for range cores {
		all.Go(func() {
			for range lines / cores {
				sha256.Sum256(entry)
				sha256.Sum256(leaf)
				sha256.Sum256(node)
			}
		})
	}
	all.Wait()
	return time.Since(start)
}

// benchExport exports the whole log as CSV and reports by how much the memory in use
// grew at most.
func (l *longLog) benchExport(b *testing.B) {
	officer := l.as(account.Officer)
	grew := uint64(0)
	for b.Loop() {
		runtime.GC()
		var before, now runtime.MemStats
		runtime.ReadMemStats(&before)
		write, err := l.Review.Export(l.ctx, officer, review.Filter{}, export.CSV, export.Options{Words: func(k string) string { return k }})
		must(b, err)
		must(b, write(watched{every: 1 << 12, do: func() {
			runtime.ReadMemStats(&now)
			if now.HeapInuse > before.HeapInuse {
				grew = max(grew, now.HeapInuse-before.HeapInuse)
			}
		}, n: new(int)}))
	}
	b.ReportMetric(float64(grew)/(1<<20), "MB-grown")
	b.ReportMetric(float64(l.n)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}

// watched does something after every so many writes.
type watched struct {
	every int
	do    func()
	n     *int
}

func (w watched) Write(p []byte) (int, error) {
	if *w.n++; *w.n%w.every == 0 {
		w.do()
	}
	return io.Discard.Write(p)
}

// benchFindings looks through a month.
func (l *longLog) benchFindings(b *testing.B) {
	officer := l.as(account.Officer)
	n := 0
	for b.Loop() {
		list, err := l.Review.Findings(l.ctx, officer, l.last.AddDate(0, -1, 0), l.last)
		must(b, err)
		n = len(list)
	}
	b.ReportMetric(float64(n), "findings")
}
