// Package store keeps everything in a database: SQLite for now, written so that
// PostgreSQL comes as a second dialect behind the same contract (storetest).
//
// Update promises that when it returns nil the change is on disk, with its
// lines in the access log and a signed checkpoint over them. The store knows no
// keys and sees sealed bytes only.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"runtime"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/pressly/goose/v3"

	"zat/crypto/logtree"
	"zat/crypto/seal"
	"zat/fault"
)

//go:embed migrations
var migrations embed.FS

// SignHead signs the checkpoint of a log. It is called once for each log that a
// commit touches.
type SignHead func(log uuid.UUID, size uint64, root logtree.Hash) ([]byte, error)

// CheckHead reports whether a stored checkpoint of a log is signed, with the log's key, for
// this size and root.
type CheckHead func(log uuid.UUID, size uint64, root logtree.Hash, note []byte) error

// Check has the head of each log checked before anything is signed on top of it.
func (s *Store) Check(check CheckHead) { s.w.check = check }

// Store is an open database.
type Store struct {
	read  *sql.DB
	snap  *sql.DB  // for whole logs, so that no page waits while one is read
	stmts sync.Map // SQL text -> *sql.Stmt of the reader pool
	w     *writer

	whole chan struct{} // holds a token while a log is read as a whole, or lines go
}

// Open opens the SQLite database in a file, making it and bringing it up to the
// newest schema.
func Open(ctx context.Context, file string, sign SignHead) (*Store, error) {
	if err := ownFile(file); err != nil {
		return nil, err
	}
	write := openSQLite(file, false)
	if err := migrate(ctx, write); err != nil {
		write.Close()
		return nil, err
	}
	w, err := newWriter(ctx, write, sign)
	if err != nil {
		write.Close()
		return nil, err
	}
	read := openSQLite(file, true)
	n := max(4, 2*runtime.GOMAXPROCS(0))
	read.SetMaxOpenConns(n)
	read.SetMaxIdleConns(n)
	snap := openSQLite(file, true)
	snap.SetMaxOpenConns(runtime.GOMAXPROCS(0))
	return &Store{read: read, snap: snap, w: w, whole: make(chan struct{}, 1)}, nil
}

// ownFile makes the database a file that only its owner reads; SQLite gives the
// files beside it the same mode.
func ownFile(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("opening database: %w", err)
	}
	return f.Close()
}

func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir)
	if err != nil {
		return fmt.Errorf("reading migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bringing the database up to date: %w", err)
	}
	return nil
}

// Close waits for running changes and closes the database.
func (s *Store) Close() error {
	s.w.close()
	s.stmts.Range(func(_, v any) bool { v.(*sql.Stmt).Close(); return true })
	return errors.Join(s.snap.Close(), s.read.Close())
}

var placeholder = regexp.MustCompile(`\$(\d+)`)

// rebind turns $n into ?n: go-sqlite3 binds $n by first appearance, not by
// number. Every statement passes here.
func rebind(query string) string { return placeholder.ReplaceAllString(query, "?$1") }

// stmt returns the prepared statement of a query for the reader pool.
func (s *Store) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if st, ok := s.stmts.Load(query); ok {
		return st.(*sql.Stmt), nil
	}
	st, err := s.read.PrepareContext(ctx, rebind(query))
	if err != nil {
		return nil, fmt.Errorf("preparing: %w", err)
	}
	if old, loaded := s.stmts.LoadOrStore(query, st); loaded {
		st.Close()
		return old.(*sql.Stmt), nil
	}
	return st, nil
}

type scanner interface{ Scan(dest ...any) error }

// one reads a single row; no row is fault.NotFound, never an empty answer.
func one[T any](ctx context.Context, s *Store, scan func(scanner) (T, error), query string, args ...any) (T, error) {
	var zero T
	st, err := s.stmt(ctx, query)
	if err != nil {
		return zero, err
	}
	v, err := scan(st.QueryRowContext(ctx, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return zero, fault.New(fault.NotFound, "error.notfound")
	}
	return v, err
}

// many reads all rows of a query.
func many[T any](ctx context.Context, s *Store, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	st, err := s.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, scan)
}

func scanAll[T any](rows *sql.Rows, scan func(scanner) (T, error)) ([]T, error) {
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func scanInt(r scanner) (n int64, err error) { return n, r.Scan(&n) }

func scanBytes(r scanner) (b []byte, err error) { return b, r.Scan(&b) }

func scanID(r scanner) (id uuid.UUID, err error) { return id, r.Scan(&id) }

// ms is a moment as it is stored; the zero time is 0.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

// at scans a moment.
type at struct{ t *time.Time }

func (a at) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("scanning a time: %T", v)
	}
	*a.t = moment(n)
	return nil
}

// maybe scans sealed bytes that may be absent.
type maybe struct{ s *seal.Sealed }

func (m maybe) Scan(v any) error {
	switch b := v.(type) {
	case nil:
		*m.s = nil
	case []byte:
		*m.s = append(seal.Sealed(nil), b...)
	default:
		return fmt.Errorf("scanning sealed bytes: %T", v)
	}
	return nil
}
