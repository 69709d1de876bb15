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
	digitsPattern   = regexp.MustCompile(`\d(?:[ .\-]?\d){8}`)
	phonePattern    = regexp.MustCompile(`(?:\+ ?31|0031|0)(?:[ \-./]?\(?0?\)?)?(?:[ \-./]?[1-9])(?:[ \-./]{0,3}\d){8}`)
	postcodePattern = regexp.MustCompile(`(?i)[1-9]\d{3} ?([a-z]{2})((?:,? ?(?:nr\.? ?)?)\d{1,5}(?: ?[a-z])?)?`)
	datePattern     = regexp.MustCompile(`(?i)(\d{1,2})(?: ?[-/.] ?| )(\d{1,2}|jan(?:uari)?|feb(?:ruari)?|mrt|maart|apr(?:il)?|mei|juni?|juli?|aug(?:ustus)?|sept?(?:ember)?|okt(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?(?: ?[-/.] ?| )(\d{4}|'?\d{2})`)
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
	out = append(out, bsns(text)...)
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

func bsns(text string) []Finding {
	var out []Finding
	for _, m := range digitsPattern.FindAllStringIndex(text, -1) {
		if whole(text, m[0], m[1]) && elevenTest(text[m[0]:m[1]]) {
			out = append(out, Finding{BSN, m[0], m[1]})
		}
	}
	return out
}

// elevenTest is the 11-proef of a BSN: weights 9 to 2 and -1 for the last digit.
func elevenTest(s string) bool {
	sum, n := 0, 0
	for _, r := range s {
		if r < '0' || r > '9' {
			continue
		}
		weight := 9 - n
		if n == 8 {
			weight = -1
		}
		sum += weight * int(r-'0')
		n++
	}
	return n == 9 && sum != 0 && sum%11 == 0
}

// postcodes finds "6511 AB 12". In lower case two letters are mostly a word
// ("in 2024 is"), so there a house number has to follow.
func postcodes(text string) []Finding {
	var out []Finding
	for _, m := range postcodePattern.FindAllStringSubmatchIndex(text, -1) {
		letters := text[m[2]:m[3]]
		end := m[3]
		numbered := m[4] >= 0 && whole(text, m[4], m[5])
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
	for _, m := range datePattern.FindAllStringSubmatchIndex(text, -1) {
		if !whole(text, m[0], m[1]) {
			continue
		}
		day, _ := strconv.Atoi(text[m[2]:m[3]])
		if day < 1 || day > 31 {
			continue
		}
		if month, err := strconv.Atoi(text[m[4]:m[5]]); err == nil && (month < 1 || month > 12) {
			continue
		}
		before := text[max(0, m[0]-bornWindow):m[0]]
		year, err := strconv.Atoi(text[m[6]:m[7]])
		old := err == nil && year >= 1930 && year <= time.Now().Year()-4
		if old || bornPattern.MatchString(before) {
			out = append(out, Finding{BirthDate, m[0], m[1]})
		}
	}
	return out
}
