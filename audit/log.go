package audit

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/crypto/logtree"
	"zat/fault"
)

// Entry is a line as the store keeps it. The tree holds only the commitment,
// so a line can go after its term while the tree stays verifiable.
type Entry struct {
	Columns    Columns
	Seq        uint64
	Nonce      []byte // nil, as Raw, once the line's term is over
	Raw        []byte
	Commitment [32]byte
}

// ErrBroken is returned for a line that does not fit its commitment.
var ErrBroken = errors.New("audit: a line does not fit its commitment")

// Line returns the line of an entry that fits its commitment. It fails with ErrBroken for
// another, and for one that is not there.
func (e Entry) Line() (Line, error) {
	if e.Raw == nil || Commit(e.Nonce, e.Raw) != e.Commitment {
		return Line{}, fmt.Errorf("%w: %d", ErrBroken, e.Seq)
	}
	return ParseLine(e.Raw)
}

// Commit returns SHA-256 over nonce and line.
func Commit(nonce, raw []byte) [32]byte {
	return commitIn(make([]byte, 0, len(nonce)+len(raw)), nonce, raw)
}

// commitIn is Commit with room for the bytes together: one call hashes faster than two.
func commitIn(room, nonce, raw []byte) [32]byte {
	return sha256.Sum256(append(append(room[:0], nonce...), raw...))
}

// Tx is what a line needs inside the transaction of the change it tells of.
type Tx interface {
	// LogFrontier returns the log's right edge and keeps others from appending
	// until the transaction ends.
	LogFrontier(log uuid.UUID) (logtree.Frontier, error)
	InsertLogEntry(log uuid.UUID, e Entry, next logtree.Frontier) error
	// ProcessingVersion returns the version of a team's register of processing activities
	// (art. 30) that is in force.
	ProcessingVersion(log uuid.UUID) (int, error)
}

// Store runs transactions. Update returns nil only when the change is durable.
type Store interface {
	UpdateLog(ctx context.Context, fn func(Tx) error) error
}

// Log appends lines. Log is a team's id; uuid.Nil is the installation's own log,
// which holds attempts to sign in with an address that nobody has.
type Log struct {
	Store  Store
	Now    func() time.Time
	System string // name and version of the program that writes
}

// Append writes lines in the transaction of the change they tell of.
func (l *Log) Append(tx Tx, log uuid.UUID, lines ...Line) error {
	frontier, err := tx.LogFrontier(log)
	if err != nil {
		return fmt.Errorf("reading log: %w", err)
	}
	version, err := tx.ProcessingVersion(log)
	if err != nil {
		return fmt.Errorf("reading the register of processing: %w", err)
	}
	for _, line := range lines {
		e, err := l.entry(version, line, frontier.Size)
		if err != nil {
			return err
		}
		frontier = frontier.Append(e.Commitment)
		if err := tx.InsertLogEntry(log, e, frontier); err != nil {
			return fmt.Errorf("writing line: %w", err)
		}
	}
	return nil
}

func (l *Log) entry(version int, line Line, seq uint64) (Entry, error) {
	if err := line.check(); err != nil {
		return Entry{}, err
	}
	line.Seq = seq
	line.ID = uuid.New()
	line.At = l.Now().UTC().UnixMilli()
	line.Action = line.Event.Action()
	line.Processing, line.Policy, line.System = processing(version, line.Purpose), PolicyVersion, l.System
	if line.Trace == uuid.Nil {
		line.Trace = line.ID
	}
	raw, err := json.Marshal(line)
	if err != nil {
		return Entry{}, fmt.Errorf("writing line: %w", err)
	}
	nonce := make([]byte, 32)
	rand.Read(nonce)
	return Entry{Columns: line.Columns(), Seq: seq, Nonce: nonce, Raw: raw, Commitment: Commit(nonce, raw)}, nil
}

// processing is the activity in the register of processing under which a purpose falls,
// with the version in force.
func processing(version int, p Purpose) string {
	activity := p.Activity()
	if activity == "" {
		return ""
	}
	return string(activity) + "/" + strconv.Itoa(version)
}

// Receipt proves that a durable line tells of a look. Its zero value proves
// nothing. It covers one subject: a vault with what is in it, or one item.
type Receipt struct {
	log, subject uuid.UUID
	durable      bool
}

// Covers reports whether the receipt allows opening this item of this vault.
func (r Receipt) Covers(team, vault, item uuid.UUID) bool {
	return r.durable && r.log == team && r.subject != uuid.Nil && (r.subject == vault || r.subject == item)
}

// Look writes the line of one look and returns its receipt once it is durable.
func (l *Log) Look(ctx context.Context, team uuid.UUID, line Line) (Receipt, error) {
	r, err := l.LookAll(ctx, team, []Line{line})
	if err != nil {
		return Receipt{}, err
	}
	return r[0], nil
}

// LookAll writes the lines of several looks together: one receipt for each.
func (l *Log) LookAll(ctx context.Context, team uuid.UUID, lines []Line) ([]Receipt, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	if err := l.Store.UpdateLog(ctx, func(tx Tx) error { return l.Append(tx, team, lines...) }); err != nil {
		return nil, fmt.Errorf("writing the line before a look: %w", err)
	}
	out := make([]Receipt, len(lines))
	for i, line := range lines {
		if line.Outcome == Success {
			out[i] = Receipt{log: team, subject: line.Object, durable: true}
		}
	}
	return out, nil
}

// Deny writes a refused attempt and returns the refusal. The refusal is given
// only after its line is durable. A refusal for want of a relation answers as
// NotFound, so that nobody learns what exists.
func (l *Log) Deny(ctx context.Context, team uuid.UUID, line Line, rule string, kind fault.Kind) error {
	if err := l.Store.UpdateLog(ctx, func(tx Tx) error { return l.Append(tx, team, line.Refused(rule)) }); err != nil {
		return fmt.Errorf("writing the line of a refusal: %w", err)
	}
	if kind == fault.NotFound {
		return fault.New(kind, "error.notfound")
	}
	return fault.New(kind, "error.denied")
}

// Require denies unless the actor's role has the permission.
func (l *Log) Require(ctx context.Context, a account.Actor, p account.Permission, line Line) error {
	if a.May(p) {
		return nil
	}
	return l.Deny(ctx, a.Team, line, "role:"+string(p), fault.Denied)
}
