package store

import (
	"context"
	"errors"
	"fmt"

	"filippo.io/torchwood"
	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"zat/crypto/logtree"
	"zat/fault"
)

// A tile of the tree is made from the commitments when somebody asks for a proof, and kept
// once it is full: appending a line costs nothing for it.
const tileWidth = 1 << torchwood.TileHeight

// Prove returns the proof that the log at the newer size holds the log at the older one.
// root is the newer root: hashes that do not give it are refused.
func (s *Store) Prove(ctx context.Context, log uuid.UUID, older, newer uint64, root logtree.Hash) (tlog.TreeProof, error) {
	tiles := &tileReader{s: s, log: log}
	proof, err := tlog.ProveTree(int64(newer), int64(older), torchwood.TileHashReaderWithContext(ctx, tlog.Tree{N: int64(newer), Hash: root}, tiles))
	if tiles.err != nil { // says nothing of the log
		return nil, fmt.Errorf("proving that a log only grew: %w", tiles.err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", logtree.ErrMismatch, err)
	}
	return proof, nil
}

// tileReader reads the tiles of one log.
type tileReader struct {
	s   *Store
	log uuid.UUID
	err error // why tiles could not be read
}

func (r *tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

func (r *tileReader) ReadEndpoint(context.Context, string) ([]byte, error) {
	return nil, errors.ErrUnsupported
}

func (r *tileReader) ReadTiles(ctx context.Context, tiles []tlog.Tile) (data [][]byte, err error) {
	defer func() {
		if err != nil && !errors.Is(err, logtree.ErrMismatch) {
			r.err = err
		}
	}()
	first, _, ok, err := r.s.logRange(ctx, r.log)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%w: no such log", logtree.ErrMismatch)
	}
	for _, t := range tiles {
		b, err := r.s.tile(ctx, first>>seqBits, t.L, t.N, t.W)
		if err != nil {
			return nil, err
		}
		data = append(data, b)
	}
	return data, nil
}

// tile returns the first w hashes of a tile: from disk when it is full, else from the
// level below.
func (s *Store) tile(ctx context.Context, log int64, level int, n int64, w int) ([]byte, error) {
	if w == tileWidth {
		b, err := one(ctx, s, scanBytes, `SELECT hashes FROM log_tile WHERE log = $1 AND level = $2 AND n = $3`, log, level, n)
		if err == nil || !fault.Is(err, fault.NotFound) {
			return b, err
		}
	}
	var out []byte
	if level == 0 {
		entries, err := many(ctx, s, scanBytes, `SELECT commitment FROM log_entry WHERE id >= $1 AND id < $1 + $2 ORDER BY id`, log<<seqBits+n*tileWidth, w)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			h := tlog.RecordHash(e)
			out = append(out, h[:]...)
		}
	} else {
		for i := range int64(w) {
			below, err := s.tile(ctx, log, level-1, n*tileWidth+i, tileWidth)
			if err != nil {
				return nil, err
			}
			h, err := logtree.RootOf(below)
			if err != nil {
				return nil, err
			}
			out = append(out, h[:]...)
		}
	}
	if len(out) != w*tlog.HashSize {
		return nil, fmt.Errorf("%w: a tile of level %d lacks hashes", logtree.ErrMismatch, level)
	}
	if w < tileWidth {
		return out, nil
	}
	return out, s.update(ctx, func(t *Tx) error {
		return t.run(`INSERT INTO log_tile (log, level, n, hashes) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, log, level, n, out)
	})
}
