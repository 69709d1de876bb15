package account

import "time"

// Amsterdam is the zone in which teams speak of days and times.
var Amsterdam = mustZone("Europe/Amsterdam")

func mustZone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic("time zone data is missing: " + name)
	}
	return z
}

// EndOfDay returns the moment at which a day is over in Amsterdam. Days are kept
// as midnight UTC.
func EndOfDay(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, Amsterdam)
}
