package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"zat/fault"
)

// maxTerms is how many words the writer keeps in memory before it begins anew.
const maxTerms = 100_000

// remember keeps words that are on disk now.
func (w *writer) remember(terms map[string]int64) {
	if len(w.terms)+len(terms) > maxTerms {
		w.terms = map[string]int64{}
	}
	for term, id := range terms {
		w.terms[term] = id
	}
}

// term returns the number of a word, which it gets when it has none.
func (t *Tx) term(term string) (int64, error) {
	if id, ok := t.w.terms[term]; ok {
		return id, nil
	}
	if id, ok := t.to.terms[term]; ok {
		return id, nil
	}
	var id int64
	err := t.row(`SELECT id FROM log_term WHERE term = $1`, term).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = t.row(`INSERT INTO log_term (term) VALUES ($1) RETURNING id`, term).Scan(&id)
	}
	if err != nil {
		return 0, fmt.Errorf("a word of the log: %w", err)
	}
	t.to.terms[term] = id
	return id, nil
}

// termID returns the number of a word; ok is false when no line has it.
func (s *Store) termID(ctx context.Context, term string) (id int64, ok bool, err error) {
	id, err = one(ctx, s, scanInt, `SELECT id FROM log_term WHERE term = $1`, term)
	if fault.Is(err, fault.NotFound) {
		return 0, false, nil
	}
	return id, err == nil, err
}

// seqBits is how many bits of a line's id are its sequence; above them is its log.
const seqBits = 40

// logRange returns the ids between which the lines of a log are; none: ok is false.
func (s *Store) logRange(ctx context.Context, log uuid.UUID) (first, last int64, ok bool, err error) {
	id, ok, err := s.termID(ctx, log.String())
	return id << seqBits, id<<seqBits | (1<<seqBits - 1), ok, err
}
