package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"zat/audit/review"
	"zat/crypto/seal"
)

// UpdateReview runs a change of what the officer keeps.
func (s *Store) UpdateReview(ctx context.Context, fn func(review.Tx) error) error {
	return s.update(ctx, func(t *Tx) error { return fn(t) })
}

const reviewSelect = `SELECT id, team, first, last, made, made_by, sample, total, looked, next, signed, signed_by, verdict, written_by, revision, finding, follow FROM review `

func scanReview(r scanner) (v review.Review, err error) {
	var sample, looked string
	if err := r.Scan(&v.ID, &v.Team, at{&v.From}, at{&v.Until}, at{&v.Made}, &v.By, &sample, &v.Total, &looked, at{&v.Next}, at{&v.Signed}, &v.SignedBy, &v.Verdict, &v.WrittenBy, &v.Revision,
		maybe{&v.Finding}, maybe{&v.Follow}); err != nil {
		return v, err
	}
	if err := json.Unmarshal([]byte(sample), &v.Sample); err != nil {
		return v, err
	}
	if looked != "" {
		err = json.Unmarshal([]byte(looked), &v.Looked)
	}
	return v, err
}

// Reviews returns the reviews of a team's log, newest first.
func (s *Store) Reviews(ctx context.Context, team uuid.UUID) ([]review.Review, error) {
	return many(ctx, s, scanReview, reviewSelect+`WHERE team = $1 ORDER BY made DESC, id`, team)
}

// Review returns one review.
func (s *Store) Review(ctx context.Context, id uuid.UUID) (review.Review, error) {
	return one(ctx, s, scanReview, reviewSelect+`WHERE id = $1`, id)
}

// InsertReview stores a review; it reports false when its id is in use.
func (t *Tx) InsertReview(v review.Review) (bool, error) {
	sample, err := json.Marshal(v.Sample)
	if err != nil {
		return false, err
	}
	return t.first(`INSERT INTO review (id, team, first, last, made, made_by, sample, total) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		v.ID, v.Team, ms(v.From), ms(v.Until), ms(v.Made), v.By, string(sample), v.Total)
}

// SaveReview stores what was found; it reports false when the review was signed off.
func (t *Tx) SaveReview(v review.Review) (bool, error) {
	looked, err := json.Marshal(v.Looked)
	if err != nil {
		return false, err
	}
	return t.first(`UPDATE review SET looked = $2, next = $3, signed = $4, signed_by = $5, verdict = $6, finding = $7, follow = $8, written_by = $9, revision = revision + 1 WHERE id = $1 AND signed = 0 AND revision = $10`,
		v.ID, string(looked), ms(v.Next), ms(v.Signed), v.SignedBy, string(v.Verdict), nothing(v.Finding), nothing(v.Follow), v.WrittenBy, v.Revision)
}

// nothing stores no bytes as NULL.
func nothing(b seal.Sealed) any {
	if len(b) == 0 {
		return nil
	}
	return []byte(b)
}

const breachSelect = `SELECT id, team, number, known, made, made_by, kind, actor, visit, first, last, report, reported, closed, revision, written_by, facts, effects, measures FROM breach `

func scanBreach(r scanner) (b review.Breach, err error) {
	return b, r.Scan(&b.ID, &b.Team, &b.Number, at{&b.Known}, at{&b.Made}, &b.By, &b.Kind, &b.Scope.Actor, &b.Scope.Visit, at{&b.Scope.From}, at{&b.Scope.Until}, &b.Report, at{&b.Reported},
		at{&b.Closed}, &b.Revision, &b.WrittenBy, maybe{&b.Facts}, maybe{&b.Effects}, maybe{&b.Measures})
}

// Breaches returns the register of breaches of a team, newest first.
func (s *Store) Breaches(ctx context.Context, team uuid.UUID) ([]review.Breach, error) {
	return many(ctx, s, scanBreach, breachSelect+`WHERE team = $1 ORDER BY number DESC`, team)
}

// Breach returns one entry of it.
func (s *Store) Breach(ctx context.Context, id uuid.UUID) (review.Breach, error) {
	return one(ctx, s, scanBreach, breachSelect+`WHERE id = $1`, id)
}

// InsertBreach stores an entry under the next number; it reports false when its id is in use.
func (t *Tx) InsertBreach(b review.Breach) (bool, error) {
	return t.first(`INSERT INTO breach (id, team, number, known, made, made_by, kind, actor, visit, first, last, written_by, facts, effects, measures)
		VALUES ($1, $2, 1 + (SELECT coalesce(max(number), 0) FROM breach WHERE team = $2), $3, $4, $5, $6, $7, $8, $9, $10, $5, $11, $12, $13) ON CONFLICT (id) DO NOTHING`,
		b.ID, b.Team, ms(b.Known), ms(b.Made), b.By, string(b.Kind), b.Scope.Actor, b.Scope.Visit, ms(b.Scope.From), ms(b.Scope.Until), []byte(b.Facts), nothing(b.Effects), nothing(b.Measures))
}

// SaveBreach stores an entry anew; it reports false when somebody else changed it first.
func (t *Tx) SaveBreach(b review.Breach) (bool, error) {
	return t.first(`UPDATE breach SET report = $3, reported = $4, closed = $5, facts = $6, effects = $7, measures = $8, written_by = $9, revision = revision + 1
		WHERE id = $1 AND revision = $2 AND closed = 0`,
		b.ID, b.Revision, string(b.Report), ms(b.Reported), ms(b.Closed), []byte(b.Facts), nothing(b.Effects), nothing(b.Measures), b.WrittenBy)
}

// ProcessingVersion returns the version of a team's register of processing that is in
// force; 1 when the team wrote none.
func (t *Tx) ProcessingVersion(log uuid.UUID) (int, error) {
	if n, ok := t.w.versions[log]; ok {
		return n, nil
	}
	var n int
	if err := t.row(`SELECT coalesce(max(version), 1) FROM processing WHERE team = $1`, log).Scan(&n); err != nil {
		return 0, err
	}
	t.w.versions[log] = n
	return n, nil
}

// Processings returns the versions of a team's register of processing, newest first.
func (s *Store) Processings(ctx context.Context, team uuid.UUID) ([]review.Processing, error) {
	return many(ctx, s, func(r scanner) (p review.Processing, err error) {
		var text string
		if err := r.Scan(&p.Version, at{&p.At}, &p.By, &text); err != nil {
			return p, err
		}
		return p, json.Unmarshal([]byte(text), &p.Activities)
	}, `SELECT version, at, by, activities FROM processing WHERE team = $1 ORDER BY version DESC`, team)
}

// InsertProcessing stores a version; it reports false when there is one of that number.
func (t *Tx) InsertProcessing(team uuid.UUID, p review.Processing) (bool, error) {
	text, err := json.Marshal(p.Activities)
	if err != nil {
		return false, err
	}
	delete(t.w.versions, team)
	return t.first(`INSERT INTO processing (team, version, at, by, activities) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, team, p.Version, ms(p.At), p.By, string(text))
}

