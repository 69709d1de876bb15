package house_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"zat/account"
	"zat/account/signin"
	"zat/meeting"
	"zat/pseudonym"
)

func chmod(dir string) error { return os.Chmod(dir, 0o700) }

// markers are words that stand in content of the demo and nowhere else.
func markers(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile("../demo/leerlingen.csv")
	must(t, err)
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma = ';'
	rows, err := r.ReadAll()
	must(t, err)
	if len(rows) < 61 {
		t.Fatalf("the demo has %d pupils, want 60 or more", len(rows)-1)
	}
	out := []string{"kookclub", "werkschoenen", "winkelplein", "contributie", "scooters", "mentoraat", "Werkschoenen", "rode jas", "Herkenning door", "Toestemmingsformulier", "Lokaal 1.12"}
	for _, row := range rows[1:] {
		out = append(out, row[3])
	}
	return out
}

// search looks for the markers in every file below the folders.
func search(t *testing.T, words []string, dirs ...string) {
	t.Helper()
	files := 0
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			for i, w := range words {
				if bytes.Contains(b, []byte(w)) || bytes.Contains(bytes.ToLower(b), []byte(strings.ToLower(w))) {
					t.Errorf("marker %d stands in %s", i, filepath.Base(path))
				}
			}
			return nil
		})
		must(t, err)
	}
	if files == 0 {
		t.Fatal("no file was searched")
	}
}

// TestNoPlaintextOnDisk runs the demo's use cases and every other field with a
// marker, and then searches the database, its WAL, the log and temporary files.
func TestNoPlaintextOnDisk(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	t.Setenv("SQLITE_TMPDIR", tmp)
	f := furnished(t)
	base := f.serve()
	words := append(markers(t), f.mark(base)...)
	search(t, words, f.dir)
	must(t, os.WriteFile(filepath.Join(tmp, "server.log"), []byte(f.log.String()), 0o600))
	search(t, words, tmp)
}

// mark sends a marker through each form with free text and returns the markers.
func (f *fixture) mark(base string) []string {
	chair, youth := f.client(base, account.Coordinator), f.client(base, account.YouthWorker)
	c := f.based()
	path := "/casussen/" + c.ID.String()
	n := 0
	mark := func() string { n++; return fmt.Sprintf("Kwispelmarkering%03d", n) }
	want := func(what string, a answer, status int) {
		f.t.Helper()
		if a.status != status {
			f.t.Fatalf("%s: %d, want %d\n%s", what, a.status, status, a.body)
		}
	}
	want("note", chair.post(path+"/notitie", "text", mark()), 303)
	want("agreement", chair.post(path+"/afspraak", "what", mark(), "responsible", f.as(account.YouthWorker).Member.String(), "due", "1-1-2028"), 303)
	want("question", chair.post(path+"/hulpvraag", "question", mark(), "domain", "home"), 303)
	want("basis", chair.post(path+"/grondslag", "kind", "vital", "form", mark(), "kept", mark(), "topics", mark(), "motive", mark()), 303)
	want("identity", chair.post(path+"/identiteit", "reason", mark()), 200)
	want("signal", youth.post("/signaal", "over", c.ID.String(), "domain", "home", "tone", "concern", "knowing", "seen", "text", mark(), "area", mark(), "when", mark()), 303)
	want("trend", youth.post("/signaal", "over", "buurt", "domain", "home", "text", mark()), 303)
	want("inbox", youth.post("/signaal", "over", "ander", "domain", "home", "tone", "concern", "knowing", "seen", "text", mark(), "who", mark()), 303)
	want("plan", chair.post("/overleggen/nieuw", "day", "1-3-2027", "from", "13.00", "until", "14.00", "place", mark(), "members", f.as(account.YouthWorker).Member.String()), 303)
	want("pupil", chair.post("/register/nieuw", "number", mark(), "first", mark(), "last", mark(), "born", "1-2-2012", "class", mark(), "mentor", mark()), 303)
	want("preview", chair.post("/register/invoer", "paste", "leerlingnummer;roepnaam;achternaam;geboortedatum;klas\n9;"+mark()+";"+mark()+";1-2-2012;1A"), 200)
	want("search", chair.post("/register", "zoek", mark()), 200)
	want("too long", chair.post(path+"/notitie", "text", strings.Repeat(mark()+" ", 2000)), 422)
	f.multipart(chair, mark())
	var out []string
	for i := 1; i <= n; i++ {
		out = append(out, fmt.Sprintf("Kwispelmarkering%03d", i))
	}
	return out
}

// multipart uploads a file that is large enough to be spooled to disk.
func (f *fixture) multipart(c *client, word string) {
	var csvFile strings.Builder
	csvFile.WriteString("leerlingnummer;roepnaam;achternaam;geboortedatum;klas\n")
	for i := range 60000 {
		fmt.Fprintf(&csvFile, "%d;%s;%s;1-2-2012;1A\n", i, word, word)
	}
	a := c.upload("/register/invoer", "file", csvFile.String())
	if a.status != 422 {
		f.t.Fatalf("a file with too many rows: %d", a.status)
	}
}

// TestKilledDemoLeavesNoPlaintext kills the program while it fills the demo.
func TestKilledDemoLeavesNoPlaintext(t *testing.T) {
	bin := build(t)
	words := markers(t)
	for _, after := range []time.Duration{900 * time.Millisecond, 1500 * time.Millisecond, 2400 * time.Millisecond} {
		data, tmp := filepath.Join(t.TempDir(), "data"), t.TempDir()
		cmd := exec.Command(bin, "demo", "--addr", "127.0.0.1:0", "--data", data)
		cmd.Env = append(os.Environ(), "TMPDIR="+tmp, "SQLITE_TMPDIR="+tmp)
		must(t, cmd.Start())
		time.Sleep(after)
		must(t, cmd.Process.Signal(syscall.SIGKILL))
		cmd.Wait()
		if _, err := os.Stat(filepath.Join(data, "zat.db")); err != nil {
			t.Fatalf("after %v there is no database to search: %v", after, err)
		}
		search(t, words, data)
	}
}

// build builds the program once for all tests.
func build(t testing.TB) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "zat")
	cmd := exec.Command("go", "build", "-o", bin, "zat/cmd/zat")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building zat: %v\n%s", err, out)
	}
	return bin
}

// TestSealedTypesPrintNothing prints what holds content under every verb.
func TestSealedTypesPrintNothing(t *testing.T) {
	f := furnished(t)
	a := f.as(account.Coordinator)
	v, err := f.Meeting.ReadCase(f.ctx, a, f.based().ID)
	must(t, err)
	page, err := f.Register.Search(f.ctx, a, "", 0)
	must(t, err)
	if len(page.Rows) == 0 || v.Question.Reveal() == "" {
		t.Fatal("nothing to print")
	}
	pupil := page.Rows[0].Pupil
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, x := range []any{v.Question, pupil, pseudonym.RawPupil{First: pupil.First}, a.Key, v.Items[0].Sealed, meeting.SignalBody{Text: "kookclub"}, meeting.OutcomeBody{Goals: "kookclub"}, meeting.BasisDetails{Form: "kookclub"}, text("kookclub"), signin.Attempt{Password: "kookclub"}} {
			s := fmt.Sprintf(verb, x)
			if strings.Contains(s, pupil.Last) || strings.Contains(s, v.Question.Reveal()) || strings.Contains(s, "AGE-SECRET") || strings.Contains(s, "kookclub") {
				t.Errorf("%T prints its content under %s", x, verb)
			}
		}
	}
}
