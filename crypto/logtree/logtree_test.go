package logtree_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"zat/crypto/logtree"
)

func entry(i int) [32]byte { return sha256.Sum256(fmt.Appendf(nil, "entry %d", i)) }

// TestFrontier grows a log and compares every root with that of the reference
// implementation over all entries.
func TestFrontier(t *testing.T) {
	var f logtree.Frontier
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(idx []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(idx))
		for i, n := range idx {
			out[i] = stored[n]
		}
		return out, nil
	})
	for i := range 600 {
		want, err := tlog.TreeHash(int64(i), read)
		if err != nil {
			t.Fatal(err)
		}
		if f.Root() != want {
			t.Fatalf("root of %d entries differs from the reference", i)
		}
		e := entry(i)
		hashes, err := tlog.StoredHashes(int64(i), e[:], read)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hashes...)
		back, err := logtree.ParseFrontier(f.Size, f.Marshal())
		if err != nil {
			t.Fatal(err)
		}
		if back.Root() != f.Root() {
			t.Fatalf("frontier of %d entries changes on its way through the store", i)
		}
		before := f.Marshal()
		next := f.Append(e)
		if !bytes.Equal(before, f.Marshal()) {
			t.Fatalf("appending entry %d changed the frontier it was appended to", i)
		}
		f = next
	}
}

func TestParseFrontierRefuses(t *testing.T) {
	for _, c := range []struct {
		size uint64
		n    int
	}{{0, 32}, {1, 0}, {1, 31}, {2, 64}, {3, 32}, {7, 95}, {1 << 40, 0}} {
		if _, err := logtree.ParseFrontier(c.size, make([]byte, c.n)); !errors.Is(err, logtree.ErrFrontier) {
			t.Errorf("size %d with %d bytes: %v", c.size, c.n, err)
		}
	}
}

func signer(t testing.TB, origin string) (*logtree.Signer, *logtree.Verifier) {
	t.Helper()
	secret, err := logtree.GenerateKey(origin)
	if err != nil {
		t.Fatal(err)
	}
	public, err := logtree.PublicOf(secret)
	if err != nil {
		t.Fatal(err)
	}
	s, err := logtree.ParseSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	v, err := logtree.ParseVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

func TestCheckpoint(t *testing.T) {
	s, v := signer(t, "zat/een")
	_, other := signer(t, "zat/een")
	var root logtree.Hash
	rand.Read(root[:])
	signed, err := s.Sign(42, root)
	if err != nil {
		t.Fatal(err)
	}
	c, err := v.Open(signed)
	if err != nil || c.Size != 42 || c.Root != root || c.Origin != "zat/een" {
		t.Fatalf("%+v, %v", c, err)
	}
	if _, err := other.Open(signed); !errors.Is(err, logtree.ErrCheckpoint) {
		t.Errorf("another key of the same name opens it: %v", err)
	}
	if _, err := v.Open(bytes.Replace(signed, []byte("\n42\n"), []byte("\n43\n"), 1)); !errors.Is(err, logtree.ErrCheckpoint) {
		t.Errorf("another size passes: %v", err)
	}
}

// TestSignerErrorKeepsTheKey reads a damaged key: the failure may reach a log.
func TestSignerErrorKeepsTheKey(t *testing.T) {
	secret, err := logtree.GenerateKey("zat/een")
	if err != nil {
		t.Fatal(err)
	}
	_, err = logtree.ParseSigner(secret + "x")
	if err == nil {
		t.Fatal("a damaged key is read")
	}
	if strings.Contains(err.Error(), secret[len(secret)-20:]) {
		t.Error("the failure quotes the key")
	}
}

// FuzzCheckpoint opens changed checkpoints: only the one that was signed opens.
func FuzzCheckpoint(f *testing.F) {
	s, v := signer(f, "zat/een")
	var root logtree.Hash
	signed, err := s.Sign(7, root)
	if err != nil {
		f.Fatal(err)
	}
	text, _, _ := bytes.Cut(signed, []byte("\n\n"))
	f.Add(signed)
	f.Add([]byte(""))
	f.Add(append(bytes.Clone(signed), signed...))
	f.Add([]byte("zat/een\n-1\n\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := v.Open(b)
		if err != nil {
			return
		}
		if c.Size != 7 || c.Root != root || !bytes.HasPrefix(b, text) {
			t.Fatalf("opened %q", b)
		}
	})
}

// BenchmarkAppend is what one entry costs in hashes, beside SHA-256 over the
// same bytes.
func BenchmarkAppend(b *testing.B) {
	b.Run("frontier", func(b *testing.B) {
		var f logtree.Frontier
		for b.Loop() {
			f = f.Append([32]byte{1})
		}
	})
	b.Run("floor", func(b *testing.B) {
		var in [65]byte
		for b.Loop() {
			sha256.Sum256(in[:])
		}
	})
}
