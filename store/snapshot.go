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

// Entries reads the log in order. Its words are read first: a line's columns are numbers.
func (v snapshot) Entries(fn func(audit.Entry) error) error {
	words, err := v.words()
	if err != nil {
		return err
	}
	var first int64
	err = v.tx.QueryRowContext(v.ctx, rebind(`SELECT id FROM log_term WHERE term = $1`), v.log.String()).Scan(&first)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	first <<= seqBits
	rows, err := v.tx.QueryContext(v.ctx, rebind(`SELECT id - $1, at, event, outcome, actor, role, org, case_id, meeting, basis, visit, glass, commitment, nonce, raw
		FROM log_entry WHERE id >= $1 AND id < $2 ORDER BY id`), first, first+1<<seqBits)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scanWhole(rows, words)
		if err != nil {
			return err
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	return rows.Err()
}

// scanWhole reads an entry with its columns. What it returns holds until the next.
func scanWhole(rows *sql.Rows, words map[int64]string) (e audit.Entry, err error) {
	var n [9]int64
	var commitment, nonce, raw sql.RawBytes
	c := &e.Columns
	if err := rows.Scan(&e.Seq, &c.At, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7], &n[8], &c.Glass, &commitment, &nonce, &raw); err != nil {
		return e, err
	}
	for i, to := range [9]*string{&c.Event, &c.Outcome, &c.Actor, &c.Role, &c.Org, &c.Case, &c.Meeting, &c.Basis, &c.Visit} {
		*to = words[n[i]]
	}
	copy(e.Commitment[:], commitment)
	e.Nonce, e.Raw = nonce, raw
	return e, nil
}

func (v snapshot) words() (map[int64]string, error) {
	rows, err := v.tx.QueryContext(v.ctx, `SELECT id, term FROM log_term`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64]string{}
	for rows.Next() {
		var id int64
		var term string
		if err := rows.Scan(&id, &term); err != nil {
			return nil, err
		}
		out[id] = term
	}
	return out, rows.Err()
}
