package guard_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"zat/fault"
	"zat/pseudonym/guard"
)

var key = guard.NewKey([]byte("0123456789abcdef0123456789abcdef"))

// school is the roll that the tests look names up in. All are invented.
var school = func() guard.Roll {
	roll := guard.Roll{}
	for _, p := range [][3]string{
		{"Fatima", "el", "Mansouri"}, {"Emirhan", "", "Yıldız"}, {"Anne-Sophie", "van der", "Wal"}, {"Storm", "de", "Groot"},
		{"Şeyma", "", "Öztürk"}, {"Łukasz", "", "Wójcik"}, {"Mo", "", "Abdi"}, {"Door", "", "Vermeer"}, {"Ruth", "", "Tesfay"}, {"Bo", "", "Kok"},
	} {
		for _, t := range guard.TagsOf(key, p[0], p[1], p[2]) {
			roll[t] = struct{}{}
		}
	}
	return roll
}()

func show(text string, found []guard.Finding) string {
	var out []string
	for _, f := range found {
		out = append(out, string(f.Kind)+":"+text[f.Start:f.End])
	}
	return strings.Join(out, " | ")
}

func TestRegisteredNames(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"first name", "Gisteren zag ik Fatima op het plein.", "name:Fatima"},
		{"lower case", "gisteren zag ik fatima op het plein", "name:fatima"},
		{"capitals", "FATIMA was boos", "name:FATIMA"},
		{"full name with tussenvoegsel", "Het gaat om Fatima el Mansouri, zegt school.", "name:Fatima el Mansouri"},
		{"surname only", "Mevrouw Mansouri belde.", "name:Mansouri"},
		{"possessive with apostrophe", "Fatima's moeder belde.", "name:Fatima's"},
		{"possessive without", "Emirhans broer was er ook.", "name:Emirhans"},
		{"diacritics left out", "Seyma Ozturk kwam niet.", "name:Seyma Ozturk"},
		{"diacritics decomposed", "S\u0327eyma kwam niet.", "name:S\u0327eyma"},
		{"dotless i", "de familie yildiz", "name:yildiz"},
		{"Polish l", "lukasz spijbelt", "name:lukasz"},
		{"half of a compound", "Sophie was stil.", "name:Sophie"},
		{"compound with a space", "Anne Sophie was stil.", "name:Anne Sophie"},
		{"surname with its tussenvoegsels", "De familie van der Wal verhuist.", "name:van der Wal"},
		{"last name first", "Mansouri Fatima stond op de lijst", "name:Mansouri Fatima"},
		{"inside an address", "mail naar fatima.mansouri@example.nl graag", "name:fatima.mansouri@example.nl"},
		{"two letters with a capital", "Ik sprak Mo daarna.", "name:Mo"},
		{"beside an ordinary surname", "Storm de Groot was er.", "name:Storm de Groot"},
		{"ordinary word with a capital inside a sentence", "Daarna liep Storm weg.", "name:Storm"},
		{"ordinary word that begins a sentence", "Storm liep weg.", "maybe:Storm"},
		{"in a compound", "het Fatima-dossier ligt klaar", "name:Fatima"},
		{"two names with a hyphen", "de ruzie Fatima-Emirhan", "name:Fatima | name:Emirhan"},
		{"diminutive", "ons Fatimaatje, en Emirhannetje ook", "name:Fatimaatje | name:Emirhannetje"},
		{"diminutive with apostrophe", "dat Fatima'tje toch", "name:Fatima'tje"},
		{"a name that is a common word", "Toen zei Door dat het klopte.", "name:Door"},
		{"that word itself", "door de regen kwam hij te laat", ""},
		{"ordinary word in lower case", "er kwam storm en een groot feest", ""},
		{"ordinary words together", "dat was een groot feest voor de kok", ""},
		{"two letters in lower case", "zo mo ging dat", ""},
		{"no name of this school", "Daarna kwam Jantine binnen.", ""},
		{"several", "Fatima en Ruth liepen samen.", "name:Fatima | name:Ruth"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := show(c.text, guard.Check(c.text, key, school)); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

// everyDateAndHour is a text with every day of this year and an hour after it.
func everyDateAndHour() string {
	var b strings.Builder
	for day := range 28 {
		for month := range 12 {
			for hour := 1; hour <= 9; hour++ {
				fmt.Fprintf(&b, "Gesprek op %d-%d-%d %d.30 uur. Om %d uur op %02d/%02d/%d %d:15.\n", day+1, month+1, thisYear(), hour, hour, day+1, month+1, thisYear(), hour)
			}
		}
	}
	return b.String()
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"BSN", "nummer 111222333 staat erin", "bsn:111222333"},
		{"BSN with dots", "1112.22.333", "bsn:1112.22.333"},
		{"BSN with spaces", "111 222 333", "bsn:111 222 333"},
		{"BSN after a number", "klas 3 111222333 en in 2024 111222333", "bsn:111222333 | bsn:111222333"},
		{"BSN after a letter", "BSN111222333", "bsn:111222333"},
		{"BSN with slashes", "111/222/333", "bsn:111/222/333"},
		{"BSN with wide gaps", "111 - 222 - 333", "bsn:111 - 222 - 333"},
		{"BSN over two lines", "1112\n22333", "bsn:1112\n22333"},
		{"BSN with its last digit apart", "11122233-3 en 1112 2233 3 en 1112.22.33.3", "bsn:11122233-3 | bsn:1112 2233 3 | bsn:1112.22.33.3"},
		{"BSN in pairs", "11 12 22 33 3", "bsn:11 12 22 33 3"},
		{"BSN with long dashes", "111–222—333", "bsn:111–222—333"},
		{"BSN with commas", "111,222,333", "bsn:111,222,333"},
		{"BSN with hard spaces", "111 222 333", "bsn:111 222 333"},
		{"BSN with minus signs", "111\u2212222\u2212333", "bsn:111\u2212222\u2212333"},
		{"a date and an hour", everyDateAndHour(), ""},
		{"a class and a date", "groep 3 - 28/12/2026", ""},
		{"two years and a count", "schooljaar 2023-2024 8 keer, 2022-2023 1 keer, 2021-2022 5 keer", ""},
		{"a list of figures", "scores 111, 222, 333", ""},
		{"nine digits in a phone number", "bel 06 12345678", "phone:06 12345678"},
		{"a list of single digits", "scores 1 1 1 2 2 2 3 3 3", ""},
		{"nine digits that fail the 11-proef", "order 111222334", ""},
		{"nine digits inside a longer number", "1112223339", ""},
		{"mobile", "bel 0612345678", "phone:0612345678"},
		{"mobile in groups", "bel 06 - 1234 5678", "phone:06 - 1234 5678"},
		{"mobile with country", "bel +31 6 12345678", "phone:+31 6 12345678"},
		{"with (0)", "bel +31(0)612345678", "phone:+31(0)612345678"},
		{"with brackets", "bel (020) 123 45 67", "phone:(020) 123 45 67"},
		{"e-mail", "mail a.b@voorbeeld.example", "email:a.b@voorbeeld.example"},
		{"postcode", "woont op 6511 AB", "postcode:6511 AB"},
		{"postcode with number in lower case", "woont op 6511 ab 12", "postcode:6511 ab 12"},
		{"postcode glued", "6511ab", "postcode:6511ab"},
		{"year before a small word", "in 2024 is hij gezakt", ""},
		{"birth date", "is van 02-03-2011", "born:02-03-2011"},
		{"birth date in words", "geboren op 2 maart 2011", "born:2 maart 2011"},
		{"birth date as ISO", "is van 2011-03-02", "born:2011-03-02"},
		{"birth date without marks", "Geboren 02032011", "born:02032011"},
		{"birth date with a short year", "14/2/08", "born:14/2/08"},
		{"a date of this year", fmt.Sprintf("op 3-9-%d is er overleg", thisYear()), ""},
		{"no such day", "op 45-13-2010", ""},
		{"amounts and times", "om 12.30 uur, 25 euro, 3x per week, klas 3", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := show(c.text, guard.Check(c.text, key, nil)); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

// TestPlain hides a name and a number in ways that paste or malice bring along.
func TestPlain(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"zero-width space", "Fat\u200bima kwam", "name:Fatima"},
		{"soft hyphen", "Fat\u00adima kwam", "name:Fatima"},
		{"no-break spaces", "bel 06\u00a01234\u00a05678", "phone:06 1234 5678"},
		{"full-width digits", "nummer １１１２２２３３３", "bsn:111222333"},
		{"bidi marks", "\u202eFatima\u202c kwam", "name:Fatima"},
		{"NUL", "Fat\x00ima kwam", "name:Fatima"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := guard.Plain(c.text)
			if got := show(text, guard.Check(text, key, school)); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

// source is a register of one team.
type source struct{ tags []guard.Tag }

func (s source) RollVersion(context.Context, uuid.UUID) (int64, error)    { return 1, nil }
func (s source) RollTags(context.Context, uuid.UUID) ([]guard.Tag, error) { return s.tags, nil }

func TestClear(t *testing.T) {
	w := &guard.Watch{Key: key, Source: source{guard.TagsOf(key, "Fatima", "", "Mansouri")}}
	keep := func(k ...guard.Kind) map[guard.Kind]bool {
		m := map[guard.Kind]bool{}
		for _, x := range k {
			m[x] = true
		}
		return m
	}
	for _, c := range []struct {
		name, text string
		keep       map[guard.Kind]bool
		limit      int
		refused    string // the fault's key
		kept       int
	}{
		{"clean", "Hij komt weer naar school.", nil, 100, "", 0},
		{"empty", " \n\t ", nil, 100, "error.required", 0},
		{"only what nobody sees", "\u200b\u200b", nil, 100, "error.required", 0},
		{"too long", strings.Repeat("é", 101), nil, 100, "error.toolong", 0},
		{"as long as allowed", strings.Repeat("é", 100), nil, 100, "", 0},
		{"not UTF-8", "caf\xe9", nil, 100, "error.encoding", 0},
		{"a registered name", "Fatima komt", nil, 100, "error.guard", 0},
		{"a registered name with a choice", "Fatima komt", keep(guard.Registered), 100, "error.guard", 0},
		{"a BSN with a choice", "111222333", keep(guard.BSN), 100, "error.guard", 0},
		{"a phone number", "bel 0612345678", nil, 100, "error.guard", 0},
		{"a phone number with a choice", "bel 0612345678", keep(guard.Phone), 100, "", 1},
		{"a choice for something else", "bel 0612345678", keep(guard.Email), 100, "error.guard", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, kept, err := w.Clear(context.Background(), uuid.New(), "text", guard.Draft{Text: c.text, Keep: c.keep}, c.limit)
			if c.refused == "" {
				if err != nil || len(kept) != c.kept {
					t.Fatalf("kept %v, %v", kept, err)
				}
				return
			}
			var f *fault.Error
			if !errors.As(err, &f) || f.Key != c.refused || f.Field != "text" {
				t.Fatalf("%v, want %s at the field", err, c.refused)
			}
		})
	}
}

// FuzzCheck holds that findings lie inside the text, on whole characters, in
// order and apart, and that no text brings the guard down.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{"", "Fatima's 06 12345678", "\xff\xfe", "geb. 1-1-2010 6511AB12", "a@b.c@d.e", "'’--'", "S\u0327eyma", strings.Repeat("Mo ", 50)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := guard.Plain(s)
		if guard.Plain(text) != text {
			t.Fatalf("plain is not plain: %q", s)
		}
		end := 0
		for _, x := range guard.Check(text, key, school) {
			if x.Start < end || x.End <= x.Start || x.End > len(text) {
				t.Fatalf("finding %+v in %d bytes after %d", x, len(text), end)
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[x.Start:x.End]) {
				t.Fatalf("finding %+v cuts a character", x)
			}
			end = x.End
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	text := strings.Repeat("Hij komt de laatste weken vaak te laat en zegt dat het thuis onrustig is, sinds zijn vader weg is. ", 40)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		guard.Check(text, key, school)
	}
}

func thisYear() int { return time.Now().Year() }
