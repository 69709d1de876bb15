package account

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"zat/fault"
)

// ParseEmail returns the address in the form in which it is stored and
// compared: trimmed and in lower case.
func ParseEmail(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 || !strings.Contains(s, ".") {
		return "", fault.At("email", "error.email")
	}
	return s, nil
}

// ParseName returns a person's, organisation's or team's name: one to eighty
// characters on one line.
func ParseName(field, s string) (string, error) {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cc, r) && !unicode.IsSpace(r) }) {
		return "", fault.At(field, "error.encoding")
	}
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return "", fault.At(field, "error.required")
	}
	if len([]rune(s)) > 80 {
		return "", fault.At(field, "error.toolong", 80)
	}
	return s, nil
}
