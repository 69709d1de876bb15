package audit

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// TermYears is how long lines are kept unless a team says otherwise (rules.md, "Retention
// and rights").
const TermYears = 5

// RetainTx is what a run of retention needs: lines go in the transaction that tells of it.
type RetainTx interface {
	Tx
	// WipeLines empties the lines of a log that are older, as far as no newer one comes
	// before them, and returns the sequence after the last of them; 0 when none went. What
	// the tree is made of stays.
	WipeLines(log uuid.UUID, before time.Time) (until uint64, err error)
}

// RetainStore runs it.
type RetainStore interface {
	RetainLog(ctx context.Context, fn func(RetainTx) error) error
	// Terms returns how many years each team keeps lines.
	Terms(ctx context.Context) (map[uuid.UUID]int, error)
}

const untilWord = "until "

// Retain wipes the lines of all logs whose term is over. Each log that lost lines gets one
// that tells up to where.
func (l *Log) Retain(ctx context.Context, s RetainStore) error {
	terms, err := s.Terms(ctx)
	if err != nil {
		return fmt.Errorf("reading terms: %w", err)
	}
	terms[uuid.Nil] = TermYears
	for log, years := range terms {
		before := l.Now().UTC().AddDate(-years, 0, 0)
		err := s.RetainLog(ctx, func(tx RetainTx) error {
			until, err := tx.WipeLines(log, before)
			if err != nil || until == 0 {
				return err
			}
			line := Line{Event: LogRetained, Outcome: Success, Kind: ObjLog, Object: log, Purpose: PurposeControl, Part: untilWord + strconv.FormatUint(until, 10)}
			return l.Append(tx, log, line)
		})
		if err != nil {
			return fmt.Errorf("ending the term of lines: %w", err)
		}
	}
	return nil
}

// goneUntil is up to where a run of retention says that lines are gone.
func (l Line) goneUntil() uint64 {
	n, err := strconv.ParseUint(strings.TrimPrefix(l.Part, untilWord), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
