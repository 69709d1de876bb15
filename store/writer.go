package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"sync"

	"github.com/google/uuid"

	"zat/crypto/logtree"
)

// maxBatch bounds how many changes share one commit.
const maxBatch = 256

// writer is the one connection that changes the database. Whoever wants a change
// queues it; when nobody is committing he commits all that is queued himself,
// each change under its own savepoint, and else he waits. So changes that arrive
// while a commit is on its way to disk share the next one, and a change alone
// costs no switch to another goroutine.
type writer struct {
	db       *sql.DB
	conn     *sql.Conn
	stmts    map[string]*sql.Stmt
	sign     SignHead
	check    CheckHead
	terms    map[string]int64           // words of the log that are on disk
	heads    map[uuid.UUID]logtree.Hash // roots that were signed, as this process knows
	versions map[uuid.UUID]int          // of the register of processing

	commits sync.Mutex // held while a batch is committed

	mu     sync.Mutex // guards what follows
	queue  []*job
	closed bool
}

type job struct {
	ctx  context.Context
	fn   func(*Tx) error
	err  error
	done chan struct{}
}

// Tx is one change inside a commit.
type Tx struct {
	ctx context.Context
	w   *writer
	to  logged
}

// logged is what a commit brings to the logs: new right edges, and new words.
type logged struct {
	heads map[uuid.UUID]logtree.Frontier
	terms map[string]int64
}

func newLogged() logged { return logged{map[uuid.UUID]logtree.Frontier{}, map[string]int64{}} }

func (l logged) clone() logged { return logged{maps.Clone(l.heads), maps.Clone(l.terms)} }

var errClosed = errors.New("store: closed")

func newWriter(ctx context.Context, db *sql.DB, sign SignHead) (*writer, error) {
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening the writer: %w", err)
	}
	return &writer{db: db, conn: conn, stmts: map[string]*sql.Stmt{}, sign: sign, terms: map[string]int64{}, heads: map[uuid.UUID]logtree.Hash{}, versions: map[uuid.UUID]int{}}, nil
}

// close lets what is queued finish, and closes the connection.
func (w *writer) close() {
	w.mu.Lock()
	already := w.closed
	w.closed = true
	w.mu.Unlock()
	if already {
		return
	}
	w.commits.Lock()
	defer w.commits.Unlock()
	for batch := w.take(); len(batch) > 0; batch = w.take() {
		w.commit(batch)
	}
	for _, st := range w.stmts {
		st.Close()
	}
	w.conn.Close()
	w.db.Close()
}

// update runs fn in a durable transaction. It may run with others in one
// commit; when fn fails nothing of it stays. Once it is queued it is carried
// out, even if whoever asked for it has gone.
func (s *Store) update(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{ctx: context.WithoutCancel(ctx), fn: fn, done: make(chan struct{})}
	if !s.w.enqueue(j) {
		return errClosed
	}
	s.w.turn()
	<-j.done
	return j.err
}

// turn commits one batch, unless somebody is committing already: then he sees
// after it that more is queued, and lets another goroutine go on with that.
func (w *writer) turn() {
	if !w.commits.TryLock() {
		return
	}
	w.commit(w.take())
	w.commits.Unlock()
	if w.waiting() {
		go w.turn()
	}
}

func (w *writer) waiting() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.queue) > 0 && !w.closed
}

func (w *writer) enqueue(j *job) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.queue = append(w.queue, j)
	return true
}

// take returns the changes for the next commit.
func (w *writer) take() []*job {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(len(w.queue), maxBatch)
	batch := w.queue[:n:n]
	w.queue = w.queue[n:]
	return batch
}

func (w *writer) commit(batch []*job) {
	if len(batch) == 0 {
		return
	}
	if err := w.run(batch); err != nil {
		w.exec("ROLLBACK") // fails when SQLite has rolled back by itself
		for _, j := range batch {
			if j.err == nil {
				j.err = err
			}
		}
	}
	for _, j := range batch {
		close(j.done)
	}
}

