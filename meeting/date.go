package meeting

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"zat/account"
	"zat/fault"
)

// Amsterdam is the zone in which people here speak of times and days.
var Amsterdam = account.Amsterdam

// Today returns the day of a moment in Amsterdam, as midnight UTC: the form in
// which all days are kept. Of a day it is the day itself.
func Today(now time.Time) time.Time {
	y, m, d := now.In(Amsterdam).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

var (
	dmyPattern   = regexp.MustCompile(`^(\d{1,2})[-/. ](\d{1,2})(?:[-/. ](\d{4}|\d{2}))?$`)
	wordsPattern = regexp.MustCompile(`^(\d{1,2}) ?([a-z]+)\.?(?: (\d{4}))?$`)
	clockPattern = regexp.MustCompile(`^(\d{1,2})(?:[.:](\d{2}))?(?: ?uur)?$`)
)

var monthNames = []string{"jan", "feb", "maa", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"}

// ParseDay reads a day as Dutch people type it: 24-11-2026, 24/11, 24 november
// 2026, 24 nov. Without a year it is the next such day.
func ParseDay(field, s string, now time.Time) (time.Time, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	today := Today(now)
	switch s {
	case "":
		return time.Time{}, fault.At(field, "error.required")
	case "vandaag":
		return today, nil
	case "morgen":
		return today.AddDate(0, 0, 1), nil
	}
	if m := dmyPattern.FindStringSubmatch(s); m != nil {
		month, _ := strconv.Atoi(m[2])
		return makeDay(field, m[1], month, m[3], today)
	}
	if m := wordsPattern.FindStringSubmatch(s); m != nil {
		return makeDay(field, m[1], monthOf(m[2]), m[3], today)
	}
	return time.Time{}, fault.At(field, "error.date")
}

func monthOf(s string) int {
	if strings.HasPrefix(s, "mrt") {
		return 3
	}
	for i, n := range monthNames {
		if strings.HasPrefix(s, n) {
			return i + 1
		}
	}
	return 0
}

func makeDay(field, day string, month int, year string, today time.Time) (time.Time, error) {
	d, _ := strconv.Atoi(day)
	y, _ := strconv.Atoi(year)
	if year == "" {
		y = today.Year()
	} else if len(year) == 2 {
		y += 2000
	}
	t := time.Date(y, time.Month(month), d, 0, 0, 0, 0, time.UTC)
	if year == "" && t.Before(today) {
		t = t.AddDate(1, 0, 0)
	}
	if month < 1 || month > 12 || t.Day() != d || y < 2000 || y > 2100 {
		return time.Time{}, fault.At(field, "error.date")
	}
	return t, nil
}

// ParseClock reads a time of day, "13.30", "13:30" or "13", on a day.
func ParseClock(field, s string, day time.Time) (time.Time, error) {
	m := clockPattern.FindStringSubmatch(strings.ToLower(strings.TrimSpace(s)))
	if m == nil {
		return time.Time{}, fault.At(field, "error.clock")
	}
	h, _ := strconv.Atoi(m[1])
	min, _ := strconv.Atoi(m[2])
	if h > 23 || min > 59 {
		return time.Time{}, fault.At(field, "error.clock")
	}
	return time.Date(day.Year(), day.Month(), day.Day(), h, min, 0, 0, Amsterdam), nil
}
