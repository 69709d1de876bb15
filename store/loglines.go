package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/audit"
	"zat/audit/review"
)

// A search looks at step lines at a time until its page is full or it took patience: a
// filter by which few of very many lines fit shows what it found so far, and how far it
// looked, in place of keeping its reader waiting.
const (
	searchStep     = 2000
	searchPatience = 12 * time.Millisecond
)

// clock skew that a period allows for, in lines: a clock that was set back leaves lines
// out of order.
const skewLines = 1000

// search is a filter as the index that leads and what is looked at besides.
type search struct {
	lead, index string
	leadID      int64
	also        []string
	args        []any
	lo, hi      int64 // ids: from lo, before hi
	none        bool  // nothing can fit
	asc         bool  // oldest first
}

// LogLines returns lines, newest first. rest is where the search stopped before its page
// was full and all was looked at; 0 when it did not.
func (s *Store) LogLines(ctx context.Context, log uuid.UUID, f review.Filter) (out []audit.Entry, rest uint64, err error) {
	first, last, ok, err := s.logRange(ctx, log)
	if err != nil || !ok {
		return nil, 0, err
	}
	q, err := s.searchOf(ctx, f, first, last)
	if err != nil || q.none {
		return nil, 0, err
	}
	begun := time.Now()
	for q.hi > q.lo {
		found, low, n, err := s.searchStepOf(ctx, q, first, f.Limit-len(out))
		if err != nil {
			return nil, 0, err
		}
		out = append(out, found...)
		if n < searchStep || len(out) >= f.Limit {
			return out, 0, nil
		}
		if q.hi = low; time.Since(begun) > searchPatience {
			return out, uint64(low - first), nil
		}
	}
	return out, 0, nil
}

// searchStepOf looks at the next lines: those that fit, the last id that was looked at, and
// how many were.
func (s *Store) searchStepOf(ctx context.Context, q *search, first int64, limit int) (found []audit.Entry, last int64, n int, err error) {
	from := `log_entry`
	where := `id >= $1 AND id < $2`
	if q.lead != "" {
		from += ` INDEXED BY ` + q.index
		where += ` AND ` + q.lead + ` = $3` + partial[q.lead]
	}
	order := ` DESC`
	if q.asc {
		order = ` ASC`
	}
	inner := `SELECT id FROM ` + from + ` WHERE ` + where + ` ORDER BY id` + order + ` LIMIT $4`
	also := ""
	if len(q.also) > 0 {
		also = ` WHERE ` + strings.Join(q.also, ` AND `)
	}
	type span struct {
		last int64
		n    int
	}
	edge := `min`
	if q.asc {
		edge = `max`
	}
	// The edge comes first: a line that is appended between the two looks is for the next step.
	x, err := one(ctx, s, func(r scanner) (x span, err error) { return x, r.Scan(&x.last, &x.n) }, `SELECT coalesce(`+edge+`(id), 0), count(*) FROM (`+inner+`)`, q.lo, q.hi, q.leadID, searchStep)
	if err != nil || x.n == 0 {
		return nil, x.last, 0, err
	}
	lo, hi := x.last, q.hi
	if q.asc {
		lo, hi = q.lo, x.last+1
	}
	args := append([]any{lo, hi, q.leadID, searchStep, limit, first}, q.args...)
	found, err = many(ctx, s, scanEntry, `SELECT e.id - $6, e.nonce, e.raw, e.commitment FROM (`+inner+`) d JOIN log_entry e ON e.id = d.id`+also+` ORDER BY e.id`+order+` LIMIT $5`, args...)
	return found, x.last, x.n, err
}

// LogEach calls fn for all lines that fit, oldest first, however many there are: it reads
// some at a time, and keeps nothing open between them.
func (s *Store) LogEach(ctx context.Context, log uuid.UUID, f review.Filter, fn func(audit.Entry) error) error {
	first, end, ok, err := s.logRange(ctx, log)
	if err != nil || !ok {
		return err
	}
	q, err := s.searchOf(ctx, f, first, end)
	if err != nil || q.none {
		return err
	}
	q.asc = true
	for q.lo < q.hi {
		found, last, n, err := s.searchStepOf(ctx, q, first, searchStep+1)
		if err != nil {
			return err
		}
		for _, e := range found {
			if err := fn(e); err != nil {
				return err
			}
		}
		if n < searchStep {
			return nil
		}
		q.lo = last + 1
	}
	return nil
}

