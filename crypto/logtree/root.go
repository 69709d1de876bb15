package logtree

import (
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
	for ; n > 1; n /= 2 {
		for i := range n / 2 {
			level[i] = tlog.NodeHash(level[2*i], level[2*i+1])
		}
	}
	return level[0], nil
}
