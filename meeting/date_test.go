package meeting_test

import (
	"testing"
	"time"

	"zat/fault"
	"zat/meeting"
)

// noon is a Monday in November, in winter time.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, meeting.Amsterdam)

func TestParseDay(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"24-11-2026", "2026-11-24"}, {"24/11/2026", "2026-11-24"}, {"24.11.26", "2026-11-24"}, {"1-2-2027", "2027-02-01"},
		{"24-11", "2026-11-24"}, {"22-11", "2027-11-22"}, {"23-11", "2026-11-23"}, {"24 november 2026", "2026-11-24"},
		{"24 nov", "2026-11-24"}, {"3 mrt", "2027-03-03"}, {"3 maart 2027", "2027-03-03"}, {" Vandaag ", "2026-11-23"}, {"morgen", "2026-11-24"},
		{"29-2-2028", "2028-02-29"},
		{"", ""}, {"29-2-2027", ""}, {"31-11-2026", ""}, {"0-1-2027", ""}, {"1-13-2027", ""}, {"1-0-2027", ""}, {"2026-11-24", ""}, {"gisteren", ""}, {"24-11-3026", ""}, {"12 bla", ""},
	} {
		t.Run(c.text, func(t *testing.T) {
			day, err := meeting.ParseDay("due", c.text, noon)
			if c.want == "" {
				if f := fault.Fields(err); len(f) != 1 || f[0].Field != "due" {
					t.Errorf("%v, %v: not refused at its field", day, err)
				}
				return
			}
			if err != nil || day.Format(time.DateOnly) != c.want {
				t.Errorf("%v, %v; want %s", day, err, c.want)
			}
		})
	}
}

// TestToday asks for the day just after midnight in Amsterdam, when it is still
// the day before in UTC.
func TestToday(t *testing.T) {
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC), "2026-11-23"},
		{time.Date(2026, 11, 22, 22, 30, 0, 0, time.UTC), "2026-11-22"},
		{time.Date(2026, 7, 1, 22, 30, 0, 0, time.UTC), "2026-07-02"},
	} {
		if got := meeting.Today(c.at).Format(time.DateOnly); got != c.want {
			t.Errorf("%v is %s, want %s", c.at, got, c.want)
		}
	}
}

func TestParseClock(t *testing.T) {
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct{ text, want string }{
		{"13.30", "13:30"}, {"13:30", "13:30"}, {"9", "09:00"}, {"9 uur", "09:00"}, {"0.00", "00:00"},
		{"", ""}, {"24.00", ""}, {"13.60", ""}, {"half twee", ""}, {"1330", ""}, {"-1", ""},
	} {
		at, err := meeting.ParseClock("from", c.text, day)
		if c.want == "" {
			if f := fault.Fields(err); len(f) != 1 || f[0].Field != "from" {
				t.Errorf("%q: %v, not refused at its field", c.text, err)
			}
			continue
		}
		if err != nil || at.In(meeting.Amsterdam).Format("2006-01-02 15:04") != "2026-11-24 "+c.want {
			t.Errorf("%q is %v, %v", c.text, at, err)
		}
	}
}

// FuzzParseDay holds that every day that is read can be written and read again.
func FuzzParseDay(f *testing.F) {
	for _, s := range []string{"24-11-2026", "3 mrt", "29-2", "morgen", "1/1/00", "99-99-9999", "１-1-2027"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		day, err := meeting.ParseDay("due", s, noon)
		if err != nil {
			if f := fault.Fields(err); len(f) != 1 || f[0].Field != "due" {
				t.Fatalf("%q: a failure that the page cannot show: %v", s, err)
			}
			return
		}
		again, err := meeting.ParseDay("due", day.Format("2-1-2006"), noon)
		if err != nil || !again.Equal(day) {
			t.Fatalf("%q is %v, and that reads as %v, %v", s, day, again, err)
		}
	})
}