func scanEntry(r scanner) (e audit.Entry, err error) {
	var c []byte
	if err := r.Scan(&e.Seq, &e.Nonce, &e.Raw, &c); err != nil {
		return e, err
	}
	copy(e.Commitment[:], c)
	return e, nil
}

// searchOf prepares a search. What few lines have leads: a case before a person, a person
// before an event, an event before a role.
func (s *Store) searchOf(ctx context.Context, f review.Filter, first, last int64) (*search, error) {
	q := &search{lo: first, hi: last + 1, args: nil}
	if f.Before > 0 {
		q.hi = min(q.hi, first+int64(f.Before))
	}
	if err := s.within(ctx, q, f, first, last); err != nil {
		return nil, err
	}
	for _, d := range []struct{ column, term string }{
		{"case_id", idTerm(f.Case)}, {"visit", f.Visit}, {"meeting", idTerm(f.Meeting)}, {"basis", idTerm(f.Basis)}, {"actor", idTerm(f.Actor)},
		{"event", string(f.Event)}, {"outcome", string(f.Outcome)}, {"org", idTerm(f.Org)}, {"role", string(f.Role)},
	} {
		if d.term == "" {
			continue
		}
		id, ok, err := s.termID(ctx, d.term)
		if err != nil {
			return nil, err
		}
		q.none = q.none || !ok
		s.lead(q, d.column, id)
	}
	if f.Glass {
		s.lead(q, "glass", 1)
	}
	return q, nil
}

// lead lets a column lead the search, unless another does already; success is what most
// lines are, so that it has no index.
func (s *Store) lead(q *search, column string, id int64) {
	if q.lead == "" && (column != "outcome" || id != successTerm) {
		q.lead, q.index, q.leadID = column, "log_entry_"+strings.TrimSuffix(column, "_id"), id
		return
	}
	q.also = append(q.also, fmt.Sprintf("e.%s = $%d", column, 7+len(q.args)))
	q.args = append(q.args, id)
}

// partial is what an index that leaves lines out asks for beside its column.
var partial = map[string]string{"case_id": ` AND case_id > 5`, "meeting": ` AND meeting > 5`, "basis": ` AND basis > 5`, "visit": ` AND visit > 5`,
	"outcome": ` AND outcome <> 2`, "glass": ` AND glass = 1`}

// successTerm is the number of the word "success" (migration 12).
const successTerm = 2

func idTerm(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// within narrows a search to a period: sequence follows time, but for a clock that was set.
func (s *Store) within(ctx context.Context, q *search, f review.Filter, first, last int64) error {
	if !f.From.IsZero() {
		q.also = append(q.also, fmt.Sprintf("e.at >= $%d", 7+len(q.args)))
		q.args = append(q.args, ms(f.From))
		low, err := many(ctx, s, scanInt, `SELECT id FROM log_entry INDEXED BY log_entry_at WHERE at >= $1 AND id >= $2 AND id <= $3 ORDER BY at LIMIT 1`, ms(f.From), first, last)
		if err != nil {
			return err
		}
		if len(low) == 0 {
			q.none = true
			return nil
		}
		q.lo = max(q.lo, low[0]-skewLines)
	}
	if !f.Until.IsZero() {
		q.also = append(q.also, fmt.Sprintf("e.at < $%d", 7+len(q.args)))
		q.args = append(q.args, ms(f.Until))
		high, err := many(ctx, s, scanInt, `SELECT id FROM log_entry INDEXED BY log_entry_at WHERE at < $1 AND id >= $2 AND id <= $3 ORDER BY at DESC LIMIT 1`, ms(f.Until), first, last)
		if err != nil {
			return err
		}
		if len(high) == 0 {
			q.none = true
			return nil
		}
		q.hi = min(q.hi, high[0]+skewLines)
	}
	return nil
}

// LogLine returns one line of a log.
func (s *Store) LogLine(ctx context.Context, log uuid.UUID, seq uint64) (audit.Entry, error) {
	first, _, _, err := s.logRange(ctx, log)
	if err != nil {
		return audit.Entry{}, err
	}
	return one(ctx, s, scanEntry, `SELECT id - $1, nonce, raw, commitment FROM log_entry WHERE id = $1 + $2`, first, int64(seq))
}
