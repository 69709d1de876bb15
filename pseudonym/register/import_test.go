package register_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"zat/fault"
	"zat/pseudonym/register"
)

const head = "leerlingnummer;roepnaam;tussenvoegsel;achternaam;geboortedatum;klas;mentor\n"

func windows(t *testing.T, s string) string {
	t.Helper()
	out, err := charmap.Windows1252.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestParseFile(t *testing.T) {
	plain := head + "1001;Zoë;van;Dijk;2-3-2011;1b;K. Smit\n"
	for _, c := range []struct{ name, file string }{
		{"semicolons", plain},
		{"commas", strings.ReplaceAll(plain, ";", ",")},
		{"with a byte order mark", "\xef\xbb\xbf" + plain},
		{"Windows-1252", windows(t, plain)},
		{"carriage returns", strings.ReplaceAll(plain, "\n", "\r\n")},
		{"no last line end", strings.TrimSuffix(plain, "\n")},
		{"columns in another order", "Klas;ACHTERNAAM; roepnaam ;geboortedatum;mentor;tussenvoegsel;leerlingnummer\n1b;Dijk;Zoë;2-3-2011;K. Smit;van;1001\n"},
		{"columns nobody asked for", "schooljaar;" + head + "2026;1001;Zoë;van;Dijk;2-3-2011;1b;K. Smit\n"},
		{"quotes", head + "\"1001\";\"Zoë\";\"van\";\"Dijk\";\"2-3-2011\";\"1b\";\"K. Smit\"\n"},
		{"empty lines", head + "\n;;;;;;\n1001;Zoë;van;Dijk;2-3-2011;1b;K. Smit\n\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, err := register.ParseFile([]byte(c.file))
			if err != nil || len(rows) != 1 {
				t.Fatalf("%d rows, %v", len(rows), err)
			}
			r := rows[0].Raw
			if r.Number != "1001" || r.First != "Zoë" || r.Infix != "van" || r.Last != "Dijk" || r.Born != "2-3-2011" || r.Class != "1b" || r.Mentor != "K. Smit" {
				t.Error("a field is wrong")
			}
		})
	}
}

func TestParseFileRefuses(t *testing.T) {
	for _, c := range []struct{ name, file, key string }{
		{"nothing", "", "error.csv.empty"},
		{"white space", " \n \n", "error.csv.empty"},
		{"a header only", head, "error.csv.empty"},
		{"no number column", strings.Replace(head, "leerlingnummer", "nr", 1) + "1;A;;B;1-1-2010;1;\n", "error.csv.column"},
		{"a column twice", "klas;" + head + "1;1001;A;;B;1-1-2010;1;\n", "error.csv.column.twice"},
		{"a spreadsheet", "PK\x03\x04\x14\x00", "error.csv.notcsv"},
		{"UTF-16", "\xff\xfel\x00e\x00", "error.csv.notcsv"},
		{"a quote left open", head + "1001;\"Zoë;van;Dijk;2-3-2011;1b;\n", "error.csv.line"},
		{"too many rows", head + strings.Repeat("1;A;;B;1-1-2010;1;\n", register.MaxRows+1), "error.csv.rows"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := register.ParseFile([]byte(c.file))
			var f *fault.Error
			if !errors.As(err, &f) || f.Key != c.key || f.Field != "file" {
				t.Errorf("%v, want %s at the file", err, c.key)
			}
		})
	}
}

// TestParseFileTellsTheLine reads a file with a row over several lines: a
// refusal has to name the line that the user sees in his editor.
func TestParseFileTellsTheLine(t *testing.T) {
	rows, err := register.ParseFile([]byte(head + "1001;\"Zoë\nMarie\";van;Dijk;2-3-2011;1b;\n\n1002;Bo;;Kok;3-4-2011;1b;\n"))
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if rows[0].Line != 2 || rows[1].Line != 5 {
		t.Errorf("lines %d and %d", rows[0].Line, rows[1].Line)
	}
}

// FuzzParseFile holds that no file brings the import down, and that what fails
// is said at the field.
func FuzzParseFile(f *testing.F) {
	for _, s := range []string{"", head, head + "1;A;;B;1-1-2010;1;\n", "\xef\xbb\xbf" + head, "a,b\n\"", "\xff", strings.ReplaceAll(head, ";", ",") + "1,A,,B,1-1-2010,1,\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		rows, err := register.ParseFile(b)
		if err == nil {
			if len(rows) == 0 || len(rows) > register.MaxRows {
				t.Fatalf("%d rows and no failure", len(rows))
			}
			return
		}
		var e *fault.Error
		if !errors.As(err, &e) || e.Field != "file" {
			t.Fatalf("a failure that the page cannot show: %v", err)
		}
	})
}
