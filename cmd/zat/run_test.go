package main

import (
	"bytes"
	"context"
	"database/sql"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

// zat runs a command and returns its exit code and what it wrote.
func zat(t *testing.T, in string, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

// TestHelp asks every command for help: it names every flag and exits with 0.
func TestHelp(t *testing.T) {
	for name, want := range map[string][]string{
		"":               {"demo", "init", "serve", "keys", "log", "version"},
		"demo":           {"-addr", "-data", "-ready"},
		"init":           {"-data", "-secrets", "-team", "-school", "-consent", "-name", "-email", "-admin-name", "-admin-email", "-officer-name", "-officer-email", "-url"},
		"serve":          {"-data", "-secrets", "-addr", "-tls-cert", "-tls-key", "-behind-proxy"},
		"keys":           {"-data", "-secrets"},
		"log":            {"verify", "checkpoint", "rotate"},
		"log rotate":     {"-data", "-secrets"},
		"log verify":     {"-data", "-secrets", "-against"},
		"log checkpoint": {"-data", "-secrets"},
		"version":        {"version"},
	} {
		code, out, _ := zat(t, "", append(strings.Fields(name), "--help")...)
		if code != 0 {
			t.Errorf("%s --help exits with %d", name, code)
		}
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("%s --help does not name %s", name, w)
			}
		}
	}
	if code, _, errOut := zat(t, "", "fly"); code != 2 || !strings.Contains(errOut, "fly") {
		t.Errorf("an unknown command exits with %d", code)
	}
	if code, _, _ := zat(t, "", "serve", "--fly"); code != 2 {
		t.Errorf("an unknown flag exits with %d", code)
	}
	if code, _, _ := zat(t, "", "serve", "extra"); code != 2 {
		t.Errorf("a word too many exits with %d", code)
	}
	if code, out, _ := zat(t, "", "version"); code != 0 || !strings.HasPrefix(out, "zat ") {
		t.Errorf("version exits with %d: %s", code, out)
	}
}

// TestOpenDoor tries to listen where others could read along.
func TestOpenDoor(t *testing.T) {
	for _, c := range []struct {
		name string
		door door
		ok   bool
	}{
		{"loopback", door{addr: "127.0.0.1:0"}, true},
		{"loopback by name", door{addr: "localhost:0"}, true},
		{"all addresses", door{addr: ":0"}, false},
		{"all addresses of IPv4", door{addr: "0.0.0.0:0"}, false},
		{"another name", door{addr: "example.org:0"}, false},
		{"all addresses behind a proxy", door{addr: "0.0.0.0:0", behindProxy: true}, true},
		{"a certificate without its key", door{addr: "127.0.0.1:0", cert: "cert.pem"}, false},
		{"a certificate that is not there", door{addr: "127.0.0.1:0", cert: "cert.pem", key: "key.pem"}, false},
	} {
		ln, err := c.door.listen()
		if c.ok != (err == nil) {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil {
			ln.Close()
		}
	}
}

// founded sets up a team by flags, with the password from the input.
func founded(t *testing.T) (data, out string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	code, out, errOut := zat(t, "een lange zin als wachtwoord\n", "init", "--data", data, "--team", "ZAT", "--school", "De Proefschool", "--name", "Co Ordinator", "--email", "co@voorbeeld.example",
		"--admin-name", "Be Heer", "--admin-email", "beheer@voorbeeld.example", "--officer-name", "Pri Vacy", "--officer-email", "fg@voorbeeld.example")
	if code != 0 {
		t.Fatalf("init exits with %d: %s", code, errOut)
	}
	return data, out
}

func TestInit(t *testing.T) {
	data, out := founded(t)
	if n := len(regexp.MustCompile(`/welkom/[\w-]{43}`).FindAllString(out, -1)); n != 2 {
		t.Errorf("%d invitations", n)
	}
	if !strings.Contains(out, "otpauth://totp/") || strings.Contains(out, "een lange zin") {
		t.Error("the second factor is missing, or the password is shown")
	}
	for _, name := range []string{".", "zat.db", "secrets"} {
		info, err := os.Stat(filepath.Join(data, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", name, info.Mode().Perm())
		}
	}
	if code, _, errOut := zat(t, strings.Repeat("antwoord\n", 8)+"kort\n", "init", "--data", filepath.Join(t.TempDir(), "d")); code != 1 || !strings.Contains(errOut, "wachtwoord is te kort") {
		t.Errorf("a short password exits with %d: %s", code, errOut)
	}
	if code, _, errOut := zat(t, "", "init", "--data", filepath.Join(t.TempDir(), "d")); code != 1 || !strings.Contains(errOut, "Naam van het team") {
		t.Errorf("no answer exits with %d: %s", code, errOut)
	}
	if code, _, _ := zat(t, "", "init"); code != 1 {
		t.Errorf("no folder exits with %d", code)
	}
}

// syncWriter is what a server that runs beside the test writes to.
type syncWriter struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *syncWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *syncWriter) find(re string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := regexp.MustCompile(re).FindStringSubmatch(w.b.String())
	if m == nil {
		return ""
	}
	return m[1]
}

// TestServe runs a team that init made, to a clean end; the demo's way in is
// not there.
func TestServe(t *testing.T) {
	if code, _, errOut := zat(t, "", "serve", "--data", t.TempDir()); code != 1 || !strings.Contains(errOut, "zat init") {
		t.Errorf("serving an empty folder exits with %d: %s", code, errOut)
	}
	data, _ := founded(t)
	if code, _, errOut := zat(t, "", "serve", "--data", data, "--addr", "0.0.0.0:0"); code != 1 || !strings.Contains(errOut, "--behind-proxy") {
		t.Errorf("listening to all without TLS exits with %d: %s", code, errOut)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, done := &syncWriter{}, make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"serve", "--data", data, "--addr", "127.0.0.1:0"}, strings.NewReader(""), out, out)
	}()
	url := ""
	for end := time.Now().Add(20 * time.Second); url == "" && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		url = out.find(`(http://127\.0\.0\.1:\d+)`)
	}
	for path, want := range map[string]int{"/aanmelden": 200, "/demo": 404} {
		res, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s answers %d, want %d", path, res.StatusCode, want)
		}
	}
	if code, o, _ := zat(t, "", "log", "verify", "--data", data); code != 0 || !strings.Contains(o, "klopt") {
		t.Errorf("checking the log of a running server exits with %d: %s", code, o)
	}
	stop()
	if code := <-done; code != 0 {
		t.Errorf("serve ends with %d", code)
	}
}

