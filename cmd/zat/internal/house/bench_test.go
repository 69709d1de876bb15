package house_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/uuid"

	"zat/account"
	"zat/account/keyring"
	"zat/crypto/grant"
	"zat/meeting"
	"zat/pseudonym"
)

// Each benchmark measures its floor in the same run and reports the ratio: a
// number that means the same on any machine.

// raw is a plain database on the same disk with the settings of the store.
func raw(b *testing.B) *sql.DB {
	b.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(b.TempDir(), "raw.db")+"?_journal_mode=WAL&_synchronous=FULL&_secure_delete=on")
	must(b, err)
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { db.Close() })
	for _, q := range []string{
		`CREATE TABLE vault (id TEXT PRIMARY KEY, next_seq INTEGER NOT NULL)`,
		`CREATE TABLE item (id TEXT PRIMARY KEY, vault TEXT NOT NULL, seq INTEGER NOT NULL, meta TEXT NOT NULL, at INTEGER NOT NULL, sealed BLOB NOT NULL, UNIQUE (vault, seq))`,
		`CREATE TABLE entry (log TEXT NOT NULL, seq INTEGER NOT NULL, nonce BLOB NOT NULL, raw BLOB NOT NULL, commitment BLOB NOT NULL, at INTEGER, actor TEXT, cs TEXT, PRIMARY KEY (log, seq)) WITHOUT ROWID`,
		`CREATE INDEX e1 ON entry (log, actor, seq)`, `CREATE INDEX e2 ON entry (log, cs, seq)`, `CREATE INDEX e3 ON entry (log, at)`,
		`CREATE TABLE head (log TEXT PRIMARY KEY, size INTEGER, edges BLOB, note BLOB)`, `INSERT INTO head VALUES ('l', 0, x'', x'')`, `INSERT INTO vault VALUES ('v', 0)`, `CREATE INDEX i1 ON item (vault, at)`} {
		_, err := db.Exec(q)
		must(b, err)
	}
	return db
}

const signalText = "Sinds twee weken hangt de jongere met een groep bij de sporthal, ook onder schooltijd. Zegt zelf dat het thuis druk is en dat er weinig geslapen wordt. Kwam woensdag wel op tijd bij de kookclub en hielp mee met opruimen."

// BenchmarkAddSignal adds a signal (guard, seal, line, durable), and its floor:
// age.Encrypt of the same bytes to the same kind of recipient and one durable
// transaction of the same rows. Goal: at least 0.7 of the floor's rate.
func BenchmarkAddSignal(b *testing.B) {
	f := furnished(b)
	youth, c := f.as(account.YouthWorker), f.based()
	in := meeting.NewSignal{Case: c.ID, Domain: "leisure", Tone: "concern", Knowing: "seen", Text: text(signalText), Area: text("Noord"), When: text("deze week")}
	floor := newAddFloor(b)
	var ours, theirs time.Duration
	for b.Loop() { // in turns, so that both meet the same disk
		start := time.Now()
		in.Once = uuid.New()
		must(b, f.Meeting.AddSignal(f.ctx, youth, in))
		ours += time.Since(start)
		start = time.Now()
		floor.add(b)
		theirs += time.Since(start)
	}
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "of-floor-rate")
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "µs/signal")
}

type addFloor struct {
	db    *sql.DB
	to    age.Recipient
	n     int
	line  []byte
	stmts []*sql.Stmt
}

func newAddFloor(b *testing.B) *addFloor {
	id, err := age.GenerateHybridIdentity()
	must(b, err)
	f := &addFloor{db: raw(b), to: id.Recipient(), line: bytes.Repeat([]byte("l"), 700)}
	for _, q := range []string{`UPDATE vault SET next_seq = next_seq + 1 WHERE id = 'v'`, `INSERT INTO item VALUES (?, 'v', ?, ?, ?, ?)`,
		`INSERT INTO entry VALUES ('l', ?, ?, ?, ?, ?, 'actor', 'case')`, `UPDATE head SET size = ?, edges = ?, note = ?`} {
		st, err := f.db.Prepare(q)
		must(b, err)
		f.stmts = append(f.stmts, st)
	}
	return f
}

func (f *addFloor) add(b *testing.B) {
	f.n++
	var out bytes.Buffer
	w, err := age.Encrypt(&out, f.to)
	must(b, err)
	_, err = io.WriteString(w, signalText+strings.Repeat("h", 140))
	must(b, err)
	must(b, w.Close())
	tx, err := f.db.Begin()
	must(b, err)
	for i, args := range [][]any{{}, {uuid.NewString(), f.n, strings.Repeat("m", 250), f.n, out.Bytes()}, {f.n, f.line[:32], f.line, f.line[:32], f.n}, {f.n, f.line[:320], f.line[:200]}} {
		_, err := tx.Stmt(f.stmts[i]).Exec(args...)
		must(b, err)
	}
	must(b, tx.Commit())
}

// BenchmarkAddSignalsTogether is ten writers at once: the group commit.
func BenchmarkAddSignalsTogether(b *testing.B) {
	f := furnished(b)
	youth, c := f.as(account.YouthWorker), f.based()
	b.SetParallelism(5)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			must(b, f.Meeting.AddSignal(f.ctx, youth, meeting.NewSignal{Once: uuid.New(), Case: c.ID, Domain: "leisure", Tone: "concern", Knowing: "seen", Text: text(signalText)}))
		}
	})
}

