package keys

import (
	"strings"

	"zat/crypto/internal/agebox"
)

// A team's recovery identity on paper: an age identity in its own text form, 77
// characters, in groups that can be read aloud. Whoever lost zat can still use it
// with age.
const (
	paperPrefix = "AGE-SECRET-KEY-PQ-1"
	paperGroup  = 6
	paperTail   = 6 // of it the last characters are typed back
)

// PaperOf returns the text of an identity, for the one who prints it only.
func PaperOf(id *Identity) string {
	secret := agebox.Marshal(id)
	defer clear(secret)
	body := strings.TrimPrefix(string(secret), paperPrefix)
	short := len(body) % paperGroup // first, so that the last group is a whole one
	groups := []string{paperPrefix, body[:short]}
	for body = body[short:]; body != ""; body = body[paperGroup:] {
		groups = append(groups, body[:paperGroup])
	}
	return strings.Join(groups, " ")
}

// ParsePaper reads an identity as people type it from paper: in either case, with or
// without spaces, dashes and the words that all of them begin with. A slip of the
// pen fails with ErrCode: the text has a check of its own.
func ParsePaper(typed string) (*Identity, error) {
	s := squeezed(typed)
	s = strings.TrimPrefix(s, squeezed(paperPrefix))
	if len(s) > 200 {
		return nil, ErrCode
	}
	id, err := agebox.Parse([]byte(paperPrefix + s))
	if err != nil {
		return nil, ErrCode
	}
	return id, nil
}

// PaperEndsWith reports whether somebody typed back the last characters.
func PaperEndsWith(id *Identity, typed string) bool {
	text := squeezed(PaperOf(id))
	return squeezed(typed) == text[len(text)-paperTail:]
}

func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\t', '\r', '\n', '\u00a0', '\u2013':
			return -1
		}
		return r
	}, strings.ToUpper(s))
}
