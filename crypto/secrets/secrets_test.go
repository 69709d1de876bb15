package secrets_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"zat/crypto/logtree"
	"zat/crypto/secrets"
)

func folder(t *testing.T, dir string) *secrets.Folder {
	t.Helper()
	f, err := secrets.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestLogKey: what a log's key signs, its public half checks, also when the file
// of that half was never written.
func TestLogKey(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	log := uuid.New()
	note, err := folder(t, dir).SignHead(log, 3, logtree.Hash{1})
	if err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		v, err := folder(t, dir).Verifier(log)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := v.Open(note); err != nil || c.Size != 3 {
			t.Errorf("size %d, %v", c.Size, err)
		}
	}
	check()
	public, err := filepath.Glob(filepath.Join(dir, "*.pub"))
	if err != nil || len(public) != 1 {
		t.Fatalf("%d public keys, %v", len(public), err)
	}
	if err := os.Remove(public[0]); err != nil {
		t.Fatal(err)
	}
	check()
	if _, err := folder(t, dir).Signer(log); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(public[0]); err != nil {
		t.Errorf("the public half is not put back: %v", err)
	}
}

// TestOneGuardKey: of many that begin at once all get one key, or an error, and
// the folder holds nothing half written.
func TestOneGuardKey(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	keys := make([]string, 20)
	var wg sync.WaitGroup
	for i := range keys {
		f := folder(t, dir)
		wg.Go(func() {
			if k, err := f.GuardKey(); err == nil {
				keys[i] = string(k)
			}
		})
	}
	wg.Wait()
	want, err := folder(t, dir).GuardKey()
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range keys {
		if k != "" && k != string(want) {
			t.Errorf("number %d got a key of its own", i)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(f.Name(), ".") || info.Mode().Perm() != 0o600 {
			t.Errorf("%s with mode %o", f.Name(), info.Mode().Perm())
		}
	}
}

// TestFolderOfOthers refuses a folder that others may read.
func TestFolderOfOthers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := secrets.Open(dir); err == nil {
		t.Error("a folder that others may read is opened")
	}
}
