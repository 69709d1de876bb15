package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
	var edges, note []byte
	err := t.row(`SELECT size, edges, note FROM log_head WHERE log = $1`, log).Scan(&size, &edges, &note)
	if errors.Is(err, sql.ErrNoRows) {
		return logtree.Frontier{}, t.neverBegun(log)
	}
	if err != nil {
		return logtree.Frontier{}, err
	}
	f, err := logtree.ParseFrontier(uint64(size), edges)
	if err != nil {
		return f, err
	}
	return f, t.w.trusted(log, f, note)
}

// neverBegun refuses to begin a log anew that has entries.
func (t *Tx) neverBegun(log uuid.UUID) error {
	num, err := t.term(log.String())
	if err != nil {
		return err
	}
	var there bool
	if err := t.row(`SELECT EXISTS (SELECT 1 FROM log_entry WHERE id >= $1 AND id < $2)`, num<<seqBits, (num+1)<<seqBits).Scan(&there); err != nil {
		return err
	}
	if _, known := t.w.heads[log]; there || known {
		return errHead
	}
	return nil
}

// errHead ends a change that would sign on top of what nobody signed.
var errHead = errors.New("store: the head of a log is not the one that was signed; run zat log verify")

// trusted refuses a head that is not what was signed: else an entry changed in the database
// would be signed with the next line. What this process wrote itself needs no look.
func (w *writer) trusted(log uuid.UUID, f logtree.Frontier, note []byte) error {
	root := f.Root()
	if w.check == nil || w.heads[log] == root {
		return nil
	}
	if err := w.check(log, f.Size, root, note); err != nil {
		return fmt.Errorf("%w: %w", errHead, err)
	}
	w.heads[log] = root
	return nil
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

// WipeLines empties the lines of a log that are older, by what the lines themselves say,
// from where the last run that a line tells of ended. Where a line is empty before that, or
// does not fit its commitment, nothing goes: that is for a check to tell of.
func (t *Tx) WipeLines(log uuid.UUID, before time.Time) (until uint64, err error) {
	num, err := t.term(log.String())
	if err != nil {
		return 0, err
	}
	first := num << seqBits
	from, err := t.retained(first)
	if err != nil {
		return 0, err
	}
	n, err := t.older(first+int64(from), first+1<<seqBits, before)
	if err != nil || n == 0 {
		return 0, err
	}
	err = t.run(`UPDATE log_entry SET raw = NULL, nonce = NULL, event = 1, outcome = 2, actor = 1, role = 1, org = 1, case_id = 1, meeting = 1, basis = 1, visit = 1, glass = 0, at = 0
		WHERE id >= $1 AND id < $1 + $2`, first+int64(from), n)
	return from + uint64(n), err
}

// retained is up to where the newest run of retention says that lines went.
func (t *Tx) retained(first int64) (uint64, error) {
	event, err := t.term(string(audit.LogRetained))
	if err != nil {
		return 0, err
	}
	rows, err := manyIn(t, scanEntry, `SELECT id - $1, nonce, raw, commitment FROM log_entry INDEXED BY log_entry_event WHERE event = $2 AND id >= $1 AND id < $3 ORDER BY id DESC LIMIT 1`,
		first, event, first+1<<seqBits)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	l, err := rows[0].Line()
	if err != nil {
		return 0, err
	}
	until, _, _ := l.Gone()
	return until, nil
}

// older counts the lines from an id on that are older, each checked against its commitment.
func (t *Tx) older(from, end int64, before time.Time) (n int64, err error) {
	rows, err := manyIn(t, scanEntry, `SELECT id - $1, nonce, raw, commitment FROM log_entry WHERE id >= $1 AND id < $2 ORDER BY id LIMIT $3`, from, min(end, from+wipeAtOnce), wipeAtOnce)
	if err != nil {
		return 0, err
	}
	for _, e := range rows {
		l, err := e.Line()
		if err != nil {
			return 0, fmt.Errorf("lines whose term is over: %w", err)
		}
		if !l.Time().Before(before) {
			break
		}
		n++
	}
	return n, nil
}

// RetainLog runs a change that ends the term of lines.
func (s *Store) RetainLog(ctx context.Context, fn func(audit.RetainTx) error) error {
	select { // nobody reads a log while lines go from it: he would not see why
	case s.whole <- struct{}{}:
		defer func() { <-s.whole }()
	case <-ctx.Done():
		return ctx.Err()
	}
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
