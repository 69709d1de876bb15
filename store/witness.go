package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"zat/audit/witness"
)

// Witness moves the newest checkpoint of somebody else's log forward.
func (s *Store) Witness(ctx context.Context, origin string, fn func(size int64, root tlog.Hash) (int64, tlog.Hash, error)) error {
	return s.update(ctx, func(t *Tx) error {
		var size int64
		var root []byte
		err := t.row(`SELECT size, root FROM witnessed WHERE origin = $1`, origin).Scan(&size, &root)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var was tlog.Hash
		copy(was[:], root)
		before := size
		size, now, err := fn(size, was)
		if err != nil || (size == before && now == was) {
			return err
		}
		return t.run(`INSERT INTO witnessed (origin, size, root, at) VALUES ($1, $2, $3, $4) ON CONFLICT (origin) DO UPDATE SET size = $2, root = $3, at = $4`,
			origin, size, now[:], ms(time.Now()))
	})
}

// Cosigned returns what witnesses signed of a log.
func (s *Store) Cosigned(ctx context.Context, log uuid.UUID) ([]witness.Cosigned, error) {
	return many(ctx, s, func(r scanner) (c witness.Cosigned, err error) {
		return c, r.Scan(&c.Log, &c.Witness, &c.Size, at{&c.At}, &c.Note)
	}, `SELECT log, witness, size, at, note FROM cosigned WHERE log = $1 ORDER BY witness`, log)
}

// PutCosigned keeps the newest checkpoint that a witness signed.
func (s *Store) PutCosigned(ctx context.Context, c witness.Cosigned) error {
	return s.update(ctx, func(t *Tx) error {
		return t.run(`INSERT INTO cosigned (log, witness, size, at, note) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (log, witness) DO UPDATE SET size = $3, at = $4, note = $5`, c.Log, c.Witness, int64(c.Size), ms(c.At), c.Note)
	})
}
