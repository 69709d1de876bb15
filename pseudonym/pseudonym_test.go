package pseudonym_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"zat/fault"
	"zat/pseudonym"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// TestDraw draws until names run short: all fit the form, and none is given
// that was taken.
func TestDraw(t *testing.T) {
	used, words := map[pseudonym.Name]bool{}, map[string]int{}
	for range 4000 {
		n, err := pseudonym.Draw(func(n pseudonym.Name) (bool, error) { return used[n], nil })
		if err != nil {
			t.Fatal(err)
		}
		if used[n] {
			t.Fatalf("%s twice", n)
		}
		if back, ok := pseudonym.ParseName(strings.ToLower(string(n))); !ok || back != n {
			t.Fatalf("%s is not read back", n)
		}
		used[n] = true
		words[n.Word()]++
	}
	if len(words) < len(pseudonym.Words())*9/10 {
		t.Errorf("4000 draws use %d of %d words", len(words), len(pseudonym.Words()))
	}
}

func TestDrawEnds(t *testing.T) {
	if _, err := pseudonym.Draw(func(pseudonym.Name) (bool, error) { return true, nil }); err == nil {
		t.Error("a name is drawn where none is free")
	}
	broken := errors.New("store")
	if _, err := pseudonym.Draw(func(pseudonym.Name) (bool, error) { return false, broken }); !errors.Is(err, broken) {
		t.Errorf("a store that fails: %v", err)
	}
}

func TestParseName(t *testing.T) {
	for text, want := range map[string]string{"Reiger-27": "Reiger-27", " reiger-27 ": "Reiger-27", "REIGER-7": "Reiger-07"} {
		if n, ok := pseudonym.ParseName(text); !ok || string(n) != want {
			t.Errorf("%q is %q, %v", text, n, ok)
		}
	}
	for _, text := range []string{"", "Reiger", "Reiger-", "-27", "Reiger-123", "Jan de Vries", "Reiger 27;--", "Reiger-27\n<b>"} {
		if n, ok := pseudonym.ParseName(text); ok {
			t.Errorf("%q is read as %q", text, n)
		}
	}
}

func TestParsePupil(t *testing.T) {
	good := pseudonym.RawPupil{Number: " 1001 ", First: "Zoë", Infix: "van", Last: "Dijk", Born: "2-3-2011", Class: "1b", Mentor: "K. Smit"}
	p, err := pseudonym.ParsePupil(good, today)
	if err != nil || p.Number != "1001" || p.BornText() != "2-3-2011" {
		t.Fatalf("%v", err)
	}
	for _, c := range []struct {
		name, field string
		change      func(*pseudonym.RawPupil)
	}{
		{"no number", "number", func(r *pseudonym.RawPupil) { r.Number = " " }},
		{"no first name", "first", func(r *pseudonym.RawPupil) { r.First = "" }},
		{"no last name", "last", func(r *pseudonym.RawPupil) { r.Last = "" }},
		{"no class", "class", func(r *pseudonym.RawPupil) { r.Class = "" }},
		{"a birth date that is none", "born", func(r *pseudonym.RawPupil) { r.Born = "31-2-2011" }},
		{"a birth date to come", "born", func(r *pseudonym.RawPupil) { r.Born = "2-3-2031" }},
		{"a birth date of a grandparent", "born", func(r *pseudonym.RawPupil) { r.Born = "2-3-1951" }},
		{"a very long name", "last", func(r *pseudonym.RawPupil) { r.Last = strings.Repeat("a", 500) }},
		{"bytes that are no text", "first", func(r *pseudonym.RawPupil) { r.First = "Zo\xeb" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := good
			c.change(&raw)
			_, err := pseudonym.ParsePupil(raw, today)
			f := fault.Fields(err)
			if len(f) != 1 || f[0].Field != c.field {
				t.Errorf("%v, want it at %s", err, c.field)
			}
		})
	}
}

func TestBand(t *testing.T) {
	for born, want := range map[string]pseudonym.AgeBand{"24-11-2014": pseudonym.Under12, "23-11-2014": pseudonym.Age12, "24-11-2010": pseudonym.Age12, "23-11-2010": pseudonym.From16} {
		at, err := pseudonym.ParseBorn(born, today)
		if err != nil {
			t.Fatal(err)
		}
		if got := (pseudonym.Pupil{Born: at}).Band(today); got != want {
			t.Errorf("born %s is %q, want %q", born, got, want)
		}
	}
}

// TestPupilPrintsNothing formats a pupil in every way that reaches a log by
// accident.
func TestPupilPrintsNothing(t *testing.T) {
	p := pseudonym.Pupil{First: "Geheimnaam", Last: "Geheimnaam", Number: "900900"}
	r := pseudonym.RawPupil{First: "Geheimnaam", Number: "900900"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, v := range []any{p, &p, []pseudonym.Pupil{p}, r, &r, struct{ P pseudonym.Pupil }{p}} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, "Geheimnaam") || strings.Contains(out, "900900") {
				t.Errorf("%s prints %T", verb, v)
			}
		}
	}
}
