package web

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/meeting"
)

// TestLine: who and when of an agreement that is written in one line. (Inside the
// package: what it proposes shows on no page but a form's.)
func TestLine(t *testing.T) {
	now := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC) // a Tuesday
	for line, want := range map[string]string{
		"Jongerenwerker belt oudere broer voor 12 maart": "2027-03-12", "belt voor 12 maart 2028": "2028-03-12", "wijkagent gaat langs op 1-12": "2026-12-01",
		"uiterlijk 3-12-2026 terugbellen": "2026-12-03", "voor vrijdag bellen": "2026-11-27", "voor dinsdag bellen": "2026-12-01", "belt binnen twee weken": "2026-12-08",
		"over 3 dagen": "2026-11-27", "op donderdag 26 november gesprek": "2026-11-26", "gaat mee naar de open avond": "", "voor 99 maart": "", "12 keer te laat": "",
	} {
		got := ""
		if d, ok := dueIn(line, now); ok {
			got = d.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
	var people []meeting.Attendee
	for _, r := range []account.Role{account.YouthWorker, account.Attendance, account.Police, account.Coordinator, account.Coordinator} {
		people = append(people, meeting.Attendee{Member: uuid.New(), Role: r})
	}
	for line, want := range map[string]int{"Jongerenwerker belt": 0, "leerplicht meldt zich": 1, "Leerplichtambtenaar meldt zich": 1, "wijkagent gaat langs": 2,
		"zorgcoördinator belt": -1, "de jongerenwerker belt": -1, "jong belt": -1, "school belt moeder": -1, "privacyfunctionaris kijkt": -1, "": -1} {
		id, ok := doerIn(line, people, catalogues["nl"])
		if ok != (want >= 0) || ok && id != people[want].Member {
			t.Errorf("%q: %v, want person %d", line, ok, want)
		}
	}
}
