package secrets

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"zat/crypto/logtree"
)

// CheckHead reports whether a checkpoint of a log is signed with its key, or one that it had
// then, for this size and root.
func (f *Folder) CheckHead(log uuid.UUID, size uint64, root logtree.Hash, note []byte) error {
	v, err := f.Verifier(log)
	if err != nil {
		return err
	}
	c, err := v.Open(note)
	if err != nil {
		return fmt.Errorf("reading a stored checkpoint: %w", err)
	}
	if c.Size != size || c.Root != root {
		return errors.New("secrets: a stored checkpoint is of another tree")
	}
	return nil
}