// CaseEnds returns when closed cases of a team were closed.
func (s *Store) CaseEnds(ctx context.Context, team uuid.UUID) (map[uuid.UUID]time.Time, error) {
	return ends(ctx, s, `SELECT id, closed FROM case_file WHERE team = $1 AND closed > 0`, team)
}

// BasisEnds returns when bases of a team's cases ended, by their date or by withdrawal.
func (s *Store) BasisEnds(ctx context.Context, team uuid.UUID) (map[uuid.UUID]time.Time, error) {
	return ends(ctx, s, `SELECT b.id, CASE WHEN b.withdrawn > 0 AND (b.ends = 0 OR b.withdrawn < b.ends + 86400000) THEN b.withdrawn ELSE b.ends + 86400000 END
		FROM basis b JOIN case_file c ON c.id = b.case_id WHERE c.team = $1 AND (b.withdrawn > 0 OR b.ends > 0)`, team)
}

func ends(ctx context.Context, s *Store, query string, team uuid.UUID) (map[uuid.UUID]time.Time, error) {
	type row struct {
		id uuid.UUID
		at time.Time
	}
	rows, err := many(ctx, s, func(r scanner) (x row, err error) { return x, r.Scan(&x.id, at{&x.at}) }, query, team)
	out := map[uuid.UUID]time.Time{}
	for _, x := range rows {
		out[x.id] = x.at
	}
	return out, err
}

// BasisKinds returns the kinds of the bases of a team's cases.
func (s *Store) BasisKinds(ctx context.Context, team uuid.UUID) (map[uuid.UUID]string, error) {
	type row struct {
		id   uuid.UUID
		kind string
	}
	rows, err := many(ctx, s, func(r scanner) (x row, err error) { return x, r.Scan(&x.id, &x.kind) },
		`SELECT b.id, b.kind FROM basis b JOIN case_file c ON c.id = b.case_id WHERE c.team = $1`, team)
	out := map[uuid.UUID]string{}
	for _, x := range rows {
		out[x.id] = x.kind
	}
	return out, err
}
