package audit

import (
	"context"
	"fmt"
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

// leastYears is the shortest term that there is; a line that tells of a shorter one explains
// nothing.
const leastYears = 1

const goneForm = "until %d after %d years"

// Retain wipes the lines of all logs whose term is over. Each log that lost lines gets one
// that tells up to where.
func (l *Log) Retain(ctx context.Context, s RetainStore) error {
	terms, err := s.Terms(ctx)
	if err != nil {
		return fmt.Errorf("reading terms: %w", err)
	}
	terms[uuid.Nil] = TermYears
	for log, years := range terms {
		if years < leastYears { // nobody chose that
			years = TermYears
		}
		before := l.Now().UTC().AddDate(-years, 0, 0)
		err := s.RetainLog(ctx, func(tx RetainTx) error {
			until, err := tx.WipeLines(log, before)
			if err != nil || until == 0 {
				return err
			}
			line := Line{Event: LogRetained, Outcome: Success, Kind: ObjLog, Object: log, Purpose: PurposeControl, Part: fmt.Sprintf(goneForm, until, years)}
			return l.Append(tx, log, line)
		})
		if err != nil {
			return fmt.Errorf("ending the term of lines: %w", err)
		}
	}
	return nil
}

// Gone is up to where a run of retention says that lines went, and after how many years; ok
// is false for a line that explains nothing.
func (l Line) Gone() (until uint64, years int, ok bool) {
	n, err := fmt.Sscanf(l.Part, goneForm, &until, &years)
	if l.Event != LogRetained || err != nil || n != 2 || years < leastYears {
		return 0, 0, false
	}
	return until, years, true
}
