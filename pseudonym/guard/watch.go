package guard

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"zat/fault"
)

// Source gives the tags of a team's register. The version changes with every
// change of the tags, so that a second server node sees it too.
type Source interface {
	RollVersion(ctx context.Context, team uuid.UUID) (int64, error)
	RollTags(ctx context.Context, team uuid.UUID) ([]Tag, error)
}

// Watch checks texts against the newest register of a team.
type Watch struct {
	Source Source
	Key    Key

	mu    sync.Mutex
	rolls map[uuid.UUID]versioned
}

type versioned struct {
	version int64
	roll    Roll
}

// Reader checks the texts of one form against the register as it was when the
// form came in.
type Reader struct {
	key  Key
	roll Roll
}

// Reader returns a reader for the texts of this team.
func (w *Watch) Reader(ctx context.Context, team uuid.UUID) (Reader, error) {
	roll, err := w.roll(ctx, team)
	return Reader{w.Key, roll}, err
}

// Check returns the findings in a text.
func (r Reader) Check(text string) []Finding { return Check(text, r.key, r.roll) }

// Check returns the findings in a text for this team.
func (w *Watch) Check(ctx context.Context, team uuid.UUID, text string) ([]Finding, error) {
	r, err := w.Reader(ctx, team)
	if err != nil {
		return nil, err
	}
	return r.Check(text), nil
}

// Limits of a text, in characters.
const (
	ShortText = 200
	LongText  = 8000
)

// Clear is Reader.Clear for a form with one text.
func (w *Watch) Clear(ctx context.Context, team uuid.UUID, field string, d Draft, limit int) (string, []Kind, error) {
	r, err := w.Reader(ctx, team)
	if err != nil {
		return "", nil, err
	}
	return r.Clear(field, d, limit)
}

// Clear returns the text when it may be stored, and the kinds of likely
// findings that the writer chose to keep, for the log. It fails at field: for an
// empty, too long or wrongly encoded text, and with a *Refusal for findings.
func (r Reader) Clear(field string, d Draft, limit int) (string, []Kind, error) {
	text, err := Tidy(field, d.Text, limit)
	if err != nil {
		return "", nil, err
	}
	var kept []Kind
	var refused []Finding
	for _, f := range r.Check(text) {
		if f.Kind.Certain() || !d.Keep[f.Kind] {
			refused = append(refused, f)
		} else {
			kept = append(kept, f.Kind)
		}
	}
	if len(refused) > 0 {
		return "", nil, fault.At(field, "error.guard", &Refusal{refused})
	}
	return text, kept, nil
}

// Tidy makes a text plain and checks what holds for every text, guarded or not.
func Tidy(field, s string, limit int) (string, error) {
	if !utf8.ValidString(s) {
		return "", fault.At(field, "error.encoding")
	}
	s = Plain(s)
	if s == "" {
		return "", fault.At(field, "error.required")
	}
	if utf8.RuneCountInString(s) > limit {
		return "", fault.At(field, "error.toolong", limit)
	}
	return s, nil
}

// Plain is the text that the guard looks at and that is stored: trimmed, with
// accents composed. Of characters that nobody sees, and that would hide a name
// or a number, nothing stays; spaces of other widths and full-width figures
// become ordinary ones. Offsets of findings count in it. Bytes that are no text
// stay as they are, for Tidy to refuse.
func Plain(s string) string {
	if !utf8.ValidString(s) {
		return s
	}
	return strings.TrimSpace(norm.NFC.String(strings.Map(visible, strings.ReplaceAll(s, "\r\n", "\n"))))
}

// visible maps a character to the one that is stored, or to none.
func visible(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case unicode.Is(unicode.Zs, r):
		return ' '
	case r >= '！' && r <= '～': // full-width forms of ASCII
		return r - '！' + '!'
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
		return -1
	}
	return r
}

func (w *Watch) roll(ctx context.Context, team uuid.UUID) (Roll, error) {
	version, err := w.Source.RollVersion(ctx, team)
	if err != nil {
		return nil, fmt.Errorf("reading the roll's version: %w", err)
	}
	w.mu.Lock()
	known, ok := w.rolls[team]
	w.mu.Unlock()
	if ok && known.version == version {
		return known.roll, nil
	}
	tags, err := w.Source.RollTags(ctx, team)
	if err != nil {
		return nil, fmt.Errorf("reading the roll: %w", err)
	}
	roll := make(Roll, len(tags))
	for _, t := range tags {
		roll[t] = struct{}{}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.rolls == nil {
		w.rolls = map[uuid.UUID]versioned{}
	}
	w.rolls[team] = versioned{version, roll}
	return roll, nil
}
