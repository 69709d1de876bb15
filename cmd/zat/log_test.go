package main

import (
	"context"
	"database/sql"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
)

// exported exports the logs of an installation and returns the folder of its team's.
func exported(t *testing.T, data string, args ...string) (dir string) {
	t.Helper()
	to := filepath.Join(t.TempDir(), "export")
	code, out, errOut := zat(t, "", append([]string{"log", "export", to, "--data", data}, args...)...)
	if code != 0 || !strings.Contains(out, "regels naar") {
		t.Fatalf("export exits with %d: %s%s", code, out, errOut)
	}
	list, err := os.ReadDir(to)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d folders, %v", len(list), err)
	}
	for _, d := range list {
		if d.Name() != "00000000-0000-0000-0000-000000000000" {
			dir = filepath.Join(to, d.Name())
		}
	}
	return dir
}

// TestLogExport exports a log, checks the export alone and against an earlier checkpoint,
// and finds the first bad entry of one that was changed.
func TestLogExport(t *testing.T) {
	data, _ := founded(t)
	_, earlier, _ := zat(t, "", "log", "checkpoint", "--data", data)
	against := filepath.Join(t.TempDir(), "checkpoint")
	notes := splitNotes(earlier)
	replace(t, against, notes[0])
	bare := exported(t, data)
	if _, err := os.Stat(filepath.Join(bare, "lines.jsonl")); err == nil {
		t.Error("lines are exported without being asked for")
	}
	dir := exported(t, data, "--lines")
	for _, d := range []string{bare, dir} {
		if code, out, _ := zat(t, "", "log", "verify", "--from", d, "--against", against); code != 0 || !strings.Contains(out, "klopt") {
			t.Errorf("a good export exits with %d: %s", code, out)
		}
	}
	key, err := os.ReadFile(filepath.Join(data, "secrets", "log-"+filepath.Base(dir)+".key.pub"))
	if err != nil {
		t.Fatal(err)
	}
	if code, out, _ := zat(t, "", "log", "verify", "--from", dir, "--key", strings.TrimSpace(string(key))); code != 0 || strings.Contains(out, "map zelf") {
		t.Errorf("with a key from elsewhere: %d %s", code, out)
	}
	if code, _, _ := zat(t, "", "log", "verify", "--from", dir, "--key", otherKey(t)); code != 3 {
		t.Errorf("with another's key it exits with %d", code)
	}
	lines := filepath.Join(dir, "lines.jsonl")
	b, err := os.ReadFile(lines)
	if err != nil {
		t.Fatal(err)
	}
	replace(t, lines, strings.Replace(string(b), `"n":3`, `"n":3 `, 1)) // blank space is no change
	if code, out, _ := zat(t, "", "log", "verify", "--from", dir); code != 0 {
		t.Errorf("blank space: %d %s", code, out)
	}
	replace(t, lines, strings.Replace(string(b), `\"n\":3,`, `\"n\":3 ,`, 1))
	if code, out, _ := zat(t, "", "log", "verify", "--from", dir); code != 3 || !strings.Contains(out, "bij regel 3") {
		t.Errorf("a changed line: %d %s", code, out)
	}
	if code, _, errOut := zat(t, "", "log", "export", filepath.Dir(dir), "--data", data); code != 1 || !strings.Contains(errOut, "niet leeg") {
		t.Errorf("into a full folder: %d %s", code, errOut)
	}
	if code, _, errOut := zat(t, "", "log", "export", filepath.Join(t.TempDir(), "x"), "--data", data, "--secrets", publicHalves(t, data), "--lines"); code != 1 || !strings.Contains(errOut, "sleutel") {
		t.Errorf("lines without a line of it: %d %s", code, errOut)
	}
}

func otherKey(t *testing.T) string {
	t.Helper()
	data, _ := founded(t)
	files, err := filepath.Glob(filepath.Join(data, "secrets", "log-*.pub"))
	if err != nil || len(files) == 0 {
		t.Fatal("no public key", err)
	}
	b, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// serving serves a team until the test ends, and returns its address.
func serving(t *testing.T, data string, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, done := &syncWriter{}, make(chan int, 1)
	go func() {
		done <- run(ctx, append([]string{"serve", "--data", data, "--addr", "127.0.0.1:0"}, args...), strings.NewReader(""), out, out)
	}()
	t.Cleanup(func() { stop(); <-done })
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if url := out.find(`(http://127\.0\.0\.1:\d+)`); url != "" {
			return url
		}
	}
	t.Fatal("the server does not come up")
	return ""
}

// TestWitnesses: one school signs the checkpoints of another; what it signed is kept, and
// holds for a reader who knows both keys.
func TestWitnesses(t *testing.T) {
	ours, _ := founded(t)
	theirs, _ := founded(t)
	var keys strings.Builder
	files, err := filepath.Glob(filepath.Join(ours, "secrets", "log-*.pub"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%d keys, %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		keys.Write(b)
	}
	list := filepath.Join(t.TempDir(), "logs")
	replace(t, list, keys.String())
	code, key, _ := zat(t, "", "log", "witness", "--data", theirs)
	if code != 0 {
		t.Fatalf("the key of a witness: %d", code)
	}
	url := serving(t, theirs, "--witness-for", list)
	if res, err := http.Post(url+"/getuige/add-checkpoint", "text/plain", strings.NewReader("hello")); err != nil || res.StatusCode != 400 {
		t.Errorf("nonsense: %v", err)
	}
	plain := serving(t, ours, "--witness", url+"/getuige,"+strings.TrimSpace(key))
	if res, err := http.Post(plain+"/getuige/add-checkpoint", "text/plain", strings.NewReader("hello")); err != nil || res.StatusCode != 404 {
		t.Errorf("who is no witness: %v", err)
	}
	var signed string
	for end := time.Now().Add(20 * time.Second); signed == "" && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		signed = cosigned(t, ours)
	}
	v, err := torchwood.NewCosignatureVerifier(strings.TrimSpace(key))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := note.Open([]byte(signed), note.VerifierList(v)); err != nil || len(n.Sigs) != 1 {
		t.Errorf("what is kept of the witness: %v %q", err, signed)
	}
}

func cosigned(t *testing.T, data string) (text string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(data, "zat.db")+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(`SELECT note FROM cosigned LIMIT 1`).Scan(&text); err != nil {
		return ""
	}
	return text
}
