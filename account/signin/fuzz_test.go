package signin_test

import (
	"encoding/json"
	"strings"
	"testing"

	"zat/account/signin"
)

// FuzzDevices: whatever a cookie holds, at most five tokens come out of it, and what
// comes out reads as the same again.
func FuzzDevices(f *testing.F) {
	f.Add(signin.NewDevice("").Secret())
	f.Add(strings.Repeat(signin.NewDevice("").Secret()+".", 9))
	f.Add("..")
	f.Fuzz(func(t *testing.T, cookie string) {
		d := signin.ParseDevices(cookie)
		if len(d) > 5 {
			t.Fatalf("%d devices", len(d))
		}
		if again := signin.ParseDevices(d.Secret()); again.Secret() != d.Secret() {
			t.Error("what was read does not read the same again")
		}
	})
}

// FuzzClaims: a provider's claims are read without panic, and no list that names a
// student is taken for somebody else's.
func FuzzClaims(f *testing.F) {
	f.Add(`{"sub":"a","eduperson_affiliation":["employee","member"]}`, "Student@school.example")
	f.Add(`{"roles":"employee"}`, "leerling")
	f.Add(`{"roles":[1]}`, "pupil")
	f.Fuzz(func(t *testing.T, claims, word string) {
		if _, err := signin.Student([]byte(claims)); err != nil {
			return
		}
		quoted, err := json.Marshal("student@" + word)
		if err != nil {
			return
		}
		is, err := signin.Student([]byte(`{"eduperson_scoped_affiliation":["employee",` + string(quoted) + `]}`))
		if err != nil || !is {
			t.Errorf("a student passes: %v", err)
		}
	})
}
