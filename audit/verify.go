package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zat/crypto/logtree"
)

// Source shows a log as it was at one moment: lines that are appended while it
// is checked must not look like tampering.
type Source interface {
	Snapshot(ctx context.Context, log uuid.UUID, fn func(View) error) error
}

// View is what a check reads: entries in order, and the checkpoints that the log
// itself keeps.
type View interface {
	// Entries calls fn for every entry in order of sequence.
	Entries(fn func(Entry) error) error
	// Head returns the newest signed checkpoint and its size; size 0 and nil
	// for a log without entries.
	Head() (size uint64, note []byte, err error)
	// Checkpoints returns the earlier checkpoints kept in the database.
	Checkpoints() ([][]byte, error)
}

// Bare is a View of commitments without lines, as an export for outsiders is.
type Bare interface{ Bare() bool }

// Problem names what a check found.
type Problem string

const (
	LineChanged     Problem = "line"       // a line does not fit its commitment
	LineGone        Problem = "gone"       // a line is not there though its term is not over
	OutOfOrder      Problem = "order"      // a line is missing, doubled or moved
	ColumnChanged   Problem = "column"     // a line would not be found by what it says
	HeadInvalid     Problem = "signature"  // the newest checkpoint is not signed by the log's key
	TreeDiffers     Problem = "tree"       // the entries do not give the signed root
	SizeDiffers     Problem = "size"       // fewer or more entries than were signed for
	HistoryRewriten Problem = "checkpoint" // an earlier checkpoint does not fit
)

// Report is the outcome of a check. When Problem is empty all is well. Bad is
// then meaningless; else it is the first bad entry, and Exact says whether it
// is that entry or somewhere after the last good checkpoint up to it.
type Report struct {
	Size     uint64
	Root     logtree.Hash
	Verified uint64 // entries 0 to Verified-1 are good
	Problem  Problem
	Bad      uint64
	Exact    bool
	At       time.Time
}

// OK reports whether the check found nothing.
func (r Report) OK() bool { return r.Problem == "" }

var errStop = errors.New("stop")

// Verify reads a whole log and checks every line against its commitment, the
// commitments against the signed checkpoint, and both against earlier
// checkpoints, which come from outside: only those catch a log that was
// rewritten and signed anew with a stolen key.
func Verify(ctx context.Context, src Source, log uuid.UUID, v *logtree.Verifier, earlier ...[]byte) (Report, error) {
	var out Report
	err := src.Snapshot(ctx, log, func(view View) error {
		c, err := newCheck(view, v, earlier)
		if err == nil && c.report.OK() {
			err = c.run(view)
		}
		out = c.report
		return err
	})
	return out, err
}

type check struct {
	report   Report
	frontier logtree.Frontier
	head     logtree.Checkpoint
	marks    map[uint64][]logtree.Hash // checkpoints to pass, by size
	good     uint64                    // size of the last checkpoint that fitted

	bare      bool
	goneFrom  uint64 // of the last lines that are not there
	gone      uint64 // after them
	mayBeGone uint64 // up to where runs of retention say that lines may be gone
}

func (c *check) run(view View) error {
	if b, ok := view.(Bare); ok {
		c.bare = b.Bare()
	}
	var err error
	if r, ok := view.(Ranged); ok {
		err = c.ranges(r)
	} else {
		err = view.Entries(c.entry)
	}
	if err != nil && !errors.Is(err, errStop) {
		return fmt.Errorf("reading entries: %w", err)
	}
	c.finish()
	return nil
}

func newCheck(view View, v *logtree.Verifier, earlier [][]byte) (*check, error) {
	c := &check{marks: map[uint64][]logtree.Hash{}}
	size, note, err := view.Head()
	if err != nil {
		return c, fmt.Errorf("reading the newest checkpoint: %w", err)
	}
	kept, err := view.Checkpoints()
	if err != nil {
		return c, fmt.Errorf("reading checkpoints: %w", err)
	}
	if size > 0 || note != nil {
		c.head, err = v.Open(note)
		if err != nil || c.head.Size != size {
			c.report.Problem, c.report.Bad = HeadInvalid, size
			return c, nil
		}
	}
	for i, signed := range append(kept, earlier...) {
		cp, err := v.Open(signed)
		if err != nil {
			if i >= len(kept) {
				return c, fmt.Errorf("reading the earlier checkpoint: %w", err)
			}
			c.report.Problem = HistoryRewriten
			return c, nil
		}
		if cp.Size > size {
			c.report.Problem, c.report.Bad, c.report.Size = SizeDiffers, size, size
			return c, nil
		}
		c.marks[cp.Size] = append(c.marks[cp.Size], cp.Root)
	}
	return c, nil
}

func (c *check) stop(p Problem, bad uint64, exact bool) error {
	c.report.Problem, c.report.Bad, c.report.Exact, c.report.Verified = p, bad, exact, c.frontier.Size
	if !exact {
		c.report.Verified = c.good
	}
	return errStop
}

// entry checks the next entry of a log that is read in one go.
func (c *check) entry(e Entry) error {
	p := part{first: c.frontier.Size, bare: c.bare, limit: c.head.Size}
	p.see(e)
	return c.join(&p)
}

// join adds a part that was checked, and goes on with the tree.
func (c *check) join(p *part) error {
	c.mayBeGone = max(c.mayBeGone, p.mayBeGone)
	if p.gone > 0 {
		if c.gone != p.goneFrom {
			c.goneFrom = p.goneFrom
		}
		c.gone = p.gone
	}
	for i, leaf := range p.leaves {
		if p.whole && i == 0 && c.passes(p) {
			f, err := c.frontier.AppendTree(logtree.Fold(p.leaves), partLevel)
			if err != nil {
				return err
			}
			c.frontier = f
			break
		}
		c.frontier = c.frontier.AppendLeaf(leaf)
		for _, root := range c.marks[c.frontier.Size] {
			if root != c.frontier.Root() {
				return c.stop(HistoryRewriten, c.frontier.Size-1, false)
			}
			c.good = c.frontier.Size
		}
	}
	if p.problem != "" {
		return c.stop(p.problem, p.bad, true)
	}
	return nil
}

// passes reports whether no checkpoint lies within a whole part.
func (c *check) passes(p *part) bool {
	if p.problem != "" || len(p.leaves) != partSize {
		return false
	}
	for size := range c.marks {
		if size > p.first && size <= p.first+partSize {
			return false
		}
	}
	return true
}

func (c *check) finish() {
	c.report.Size, c.report.Root = c.frontier.Size, c.frontier.Root()
	switch {
	case !c.report.OK():
	case c.gone > c.mayBeGone:
		c.stop(LineGone, max(c.mayBeGone, c.goneFrom), false)
	case c.frontier.Size < c.head.Size:
		c.stop(SizeDiffers, c.frontier.Size, true)
	case c.head.Size > 0 && c.head.Root != c.report.Root:
		c.stop(TreeDiffers, c.frontier.Size-1, false)
	default:
		c.report.Verified = c.frontier.Size
	}
}
