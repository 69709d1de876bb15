package pseudonym

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"zat/fault"
)

// Pupil is an entry of the register: who somebody is. It prints as [redacted]
// under every verb and in JSON; it is stored sealed only.
type Pupil struct {
	ID     uuid.UUID
	Number string // leerlingnummer, unique in the school
	First  string
	Infix  string // tussenvoegsel
	Last   string
	Born   time.Time // a date, at midnight UTC
	Class  string
	Mentor string
}

func (Pupil) String() string               { return "[redacted]" }
func (Pupil) GoString() string             { return "[redacted]" }
func (Pupil) Format(f fmt.State, _ rune)   { io.WriteString(f, "[redacted]") }
func (Pupil) MarshalJSON() ([]byte, error) { return []byte(`"[redacted]"`), nil }

// FullName returns "Sanne van den Berg".
func (p Pupil) FullName() string {
	return strings.Join(strings.Fields(p.First+" "+p.Infix+" "+p.Last), " ")
}

// BornText returns the birth date as d-m-jjjj.
func (p Pupil) BornText() string {
	if p.Born.IsZero() {
		return ""
	}
	return p.Born.Format("2-1-2006")
}

// plainPupil is the sealed form. Its keys are never reused.
type plainPupil struct {
	Number string `json:"nr"`
	First  string `json:"fn"`
	Infix  string `json:"in,omitempty"`
	Last   string `json:"ln"`
	Born   string `json:"bd"`
	Class  string `json:"cl"`
	Mentor string `json:"mt,omitempty"`
}

// Plain returns the entry as text, to be sealed at once.
func (p Pupil) Plain() (string, error) {
	b, err := json.Marshal(plainPupil{p.Number, p.First, p.Infix, p.Last, p.Born.Format(time.DateOnly), p.Class, p.Mentor})
	if err != nil {
		return "", fmt.Errorf("writing register entry: %w", err)
	}
	return string(b), nil
}

// FromPlain reads what Plain wrote.
func FromPlain(id uuid.UUID, s string) (Pupil, error) {
	var p plainPupil
	if err := json.Unmarshal([]byte(s), &p); err != nil {
		return Pupil{}, fmt.Errorf("register entry %s is damaged", id) // the cause could quote it
	}
	born, err := time.Parse(time.DateOnly, p.Born)
	if err != nil {
		return Pupil{}, fmt.Errorf("register entry %s is damaged", id)
	}
	return Pupil{id, p.Number, p.First, p.Infix, p.Last, born, p.Class, p.Mentor}, nil
}

// RawPupil is an entry as somebody typed it or a file gave it.
type RawPupil struct{ Number, First, Infix, Last, Born, Class, Mentor string }

func (RawPupil) String() string             { return "[redacted]" }
func (RawPupil) GoString() string           { return "[redacted]" }
func (RawPupil) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

var numberPattern = regexp.MustCompile(`^[0-9A-Za-z._/-]{1,20}$`)

// ParsePupil checks an entry and returns it without an id. Its failures name
// the fields number, first, infix, last, born, class and mentor.
func ParsePupil(r RawPupil, now time.Time) (Pupil, error) {
	var errs fault.List
	p := Pupil{Number: strings.TrimSpace(r.Number)}
	if !numberPattern.MatchString(p.Number) {
		errs.Add(fault.At("number", "error.pupil.number"))
	}
	for _, f := range []struct {
		out      *string
		in, name string
		required bool
	}{{&p.First, r.First, "first", true}, {&p.Infix, r.Infix, "infix", false}, {&p.Last, r.Last, "last", true},
		{&p.Class, r.Class, "class", true}, {&p.Mentor, r.Mentor, "mentor", false}} {
		v, err := parseShort(f.name, f.in, f.required)
		errs.Add(err)
		*f.out = v
	}
	born, err := ParseBorn(r.Born, now)
	errs.Add(err)
	p.Born = born
	return p, errs.Err()
}

func parseShort(field, s string, required bool) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	switch {
	case s == "" && required:
		return "", fault.At(field, "error.required")
	case !utf8.ValidString(s):
		return "", fault.At(field, "error.encoding")
	case utf8.RuneCountInString(s) > 60:
		return "", fault.At(field, "error.toolong", 60)
	}
	return s, nil
}

var bornLayouts = []string{"2-1-2006", "2/1/2006", "2.1.2006", "2006-1-2", "20060102"}

// ParseBorn reads a birth date as Dutch schools write it. Somebody at school is
// between 3 and 30 years old; anything else is a typing mistake.
func ParseBorn(s string, now time.Time) (time.Time, error) {
	s = strings.TrimSpace(s)
	for _, layout := range bornLayouts {
		d, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		if d.After(now.AddDate(-3, 0, 0)) || d.Before(now.AddDate(-30, 0, 0)) {
			return time.Time{}, fault.At("born", "error.pupil.age")
		}
		return d, nil
	}
	return time.Time{}, fault.At("born", "error.date")
}

// AgeBand is as much of an age as a case may hold.
type AgeBand string

const (
	Under12  AgeBand = "-12"
	Age12    AgeBand = "12-15"
	From16   AgeBand = "16+"
	NoBand   AgeBand = ""
	adultAge         = 16
	teenAge          = 12
)

// Band returns the age band on a day.
func (p Pupil) Band(on time.Time) AgeBand {
	switch {
	case !p.Born.AddDate(adultAge, 0, 0).After(on):
		return From16
	case !p.Born.AddDate(teenAge, 0, 0).After(on):
		return Age12
	}
	return Under12
}
