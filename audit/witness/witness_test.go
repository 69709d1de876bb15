package witness_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/torchwood"
	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"zat/audit/witness"
	"zat/crypto/logtree"
)

// shelf keeps what a witness signed, in memory.
type shelf struct {
	mu sync.Mutex
	of map[string]tlog.Tree
}

func (s *shelf) Witness(_ context.Context, origin string, fn func(int64, tlog.Hash) (int64, tlog.Hash, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]tlog.Tree{}
	}
	size, root, err := fn(s.of[origin].N, s.of[origin].Hash)
	if err == nil {
		s.of[origin] = tlog.Tree{N: size, Hash: root}
	}
	return err
}

// log is a log that grows, with all its hashes.
type log struct {
	id     uuid.UUID
	signer *logtree.Signer
	key    string
	hashes []tlog.Hash
	n      int64
	done   []witness.Cosigned
}

func (l *log) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		out[i] = l.hashes[n]
	}
	return out, nil
}

func newLog(t testing.TB) *log {
	t.Helper()
	id := uuid.New()
	secret, err := logtree.GenerateKey("zat/" + id.String())
	ok(t, err)
	l := &log{id: id}
	l.signer, err = logtree.ParseSigner(secret)
	ok(t, err)
	l.key, err = logtree.PublicOf(secret)
	ok(t, err)
	return l
}

func (l *log) grow(t testing.TB, n int) *log {
	t.Helper()
	for range n {
		h, err := tlog.StoredHashes(l.n, []byte(fmt.Sprint("entry ", l.n)), l)
		ok(t, err)
		l.hashes, l.n = append(l.hashes, h...), l.n+1
	}
	return l
}

func (l *log) root(t testing.TB) tlog.Hash {
	t.Helper()
	h, err := tlog.TreeHash(l.n, l)
	ok(t, err)
	return h
}

func (l *log) note(t testing.TB) []byte {
	t.Helper()
	b, err := l.signer.Sign(uint64(l.n), l.root(t))
	ok(t, err)
	return b
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// school is a witness behind HTTP.
func school(t testing.TB, logs ...*log) (*witness.Witness, witness.Remote) {
	t.Helper()
	_, secret, err := ed25519.GenerateKey(rand.Reader)
	ok(t, err)
	signer, err := torchwood.NewCosignatureSigner("zat-witness/test", secret)
	ok(t, err)
	var keys strings.Builder
	for _, l := range logs {
		keys.WriteString("# a log\n" + l.key + "\n")
	}
	known, err := witness.ParseLogs(keys.String())
	ok(t, err)
	w := &witness.Witness{Store: &shelf{}, Signer: signer, Logs: known}
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		body, _ := io.ReadAll(in.Body)
		a, err := w.Submit(in.Context(), body)
		if err != nil {
			out.WriteHeader(500)
			return
		}
		if a.Type != "" {
			out.Header().Set("Content-Type", a.Type)
		}
		out.WriteHeader(a.Status)
		io.WriteString(out, a.Body)
	}))
	t.Cleanup(server.Close)
	r, err := witness.ParseRemote(server.URL + "," + signer.Verifier().String())
	ok(t, err)
	return w, r
}

func (l *log) prove(t testing.TB, older int64) tlog.TreeProof {
	t.Helper()
	if older == 0 || older == l.n {
		return nil
	}
	p, err := tlog.ProveTree(l.n, older, l)
	ok(t, err)
	return p
}

// TestCosign: a log that grows gets signatures, and a reader who knows both keys finds both.
func TestCosign(t *testing.T) {
	l := newLog(t).grow(t, 5)
	_, r := school(t, l)
	older := uint64(0)
	for range 4 {
		both, err := r.Cosign(context.Background(), l.note(t), older, l.prove(t, int64(older)))
		ok(t, err)
		own, err := note.NewVerifier(l.key)
		ok(t, err)
		n, err := note.Open(both, note.VerifierList(own, r.Key))
		ok(t, err)
		if len(n.Sigs) != 2 {
			t.Errorf("%d signatures", len(n.Sigs))
		}
		v, err := logtree.ParseVerifier(l.key)
		ok(t, err)
		if cp, err := v.Open(both); err != nil || cp.Size != uint64(l.n) {
			t.Errorf("our own reader: %v", err)
		}
		older = uint64(l.n)
		l.grow(t, 7)
	}
}

