package meeting_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/meeting"
)

// TestPhases walks the order of rules.md, "Case life cycle", and tries what it
// does not allow.
func TestPhases(t *testing.T) {
	order := []meeting.Phase{meeting.Intake, meeting.Grounded, meeting.Preparing, meeting.Discussing, meeting.Decided, meeting.Feedback, meeting.Executing, meeting.Evaluating, meeting.Closed}
	for i := 1; i < len(order); i++ {
		if !order[i-1].MayFollow(order[i]) {
			t.Errorf("%s does not lead to %s", order[i-1], order[i])
		}
	}
	for _, c := range []struct {
		name     string
		from, to meeting.Phase
	}{
		{"discussed without a basis", meeting.Intake, meeting.Discussing},
		{"prepared without a basis", meeting.Intake, meeting.Preparing},
		{"decided without being discussed", meeting.Preparing, meeting.Decided},
		{"open again after closing", meeting.Closed, meeting.Intake},
		{"on an agenda after closing", meeting.Closed, meeting.Preparing},
	} {
		if c.from.MayFollow(c.to) {
			t.Errorf("%s: %s leads to %s", c.name, c.from, c.to)
		}
	}
	if !meeting.Evaluating.MayFollow(meeting.Preparing) {
		t.Error("an evaluated case cannot go on an agenda again")
	}
	for _, p := range meeting.Phases() {
		for _, n := range p.Next() {
			if !p.MayFollow(n) || n == meeting.Decided || n == meeting.Discussing {
				t.Errorf("%s offers %s by hand", p, n)
			}
		}
	}
}

func TestBasisValid(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	b := meeting.Basis{On: day(10), Ends: day(20)}
	for d, want := range map[int]bool{9: false, 10: true, 15: true, 20: true, 21: false} {
		if b.Valid(day(d)) != want {
			t.Errorf("valid on day %d: %v", d, !want)
		}
	}
	b.Withdrawn = day(12)
	if b.Valid(day(15)) || b.Valid(day(11)) {
		t.Error("a withdrawn basis holds")
	}
}

// TestBasisCovers is rules.md, "Basis": internal excludes partners, consent
// names them.
func TestBasisCovers(t *testing.T) {
	police, youth := uuid.New(), uuid.New()
	inside := account.Member{Organisation: uuid.New()}
	officer := account.Member{Organisation: police, External: true}
	for _, c := range []struct {
		name string
		b    meeting.Basis
		m    account.Member
		may  bool
	}{
		{"school staff under consent for others", meeting.Basis{Kind: meeting.Consent, Organisations: []uuid.UUID{youth}}, inside, true},
		{"school staff under internal", meeting.Basis{Kind: meeting.Internal}, inside, true},
		{"a partner under internal", meeting.Basis{Kind: meeting.Internal, Organisations: []uuid.UUID{police}}, officer, false},
		{"a partner that consent names", meeting.Basis{Kind: meeting.Consent, Organisations: []uuid.UUID{youth, police}}, officer, true},
		{"a partner that consent does not name", meeting.Basis{Kind: meeting.Consent, Organisations: []uuid.UUID{youth}}, officer, false},
		{"a partner that a legal duty names", meeting.Basis{Kind: meeting.Legal, Organisations: []uuid.UUID{police}}, officer, true},
		{"a partner that a conflict of duties does not name", meeting.Basis{Kind: meeting.Vital}, officer, false},
		{"a partner in an anonymous consult", meeting.Basis{Kind: meeting.Anonymous}, officer, true},
	} {
		if c.b.Covers(c.m) != c.may {
			t.Errorf("%s: %v", c.name, !c.may)
		}
	}
	if len(meeting.BasisKinds()) != 5 || !slices.Contains(meeting.BasisKinds(), meeting.Vital) {
		t.Error("the kinds of basis are not those of the rules")
	}
}
