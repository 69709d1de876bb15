package review

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/seal"
	"zat/fault"
	"zat/pseudonym/guard"
)

// Review is a review of the log over a period (rules.md, "Access log"): lines that the
// program drew at random, what the officer found in them, and what follows.
type Review struct {
	ID        uuid.UUID
	Team      uuid.UUID
	From      time.Time
	Until     time.Time
	Made      time.Time
	By        uuid.UUID
	Sample    []uint64 // sequences
	Total     int      // lines in the period
	Looked    []uint64 // those that were looked at
	Next      time.Time
	Signed    time.Time
	SignedBy  uuid.UUID
	Verdict   Verdict
	WrittenBy uuid.UUID
	Revision  int64 // counts the times that it was written
	Finding   seal.Sealed
	Follow    seal.Sealed
}

// Open reports whether the review still has to be signed off.
func (r Review) Open() bool { return r.Signed.IsZero() }

// Verdict is how a review ended.
type Verdict string

const (
	NothingFound Verdict = "nothing"
	Explained    Verdict = "explained" // something stood out, and was explained
	Followed     Verdict = "followed"  // something follows
	AsBreach     Verdict = "breach"    // it went into the register of breaches
)

// Verdicts lists them.
func Verdicts() []Verdict { return []Verdict{NothingFound, Explained, Followed, AsBreach} }

// OpenReview is a review with its texts and lines.
type OpenReview struct {
	Review
	FindingText, FollowText seal.Text
	Lines                   []Line // of the sample
	Gone                    int    // whose term is over
	SignedName              string // of who signed it off
}

// Seen reports whether a line of the sample was looked at.
func (r OpenReview) Seen(seq uint64) bool { return slices.Contains(r.Looked, seq) }

// Bounds of a sample.
const (
	minSample, maxSample = 5, 200
	maxPeriod            = 366 * 24 * time.Hour
)

// checkPeriod refuses a period that ends before it begins, and one of more than a year.
func checkPeriod(from, until time.Time) error {
	if from.IsZero() || !until.After(from) {
		return fault.At("until", "error.period.order")
	}
	if until.Sub(from) > maxPeriod {
		return fault.At("until", "error.period.long")
	}
	return nil
}

// Draw begins a review: so many lines of a period, each as likely as another. The officer's
// own lines are not among them: those are for another to review.
func (s *Service) Draw(ctx context.Context, a account.Actor, once uuid.UUID, from, until time.Time, n int) (Review, error) {
	line := audit.By(a, audit.LogReviewed, audit.ObjReview, once).For(audit.PurposeControl, "drawn")
	if err := s.admit(ctx, a, line); err != nil {
		return Review{}, err
	}
	var errs fault.List
	if once == uuid.Nil {
		return Review{}, fault.New(fault.Invalid, "error.form")
	}
	if n < minSample || n > maxSample {
		errs.Add(fault.At("count", "error.sample", minSample, maxSample))
	}
	if err := checkPeriod(from, until); err != nil {
		errs.Add(err)
	}
	if err := errs.Err(); err != nil {
		return Review{}, err
	}
	r := Review{ID: once, Team: a.Team, From: from, Until: until, Made: s.Now(), By: a.Member}
	var err error
	if r.Sample, r.Total, err = s.sample(ctx, a, from, until, n); err != nil {
		return r, err
	}
	if len(r.Sample) == 0 {
		return r, fault.At("until", "error.period.empty")
	}
	return r, s.keep(ctx, a, line, "", func(tx Tx) (bool, error) { return tx.InsertReview(r) })
}

