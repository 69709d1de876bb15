package review

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"zat/account"
	"zat/audit"
	"zat/crypto/logtree"
	"zat/fault"
)

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
