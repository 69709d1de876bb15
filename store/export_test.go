package store

import (
	"context"

	"github.com/google/uuid"

	"zat/audit"
	"zat/crypto/logtree"
)

// Rebind is for the test of the choke point.
var Rebind = rebind

// Pragma reads a setting on n connections of the reader pool at once.
func Pragma(s *Store, name string, n int) []int {
	ctx := context.Background()
	var out []int
	for range n {
		c, err := s.read.Conn(ctx)
		if err != nil {
			return append(out, -1)
		}
		defer c.Close()
		v := -1
		c.QueryRowContext(ctx, "PRAGMA "+name).Scan(&v)
		out = append(out, v)
	}
	return out
}

// InsertPlain stores a line as InsertLogEntry does, without the tree: the floor of the
// benchmark of appending.
func InsertPlain(s *Store, log uuid.UUID, e audit.Entry) error {
	return s.update(context.Background(), func(t *Tx) error {
		if err := t.InsertLogEntry(log, e, logtree.Frontier{}); err != nil {
			return err
		}
		delete(t.to.heads, log)
		return nil
	})
}
