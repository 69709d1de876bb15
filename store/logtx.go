package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"

	"zat/audit"
	"zat/crypto/logtree"
)

// LogFrontier returns a log's right edge as this change sees it. The one writer
// keeps others from appending meanwhile.
func (t *Tx) LogFrontier(log uuid.UUID) (logtree.Frontier, error) {
	if f, ok := t.to.heads[log]; ok {
		return f, nil
	}
	var size int64
	var edges []byte
	err := t.row(`SELECT size, edges FROM log_head WHERE log = $1`, log).Scan(&size, &edges)
	if errors.Is(err, sql.ErrNoRows) {
		return logtree.Frontier{}, nil
	}
	if err != nil {
		return logtree.Frontier{}, err
	}
	return logtree.ParseFrontier(uint64(size), edges)
}

// InsertLogEntry stores a line; the edge is signed and stored at the commit.
func (t *Tx) InsertLogEntry(log uuid.UUID, e audit.Entry, next logtree.Frontier) error {
	t.to.heads[log] = next
	c := e.Columns
	var ids [10]any
	for i, term := range [10]string{log.String(), c.Event, c.Outcome, c.Actor, c.Role, c.Org, c.Case, c.Meeting, c.Basis, c.Visit} {
		id, err := t.term(term)
		if err != nil {
			return err
		}
		ids[i] = id
	}
	return t.run(`INSERT INTO log_entry (id, at, event, outcome, actor, role, org, case_id, meeting, basis, visit, glass, commitment, nonce, raw)
		VALUES (($1 << 40) + $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		ids[0], int64(e.Seq), c.At, ids[1], ids[2], ids[3], ids[4], ids[5], ids[6], ids[7], ids[8], ids[9], c.Glass, e.Commitment[:], e.Nonce, e.Raw)
}

// wipeAtOnce is how many lines one change wipes: others wait for it.
const wipeAtOnce = 5000

// WipeLines empties the lines of a log from its beginning as far as all are older.
func (t *Tx) WipeLines(log uuid.UUID, before time.Time) (until uint64, err error) {
	num, err := t.term(log.String())
	if err != nil {
		return 0, err
	}
	first := num << seqBits
	var to int64
	from, err := t.firstKept(log, first)
	if err != nil {
		return 0, err
	}
	err = t.row(`SELECT coalesce(min(id), $2) FROM (SELECT id, at FROM log_entry WHERE id >= $1 AND id < $2 ORDER BY id LIMIT $4) WHERE at >= $3`, from, first+1<<seqBits, ms(before), wipeAtOnce+1).Scan(&to)
	if err != nil || to == from {
		return 0, err
	}
	n, err := t.exec(`UPDATE log_entry SET raw = NULL, nonce = NULL, event = 1, outcome = 2, actor = 1, role = 1, org = 1, case_id = 1, meeting = 1, basis = 1, visit = 1, glass = 0, at = 0
		WHERE id >= $1 AND id < min($2, $1 + $3)`, from, to, wipeAtOnce)
	return uint64(from-first) + uint64(n), err
}

// firstKept returns the id of the first line that is not empty: those before it went first,
// so that halving finds it.
func (t *Tx) firstKept(log uuid.UUID, first int64) (int64, error) {
	f, err := t.LogFrontier(log)
	if err != nil {
		return 0, err
	}
	lo, hi := int64(0), int64(f.Size)
	for lo < hi {
		mid := (lo + hi) / 2
		var kept bool
		if err := t.row(`SELECT raw IS NOT NULL FROM log_entry WHERE id = $1`, first+mid).Scan(&kept); err != nil {
			return 0, err
		}
		if kept {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return first + lo, nil
}

// RetainLog runs a change that ends the term of lines.
func (s *Store) RetainLog(ctx context.Context, fn func(audit.RetainTx) error) error {
	return s.update(ctx, func(t *Tx) error { return fn(t) })
}

// Terms returns how many years each team keeps lines.
func (s *Store) Terms(ctx context.Context) (map[uuid.UUID]int, error) {
	type row struct {
		team  uuid.UUID
		years int
	}
	rows, err := many(ctx, s, func(r scanner) (x row, err error) { return x, r.Scan(&x.team, &x.years) }, `SELECT id, log_years FROM team`)
	out := map[uuid.UUID]int{}
	for _, x := range rows {
		out[x.team] = x.years
	}
	return out, err
}
