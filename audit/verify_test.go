package audit_test

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/logtree"
)

// memory is a log without a database.
type memory struct {
	entries []audit.Entry
	f       logtree.Frontier
	signer  *logtree.Signer
	kept    [][]byte
}

func (m *memory) UpdateLog(_ context.Context, fn func(audit.Tx) error) error { return fn(m) }
func (m *memory) LogFrontier(uuid.UUID) (logtree.Frontier, error)            { return m.f, nil }
func (m *memory) ProcessingVersion(uuid.UUID) (int, error)                   { return 1, nil }
func (m *memory) InsertLogEntry(_ uuid.UUID, e audit.Entry, next logtree.Frontier) error {
	m.entries, m.f = append(m.entries, e), next
	return nil
}
func (m *memory) Snapshot(_ context.Context, _ uuid.UUID, fn func(audit.View) error) error {
	return fn(m)
}
func (m *memory) Entries(fn func(audit.Entry) error) error {
	for _, e := range m.entries {
		if err := fn(e); err != nil {
			return err
		}
	}
	return nil
}
func (m *memory) note() []byte {
	signed, err := m.signer.Sign(m.f.Size, m.f.Root())
	if err != nil {
		panic(err)
	}
	return signed
}
func (m *memory) Head() (uint64, []byte, error) {
	return m.f.Size, m.note(), nil
}
func (m *memory) Checkpoints() ([][]byte, error) { return m.kept, nil }

// written returns a log of n lines, with its verifier.
func written(t testing.TB, n int) (*memory, *logtree.Verifier) {
	t.Helper()
	secret, err := logtree.GenerateKey("zat/test")
	if err != nil {
		t.Fatal(err)
	}
	public, err := logtree.PublicOf(secret)
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{}
	if m.signer, err = logtree.ParseSigner(secret); err != nil {
		t.Fatal(err)
	}
	v, err := logtree.ParseVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	m.write(t, n)
	return m, v
}

func (m *memory) write(t testing.TB, n int) {
	t.Helper()
	log := &audit.Log{Store: m, Now: time.Now, System: "test"}
	a := account.Actor{Member: uuid.New(), Team: uuid.New(), Role: account.Coordinator}
	var lines []audit.Line
	for range n {
		lines = append(lines, audit.By(a, audit.CaseRead, audit.ObjCase, uuid.New()).On(uuid.New(), audit.RelCoordinator).For(audit.PurposeCare, "texts 3: 1-3"))
	}
	if _, err := log.LookAll(context.Background(), a.Team, lines); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyAgainst compares a log with checkpoints from outside, of every size.
func TestVerifyAgainst(t *testing.T) {
	m, v := written(t, 5)
	first := m.note()
	m.write(t, 7)
	second := m.note()
	check := func(earlier ...[]byte) audit.Report {
		t.Helper()
		r, err := audit.Verify(context.Background(), m, uuid.Nil, v, earlier...)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := check(first, second); !r.OK() || r.Verified != 12 {
		t.Errorf("a whole log: %+v", r)
	}
	m.entries[3].Nonce = make([]byte, 32)
	if r := check(); r.Problem != audit.LineChanged || r.Bad != 3 || !r.Exact || r.Verified != 3 {
		t.Errorf("another nonce: %+v", r)
	}
	fork, _ := written(t, 12)
	fork.signer = m.signer
	m = fork
	if r := check(); !r.OK() {
		t.Errorf("a log of its own: %+v", r)
	}
	if r := check(first); r.Problem != audit.HistoryRewriten || r.Bad != 4 {
		t.Errorf("a log that was rewritten before its fifth line: %+v", r)
	}
	m.entries, m.f = nil, logtree.Frontier{}
	if r := check(first); r.Problem != audit.SizeDiffers {
		t.Errorf("a log that is gone: %+v", r)
	}
	if _, err := audit.Verify(context.Background(), m, uuid.Nil, v, []byte("no checkpoint")); err == nil {
		t.Error("text that is no checkpoint passes")
	}
}

// TestUnknownEventsAreRefused appends a line outside the closed sets.
func TestUnknownEventsAreRefused(t *testing.T) {
	m, _ := written(t, 1)
	log := &audit.Log{Store: m, Now: time.Now, System: "test"}
	a := account.Actor{Member: uuid.New(), Role: account.Coordinator}
	if _, err := log.Look(context.Background(), uuid.Nil, audit.By(a, "case.peek", audit.ObjCase, uuid.New())); err == nil {
		t.Error("an event that is not in the list is written")
	}
	for _, e := range audit.Events() {
		if e.Action() == "" {
			t.Errorf("%s is no create, read, update, delete or execute", e)
		}
	}
}

// TestDeniedGivesNoReceipt looks with a line that tells of a refusal.
func TestDeniedGivesNoReceipt(t *testing.T) {
	m, _ := written(t, 1)
	log := &audit.Log{Store: m, Now: time.Now, System: "test"}
	a, c := account.Actor{Member: uuid.New(), Team: uuid.New(), Role: account.Coordinator}, uuid.New()
	r, err := log.Look(context.Background(), a.Team, audit.By(a, audit.CaseRead, audit.ObjCase, c).Refused("no-grant"))
	if err != nil {
		t.Fatal(err)
	}
	if r.Covers(a.Team, c, c) || (audit.Receipt{}).Covers(uuid.Nil, uuid.Nil, uuid.Nil) {
		t.Error("a refusal opens")
	}
}

// BenchmarkVerify checks a log of 10,000 lines, and its floor: one SHA-256 over
// each nonce and line.
func BenchmarkVerify(b *testing.B) {
	m, v := written(b, 10_000)
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		if r, err := audit.Verify(context.Background(), m, uuid.Nil, v); err != nil || !r.OK() {
			b.Fatal(r.Problem, err)
		}
		ours += time.Since(start)
		start = time.Now()
		for _, e := range m.entries {
			h := sha256.New()
			h.Write(e.Nonce)
			h.Write(e.Raw)
			h.Sum(nil)
		}
		theirs += time.Since(start)
	}
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "x-floor")
	b.ReportMetric(10_000*float64(b.N)/ours.Seconds(), "lines/s")
}
