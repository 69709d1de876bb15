// Package review is the access log for who may read it: the compliance officer
// sees who did what, when, on which pseudonym, on which basis, and whether
// anybody rewrote it. He sees lines and never content; his own reading is a
// line too.
package review

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"zat/account"
	"zat/audit"
	"zat/audit/witness"
	"zat/crypto/grant"
	"zat/crypto/logtree"
	"zat/fault"
	"zat/pseudonym"
)

// Filter says which lines are wanted, newest first. Zero fields match all.
type Filter struct {
	Own       bool // the installation's own log: attempts with unknown addresses
	From      time.Time
	Until     time.Time // before this moment
	Actor     uuid.UUID
	Role      account.Role
	Org       uuid.UUID
	Event     audit.Event
	Outcome   audit.Outcome
	Case      uuid.UUID
	Pseudonym pseudonym.Name
	Meeting   uuid.UUID // session (overleg)
	Basis     uuid.UUID
	Visit     string // session of somebody who signed in
	Glass     bool   // only break-glass
	Before    uint64 // cursor: lines with a lower sequence; 0 for the newest
	Limit     int
}

// Store gives the log. It fails with fault.NotFound for what is not there.
type Store interface {
	audit.Source
	// Head returns the newest signed checkpoint and its size.
	Head(ctx context.Context, log uuid.UUID) (size uint64, note []byte, err error)
	grant.Source
	PastKeys(ctx context.Context, vault uuid.UUID) ([]grant.Past, error)
	// LogLines returns lines newest first. rest is the sequence before which it did not
	// look when it stopped before the page was full; 0 when it looked at all.
	LogLines(ctx context.Context, log uuid.UUID, f Filter) (lines []audit.Entry, rest uint64, err error)
	LogLine(ctx context.Context, log uuid.UUID, seq uint64) (audit.Entry, error)
	CaseByPseudonym(ctx context.Context, team uuid.UUID, n pseudonym.Name) (uuid.UUID, error)
	// Pseudonyms returns the names of these cases.
	Pseudonyms(ctx context.Context, team uuid.UUID, cases []uuid.UUID) (map[uuid.UUID]pseudonym.Name, error)
	Members(ctx context.Context, team uuid.UUID) ([]account.Member, error)
	LooksPerHour(ctx context.Context, log uuid.UUID, from, until time.Time) ([]HourCount, error)
	LooksAt(ctx context.Context, log, c uuid.UUID) ([]LookCount, error)
	// LogEach calls fn for all lines that fit, oldest first.
	LogEach(ctx context.Context, log uuid.UUID, f Filter, fn func(audit.Entry) error) error
	// LogColumns calls fn for the columns of the lines of a period, oldest first.
	LogColumns(ctx context.Context, log uuid.UUID, from, until time.Time, fn func(seq uint64, c audit.Columns) error) error
	Organisations(ctx context.Context, team uuid.UUID) ([]account.Organisation, error)
	BasisKinds(ctx context.Context, team uuid.UUID) (map[uuid.UUID]string, error)
	// CaseEnds and BasisEnds return when closed cases were closed, and when bases ended.
	CaseEnds(ctx context.Context, team uuid.UUID) (map[uuid.UUID]time.Time, error)
	BasisEnds(ctx context.Context, team uuid.UUID) (map[uuid.UUID]time.Time, error)
	// CaseNames returns the names of all cases of a team.
	CaseNames(ctx context.Context, team uuid.UUID) (map[uuid.UUID]pseudonym.Name, error)

	Reviews(ctx context.Context, team uuid.UUID) ([]Review, error)
	Review(ctx context.Context, id uuid.UUID) (Review, error)
	Breaches(ctx context.Context, team uuid.UUID) ([]Breach, error)
	Breach(ctx context.Context, id uuid.UUID) (Breach, error)
	Processings(ctx context.Context, team uuid.UUID) ([]Processing, error)
	// Logs returns the logs that have lines; Terms the teams that there are.
	Logs(ctx context.Context) ([]uuid.UUID, error)
	Terms(ctx context.Context) (map[uuid.UUID]int, error)
	Cosigned(ctx context.Context, log uuid.UUID) ([]witness.Cosigned, error)
	// Prove proves that the log at the newer size holds the log at the older one.
	Prove(ctx context.Context, log uuid.UUID, older, newer uint64, root logtree.Hash) (tlog.TreeProof, error)
	UpdateReview(ctx context.Context, fn func(Tx) error) error
}

// Tx changes what the officer keeps.
type Tx interface {
	audit.Tx
	InsertReview(r Review) (bool, error)
	// SaveReview reports false when the review was signed off.
	SaveReview(r Review) (bool, error)
	InsertBreach(b Breach) (bool, error)
	// SaveBreach reports false when somebody else changed the entry first.
	SaveBreach(b Breach) (bool, error)
	// InsertProcessing reports false when the version is there.
	InsertProcessing(team uuid.UUID, p Processing) (bool, error)
}

