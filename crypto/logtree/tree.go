// Package logtree is the Merkle tree of the access log: RFC 6962 hashes through
// golang.org/x/mod/sumdb/tlog, and C2SP checkpoints signed as notes.
//
// It knows nothing of lines. An entry is 32 bytes, a commitment; the tree's
// leaf is the record hash of those bytes.
package logtree

import (
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a node or root of the tree.
type Hash = tlog.Hash

// Frontier is the right edge of a tree: its size and the roots of the complete
// subtrees it consists of, widest first. It is all that appending needs, so
// one small row grows a log of any length.
type Frontier struct {
	Size  uint64
	Edges []Hash
}

// Append adds one entry. The receiver's edges are not changed.
func (f Frontier) Append(entry [32]byte) Frontier { return f.AppendLeaf(Leaf(entry)) }

// AppendLeaf is Append by the entry's leaf.
func (f Frontier) AppendLeaf(h Hash) Frontier {
	edges := make([]Hash, len(f.Edges), len(f.Edges)+1)
	copy(edges, f.Edges)
	for n := f.Size; n&1 == 1; n >>= 1 {
		h = tlog.NodeHash(edges[len(edges)-1], h)
		edges = edges[:len(edges)-1]
	}
	return Frontier{Size: f.Size + 1, Edges: append(edges, h)}
}

// AppendTree adds 2^level entries at once by the root over them. The size has to be a
// multiple of that.
func (f Frontier) AppendTree(root Hash, level int) (Frontier, error) {
	if f.Size&(1<<level-1) != 0 {
		return f, fmt.Errorf("%w: %d entries, and a tree of 2^%d", ErrFrontier, f.Size, level)
	}
	edges := make([]Hash, len(f.Edges), len(f.Edges)+1)
	copy(edges, f.Edges)
	for n := f.Size >> level; n&1 == 1; n >>= 1 {
		root = tlog.NodeHash(edges[len(edges)-1], root)
		edges = edges[:len(edges)-1]
	}
	return Frontier{Size: f.Size + 1<<level, Edges: append(edges, root)}, nil
}

// Root returns the tree's root; of an empty tree it is the hash of nothing, as
// RFC 6962 has it.
func (f Frontier) Root() Hash {
	if f.Size == 0 {
		h, _ := tlog.TreeHash(0, nil)
		return h
	}
	h := f.Edges[len(f.Edges)-1]
	for i := len(f.Edges) - 2; i >= 0; i-- {
		h = tlog.NodeHash(f.Edges[i], h)
	}
	return h
}

// Marshal returns the edges as bytes, 32 each.
func (f Frontier) Marshal() []byte {
	b := make([]byte, 0, len(f.Edges)*tlog.HashSize)
	for _, e := range f.Edges {
		b = append(b, e[:]...)
	}
	return b
}

// ErrFrontier is returned for stored edges that do not fit their size.
// ErrMismatch is returned for hashes that do not give the signed root.
var ErrMismatch = errors.New("logtree: hashes do not give the signed root")

var ErrFrontier = errors.New("logtree: edges do not fit the size")

// ParseFrontier reads what Marshal wrote.
func ParseFrontier(size uint64, b []byte) (Frontier, error) {
	if len(b) != bits.OnesCount64(size)*tlog.HashSize {
		return Frontier{}, fmt.Errorf("%w: %d entries, %d bytes", ErrFrontier, size, len(b))
	}
	f := Frontier{Size: size, Edges: make([]Hash, len(b)/tlog.HashSize)}
	for i := range f.Edges {
		copy(f.Edges[i][:], b[i*tlog.HashSize:])
	}
	return f, nil
}
