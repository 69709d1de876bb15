package review

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"zat/account"
	"zat/audit"
	"zat/audit/witness"
	"zat/crypto/logtree"
	"zat/fault"
)

// checks are those that run now, by log.
type checks struct {
	mu      sync.Mutex
	running map[uuid.UUID]*progress
	last    map[uuid.UUID]audit.Report // what this process found
	wait    sync.WaitGroup
}

type progress struct {
	mu         sync.Mutex
	done, size uint64
}

// State is what the page says of the log's integrity.
type State struct {
	Last    audit.Report // zero when there was no check yet
	Own     audit.Report // the same of the installation's own log
	Size    uint64       // lines now
	Running bool
	Done    uint64 // of the check that runs
	Of      uint64
	Head    []byte // newest signed checkpoint
	Signed  []witness.Cosigned
}

// Since is how many lines came after the last check.
func (s State) Since() uint64 {
	if s.Size < s.Last.Size {
		return 0
	}
	return s.Size - s.Last.Size
}

// State tells how the log stands. It checks nothing.
func (s *Service) State(ctx context.Context, a account.Actor) (State, error) {
	if err := s.admit(ctx, a, audit.By(a, audit.LogRead, audit.ObjLog, a.Team).For(audit.PurposeControl, "state")); err != nil {
		return State{}, err
	}
	var out State
	var err error
	if out.Last, err = s.lastCheck(ctx, a.Team); err != nil {
		return out, err
	}
	if out.Own, err = s.lastCheck(ctx, uuid.Nil); err != nil {
		return out, err
	}
	if out.Size, out.Head, err = s.Store.Head(ctx, a.Team); err != nil {
		return out, fmt.Errorf("reading the newest checkpoint: %w", err)
	}
	if out.Signed, err = s.Store.Cosigned(ctx, a.Team); err != nil {
		return out, fmt.Errorf("reading what witnesses signed: %w", err)
	}
	s.checks.mu.Lock()
	p := s.checks.running[a.Team]
	s.checks.mu.Unlock()
	if p != nil {
		p.mu.Lock()
		out.Running, out.Done, out.Of = true, p.done, p.size
		p.mu.Unlock()
	}
	return out, nil
}

// amongLast is among how many lines about checks the last that tells what it found is looked for.
const amongLast = 100

// lastCheck is what the last check of a log found; zero when there was none. What this
// process found counts, else what the newest line tells that fits its commitment.
func (s *Service) lastCheck(ctx context.Context, log uuid.UUID) (audit.Report, error) {
	s.checks.mu.Lock()
	found, ok := s.checks.last[log]
	s.checks.mu.Unlock()
	if ok {
		return found, nil
	}
	entries, _, err := s.Store.LogLines(ctx, log, Filter{Event: audit.LogVerified, Limit: amongLast})
	if err != nil {
		return found, fmt.Errorf("reading the last check: %w", err)
	}
	for _, e := range entries {
		l, err := e.Line()
		if err != nil || l.Time().After(s.Now()) {
			continue
		}
		if r, ok := l.Told(); ok {
			return r, nil
		}
	}
	return found, nil
}

// Begin begins a check in the background, unless one runs already, and writes that it did.
// What it finds is told in a line of its own.
func (s *Service) Begin(ctx context.Context, a account.Actor) error {
	line := audit.By(a, audit.LogVerified, audit.ObjLog, a.Team).For(audit.PurposeControl, "")
	if err := s.admit(ctx, a, line); err != nil {
		return err
	}
	begun := line
	begun.Part = "begun"
	if _, err := s.Log.Look(ctx, a.Team, begun); err != nil {
		return err
	}
	s.begin(context.WithoutCancel(ctx), a.Team, line)
	return nil
}

func (s *Service) begin(ctx context.Context, log uuid.UUID, line audit.Line) {
	s.checks.mu.Lock()
	defer s.checks.mu.Unlock()
	if s.checks.running[log] != nil {
		return
	}
	if s.checks.running == nil {
		s.checks.running = map[uuid.UUID]*progress{}
	}
	p := &progress{}
	s.checks.running[log] = p
	s.checks.wait.Go(func() {
		defer func() {
			s.checks.mu.Lock()
			delete(s.checks.running, log)
			s.checks.mu.Unlock()
		}()
		if _, err := s.checkAndTell(ctx, log, line, p); err != nil && s.Failed != nil {
			s.Failed(err)
		}
	})
}

// Wait waits for the checks that run, at the end of the process.
func (s *Service) Wait() { s.checks.wait.Wait() }

func (s *Service) checkAndTell(ctx context.Context, log uuid.UUID, line audit.Line, p *progress) (audit.Report, error) {
	r, err := s.check(ctx, counted{s.Store, p}, log)
	if err != nil {
		return r, err
	}
	s.checks.mu.Lock()
	if s.checks.last == nil {
		s.checks.last = map[uuid.UUID]audit.Report{}
	}
	s.checks.last[log] = r
	s.checks.mu.Unlock()
	if !r.OK() && s.Failed != nil {
		s.Failed(fmt.Errorf("log %s: %w: %s at line %d of %d", log, ErrTouched, r.Problem, r.Bad, r.Size))
	}
	_, err = s.Log.Look(ctx, log, r.Tell(line))
	return r, err
}

