package guard

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

var (
	emailPattern    = regexp.MustCompile(`[\p{L}\d._%+-]+@[\p{L}\d-]+(?:\.[\p{L}\d-]+)+`)
	phonePattern    = regexp.MustCompile(`(?:(?:\+|00) ?31[ \-./]?(?:\(0\))?|\(?0)[ \-./]?[1-9](?:[ \-./()]{0,3}\d){8}`)
	postcodePattern = regexp.MustCompile(`(?i)[1-9]\d{3} ?([a-z]{2})((?:,? ?(?:nr\.? ?)?)\d{1,5}(?: ?[a-z])?)?`)
	datePattern     = regexp.MustCompile(`(?i)(\d{1,2})(?: ?[-/.] ?| )(\d{1,2}|jan(?:uari)?|feb(?:ruari)?|mrt|maart|apr(?:il)?|mei|juni?|juli?|aug(?:ustus)?|sept?(?:ember)?|okt(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?(?: ?[-/.] ?| )(\d{4}|'?\d{2})`)
	isoPattern      = regexp.MustCompile(`(\d{4})-(\d{2})-(\d{2})`)
	compactPattern  = regexp.MustCompile(`(\d{2})(\d{2})(\d{4})`)
	bornPattern     = regexp.MustCompile(`(?i)(?:geb\.?|geboren|geboortedatum|gebdatum|jarig)[^.\d]{0,25}$`)
)

// patterns finds what has a form of its own. Go's regexp runs in linear time,
// so no text can make it slow.
func patterns(text string) []Finding {
	if !strings.ContainsAny(text, "0123456789@") {
		return nil
	}
	var out []Finding
	for _, m := range emailPattern.FindAllStringIndex(text, -1) {
		out = append(out, Finding{Email, m[0], m[1]})
	}
	for _, m := range phonePattern.FindAllStringIndex(text, -1) {
		if whole(text, m[0], m[1]) {
			out = append(out, Finding{Phone, m[0], m[1]})
		}
	}
	out = append(out, bsns(text, out)...)
	out = append(out, postcodes(text)...)
	return append(out, birthDates(text)...)
}

// whole reports whether no letter or digit touches text[start:end].
func whole(text string, start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	after, _ := utf8.DecodeRuneInString(text[end:])
	return !wordRune(before) && !wordRune(after)
}

func wordRune(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// bsns looks for nine digits from every place where digits begin, so that a number
// before a BSN does not hide it. What is a phone number already is none.
func bsns(text string, phones []Finding) []Finding {
	var out []Finding
	for i := 0; i < len(text); i++ {
		if !digit(text, i) || digit(text, i-1) {
			continue
		}
		end, ok := nineDigits(text, i)
		if ok && !inside(phones, i, end) {
			out = append(out, Finding{BSN, i, end})
			i = end
		}
	}
	return out
}

func digit(text string, i int) bool {
	return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9'
}

func inside(list []Finding, start, end int) bool {
	for _, f := range list {
		if f.Start <= start && end <= f.End {
			return true
		}
	}
	return false
}

// How people write a BSN: in at most so many groups, with at most so many marks
// between two of them. Nine digits in more groups are a list of figures.
const (
	bsnGroups = 5
	bsnGap    = 3
)

// nineDigits reads nine digits from start, in groups of two or more of which only
// the last may be one digit, and reports whether they stand alone and pass the
// 11-proef: weights 9 to 2, and -1 for the last digit.
func nineDigits(text string, start int) (end int, ok bool) {
	sum, n, groups, group, year := 0, 0, 1, start, false
	for i := start; n < 9; {
		if digit(text, i) {
			weight := 9 - n
			if n == 8 {
				weight = -1
			}
			sum += weight * int(text[i]-'0')
			n, i = n+1, i+1
			end = i
			continue
		}
		next := bsnGroup(text, i)
		if groups++; next < 0 || groups > bsnGroups || i-group == 1 {
			return 0, false
		}
		year = year || yearLike(text[group:i])
		group, i = next, next
	}
	if digit(text, end) || sum == 0 || sum%11 != 0 {
		return 0, false
	}
	// A last digit apart is also the hour after a date, or a count after two years.
	return end, end-group > 1 || (!year && !goesOn(text, end))
}

func yearLike(group string) bool {
	return len(group) == 4 && (group[:2] == "19" || group[:2] == "20")
}

// goesOn reports whether more digits follow after a mark: "8.30".
func goesOn(text string, end int) bool {
	next := bsnGroup(text, end)
	return next > end
}

// bsnGroup returns where the next group of digits starts after the marks at i, or
// -1. A comma parts groups only where it stands alone: "12, 34" is a list.
func bsnGroup(text string, i int) int {
	for start, gap := i, 0; gap <= bsnGap; gap++ {
		if digit(text, i) {
			return i
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		switch {
		case r == ',' && i-size == start && digit(text, i):
			return i
		case !bsnMark(r):
			return -1
		}
	}
	return -1
}

func bsnMark(r rune) bool {
	return r == '.' || r == '/' || r == '_' || r == '\u00b7' || r == '\u2212' || unicode.IsSpace(r) || unicode.Is(unicode.Pd, r)
}

// postcodes finds "6511 AB 12". In lower case two letters are mostly a word
// ("in 2024 is"), so there a house number has to follow.
func postcodes(text string) []Finding {
	var out []Finding
	for _, m := range postcodePattern.FindAllStringSubmatchIndex(text, -1) {
		letters := text[m[2]:m[3]]
		end := m[3]
		numbered := m[4] >= 0 && whole(text, m[0], m[5])
		if numbered {
			end = m[5]
		}
		upper := letters == strings.ToUpper(letters)
		glued := text[m[2]-1] != ' '
		if whole(text, m[0], end) && (upper || numbered || glued) {
			out = append(out, Finding{Postcode, m[0], end})
		}
	}
	return out
}

const bornWindow = 40 // bytes before a date in which "geboren" makes it a birth date

// birthDates finds full dates that lie far enough back to be a pupil's birth
// date, and any date after a word such as "geboren".
func birthDates(text string) []Finding {
	var out []Finding
	for _, p := range []struct {
		pattern          *regexp.Regexp
		day, month, year int // which group of the pattern
		named            bool
	}{{datePattern, 1, 2, 3, false}, {isoPattern, 3, 2, 1, false}, {compactPattern, 1, 2, 3, true}} {
		for _, m := range p.pattern.FindAllStringSubmatchIndex(text, -1) {
			group := func(n int) string { return text[m[2*n]:m[2*n+1]] }
			if !whole(text, m[0], m[1]) || !dayOfYear(group(p.day), group(p.month)) {
				continue
			}
			called := bornPattern.MatchString(text[max(0, m[0]-bornWindow):m[0]])
			if called || (!p.named && longAgo(group(p.year), time.Now().Year())) {
				out = append(out, Finding{BirthDate, m[0], m[1]})
			}
		}
	}
	return out
}

func dayOfYear(day, month string) bool {
	d, _ := strconv.Atoi(day)
	m, err := strconv.Atoi(month)
	return d >= 1 && d <= 31 && (err != nil || (m >= 1 && m <= 12)) // or a month in words
}

// longAgo reports whether somebody born that year can be at school or older.
// Two figures are taken for a year of this century.
func longAgo(year string, now int) bool {
	y, err := strconv.Atoi(strings.TrimPrefix(year, "'"))
	if err != nil {
		return false
	}
	if y < 100 {
		y += 2000
		return y >= now-22 && y <= now-4
	}
	return y >= 1930 && y <= now-4
}
