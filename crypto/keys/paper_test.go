package keys_test

import (
	"errors"
	"strings"
	"testing"

	"zat/crypto/keys"
)

// TestPaper: what is printed reads back as people type it, and a slip of the pen is
// no identity.
func TestPaper(t *testing.T) {
	id := identity(t)
	text := keys.PaperOf(id)
	if n := len(strings.ReplaceAll(text, " ", "")); n != 77 {
		t.Errorf("%d characters are printed, and the sheet says 77", n)
	}
	for name, typed := range map[string]string{"as printed": text, "lower case": strings.ToLower(text), "without spaces": strings.ReplaceAll(text, " ", ""),
		"without the beginning": strings.TrimPrefix(text, "AGE-SECRET-KEY-PQ-1 "), "with dashes": strings.ReplaceAll(text, " ", "-"), "on two lines": strings.Replace(text, " ", "\r\n", 3)} {
		got, err := keys.ParsePaper(typed)
		if err != nil || got.Recipient() != id.Recipient() {
			t.Errorf("%s does not read back: %v", name, err)
		}
	}
	for i := len(text) - 20; i < len(text); i++ {
		if text[i] == ' ' {
			continue
		}
		other := byte('Q')
		if text[i] == other {
			other = 'P'
		}
		if _, err := keys.ParsePaper(text[:i] + string(other) + text[i+1:]); !errors.Is(err, keys.ErrCode) {
			t.Errorf("a slip at %d: %v", i, err)
		}
	}
	if !keys.PaperEndsWith(id, strings.ToLower(text[len(text)-6:])) || keys.PaperEndsWith(id, "") || keys.PaperEndsWith(id, text) {
		t.Error("its end is not told from others")
	}
}

func FuzzPaper(f *testing.F) {
	id, err := keys.Generate()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(keys.PaperOf(id))
	f.Add("AGE-SECRET-KEY-1")
	f.Add("\u212a é\xff")
	f.Fuzz(func(t *testing.T, typed string) {
		got, err := keys.ParsePaper(typed)
		if err != nil {
			return
		}
		if again, err := keys.ParsePaper(keys.PaperOf(got)); err != nil || again.Recipient() != got.Recipient() {
			t.Error("an identity does not read back")
		}
	})
}
