package store_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/audit"
	"zat/crypto/logtree"
	"zat/store"
)

func logOf(b *testing.B) (*store.Store, *audit.Log) {
	b.Helper()
	secret, err := logtree.GenerateKey("zat/bench")
	if err != nil {
		b.Fatal(err)
	}
	signer, err := logtree.ParseSigner(secret)
	if err != nil {
		b.Fatal(err)
	}
	s, err := store.Open(context.Background(), filepath.Join(b.TempDir(), "zat.db"), func(_ uuid.UUID, size uint64, root logtree.Hash) ([]byte, error) { return signer.Sign(size, root) })
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s, &audit.Log{Store: s, Now: time.Now, System: "zat bench"}
}

func benchLine() audit.Line {
	l := audit.Line{Event: audit.CaseRead, Outcome: audit.Success, Kind: audit.ObjCase, Object: uuid.New(), Actor: uuid.New(), Role: "doctor", Auth: "password+totp", Session: "0f3a", Purpose: audit.PurposeCare}
	return l.On(l.Object, audit.RelParticipant)
}

// BenchmarkAppend is a durable transaction of one line, beside the same transaction without
// the tree: the plain row written all the same.
func BenchmarkAppend(b *testing.B) {
	s, log := logOf(b)
	team, line := uuid.New(), benchLine()
	plain, seq := uuid.New(), uint64(0)
	var with, without time.Duration
	for b.Loop() {
		start := time.Now()
		if err := s.UpdateLog(context.Background(), func(tx audit.Tx) error { return log.Append(tx, team, line) }); err != nil {
			b.Fatal(err)
		}
		with += time.Since(start)
		start = time.Now()
		if err := store.InsertPlain(s, plain, plainEntry(line, seq)); err != nil {
			b.Fatal(err)
		}
		without += time.Since(start)
		seq++
	}
	b.ReportMetric(with.Seconds()/without.Seconds(), "x-without-tree")
	b.ReportMetric(float64(with.Microseconds())/float64(b.N), "us/line")
}

// plainEntry is a line as a log without a tree would store it.
func plainEntry(l audit.Line, seq uint64) audit.Entry {
	l.Seq, l.ID, l.At, l.Action = seq, uuid.New(), time.Now().UnixMilli(), l.Event.Action()
	raw, err := json.Marshal(l)
	if err != nil {
		panic(err)
	}
	return audit.Entry{Columns: l.Columns(), Seq: seq, Raw: raw}
}

// BenchmarkAppendTogether is 64 writers at once, each line durable before it returns.
func BenchmarkAppendTogether(b *testing.B) {
	_, log := logOf(b)
	team, line := uuid.New(), benchLine()
	const writers = 64
	var left atomic.Int64
	left.Store(int64(b.N))
	var all sync.WaitGroup
	b.ResetTimer()
	for range writers {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				if _, err := log.Look(context.Background(), team, line); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
