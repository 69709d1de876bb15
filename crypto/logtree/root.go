package logtree

import (
	"crypto/sha256"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// RootOf returns the root over the hashes of a full tile, 32 bytes each: their number is a
// power of two.
func RootOf(hashes []byte) (Hash, error) {
	n := len(hashes) / tlog.HashSize
	if n == 0 || len(hashes)%tlog.HashSize != 0 || bits.OnesCount(uint(n)) != 1 {
		return Hash{}, fmt.Errorf("%w: %d bytes", ErrFrontier, len(hashes))
	}
	level := make([]Hash, n)
	for i := range level {
		copy(level[i][:], hashes[i*tlog.HashSize:])
	}
	return Fold(level), nil
}

// Fold returns the root over hashes, of which there are a power of two. It uses them up.
func Fold(level []Hash) Hash {
	var node [1 + 2*tlog.HashSize]byte
	node[0] = 1 // RFC 6962, paragraph 2.1: what sets nodes apart from leaves
	for n := len(level); n > 1; n /= 2 {
		for i := range n / 2 {
			copy(node[1:], level[2*i][:])
			copy(node[1+tlog.HashSize:], level[2*i+1][:])
			level[i] = sha256.Sum256(node[:])
		}
	}
	return level[0]
}

// Leaf returns the leaf of an entry.
func Leaf(entry [32]byte) Hash {
	var leaf [33]byte // RFC 6962: a zero before the entry
	copy(leaf[1:], entry[:])
	return sha256.Sum256(leaf[:])
}
