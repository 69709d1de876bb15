package witness

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Remote is a witness elsewhere.
type Remote struct {
	URL    string // its submission prefix
	Key    *torchwood.CosignatureVerifier
	Client *http.Client
}

// ParseRemote reads "URL,KEY": a submission prefix and the witness's public key.
func ParseRemote(text string) (Remote, error) {
	url, key, ok := strings.Cut(text, ",")
	if !ok || (!strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://127.0.0.1:") && !strings.HasPrefix(url, "http://localhost:")) {
		return Remote{}, errors.New("a witness is https://ADDRESS,KEY")
	}
	v, err := torchwood.NewCosignatureVerifier(strings.TrimSpace(key))
	if err != nil {
		return Remote{}, fmt.Errorf("reading the key of a witness: %w", err)
	}
	return Remote{URL: strings.TrimSuffix(url, "/"), Key: v, Client: &http.Client{Timeout: 20 * time.Second}}, nil
}

// Name is how the witness signs.
func (r Remote) Name() string { return r.Key.Name() }

// ErrBehind is returned when the witness signed another size than was said; Size is that.
type ErrBehind struct{ Size uint64 }

func (e ErrBehind) Error() string { return fmt.Sprintf("the witness is at %d", e.Size) }

// Refused is returned when a witness does not sign. A status of 422, or of 409 at the size
// that was said, means that it holds another history of this log.
type Refused struct{ Status int }

func (e Refused) Error() string { return fmt.Sprintf("the witness refused: %d", e.Status) }

// answerLimit is how much of an answer is read.
const answerLimit = 16 << 10

// Cosign asks for a signature under a checkpoint that grew from an older size, with its
// proof. It returns the checkpoint with the witness's signature added.
func (r Remote) Cosign(ctx context.Context, signed []byte, older uint64, proof tlog.TreeProof) ([]byte, error) {
	var body bytes.Buffer
	fmt.Fprintf(&body, "old %d\n", older)
	for _, h := range proof {
		body.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	body.WriteString("\n")
	body.Write(signed)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL+"/add-checkpoint", &body)
	if err != nil {
		return nil, fmt.Errorf("asking a witness: %w", err)
	}
	res, err := r.Client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking a witness: %w", err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, answerLimit))
	if err != nil {
		return nil, fmt.Errorf("asking a witness: %w", err)
	}
	switch res.StatusCode {
	case http.StatusOK:
		return r.with(signed, text)
	case http.StatusConflict:
		size, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 63)
		if err == nil && size != older {
			return nil, ErrBehind{size}
		}
	}
	return nil, Refused{res.StatusCode}
}

// with adds the signatures of the witness that hold.
func (r Remote) with(signed, sigs []byte) ([]byte, error) {
	out := append(bytes.TrimRight(bytes.Clone(signed), "\n"), '\n')
	text, _, _ := bytes.Cut(signed, []byte("\n\n"))
	n, err := note.Open(append(append(bytes.Clone(text), "\n\n"...), sigs...), note.VerifierList(r.Key))
	if err != nil || len(n.Sigs) == 0 {
		return nil, errors.New("the witness's signature does not hold")
	}
	for _, s := range n.Sigs {
		out = append(out, fmt.Sprintf("— %s %s\n", s.Name, s.Base64)...)
	}
	return out, nil
}
