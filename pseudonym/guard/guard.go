// Package guard finds personal data in the free text of Dutch care notes.
//
// It protects a pseudonym against the one name in a text that undoes it. Check
// is its only way in: text goes in, findings come out. What it finds for
// certain (a registered pupil, a BSN) does not pass; what it finds likely
// passes only with the writer's choice, which the caller writes to the log.
// It stores nothing and knows registered names only as keyed tags.
package guard

import (
	"fmt"
	"io"
	"sort"
)

// Kind is what sort of personal data a finding is.
type Kind string

const (
	Registered Kind = "name"     // a name of a pupil in the school's register
	Maybe      Kind = "maybe"    // such a name that is an ordinary word too, at the start of a sentence
	BSN        Kind = "bsn"      // nine digits that pass the 11-proef
	Phone      Kind = "phone"    // a Dutch telephone number
	Email      Kind = "email"    // an e-mail address
	Postcode   Kind = "postcode" // a postcode, with or without house number
	BirthDate  Kind = "born"     // a date that can be a birth date
)

// Certain reports whether text with such a finding is refused whatever the
// writer chooses.
func (k Kind) Certain() bool { return k == Registered || k == BSN }

// Finding is one place in a text. Start and End are byte offsets.
type Finding struct {
	Kind       Kind
	Start, End int
}

// Roll holds the tags of a school's register. A nil Roll holds none.
type Roll map[Tag]struct{}

func (r Roll) has(t Tag) bool { _, ok := r[t]; return ok }

// Check returns what it finds in the text, in order and without overlap. Of
// overlapping findings the certain one, else the longer one, stays, over the
// whole stretch: a name inside an e-mail address is the address.
func Check(text string, key Key, roll Roll) []Finding {
	found := append(registered(text, key, roll), patterns(text)...)
	sort.SliceStable(found, func(i, j int) bool {
		a, b := found[i], found[j]
		if a.Kind.Certain() != b.Kind.Certain() {
			return a.Kind.Certain()
		}
		return a.End-a.Start > b.End-b.Start
	})
	var kept []Finding
	for _, f := range found {
		kept = join(kept, f)
	}
	sort.Slice(kept, func(i, j int) bool { return kept[i].Start < kept[j].Start })
	return kept
}

// join adds f to the list, or widens what it overlaps.
func join(list []Finding, f Finding) []Finding {
	for i, k := range list {
		if f.Start >= k.End || k.Start >= f.End {
			continue
		}
		k.Start, k.End = min(k.Start, f.Start), max(k.End, f.End)
		return join(append(list[:i:i], list[i+1:]...), k)
	}
	return append(list, f)
}

// Draft is text as somebody typed it, with his choices. It prints as [redacted].
type Draft struct {
	Text string
	Keep map[Kind]bool // kinds of likely findings that the writer wants to keep
}

func (Draft) String() string             { return "[redacted]" }
func (Draft) GoString() string           { return "[redacted]" }
func (Draft) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// Refusal is what a refused text was refused for. It travels as the argument
// of a fault with key "error.guard", and prints no text.
type Refusal struct{ Findings []Finding }

func (r *Refusal) String() string { return fmt.Sprintf("%d findings", len(r.Findings)) }

// Certain reports whether one of the findings cannot be kept by a choice.
func (r *Refusal) Certain() bool {
	for _, f := range r.Findings {
		if f.Kind.Certain() {
			return true
		}
	}
	return false
}