// TestRefusals: what a witness answers to each thing that it must not sign
// (https://c2sp.org/tlog-witness).
func TestRefusals(t *testing.T) {
	l, stranger := newLog(t).grow(t, 5), newLog(t).grow(t, 5)
	w, r := school(t, l)
	first := l.note(t)
	_, err := r.Cosign(context.Background(), first, 0, nil)
	ok(t, err)
	fork := &log{id: l.id, signer: l.signer, key: l.key}
	fork.hashes, fork.n = []tlog.Hash{tlog.RecordHash([]byte("another beginning"))}, 1
	fork.grow(t, 4)
	forked := fork.grow(t, 3).note(t)
	good := l.grow(t, 3).note(t)
	forged := bytes.Replace(good, []byte("\n8\n"), []byte("\n9\n"), 1)
	submit := func(older int64, proof tlog.TreeProof, signed []byte) string {
		var b strings.Builder
		fmt.Fprintf(&b, "old %d\n", older)
		for _, h := range proof {
			b.WriteString(h.String() + "\n")
		}
		return b.String() + "\n" + string(signed)
	}
	for name, c := range map[string]struct {
		body   string
		status int
		text   string
	}{
		"no submission":               {"hello", 400, ""},
		"empty":                       {"", 400, ""},
		"a negative size":             {submit(-1, nil, good), 400, ""},
		"an older size that is newer": {submit(9, nil, good), 400, ""},
		"too long a proof":            {submit(5, make(tlog.TreeProof, 64), good), 400, ""},
		"another log":                 {submit(0, nil, stranger.note(t)), 404, ""},
		"not signed by the log":       {submit(5, l.prove(t, 5), forged), 403, ""},
		"another older size":          {submit(3, l.prove(t, 3), good), 409, "5\n"},
		"from the beginning":          {submit(0, nil, good), 409, "5\n"},
		"no proof":                    {submit(5, nil, good), 422, ""},
		"a proof of a fork":           {submit(5, fork.prove(t, 5), forked), 422, ""},
		"the same size, another root": {submit(5, nil, func() []byte { b, err := l.signer.Sign(5, tlog.Hash{1}); ok(t, err); return b }()), 409, "5\n"},
	} {
		a, err := w.Submit(context.Background(), []byte(c.body))
		ok(t, err)
		if a.Status != c.status || !strings.HasPrefix(a.Body, c.text) {
			t.Errorf("%s: %d %q, want %d", name, a.Status, a.Body, c.status)
		}
		if (c.status == 409) != (a.Type == "text/x.tlog.size") {
			t.Errorf("%s: type %q", name, a.Type)
		}
	}
	a, err := w.Submit(context.Background(), []byte(submit(5, l.prove(t, 5), good)))
	ok(t, err)
	if a.Status != 200 || !strings.HasPrefix(a.Body, "— zat-witness/test ") {
		t.Errorf("after all that: %d", a.Status)
	}
}

// own is our side: one log, and what witnesses signed of it.
type own struct {
	*log
	t testing.TB
}

func (o own) Logs(context.Context) ([]uuid.UUID, error) { return []uuid.UUID{o.id}, nil }
func (o own) Head(context.Context, uuid.UUID) (uint64, []byte, error) {
	return uint64(o.n), o.note(o.t), nil
}
func (o own) Prove(_ context.Context, _ uuid.UUID, older, newer uint64, _ logtree.Hash) (tlog.TreeProof, error) {
	return tlog.ProveTree(int64(newer), int64(older), o.log)
}
func (o own) Cosigned(context.Context, uuid.UUID) ([]witness.Cosigned, error) { return o.done, nil }
func (o own) PutCosigned(_ context.Context, c witness.Cosigned) error {
	o.done = append(o.done, c)
	o.log.done = []witness.Cosigned{c}
	return nil
}

// TestKeeper: rounds have a log signed as it grows, also after we forgot how far the
// witness was; a rewritten log is signed no more.
func TestKeeper(t *testing.T) {
	l := newLog(t).grow(t, 4)
	_, r := school(t, l)
	var said bytes.Buffer
	now := time.Now()
	k := &witness.Keeper{Own: own{l, t}, Remotes: []witness.Remote{r}, Now: func() time.Time { return now }, Logger: slog.New(slog.NewTextHandler(&said, nil)), Every: time.Minute,
		Verifier: func(uuid.UUID) (*logtree.Verifier, error) { return logtree.ParseVerifier(l.key) }}
	round := func(want uint64) {
		t.Helper()
		now = now.Add(time.Hour)
		ok(t, k.Round(context.Background()))
		if len(l.done) == 0 || l.done[0].Size != want {
			t.Errorf("signed %v, want %d; %s", l.done, want, said.String())
		}
	}
	round(4)
	l.grow(t, 9)
	round(13)
	l.done = nil // a back-up of our database was put back
	l.grow(t, 2)
	round(15)
	l.hashes, l.n = []tlog.Hash{tlog.RecordHash([]byte("another beginning"))}, 1 // rewritten from the first entry on
	l.grow(t, 19)
	round(15)
	if !strings.Contains(said.String(), "422") {
		t.Errorf("nothing is said of it: %s", said.String())
	}
}

// TestParseRemote: a witness is reached by TLS, or on this machine.
func TestParseRemote(t *testing.T) {
	_, r := school(t)
	for _, bad := range []string{"", "https://x", "http://elders.example," + r.Key.String(), "https://elders.example,geen sleutel", "ftp://x," + r.Key.String()} {
		if _, err := witness.ParseRemote(bad); err == nil {
			t.Errorf("%q passes", bad)
		}
	}
	if _, err := witness.ParseLogs("geen sleutel"); err == nil {
		t.Error("a file without keys passes")
	}
	var behind witness.ErrBehind
	if !errors.As(error(witness.ErrBehind{Size: 3}), &behind) || behind.Size != 3 {
		t.Error("how far a witness is does not come through")
	}
}

// FuzzSubmit: no submission makes a witness panic or sign what is not signed by the log.
func FuzzSubmit(f *testing.F) {
	l := newLog(f).grow(f, 5)
	w, _ := school(f, l)
	f.Add([]byte("old 0\n\n" + string(l.note(f))))
	f.Add([]byte("old 5\nAAAA\n\nx"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := w.Submit(context.Background(), b)
		ok(t, err)
		if a.Status == 200 && !bytes.Contains(b, l.note(t)[:20]) {
			t.Errorf("signed %q", b)
		}
	})
}
