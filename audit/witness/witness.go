// Package witness lets installations watch each other's logs, after C2SP's tlog-witness
// (https://c2sp.org/tlog-witness) and tlog-cosignature.
//
// A witness signs a checkpoint only when it proves that the log grew from what the witness
// signed before: a log that was rewritten gets no signature any more. It learns sizes and
// roots, and nothing of any line.
package witness

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Store keeps the newest checkpoint that was signed of each log.
type Store interface {
	// Witness runs fn with the newest size and root of a log, zero for one that was never
	// seen, and stores what it returns unless it fails. Nobody else changes it meanwhile.
	Witness(ctx context.Context, origin string, fn func(size int64, root tlog.Hash) (int64, tlog.Hash, error)) error
}

// Witness signs checkpoints of others.
type Witness struct {
	Store  Store
	Signer *torchwood.CosignatureSigner
	Logs   map[string]note.Verifiers // by origin: whose checkpoints are signed
}

// Answer is what a submission gets, as status and body of HTTP.
type Answer struct {
	Status int
	Type   string // of the body; empty for text
	Body   string
}

// ParseLogs reads public log keys, one a line; lines that begin with # are passed over.
func ParseLogs(text string) (map[string]note.Verifiers, error) {
	keys := map[string][]note.Verifier{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		v, err := note.NewVerifier(line)
		if err != nil {
			return nil, fmt.Errorf("reading a public log key: %w", err)
		}
		keys[v.Name()] = append(keys[v.Name()], v)
	}
	out := map[string]note.Verifiers{}
	for origin, list := range keys {
		out[origin] = note.VerifierList(list...)
	}
	return out, nil
}

// maxProof is how many hashes a proof has at most (tlog-witness).
const maxProof = 63

// submission is a request as it was read.
type submission struct {
	old   int64
	proof tlog.TreeProof
	note  []byte
}

var errForm = errors.New("witness: no submission")

func parse(body []byte) (s submission, err error) {
	head, signed, ok := bytes.Cut(body, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	size, found := strings.CutPrefix(lines[0], "old ")
	if !ok || !found {
		return s, errForm
	}
	s.old, err = strconv.ParseInt(size, 10, 64)
	if err != nil || s.old < 0 || strconv.FormatInt(s.old, 10) != size || len(lines)-1 > maxProof {
		return s, errForm
	}
	for _, l := range lines[1:] {
		b, err := base64.StdEncoding.DecodeString(l)
		if err != nil || len(b) != tlog.HashSize {
			return s, errForm
		}
		s.proof = append(s.proof, tlog.Hash(b))
	}
	s.note = signed
	return s, nil
}

// The answers that tlog-witness names.
var (
	badForm     = Answer{Status: 400, Body: "not a submission\n"}
	unknownLog  = Answer{Status: 404, Body: "no such log here\n"}
	badSigned   = Answer{Status: 403, Body: "not signed by the log\n"}
	badProof    = Answer{Status: 422, Body: "the proof does not hold\n"}
	conflicting = "text/x.tlog.size"
)

// refusal ends a submission with an answer.
type refusal struct{ Answer }

func (r refusal) Error() string { return "witness: refused with " + strconv.Itoa(r.Status) }

// Submit answers a submission: with our signature when the log only grew.
func (w *Witness) Submit(ctx context.Context, body []byte) (Answer, error) {
	s, err := parse(body)
	if err != nil {
		return badForm, nil
	}
	origin, _, _ := strings.Cut(string(s.note), "\n")
	known := w.Logs[origin]
	if known == nil {
		return unknownLog, nil
	}
	n, err := note.Open(s.note, known)
	if err != nil {
		return badSigned, nil
	}
	cp, err := torchwood.ParseCheckpoint(n.Text)
	if err != nil || cp.Origin != origin || s.old > cp.N {
		return badForm, nil
	}
	err = w.Store.Witness(ctx, origin, func(size int64, root tlog.Hash) (int64, tlog.Hash, error) {
		return cp.N, cp.Hash, s.follows(cp, size, root)
	})
	if r := (refusal{}); errors.As(err, &r) {
		return r.Answer, nil
	}
	if err != nil {
		return Answer{}, fmt.Errorf("keeping a checkpoint: %w", err)
	}
	return w.sign(n)
}

// follows reports whether a checkpoint goes on from the newest that was signed.
func (s submission) follows(cp torchwood.Checkpoint, size int64, root tlog.Hash) error {
	switch {
	case s.old != size:
		return refusal{Answer{409, conflicting, strconv.FormatInt(size, 10) + "\n"}}
	case size == 0:
		if len(s.proof) > 0 {
			return refusal{badProof}
		}
		return nil
	case size == cp.N:
		if cp.Hash != root {
			return refusal{Answer{409, conflicting, strconv.FormatInt(size, 10) + "\n"}}
		}
		if len(s.proof) > 0 {
			return refusal{badProof}
		}
		return nil
	}
	if tlog.CheckTree(s.proof, cp.N, cp.Hash, size, root) != nil {
		return refusal{badProof}
	}
	return nil
}

func (w *Witness) sign(n *note.Note) (Answer, error) {
	signed, err := note.Sign(&note.Note{Text: n.Text}, w.Signer)
	if err != nil {
		return Answer{}, fmt.Errorf("signing a checkpoint: %w", err)
	}
	_, sigs, _ := bytes.Cut(signed, []byte("\n\n"))
	return Answer{Status: 200, Body: string(sigs)}, nil
}
