package tiles_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/torchwood"
	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"zat/audit"
	"zat/audit/tiles"
	"zat/crypto/logtree"
)

// memory is a log in memory.
type memory struct {
	entries []audit.Entry
	note    []byte
	front   logtree.Frontier
	signer  *logtree.Signer
	key     string
}

func (m *memory) Snapshot(_ context.Context, _ uuid.UUID, fn func(audit.View) error) error {
	return fn(m)
}
func (m *memory) Head() (uint64, []byte, error)  { return m.front.Size, m.note, nil }
func (m *memory) Checkpoints() ([][]byte, error) { return nil, nil }
func (m *memory) Entries(fn func(audit.Entry) error) error {
	for _, e := range m.entries {
		if err := fn(e); err != nil {
			return err
		}
	}
	return nil
}

// written makes a log of n lines.
func written(t testing.TB, n int) *memory {
	t.Helper()
	secret, err := logtree.GenerateKey("zat/een")
	ok(t, err)
	m := &memory{}
	m.signer, err = logtree.ParseSigner(secret)
	ok(t, err)
	m.key, err = logtree.PublicOf(secret)
	ok(t, err)
	for range n {
		m.add(t)
	}
	m.sign(t)
	return m
}

func (m *memory) add(t testing.TB) {
	t.Helper()
	l := audit.Line{Seq: m.front.Size, ID: uuid.New(), At: time.Now().UnixMilli(), Event: audit.CaseRead, Action: audit.Read, Outcome: audit.Success, Kind: audit.ObjCase, Object: uuid.New()}
	raw, err := json.Marshal(l)
	ok(t, err)
	nonce := []byte(fmt.Sprintf("%032d", m.front.Size))
	e := audit.Entry{Columns: l.Columns(), Seq: m.front.Size, Nonce: nonce, Raw: raw, Commitment: audit.Commit(nonce, raw)}
	m.entries, m.front = append(m.entries, e), m.front.Append(e.Commitment)
}

func (m *memory) sign(t testing.TB) {
	t.Helper()
	var err error
	m.note, err = m.signer.Sign(m.front.Size, m.front.Root())
	ok(t, err)
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (m *memory) export(t testing.TB, lines bool) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "export")
	size, err := tiles.Export(context.Background(), m, uuid.Nil, m.key, dir, lines)
	ok(t, err)
	if size != m.front.Size {
		t.Fatalf("exported %d of %d", size, m.front.Size)
	}
	return dir
}

func (m *memory) check(t testing.TB, dir string, earlier ...[]byte) (audit.Report, error) {
	t.Helper()
	v, err := logtree.ParseVerifier(m.key)
	ok(t, err)
	return audit.Verify(context.Background(), tiles.Folder(dir), uuid.Nil, v, earlier...)
}

// sizes are around the edges of tiles, and of their second level.
var sizes = []int{0, 1, 2, 255, 256, 257, 511, 512, 700, 65536, 65537, 70000}

// TestExport: what is exported verifies, with lines and without, and the tree's own reader
// (golang.org/x/mod/sumdb/tlog) finds every hash in the tiles.
func TestExport(t *testing.T) {
	for _, n := range sizes {
		m := written(t, n)
		if n == 0 {
			m.note, _ = m.signer.Sign(0, m.front.Root())
		}
		for _, lines := range []bool{false, true} {
			dir := m.export(t, lines)
			r, err := m.check(t, dir)
			ok(t, err)
			if !r.OK() || r.Verified != uint64(n) {
				t.Errorf("%d entries, lines %v: %s at %d, %d verified", n, lines, r.Problem, r.Bad, r.Verified)
			}
			if _, err := os.Stat(filepath.Join(dir, tiles.LinesFile)); (err == nil) != lines {
				t.Errorf("%d entries: lines are there: %v, asked for %v", n, err == nil, lines)
			}
		}
		if n > 0 {
			m.consistent(t, n)
		}
	}
}