// TestLogVerify checks a log that is whole, one with an earlier checkpoint, and
// one that was changed by SQL.
func TestLogVerify(t *testing.T) {
	data, _ := founded(t)
	code, note, _ := zat(t, "", "log", "checkpoint", "--data", data)
	if code != 0 || !strings.Contains(note, "zat/") {
		t.Fatalf("checkpoint exits with %d", code)
	}
	earlier := filepath.Join(t.TempDir(), "checkpoint")
	if err := os.WriteFile(earlier, []byte(note), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := zat(t, "", "log", "verify", "--data", data, "--against", earlier); code != 0 || !strings.Contains(out, "klopt") {
		t.Errorf("a whole log exits with %d: %s", code, out)
	}
	if err := os.WriteFile(earlier, []byte(strings.Replace(note, "\n", "\n1", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := zat(t, "", "log", "verify", "--data", data, "--against", earlier); code != 3 {
		t.Errorf("a forged checkpoint exits with %d", code)
	}
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(data, "zat.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`UPDATE log_entry SET raw = CAST(replace(CAST(raw AS TEXT), '"C"', '"R"') AS BLOB) WHERE id & 0xffffffffff = 2`)
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	code, out, _ := zat(t, "", "log", "verify", "--data", data, "--secrets", publicHalves(t, data))
	if code != 3 || !strings.Contains(out, "regel 2") {
		t.Errorf("a changed log exits with %d: %s", code, out)
	}
	if code, _, _ := zat(t, "", "log", "verify", "--data", t.TempDir()); code != 1 {
		t.Errorf("a folder without a database exits with %d", code)
	}
}

// publicHalves is what an auditor has: a folder with the public halves of the keys
// that nobody can write to.
func publicHalves(t *testing.T, data string) string {
	t.Helper()
	dir := t.TempDir()
	files, err := filepath.Glob(filepath.Join(data, "secrets", "*.pub"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%d public halves, %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		replace(t, filepath.Join(dir, filepath.Base(f)), string(b))
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestKeys lists the keys of a new team, and shows none of them.
func TestKeys(t *testing.T) {
	data, _ := founded(t)
	code, out, _ := zat(t, "", "keys", "--data", data)
	if code != 0 {
		t.Fatalf("keys exits with %d", code)
	}
	for _, want := range []string{"guard.key", "log-", "sleutelregister", "postvak", "trends", "redenen in het logboek", "staat bij één persoon"} {
		if !strings.Contains(out, want) {
			t.Errorf("keys does not tell of %s", want)
		}
	}
	secret, err := os.ReadFile(filepath.Join(data, "secrets", "guard.key"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out, strings.TrimSpace(string(secret))) || strings.Contains(out, "PRIVATE+KEY") || strings.Contains(out, "AGE-SECRET") {
		t.Error("keys shows a key")
	}
}

// TestOtherSecrets serves a database with no secrets, a new guard key, and a new
// log key: each would do silent harm.
func TestOtherSecrets(t *testing.T) {
	data, _ := founded(t)
	serve := func(want string, args ...string) {
		t.Helper()
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		var out, errOut bytes.Buffer
		if code := run(ctx, append([]string{"serve", "--data", data, "--addr", "127.0.0.1:0"}, args...), strings.NewReader(""), &out, &errOut); code != 1 || !strings.Contains(errOut.String(), want) {
			t.Errorf("exits with %d: %s", code, errOut.String())
		}
	}
	serve("--secrets", "--secrets", filepath.Join(t.TempDir(), "elsewhere"))
	guardKey, err := os.ReadFile(filepath.Join(data, "secrets", "guard.key"))
	if err != nil {
		t.Fatal(err)
	}
	replace(t, filepath.Join(data, "secrets", "guard.key"), strings.Repeat("ab", 32))
	serve("guard.key")
	replace(t, filepath.Join(data, "secrets", "guard.key"), string(guardKey))
	logs, err := filepath.Glob(filepath.Join(data, "secrets", "log-*"))
	if err != nil || len(logs) == 0 {
		t.Fatal("no log key", err)
	}
	for _, file := range logs {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	serve("log verify")
	code, out, _ := zat(t, "", "log", "verify", "--data", data)
	if code != 3 || strings.Count(out, "NIET TE CONTROLEREN") != 2 {
		t.Errorf("without log keys the check exits with %d: %s", code, out)
	}
}

func replace(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestEveryCommandIsInTheUsage compares the table with the text.
func TestEveryCommandIsInTheUsage(t *testing.T) {
	var names []string
	for name := range commands {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !strings.Contains(usage, "\n  "+name+" ") {
			t.Errorf("%s is not in the usage", name)
		}
	}
}
