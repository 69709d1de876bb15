package audit

import (
	"fmt"
	"strings"
)

// What a check found is told in a line of the log itself: there nobody alters it unseen.

const wholeForm = "whole %d"

// Tell puts what a check found into a line.
func (r Report) Tell(l Line) Line {
	if r.OK() {
		l.Part = fmt.Sprintf(wholeForm, r.Verified)
		return l
	}
	place := "at"
	if !r.Exact {
		place = "before"
	}
	l.Outcome, l.Part = Failed, fmt.Sprintf("%s %s %d good %d of %d", r.Problem, place, r.Bad, r.Verified, r.Size)
	return l
}

// Told returns what a check found as its line tells it; ok is false for a line that tells of
// none.
func (l Line) Told() (r Report, ok bool) {
	if l.Event != LogVerified {
		return r, false
	}
	r.At = l.Time()
	if l.Outcome == Success {
		n, err := fmt.Sscanf(l.Part, wholeForm, &r.Verified)
		r.Size = r.Verified
		return r, err == nil && n == 1
	}
	var problem, place string
	n, err := fmt.Sscanf(l.Part, "%s %s %d good %d of %d", &problem, &place, &r.Bad, &r.Verified, &r.Size)
	r.Problem, r.Exact = Problem(strings.TrimSpace(problem)), place == "at"
	return r, l.Outcome == Failed && err == nil && n == 5
}