// sample draws without putting back: places among the lines of the period.
func (s *Service) sample(ctx context.Context, a account.Actor, from, until time.Time, n int) (out []uint64, total int, err error) {
	log, own := a.Team, a.Member.String()
	err = s.Store.LogColumns(ctx, log, from, until, func(_ uint64, c audit.Columns) error {
		if c.Actor != own {
			total++
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("counting lines: %w", err)
	}
	want := map[int64]bool{}
	for len(want) < min(n, total) {
		i, err := rand.Int(rand.Reader, big.NewInt(int64(total)))
		if err != nil {
			return nil, 0, err
		}
		want[i.Int64()] = true
	}
	var at int64
	err = s.Store.LogColumns(ctx, log, from, until, func(seq uint64, c audit.Columns) error {
		if c.Actor == own {
			return nil
		}
		if want[at] {
			out = append(out, seq)
		}
		at++
		return nil
	})
	slices.Sort(out)
	return out, total, err
}

// Reviews lists the reviews of the actor's log, newest first, and until when the next is
// due; zero when no review said so.
func (s *Service) Reviews(ctx context.Context, a account.Actor) (list []Review, due time.Time, err error) {
	if err := s.look(ctx, a, audit.By(a, audit.LogRead, audit.ObjLog, a.Team).For(audit.PurposeControl, "reviews")); err != nil {
		return nil, due, err
	}
	return s.reviews(ctx, a)
}

// Due is only until when the next review is due.
func (s *Service) Due(ctx context.Context, a account.Actor) (time.Time, error) {
	if err := s.admit(ctx, a, audit.By(a, audit.LogRead, audit.ObjLog, a.Team).For(audit.PurposeControl, "reviews")); err != nil {
		return time.Time{}, err
	}
	_, due, err := s.reviews(ctx, a)
	return due, err
}

func (s *Service) reviews(ctx context.Context, a account.Actor) (list []Review, due time.Time, err error) {
	list, err = s.Store.Reviews(ctx, a.Team)
	for _, r := range list {
		if !r.Open() { // the newest that was signed off says when the next is
			due = r.Next
			break
		}
	}
	return list, due, err
}

// ReadReview opens a review with the lines of its sample.
func (s *Service) ReadReview(ctx context.Context, a account.Actor, id uuid.UUID) (OpenReview, error) {
	line := audit.By(a, audit.LogRead, audit.ObjReview, id).For(audit.PurposeControl, "review")
	if err := s.look(ctx, a, line); err != nil {
		return OpenReview{}, err
	}
	r, err := s.review(ctx, a, id, line)
	if err != nil {
		return OpenReview{}, err
	}
	out := OpenReview{Review: r}
	n, err := s.names(ctx, a.Team)
	if err != nil {
		return out, err
	}
	out.SignedName = n.members[r.SignedBy].Name
	entries, gone, err := s.sampled(ctx, r)
	if err != nil {
		return out, err
	}
	out.Gone = gone
	if out.Lines, err = s.lines(ctx, a, entries); err != nil {
		return out, err
	}
	if len(r.Finding)+len(r.Follow) > 0 {
		o, err := s.openTexts(ctx, a)
		if err != nil {
			return out, err
		}
		out.FindingText, out.FollowText = o.text(id, "finding", r.WrittenBy, r.Finding), o.text(id, "follow", r.WrittenBy, r.Follow)
	}
	return out, nil
}

// sampled reads the lines of a sample, and counts those whose term is over.
func (s *Service) sampled(ctx context.Context, r Review) (entries []audit.Entry, gone int, err error) {
	for _, seq := range r.Sample {
		e, err := s.Store.LogLine(ctx, r.Team, seq)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, 0, fmt.Errorf("reading a line: %w", err)
		}
		if err != nil || e.Raw == nil {
			gone++
			continue
		}
		entries = append(entries, e)
	}
	return entries, gone, nil
}

func (s *Service) review(ctx context.Context, a account.Actor, id uuid.UUID, line audit.Line) (Review, error) {
	r, err := s.Store.Review(ctx, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return r, fmt.Errorf("reading a review: %w", err)
	}
	if err != nil || r.Team != a.Team {
		return r, s.Log.Deny(ctx, a.Team, line, "no-review", fault.NotFound)
	}
	return r, nil
}

// Outcome is what an officer writes of a review.
type Outcome struct {
	Looked   []uint64
	Finding  guard.Draft
	Follow   guard.Draft
	Verdict  string
	Next     time.Time // when the next review is due
	Sign     bool      // it is done: nothing of it changes any more
	Revision int64     // that its writer saw
}

// WriteReview keeps what was found. Signing off asks for a verdict, and for every line of
// the sample to have been looked at.
func (s *Service) WriteReview(ctx context.Context, a account.Actor, id uuid.UUID, in Outcome) error {
	line := audit.By(a, audit.LogReviewed, audit.ObjReview, id).For(audit.PurposeControl, "written")
	if err := s.admit(ctx, a, line); err != nil {
		return err
	}
	r, err := s.review(ctx, a, id, line)
	if err != nil {
		return err
	}
	if !r.Open() {
		return fault.New(fault.Conflict, "error.review.signed")
	}
	r.Looked = slices.DeleteFunc(slices.Clone(in.Looked), func(n uint64) bool { return !slices.Contains(r.Sample, n) })
	writer := r.WrittenBy
	r.Verdict, r.Next, r.WrittenBy, r.Revision = Verdict(in.Verdict), in.Next, a.Member, in.Revision
	errs := fault.List{}
	if in.Sign {
		entries, gone, err := s.sampled(ctx, r)
		if err != nil {
			return err
		}
		r.Looked = slices.DeleteFunc(r.Looked, func(n uint64) bool {
			return !slices.ContainsFunc(entries, func(e audit.Entry) bool { return e.Seq == n })
		})
		errs.Add(s.mayBeSigned(r, gone))
		r.Signed, r.SignedBy, line.Part = s.Now(), a.Member, "signed"
	}
	if r.Verdict != "" && !slices.Contains(Verdicts(), r.Verdict) {
		errs.Add(fault.At("verdict", "error.choice"))
	}
	if err := s.opens(ctx, a, id, writer, keptText{"finding", r.Finding}, keptText{"follow", r.Follow}); err != nil {
		return err
	}
	r.Finding, r.Follow = nil, nil
	errs.Add(s.sealTexts(ctx, a, id, field{"finding", in.Finding, in.Sign, &r.Finding}, field{"follow", in.Follow, in.Sign && r.Verdict == Followed, &r.Follow}))
	if err := errs.Err(); err != nil {
		return err
	}
	return s.keep(ctx, a, line, "error.review.moved", func(tx Tx) (bool, error) { return tx.SaveReview(r) })
}

// mayBeSigned checks what signing off asks; gone is of how many lines the term is over.
func (s *Service) mayBeSigned(r Review, gone int) error {
	var errs fault.List
	if r.Verdict == "" {
		errs.Add(fault.At("verdict", "error.choice"))
	}
	if left := len(r.Sample) - gone - len(r.Looked); left > 0 {
		errs.Add(fault.At("looked", "error.review.looked", left))
	}
	if !r.Next.After(s.Now()) {
		errs.Add(fault.At("next", "error.review.next"))
	}
	return errs.Err()
}
