package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"zat/audit"
)

// Snapshot reads a log as it was at one moment, however much is appended
// meanwhile.
func (s *Store) Snapshot(ctx context.Context, log uuid.UUID, fn func(audit.View) error) error {
	tx, err := s.read.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a snapshot: %w", err)
	}
	defer tx.Rollback() // it only read
	return fn(snapshot{ctx, tx, log})
}

type snapshot struct {
	ctx context.Context
	tx  *sql.Tx
	log uuid.UUID
}

func (v snapshot) Head() (size uint64, note []byte, err error) {
	err = v.tx.QueryRowContext(v.ctx, rebind(headSelect), v.log).Scan(&size, &note)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil
	}
	return size, note, err
}

func (v snapshot) Checkpoints() ([][]byte, error) {
	rows, err := v.tx.QueryContext(v.ctx, rebind(`SELECT note FROM log_checkpoint WHERE log = $1 ORDER BY at`), v.log)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, scanBytes)
}

func (v snapshot) Entries(fn func(audit.Entry) error) error {
	rows, err := v.tx.QueryContext(v.ctx, rebind(entrySelect+`WHERE log = $1 ORDER BY seq`), v.log)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return err
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	return rows.Err()
}
