package audit_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"zat/audit"
)

func whole() audit.Line {
	return audit.Line{Seq: 7, ID: uuid.New(), At: 12, Event: audit.CaseRead, Action: audit.Read, Outcome: audit.Success, Purpose: audit.PurposeCare, Processing: "zorgoverleg/2", Actor: uuid.New(), Role: "doctor",
		Organisation: uuid.New(), OnBehalf: uuid.New(), Auth: "password+totp", Session: "ab12", Kind: audit.ObjCase, Object: uuid.New(), Part: "texts 3: 5-9", Case: uuid.New(), Meeting: uuid.New(),
		Relation: audit.RelParticipant, Basis: uuid.New(), BreakGlass: true, Reason: []byte{1, 2, 3}, Policy: "1", Rule: "no-grant", System: "zat test", Trace: uuid.New()}
}

// TestParseLine: a line reads back as it was written, each field of it.
func TestParseLine(t *testing.T) {
	v := reflect.ValueOf(whole())
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("the test's line lacks %s", v.Type().Field(i).Name)
		}
	}
	for _, l := range []audit.Line{whole(), {}} {
		raw, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		back, err := audit.ParseLine(raw)
		if err != nil || !reflect.DeepEqual(back, l) {
			t.Errorf("%+v, %v", back, err)
		}
	}
}

// FuzzParseLine: whatever is read, is read as encoding/json reads it.
func FuzzParseLine(f *testing.F) {
	raw, err := json.Marshal(whole())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"n":1,"n":2}`))
	f.Add([]byte(`{"part":"a\"b"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, gerr := audit.ParseLine(b)
		var want audit.Line
		werr := json.Unmarshal(b, &want)
		if (gerr == nil) != (werr == nil) {
			t.Fatalf("%q: %v, and encoding/json %v", b, gerr, werr)
		}
		if gerr == nil && !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %+v, and encoding/json %+v", b, got, want)
		}
	})
}
