package witness

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"zat/crypto/logtree"
)

// Own gives our logs and keeps what witnesses signed of them.
type Own interface {
	Logs(ctx context.Context) ([]uuid.UUID, error)
	Head(ctx context.Context, log uuid.UUID) (size uint64, note []byte, err error)
	// Prove proves that the log at the newer size holds the log at the older one.
	Prove(ctx context.Context, log uuid.UUID, older, newer uint64, root logtree.Hash) (tlog.TreeProof, error)
	Cosigned(ctx context.Context, log uuid.UUID) ([]Cosigned, error)
	PutCosigned(ctx context.Context, c Cosigned) error
}

// Cosigned is the newest checkpoint of one of our logs that a witness signed.
type Cosigned struct {
	Log     uuid.UUID
	Witness string
	Size    uint64
	At      time.Time
	Note    []byte // with both signatures
}

// Keeper has witnesses sign our checkpoints.
type Keeper struct {
	Own      Own
	Remotes  []Remote
	Verifier func(log uuid.UUID) (*logtree.Verifier, error)
	Now      func() time.Time
	Logger   *slog.Logger
	Every    time.Duration // how long a log may grow before it is signed again

	asked map[string]time.Time // when each witness was last asked for each log; Round has one caller
}

// Round asks each witness for a signature under each log that grew.
func (k *Keeper) Round(ctx context.Context) error {
	if len(k.Remotes) == 0 {
		return nil
	}
	logs, err := k.Own.Logs(ctx)
	if err != nil {
		return fmt.Errorf("reading logs: %w", err)
	}
	for _, log := range logs {
		done, err := k.Own.Cosigned(ctx, log)
		if err != nil {
			return fmt.Errorf("reading what witnesses signed: %w", err)
		}
		for _, r := range k.Remotes {
			if err := k.ask(ctx, log, r, done); err != nil && ctx.Err() == nil {
				k.Logger.Error("a witness did not sign", "witness", r.Name(), "log", log.String(), "error", err.Error())
			}
		}
	}
	return nil
}

func (k *Keeper) ask(ctx context.Context, log uuid.UUID, r Remote, done []Cosigned) error {
	size, signed, err := k.Own.Head(ctx, log)
	if err != nil {
		return err
	}
	var last Cosigned
	for _, c := range done {
		if c.Witness == r.Name() {
			last = c
		}
	}
	key := r.Name() + " " + log.String()
	if last.Size == size || k.Now().Sub(k.asked[key]) < k.Every {
		return nil
	}
	if k.asked == nil {
		k.asked = map[string]time.Time{}
	}
	k.asked[key] = k.Now()
	both, err := k.cosign(ctx, log, r, size, signed, last.Size)
	if behind := (ErrBehind{}); errors.As(err, &behind) && behind.Size <= size {
		both, err = k.cosign(ctx, log, r, size, signed, behind.Size)
	}
	if err != nil {
		return err
	}
	return k.Own.PutCosigned(ctx, Cosigned{log, r.Name(), size, k.Now(), both})
}

func (k *Keeper) cosign(ctx context.Context, log uuid.UUID, r Remote, size uint64, signed []byte, older uint64) ([]byte, error) {
	var proof tlog.TreeProof
	if older > 0 && older < size {
		v, err := k.Verifier(log)
		if err != nil {
			return nil, err
		}
		cp, err := v.Open(signed)
		if err != nil {
			return nil, err
		}
		if proof, err = k.Own.Prove(ctx, log, older, size, cp.Root); err != nil {
			return nil, err
		}
	}
	return r.Cosign(ctx, signed, older, proof)
}