// BenchmarkOpenCase opens a case with 200 texts of 1 KB, and its floor: raw age
// decryption of the same bytes on the same cores. Goal: at most 1.4 times.
func BenchmarkOpenCase(b *testing.B) {
	f := furnished(b)
	chair := f.as(account.Coordinator)
	var c uuid.UUID
	for _, r := range f.cases() {
		if !r.HasBasis {
			c = r.ID // the one with hardly any texts
		}
	}
	kilobyte := strings.Repeat("een tekst van een kilobyte om te openen ", 26)[:1000]
	for range 199 {
		must(b, f.Meeting.AddNote(f.ctx, chair, c, uuid.New(), text(kilobyte)))
	}
	files, id := sealedFiles(b, kilobyte, 201)
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		v, err := f.Meeting.ReadCase(f.ctx, chair, c)
		must(b, err)
		ours += time.Since(start)
		if len(v.Items) < 200 {
			b.Fatalf("%d texts", len(v.Items))
		}
		start = time.Now()
		openFiles(b, files, id)
		theirs += time.Since(start)
	}
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "x-floor")
	b.ReportMetric(float64(ours.Microseconds())/1000/float64(b.N), "ms/case")
}

// BenchmarkRenew gives a case with 1,000 texts of 1 KB a new key, and its floor: raw
// age decryption and encryption of the same bytes on as many cores. Goal: at most
// 1.3 times.
func BenchmarkRenew(b *testing.B) {
	f := furnished(b)
	chair, c := f.as(account.Coordinator), f.based()
	kilobyte := strings.Repeat("een tekst van een kilobyte om te openen ", 26)[:1000]
	for range 1000 {
		must(b, f.Meeting.AddNote(f.ctx, chair, c.ID, uuid.New(), text(kilobyte)))
	}
	files, id := sealedFiles(b, kilobyte, 1000)
	var ours, theirs time.Duration
	for b.Loop() {
		must(b, f.Store.UpdateKeys(f.ctx, func(tx keyring.Tx) error { return tx.MarkStale(c.ID, time.Now()) }))
		start := time.Now()
		done, _, err := f.Keys.RenewAll(f.ctx, chair)
		must(b, err)
		ours += time.Since(start)
		if done != 1 {
			b.Fatalf("%d renewed", done)
		}
		start = time.Now()
		resealFiles(b, files, id)
		theirs += time.Since(start)
	}
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "x-floor")
	b.ReportMetric(1000*float64(b.N)/ours.Seconds(), "texts/s")
}

// resealFiles does what renewing has to do at the least, on half of the cores.
func resealFiles(b *testing.B, files [][]byte, id age.Identity) {
	var next atomic.Int64
	var wg sync.WaitGroup
	to := id.(*age.HybridIdentity).Recipient()
	for range max(1, runtime.GOMAXPROCS(0)/2) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(files); i = int(next.Add(1)) - 1 {
				r, err := age.Decrypt(bytes.NewReader(files[i]), id)
				must(b, err)
				plain, err := io.ReadAll(r)
				must(b, err)
				var out bytes.Buffer
				w, err := age.Encrypt(&out, to)
				must(b, err)
				_, err = w.Write(plain)
				must(b, err)
				must(b, w.Close())
			}
		})
	}
	wg.Wait()
}

func sealedFiles(b *testing.B, s string, n int) ([][]byte, age.Identity) {
	id, err := age.GenerateHybridIdentity()
	must(b, err)
	var files [][]byte
	for range n {
		var out bytes.Buffer
		w, err := age.Encrypt(&out, id.Recipient())
		must(b, err)
		_, err = io.WriteString(w, s+strings.Repeat("h", 82))
		must(b, err)
		must(b, w.Close())
		files = append(files, out.Bytes())
	}
	return files, id
}

func openFiles(b *testing.B, files [][]byte, id age.Identity) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return
				}
				r, err := age.Decrypt(bytes.NewReader(files[i]), id)
				must(b, err)
				_, err = io.Copy(io.Discard, r)
				must(b, err)
			}
		})
	}
	wg.Wait()
}

// BenchmarkListCases asks for the first page of 5,000 cases. Goal: under 10 ms,
// and nothing is opened: the list has no key to do it with.
func BenchmarkListCases(b *testing.B) {
	f := furnished(b)
	chair := f.as(account.Coordinator)
	chair.Key = nil
	f.manyCases(b, 5000)
	for b.Loop() {
		rows, err := f.Meeting.Cases(f.ctx, chair, meeting.CaseQuery{Limit: 26})
		must(b, err)
		if len(rows) != 26 {
			b.Fatalf("%d rows", len(rows))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/page")
}

// manyCases stores cases straight into the store: five thousand keys would only
// make the set-up slow.
func (f *fixture) manyCases(b *testing.B, n int) {
	team := f.as(account.Coordinator).Team
	for i := 0; i < n; i += 500 {
		must(b, f.Store.UpdateMeeting(context.Background(), func(tx meeting.Tx) error {
			for j := range 500 {
				id := uuid.New()
				if err := tx.InsertVault(vaultOf(id, team)); err != nil {
					return err
				}
				c := meeting.Case{ID: id, Team: team, Pseudonym: pseudonym.Name(fmt.Sprintf("Test-%05d", i+j)), Phase: meeting.Executing, Domains: []meeting.Domain{meeting.Home}, Opened: time.Now(), LastAt: time.Now()}
				if err := tx.InsertCase(c); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

// BenchmarkVerify checks the log; a ratio to raw SHA-256 stands in package audit.
func BenchmarkVerify(b *testing.B) {
	f := furnished(b)
	team := f.as(account.Coordinator).Team
	for b.Loop() {
		r, err := f.Review.Check(f.ctx, team)
		must(b, err)
		if !r.OK() {
			b.Fatal(r.Problem)
		}
	}
	b.ReportMetric(float64(f.lines())*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}

func vaultOf(id, team uuid.UUID) grant.Vault {
	return grant.Vault{ID: id, Team: team, Kind: grant.Case, Recipient: "-", Shred: make([]byte, 32), Created: time.Now()}
}