// consistent proves with the tiles that the log only grew since each of some sizes.
func (m *memory) consistent(t *testing.T, n int) {
	t.Helper()
	fs, err := torchwood.NewTileFS(os.DirFS(m.export(t, false)))
	ok(t, err)
	tree := tlog.Tree{N: int64(n), Hash: m.front.Root()}
	read := torchwood.TileHashReaderWithContext(context.Background(), tree, fs)
	var f logtree.Frontier
	for i, e := range m.entries {
		f = f.Append(e.Commitment)
		if i%1009 != 0 && i != n-1 {
			continue
		}
		proof, err := tlog.ProveTree(int64(n), int64(f.Size), read)
		ok(t, err)
		ok(t, tlog.CheckTree(proof, int64(n), tree.Hash, int64(f.Size), f.Root()))
	}
}

// TestTorchwood reads an export with somebody else's client: it authenticates every entry.
func TestTorchwood(t *testing.T) {
	m := written(t, 700)
	fs, err := torchwood.NewTileFS(os.DirFS(m.export(t, false)))
	ok(t, err)
	c, err := torchwood.NewClient(fs)
	ok(t, err)
	n := 0
	for i, entry := range c.AllEntries(context.Background(), tlog.Tree{N: 700, Hash: m.front.Root()}, 0) {
		if string(entry) != string(m.entries[i].Commitment[:]) {
			t.Fatalf("entry %d is another", i)
		}
		n++
	}
	ok(t, c.Err())
	if n != 700 {
		t.Errorf("read %d entries", n)
	}
}

// fsck is the checker of Tessera, another implementation of tlog-tiles.
const fsck = "github.com/transparency-dev/tessera/cmd/fsck@v1.0.4"

// TestFsck has it check an export, and one of which a bundle was changed. It is judged by
// its words: it exits with 0 when it finds something.
func TestFsck(t *testing.T) {
	bin := t.TempDir()
	install := exec.Command("go", "install", fsck)
	install.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=-mod=mod", "CGO_ENABLED=0")
	install.Dir = bin // outside our module: its own versions
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("installing fsck: %v\n%s", err, out)
	}
	m := written(t, 70_000)
	dir := m.export(t, false)
	run := func() string {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, filepath.Join(bin, "fsck"), "--storage_url=file://"+dir+"/", "--public_key="+filepath.Join(dir, tiles.KeyFile), "-N", "4", "--ui=false")
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	const good = "Successfully fsck'd log with size 70000"
	if out := run(); !strings.Contains(out, good) {
		t.Errorf("a good export: %s", out)
	}
	bundle := filepath.Join(dir, "tile", "entries", "000")
	b, err := os.ReadFile(bundle)
	ok(t, err)
	b[40] ^= 1
	ok(t, os.WriteFile(bundle, b, 0o644))
	if out := run(); strings.Contains(out, good) {
		t.Errorf("a changed export passes: %s", out)
	}
}

// TestTamperedExport: each file of an export that is changed is found, and where.
func TestTamperedExport(t *testing.T) {
	m := written(t, 700)
	for name, c := range map[string]struct {
		file    string
		change  func(b []byte) []byte
		problem audit.Problem
		tile    bool
		bad     uint64
	}{
		"a line":            {tiles.LinesFile, func(b []byte) []byte { return []byte(strings.Replace(string(b), `success`, `denied0`, 1)) }, audit.LineChanged, false, 0},
		"a line left out":   {tiles.LinesFile, func(b []byte) []byte { _, rest, _ := strings.Cut(string(b), "\n"); return []byte(rest) }, audit.LineGone, false, 0},
		"an entry":          {"tile/entries/001", flip(3*34 + 5), audit.LineChanged, false, 256 + 3},
		"a bundle cut":      {"tile/entries/002.p/188", func(b []byte) []byte { return b[:34*10] }, audit.SizeDiffers, false, 512 + 10},
		"a tile":            {"tile/0/001", flip(40), "", true, 0},
		"a tile of level 1": {"tile/1/000.p/2", flip(40), "", true, 0},
		"the checkpoint":    {tiles.CheckpointFile, func(b []byte) []byte { return []byte(strings.Replace(string(b), "700", "699", 1)) }, audit.HeadInvalid, false, 699},
	} {
		t.Run(name, func(t *testing.T) {
			dir := m.export(t, true)
			path := filepath.Join(dir, filepath.FromSlash(c.file))
			b, err := os.ReadFile(path)
			ok(t, err)
			ok(t, os.WriteFile(path, c.change(b), 0o600))
			r, err := m.check(t, dir)
			if c.tile {
				if !errors.Is(err, tiles.ErrTile) {
					t.Errorf("%v, %s", err, r.Problem)
				}
				return
			}
			ok(t, err)
			if r.Problem != c.problem || r.Bad != c.bad {
				t.Errorf("found %q at %d, want %q at %d", r.Problem, r.Bad, c.problem, c.bad)
			}
		})
	}
}

