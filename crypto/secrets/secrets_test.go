package secrets_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

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

// TestAuditorsFolder: a folder with the public half alone, which cannot be
// written to, is enough to check with.
func TestAuditorsFolder(t *testing.T) {
	dir, own := filepath.Join(t.TempDir(), "s"), filepath.Join(t.TempDir(), "o")
	log := uuid.New()
	note, err := folder(t, dir).SignHead(log, 3, logtree.Hash{1})
	if err != nil {
		t.Fatal(err)
	}
	folder(t, own)
	public, err := filepath.Glob(filepath.Join(dir, "*.pub"))
	if err != nil || len(public) != 1 {
		t.Fatalf("%d public keys, %v", len(public), err)
	}
	text, err := os.ReadFile(public[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(own, filepath.Base(public[0])), text, 0o600); err != nil {
		t.Fatal(err)
	}
	v, err := folder(t, own).Verifier(log)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := v.Open(note); err != nil || c.Size != 3 {
		t.Errorf("size %d, %v", c.Size, err)
	}
	if _, err := folder(t, own).Verifier(uuid.New()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a log without a key: %v", err)
	}
}

// TestOtherPublicHalf: a public half of another key is refused by who signs, and
// is not what the installation itself checks with.
func TestOtherPublicHalf(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	f, log, other := folder(t, dir), uuid.New(), uuid.New()
	note, err := f.SignHead(log, 3, logtree.Hash{1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Signer(other); err != nil {
		t.Fatal(err)
	}
	file := func(id uuid.UUID) string { return filepath.Join(dir, "log-"+id.String()+".key.pub") }
	if err := os.Rename(file(other), file(log)); err != nil {
		t.Fatal(err)
	}
	v, err := folder(t, dir).Verifier(log)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Open(note); err != nil {
		t.Errorf("checked with the wrong public half: %v", err)
	}
	if _, err := folder(t, dir).Signer(log); err == nil {
		t.Error("signs beside a public half that is not its own")
	}
}

// TestLeftBehind: what a process left half written is gone at the next opening,
// and what another is writing stays.
func TestLeftBehind(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	folder(t, dir)
	old, fresh := filepath.Join(dir, ".new-1"), filepath.Join(dir, ".new-2")
	for _, path := range []string{old, fresh} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(old, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	folder(t, dir)
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a secret is left: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("a secret that is being written is gone: %v", err)
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

// TestRenewLogKey: a log gets a new key under a folder that is open elsewhere; what the
// old key signed before stands, and what it signs after that does not.
func TestRenewLogKey(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	log := uuid.New()
	running := folder(t, dir)
	old, err := running.Signer(log)
	if err != nil {
		t.Fatal(err)
	}
	before, err := running.SignHead(log, 3, logtree.Hash{1})
	if err != nil {
		t.Fatal(err)
	}
	for i := uint64(3); i < 6; i++ {
		if err := folder(t, dir).RenewLogKey(log, i); err != nil {
			t.Fatal(err)
		}
	}
	after, err := running.SignHead(log, 7, logtree.Hash{2})
	if err != nil {
		t.Fatal(err)
	}
	stolen, err := old.Sign(7, logtree.Hash{9})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*secrets.Folder{running, folder(t, dir)} {
		v, err := f.Verifier(log)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := v.Open(before); err != nil || c.Size != 3 {
			t.Errorf("signed before: size %d, %v", c.Size, err)
		}
		if c, err := v.Open(after); err != nil || c.Size != 7 {
			t.Errorf("signed after: size %d, %v", c.Size, err)
		}
		if _, err := v.Open(stolen); !errors.Is(err, logtree.ErrCheckpoint) {
			t.Errorf("signed with the key that was replaced: %v", err)
		}
	}
	// Cut off between the key and its public half.
	public := filepath.Join(dir, "log-"+log.String()+".key.pub")
	v, err := os.ReadFile(public)
	if err != nil {
		t.Fatal(err)
	}
	if err := folder(t, dir).RenewLogKey(log, 8); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(public, v, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := folder(t, dir).Signer(log); err != nil {
		t.Errorf("after a renewal that was cut off: %v", err)
	}
}

// TestRenewalCutOff: a renewal that was cut off after it had written what the earlier
// key was good for, and a server that signed on with that key: the next renewal counts
// what it signed.
func TestRenewalCutOff(t *testing.T) {
	dir, log := t.TempDir(), uuid.New()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := secrets.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.SignHead(log, 1, logtree.Hash{1}); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, keyName(t, dir))
	old, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.RenewLogKey(log, 10); err != nil {
		t.Fatal(err)
	}
	for path, b := range map[string][]byte{key: old, key + ".pub": public} { // as if it had stopped after the first file
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if f, err = secrets.Open(dir); err != nil {
		t.Fatal(err)
	}
	note, err := f.SignHead(log, 20, logtree.Hash{2})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.RenewLogKey(log, 20); err != nil {
		t.Fatal(err)
	}
	v, err := f.Verifier(log)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Open(note); err != nil {
		t.Errorf("a genuine checkpoint of between the two: %v", err)
	}
}

func keyName(t *testing.T, dir string) string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "*.pub"))
	if err != nil || len(list) != 1 {
		t.Fatalf("%d public keys, %v", len(list), err)
	}
	return strings.TrimSuffix(filepath.Base(list[0]), ".pub")
}
