package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"runtime"

	"github.com/google/uuid"
	"github.com/mattn/go-sqlite3"

	"zat/audit"
)

// Snapshot reads a log as it was at one moment, however much is appended meanwhile.
// One log is read at a time: two would wait for each other's connections.
func (s *Store) Snapshot(ctx context.Context, log uuid.UUID, fn func(audit.View) error) error {
	select {
	case s.whole <- struct{}{}:
		defer func() { <-s.whole }()
	case <-ctx.Done():
		return ctx.Err()
	}
	v := &snapshot{ctx: ctx, log: log}
	defer v.close()
	for range runtime.GOMAXPROCS(0) {
		c, err := s.snap.Conn(ctx)
		if err != nil {
			return fmt.Errorf("beginning a snapshot: %w", err)
		}
		v.conns = append(v.conns, c)
		// The first look fixes what a transaction sees. Those after the first may see more
		// lines at the end; nobody reads further than the first says that there are.
		if _, err := c.ExecContext(ctx, `BEGIN`); err != nil {
			return fmt.Errorf("beginning a snapshot: %w", err)
		}
		if err := v.look(c); err != nil {
			return fmt.Errorf("beginning a snapshot: %w", err)
		}
	}
	if err := v.readWords(); err != nil {
		return err
	}
	return fn(v)
}

// snapshot is one log at one moment. It reads on as many connections as there are processors.
type snapshot struct {
	ctx   context.Context
	log   uuid.UUID
	conns []*sql.Conn
	begun bool
	size  uint64
	note  []byte
	first int64 // id of the log's first line; 0: there are none
	words []string
}

func (v *snapshot) close() {
	for _, c := range v.conns {
		c.ExecContext(context.WithoutCancel(v.ctx), `ROLLBACK`) // it only read
		c.Close()
	}
}

// look reads the head, on the first connection to keep it.
func (v *snapshot) look(c *sql.Conn) error {
	var size uint64
	var note []byte
	err := c.QueryRowContext(v.ctx, rebind(headSelect), v.log).Scan(&size, &note)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if !v.begun {
		v.begun, v.size, v.note = true, size, note
	}
	return err
}

func (v *snapshot) Head() (size uint64, note []byte, err error) { return v.size, v.note, nil }

func (v *snapshot) Checkpoints() ([][]byte, error) {
	rows, err := v.conns[0].QueryContext(v.ctx, rebind(`SELECT note FROM log_checkpoint WHERE log = $1 ORDER BY at`), v.log)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, scanBytes)
}

// Entries reads the log in order.
func (v *snapshot) Entries(fn func(audit.Entry) error) error {
	return v.Range(0, 0, 1<<seqBits, fn)
}

const wholeSelect = `SELECT id, at, event, outcome, actor, role, org, case_id, meeting, basis, visit, glass, commitment, nonce, raw FROM log_entry WHERE id >= ?1 AND id < ?2 ORDER BY id`

// Range reads entries on one connection, straight from the driver: a check reads millions,
// and database/sql's own conversions take twice as long as the reading.
func (v *snapshot) Range(worker int, first, last uint64, fn func(audit.Entry) error) error {
	if v.first == 0 {
		return nil
	}
	return v.conns[worker].Raw(func(c any) error {
		conn, ok := c.(*sqlite3.SQLiteConn)
		if !ok {
			return fmt.Errorf("reading a log: %T", c)
		}
		rows, err := conn.Query(wholeSelect, []driver.Value{v.first + int64(first), v.first + int64(last)})
		if err != nil {
			return err
		}
		defer rows.Close()
		cells := make([]driver.Value, 15)
		for {
			err := rows.Next(cells)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			e, err := v.entry(cells)
			if err == nil && e.Seq%256 == 0 {
				err = v.ctx.Err()
			}
			if err != nil {
				return err
			}
			if err := fn(e); err != nil {
				return err
			}
		}
	})
}

// Beyond reports whether there are entries that were not signed for.
func (v *snapshot) Beyond(size uint64) (more bool, err error) {
	if v.first == 0 {
		return false, nil
	}
	// Lines that came after this moment are none of them: the same connection sees none.
	err = v.conns[0].QueryRowContext(v.ctx, rebind(`SELECT EXISTS (SELECT 1 FROM log_entry WHERE id >= $1 AND id < $2)`), v.first+int64(size), v.first+1<<seqBits).Scan(&more)
	return more, err
}

// entry reads an entry with its columns.
func (v *snapshot) entry(cells []driver.Value) (e audit.Entry, err error) {
	var n [12]int64
	for i := range n {
		switch x := cells[i].(type) {
		case int64:
			n[i] = x
		default:
			return e, fmt.Errorf("reading a line: a number of type %T", x)
		}
	}
	e.Seq = uint64(n[0] - v.first)
	c := &e.Columns
	c.At, c.Glass = n[1], n[11] != 0
	for i, to := range [9]*string{&c.Event, &c.Outcome, &c.Actor, &c.Role, &c.Org, &c.Case, &c.Meeting, &c.Basis, &c.Visit} {
		k := n[2+i]
		if k > 0 && k < int64(len(v.words)) {
			*to = v.words[k]
		}
		if *to == "" && k != emptyTerm {
			*to = noWord
		}
	}
	if n[11] != 0 && n[11] != 1 {
		c.Event = noWord
	}
	commitment, _ := cells[12].([]byte)
	copy(e.Commitment[:], commitment)
	e.Nonce, _ = cells[13].([]byte)
	e.Raw, _ = cells[14].([]byte)
	return e, nil
}

// noWord stands for a number that is no word's: it fits no line.
const noWord = "\x00"

// emptyTerm is the number of the empty word (migration 12).
const emptyTerm = 1

// readWords reads the words by their numbers, and where the log begins.
func (v *snapshot) readWords() error {
	rows, err := v.conns[0].QueryContext(v.ctx, `SELECT id, term FROM log_term ORDER BY id`)
	if err != nil {
		return fmt.Errorf("reading the words of a log: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var term string
		if err := rows.Scan(&id, &term); err != nil {
			return err
		}
		if id < 1 || id > maxWords {
			continue // not one of ours: a line that has it fits no column
		}
		for int64(len(v.words)) <= id {
			v.words = append(v.words, "")
		}
		v.words[id] = term
		if term == v.log.String() {
			v.first = id << seqBits
		}
	}
	return rows.Err()
}

// maxWords bounds the memory for words, whatever somebody put into their table.
const maxWords = 10_000_000
