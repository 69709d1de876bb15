package review

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/audit/witness"
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