func (w *writer) run(batch []*job) error {
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("beginning: %w", err)
	}
	to := newLogged()
	if len(batch) == 1 { // alone: the transaction itself is its savepoint
		j := batch[0]
		if j.err = guarded(j.fn, &Tx{ctx: j.ctx, w: w, to: to}); j.err != nil {
			return w.exec("ROLLBACK")
		}
		return w.finish(to)
	}
	for _, j := range batch {
		mine := to.clone()
		ok, err := w.step(j, mine)
		if err != nil {
			return err
		}
		if ok {
			to = mine
		}
	}
	return w.finish(to)
}

// finish signs what was logged and commits: after it all is on disk.
func (w *writer) finish(to logged) error {
	if err := w.putHeads(to.heads); err != nil {
		return err
	}
	if err := w.exec("COMMIT"); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	w.remember(to.terms)
	for log, f := range to.heads {
		w.heads[log] = f.Root()
	}
	return nil
}

// step runs one change under a savepoint and reports whether it stays.
func (w *writer) step(j *job, to logged) (bool, error) {
	if err := w.exec("SAVEPOINT change"); err != nil {
		return false, fmt.Errorf("beginning a change: %w", err)
	}
	j.err = guarded(j.fn, &Tx{ctx: j.ctx, w: w, to: to})
	if j.err != nil {
		if err := w.exec("ROLLBACK TO change"); err != nil {
			return false, fmt.Errorf("undoing a change: %w", err)
		}
	}
	if err := w.exec("RELEASE change"); err != nil {
		return false, fmt.Errorf("ending a change: %w", err)
	}
	return j.err == nil, nil
}

// guarded keeps a panic in one change from taking the writer with it. The
// panic's value may hold content and stays out of the error.
func guarded(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("panic in a change: %s", debug.Stack())
		}
	}()
	return fn(tx)
}

// putHeads signs and stores the new right edge of each log touched.
func (w *writer) putHeads(heads map[uuid.UUID]logtree.Frontier) error {
	for log, f := range heads {
		note, err := w.sign(log, f.Size, f.Root())
		if err != nil {
			return fmt.Errorf("signing the log: %w", err)
		}
		st, err := w.stmt(`INSERT INTO log_head (log, size, edges, note) VALUES ($1, $2, $3, $4)
			ON CONFLICT (log) DO UPDATE SET size = $2, edges = $3, note = $4`)
		if err != nil {
			return err
		}
		if _, err := st.Exec(log, int64(f.Size), f.Marshal(), note); err != nil {
			return fmt.Errorf("storing the log's head: %w", err)
		}
	}
	return nil
}

func (w *writer) exec(query string) error {
	st, err := w.stmt(query)
	if err != nil {
		return err
	}
	_, err = st.Exec()
	return err
}

func (w *writer) stmt(query string) (*sql.Stmt, error) {
	if st := w.stmts[query]; st != nil {
		return st, nil
	}
	st, err := w.conn.PrepareContext(context.Background(), rebind(query))
	if err != nil {
		return nil, fmt.Errorf("preparing: %w", err)
	}
	w.stmts[query] = st
	return st, nil
}

func (t *Tx) exec(query string, args ...any) (int64, error) {
	st, err := t.w.stmt(query)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// run is exec for who does not ask how many rows changed.
func (t *Tx) run(query string, args ...any) error {
	_, err := t.exec(query, args...)
	return err
}

// first reports whether exactly this call changed the row.
func (t *Tx) first(query string, args ...any) (bool, error) {
	n, err := t.exec(query, args...)
	return n > 0, err
}

func (t *Tx) row(query string, args ...any) scanner {
	st, err := t.w.stmt(query)
	if err != nil {
		return failed{err}
	}
	return st.QueryRowContext(t.ctx, args...)
}

// manyIn is many, as a change sees it.
func manyIn[T any](t *Tx, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	st, err := t.w.stmt(query)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(t.ctx, args...)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, scan)
}

type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }
