package audit

import "zat/crypto/logtree"

// A log is checked in parts, by as many goroutines as there are processors; only the tree
// is put together in order.
const (
	partLevel = 12
	partSize  = 1 << partLevel
)

// part is what was seen of some entries in a row.
type part struct {
	first uint64
	bare  bool
	limit uint64 // entries that were signed for
	whole bool   // it begins where a part begins

	leaves    []logtree.Hash
	problem   Problem // of the entry after the leaves
	bad       uint64
	goneFrom  uint64
	gone      uint64 // after the last line that is not there; 0 when all are
	mayBeGone uint64
	room      []byte
}

// see checks the next entry; false ends the part.
func (p *part) see(e Entry) bool {
	n := p.first + uint64(len(p.leaves))
	if problem := p.judge(e, n); problem != "" {
		p.problem, p.bad = problem, n
		return false
	}
	p.leaves = append(p.leaves, logtree.Leaf(e.Commitment))
	return true
}

func (p *part) judge(e Entry, n uint64) Problem {
	switch {
	case e.Seq != n:
		return OutOfOrder
	case n >= p.limit:
		return SizeDiffers
	case p.bare: // there is nothing to compare the commitment with
		return ""
	case e.Raw == nil && e.Nonce == nil: // whether its term is over shows when a run of retention says so
		if p.gone != n {
			p.goneFrom = n
		}
		p.gone = n + 1
		if c := e.Columns; c != (Columns{}) && c != (Columns{Outcome: string(Success)}) {
			return ColumnChanged // it would be found by what it never said
		}
		return ""
	}
	return p.line(e, n)
}

// line checks a line that is there: its commitment, its place, and what a filter would
// find it by.
func (p *part) line(e Entry, n uint64) Problem {
	if need := len(e.Nonce) + len(e.Raw); cap(p.room) < need {
		p.room = make([]byte, 0, 2*need)
	}
	if commitIn(p.room, e.Nonce, e.Raw) != e.Commitment {
		return LineChanged
	}
	seq, same, ok := e.matches()
	switch {
	case !ok || seq != n:
		return OutOfOrder
	case !same:
		return ColumnChanged
	}
	if e.Columns.Event == string(LogRetained) {
		l, err := ParseLine(e.Raw)
		if err != nil {
			return OutOfOrder
		}
		if until, _, ok := l.Gone(); ok && until <= n { // what comes later it cannot explain
			p.mayBeGone = max(p.mayBeGone, until)
		}
	}
	return ""
}