// DayCount is how many looks at content and refusals a day had.
type DayCount struct {
	Day            time.Time
	Looks, Refused int
}

// HourCount is the same for an hour.
type HourCount struct {
	Hour           time.Time
	Looks, Refused int
}

// LookCount is how often somebody looked at a case, in a role, and when.
type LookCount struct {
	Actor       uuid.UUID
	Role        account.Role
	Org         uuid.UUID
	Count       int
	First, Last time.Time
}

// Service reads and checks the log.
type Service struct {
	Store    Store
	Log      *audit.Log
	Verifier func(log uuid.UUID) (*logtree.Verifier, error)
	Guard    Guard
	Now      func() time.Time
	Failed   func(error) // hears when a check in the background could not be done

	checks checks
}

// FindCase returns the case of a pseudonym, to lead to its page: no address holds a
// pseudonym.
func (s *Service) FindCase(ctx context.Context, a account.Actor, n pseudonym.Name) (uuid.UUID, error) {
	if err := s.look(ctx, a, audit.By(a, audit.LogRead, audit.ObjLog, a.Team).For(audit.PurposeControl, "find")); err != nil {
		return uuid.Nil, err
	}
	id, err := s.Store.CaseByPseudonym(ctx, a.Team, n)
	if fault.Is(err, fault.NotFound) {
		return uuid.Nil, fault.At("casus", "error.pseudonym.unknown")
	}
	return id, err
}

// CaseName returns the pseudonym of a case that the actor filters by.
func (s *Service) CaseName(ctx context.Context, a account.Actor, id uuid.UUID) (pseudonym.Name, error) {
	if err := s.admit(ctx, a, audit.By(a, audit.LogRead, audit.ObjLog, a.Team).For(audit.PurposeControl, "find")); err != nil {
		return "", err
	}
	known, err := s.Store.Pseudonyms(ctx, a.Team, []uuid.UUID{id})
	return known[id], err
}

// Directory returns who and what a filter can ask for.
func (s *Service) Directory(ctx context.Context, a account.Actor) (members []account.Member, orgs []account.Organisation, err error) {
	if err := s.admit(ctx, a, audit.By(a, audit.LogRead, audit.ObjTeam, a.Team).For(audit.PurposeControl, "directory")); err != nil {
		return nil, nil, err
	}
	if members, err = s.Store.Members(ctx, a.Team); err != nil {
		return nil, nil, fmt.Errorf("reading members: %w", err)
	}
	orgs, err = s.Store.Organisations(ctx, a.Team)
	return members, orgs, err
}

// Days counts looks and refusals per day of the last weeks.
func (s *Service) Days(ctx context.Context, a account.Actor, days int) ([]DayCount, error) {
	if err := s.admit(ctx, a, audit.By(a, audit.LogRead, audit.ObjLog, a.Team).For(audit.PurposeControl, "")); err != nil {
		return nil, err
	}
	until := s.Now()
	hours, err := s.Store.LooksPerHour(ctx, a.Team, until.AddDate(0, 0, -days), until)
	return perDay(hours), err
}

// perDay adds hours up to days as they are counted where the school is.
func perDay(hours []HourCount) (out []DayCount) {
	for _, h := range hours {
		l := h.Hour.In(account.Amsterdam)
		day := time.Date(l.Year(), l.Month(), l.Day(), 0, 0, 0, 0, time.UTC)
		if len(out) == 0 || !out[len(out)-1].Day.Equal(day) {
			out = append(out, DayCount{Day: day})
		}
		out[len(out)-1].Looks += h.Looks
		out[len(out)-1].Refused += h.Refused
	}
	return out
}

// Check checks a log without writing about it, for the command line and for the
// page. earlier are checkpoints that came from outside.
func (s *Service) Check(ctx context.Context, log uuid.UUID, earlier ...[]byte) (audit.Report, error) {
	return s.check(ctx, s.Store, log, earlier...)
}

func (s *Service) check(ctx context.Context, src audit.Source, log uuid.UUID, earlier ...[]byte) (audit.Report, error) {
	v, err := s.Verifier(log)
	if err != nil {
		return audit.Report{}, err
	}
	r, err := audit.Verify(ctx, src, log, v, earlier...)
	r.At = s.Now()
	if err == nil && r.OK() && r.Size == 0 {
		r.Problem, r.Exact = audit.SizeDiffers, true // every log begins with its founding
	}
	return r, err
}

// Checkpoint gives the newest signed checkpoint of the actor's log to keep
// outside. It tells of its own line as well.
func (s *Service) Checkpoint(ctx context.Context, a account.Actor) (size uint64, note []byte, err error) {
	line := audit.By(a, audit.LogExported, audit.ObjLog, a.Team).For(audit.PurposeControl, "checkpoint")
	if err := s.admit(ctx, a, line); err != nil {
		return 0, nil, err
	}
	if _, err := s.Log.Look(ctx, a.Team, line); err != nil {
		return 0, nil, err
	}
	return s.Store.Head(ctx, a.Team)
}