// ErrTouched says that a check found that a log was touched.
var ErrTouched = errors.New("the log was touched")

// CheckDaily checks the log of every team, and the installation's, whose last check is older
// than a day. One that cannot be checked keeps no other from it.
func (s *Service) CheckDaily(ctx context.Context) error {
	logs, err := s.allLogs(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for log := range logs {
		last, err := s.lastCheck(ctx, log)
		if err == nil && s.Now().Sub(last.At) >= 24*time.Hour {
			line := audit.Line{Event: audit.LogVerified, Outcome: audit.Success, Kind: audit.ObjLog, Object: log, Purpose: audit.PurposeControl}
			_, err = s.checkAndTell(ctx, log, line, &progress{})
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// allLogs are the logs that have a head, and those that should: a team whose log is not
// there is not left out.
func (s *Service) allLogs(ctx context.Context) (map[uuid.UUID]bool, error) {
	all := map[uuid.UUID]bool{uuid.Nil: true}
	list, err := s.Store.Logs(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading logs: %w", err)
	}
	teams, err := s.Store.Terms(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading teams: %w", err)
	}
	for _, log := range list {
		all[log] = true
	}
	for team := range teams {
		all[team] = true
	}
	return all, nil
}

// counted counts what is read of a log.
type counted struct {
	audit.Source
	p *progress
}

func (c counted) Snapshot(ctx context.Context, log uuid.UUID, fn func(audit.View) error) error {
	return c.Source.Snapshot(ctx, log, func(v audit.View) error {
		view := countedView{View: v, p: c.p}
		if r, ok := v.(audit.Ranged); ok {
			return fn(countedRanges{view, r})
		}
		return fn(view)
	})
}

type countedView struct {
	audit.View
	p *progress
}

func (v countedView) Head() (uint64, []byte, error) {
	size, note, err := v.View.Head()
	v.p.mu.Lock()
	v.p.size = size
	v.p.mu.Unlock()
	return size, note, err
}

// step is after how many lines progress shows.
const step = 1024

func (p *progress) add(n uint64) {
	p.mu.Lock()
	p.done += n
	p.mu.Unlock()
}

func (v countedView) Entries(fn func(audit.Entry) error) error {
	n := 0
	return v.View.Entries(func(e audit.Entry) error {
		if n++; n%step == 0 {
			v.p.add(step)
		}
		return fn(e)
	})
}

// countedRanges is a counted view that several goroutines read at once.
type countedRanges struct {
	countedView
	audit.Ranged
}

func (v countedRanges) Range(worker int, first, last uint64, fn func(audit.Entry) error) error {
	err := v.Ranged.Range(worker, first, last, fn)
	v.p.add(last - first)
	return err
}

// Compared is what an earlier checkpoint says of the log now.
type Compared struct {
	Size uint64 // of the earlier one
	OK   bool   // the log only grew since
}

// Compare proves that the log only grew since a checkpoint that its reader kept outside:
// only that catches a log that was rewritten and signed anew.
func (s *Service) Compare(ctx context.Context, a account.Actor, earlier []byte) (Compared, error) {
	line := audit.By(a, audit.LogVerified, audit.ObjLog, a.Team).For(audit.PurposeControl, "against a checkpoint")
	if err := s.admit(ctx, a, line); err != nil {
		return Compared{}, err
	}
	v, err := s.Verifier(a.Team)
	if err != nil {
		return Compared{}, err
	}
	old, err := v.Open(earlier)
	if err != nil {
		return Compared{}, fault.At("checkpoint", "error.checkpoint")
	}
	_, note, err := s.Store.Head(ctx, a.Team)
	if err != nil {
		return Compared{}, fmt.Errorf("reading the newest checkpoint: %w", err)
	}
	out := Compared{Size: old.Size}
	head, err := v.Open(note)
	if err == nil {
		out.OK, err = s.grew(ctx, a.Team, old, head)
	}
	if err != nil {
		return out, err
	}
	if !out.OK {
		line.Outcome, line.Part = audit.Failed, string(audit.HistoryRewriten)
	}
	_, err = s.Log.Look(ctx, a.Team, line)
	return out, err
}

// grew reports whether the log at the newer checkpoint holds the log at the older one.
func (s *Service) grew(ctx context.Context, log uuid.UUID, old, head logtree.Checkpoint) (bool, error) {
	switch {
	case old.Size > head.Size:
		return false, nil
	case old.Size == head.Size:
		return old.Root == head.Root, nil
	case old.Size == 0:
		return true, nil
	}
	proof, err := s.Store.Prove(ctx, log, old.Size, head.Size, head.Root)
	if errors.Is(err, logtree.ErrMismatch) { // the entries do not give the root any more: the log was touched
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("proving that a log grew: %w", err)
	}
	return tlog.CheckTree(proof, int64(head.Size), head.Root, int64(old.Size), old.Root) == nil, nil
}