func flip(i int) func([]byte) []byte {
	return func(b []byte) []byte {
		b[i] ^= 1
		return b
	}
}

// TestExportAgainst: an export is checked against an earlier checkpoint.
func TestExportAgainst(t *testing.T) {
	m := written(t, 300)
	earlier := m.note
	for range 300 {
		m.add(t)
	}
	m.sign(t)
	if r, err := m.check(t, m.export(t, false), earlier); err != nil || !r.OK() {
		t.Errorf("a log that grew: %v %s", err, r.Problem)
	}
	m.entries[5].Commitment[0] ^= 1 // and all after it signed anew
	m.front = logtree.Frontier{}
	for _, e := range m.entries {
		m.front = m.front.Append(e.Commitment)
	}
	m.sign(t)
	if r, err := m.check(t, m.export(t, false)); err != nil || !r.OK() {
		t.Fatalf("the forgery is not whole: %v %s", err, r.Problem)
	}
	if r, err := m.check(t, m.export(t, false), earlier); err != nil || r.Problem != audit.HistoryRewriten {
		t.Errorf("a rewritten log: %v %q", err, r.Problem)
	}
}

// TestExportNeedsRoom: files of another export are never mixed with this one's.
func TestExportNeedsRoom(t *testing.T) {
	m := written(t, 3)
	dir := m.export(t, false)
	if _, err := tiles.Export(context.Background(), m, uuid.Nil, m.key, dir, false); !errors.Is(err, tiles.ErrNotEmpty) {
		t.Errorf("into a folder that is not empty: %v", err)
	}
}

// FuzzFolder reads damaged exports: no panic, and nothing passes that differs.
func FuzzFolder(f *testing.F) {
	m := written(f, 300)
	dir := m.export(f, true)
	names := []string{"checkpoint", "lines.jsonl", "tile/entries/000", "tile/0/000", "tile/1/000.p/1"}
	f.Add(2, 40, byte(1))
	f.Add(0, 3, byte(255))
	f.Fuzz(func(t *testing.T, which, at int, by byte) {
		if which < 0 || at < 0 || by == 0 {
			return
		}
		path := filepath.Join(dir, filepath.FromSlash(names[which%len(names)]))
		was, err := os.ReadFile(path)
		ok(t, err)
		defer os.WriteFile(path, was, 0o600)
		b := append([]byte(nil), was...)
		b[at%len(b)] ^= by
		ok(t, os.WriteFile(path, b, 0o600))
		r, err := m.check(t, dir)
		if err == nil && r.OK() && !sameMeaning(names[which%len(names)], was, b) {
			t.Errorf("a change at %d of %s passes", at%len(b), path)
		}
	})
}

// sameMeaning: blank space between JSON tokens, and the name of a key in other case, say
// the same.
func sameMeaning(name string, a, b []byte) bool {
	if name != "lines.jsonl" {
		return false
	}
	lines := func(x []byte) (out []string) {
		dec := json.NewDecoder(strings.NewReader(string(x)))
		for {
			var v struct {
				N     uint64
				Nonce string
				Line  string
			}
			if dec.Decode(&v) != nil {
				return out
			}
			out = append(out, fmt.Sprint(v.N, strings.ToLower(v.Nonce), v.Line))
		}
	}
	return fmt.Sprint(lines(a)) == fmt.Sprint(lines(b))
}
