package web

import (
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/meeting"
)

// An agreement is entered in one line: "Jongerenwerker belt oudere broer voor 12 maart".
// Who and when are proposed from it, for what was left open in the form.

var (
	byDay  = regexp.MustCompile(`(?i)\b(?:voor|vóór|uiterlijk|op|tot|before|by|on)\s+(?:\p{L}+dag\s+)?(\d{1,2}(?:\s*[-/.]\s*\d{1,2}(?:\s*[-/.]\s*\d{2,4})?|\s+\p{L}{3,}\.?(?:\s+\d{4})?))`)
	byWeek = regexp.MustCompile(`(?i)\b(?:voor|vóór|uiterlijk|op)\s+(?:volgende week\s+)?(maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag)\b`)
	inWeek = regexp.MustCompile(`(?i)\b(?:over|binnen)\s+(een|één|twee|drie|vier|zes|\d)\s+(dag|dagen|week|weken)\b`)
)

var numbersInWords = map[string]int{"een": 1, "één": 1, "twee": 2, "drie": 3, "vier": 4, "zes": 6}

var weekdays = []string{"zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"}

// dueIn returns the day that a line names; ok is false when it names none.
func dueIn(line string, now time.Time) (day time.Time, ok bool) {
	today := meeting.Today(now)
	if m := byDay.FindStringSubmatch(line); m != nil {
		if d, err := meeting.ParseDay("due", strings.Join(strings.Fields(m[1]), " "), now); err == nil {
			return d, true
		}
	}
	if m := byWeek.FindStringSubmatch(line); m != nil {
		for n := 1; n <= 7; n++ {
			if d := today.AddDate(0, 0, n); weekdays[d.Weekday()] == strings.ToLower(m[1]) {
				return d, true
			}
		}
	}
	if m := inWeek.FindStringSubmatch(line); m != nil {
		n := numbersInWords[strings.ToLower(m[1])]
		if n == 0 {
			n = int(m[1][0] - '0')
		}
		if strings.HasPrefix(strings.ToLower(m[2]), "w") {
			n *= 7
		}
		return today.AddDate(0, 0, n), n > 0
	}
	return time.Time{}, false
}

// minStem is how much of a role's name makes it that role: "leerplicht" for
// leerplichtambtenaar.
const minStem = 8

// doerIn returns the one at the table with whose role a line begins; ok is false when there is
// none, or more than one.
func doerIn(line string, table []meeting.Attendee, cat catalogue) (id uuid.UUID, ok bool) {
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(line)), " ")
	for _, m := range table {
		if begins(strings.ToLower(cat.text("role."+string(m.Role))), first, strings.ToLower(line)) {
			if ok {
				return uuid.Nil, false
			}
			id, ok = m.Member, true
		}
	}
	return id, ok
}

func begins(role, first, line string) bool {
	return strings.HasPrefix(line, role) || len([]rune(first)) >= minStem && strings.HasPrefix(role, first)
}
