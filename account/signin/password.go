package signin

import (
	"strings"

	"github.com/ccojocar/zxcvbn-go"

	"zat/fault"
)

// MinPassword is the shortest password, in characters. There are no rules of
// composition (ASVS 5.0, 6.2).
const (
	MinPassword = 12
	maxPassword = 256
)

// What a password may hold, and what is judged of it: longer ones are not weaker,
// and judging takes longer.
const (
	judged   = 64
	minScore = 2 // of 4: "protection from throttled guessing"
)

// common are words that people of this trade would try first; the lists of
// passwords that leaked elsewhere come with the library.
var common = []string{"wachtwoord", "welkom", "zorgtafel", "zorgteam", "zorg", "school", "praktijkschool", "jongerenwerk", "politie", "leerplicht",
	"januari", "februari", "maart", "april", "juni", "juli", "augustus", "september", "oktober", "november", "december", "lente", "zomer", "herfst", "winter"}

// CheckPassword reports at which field and why a password cannot be used: too
// short, or among the first that anybody would try, such as one that leaked
// elsewhere or what his own name and address make up (about).
func CheckPassword(p string, about ...string) error {
	switch n := len([]rune(p)); {
	case n < MinPassword:
		return fault.At("password", "error.password.short", MinPassword)
	case n > maxPassword:
		return fault.At("password", "error.toolong", maxPassword)
	}
	words := append([]string(nil), common...)
	for _, s := range about {
		words = append(words, strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune(" @.-_", r) })...)
	}
	if zxcvbn.PasswordStrength(string([]rune(p)[:min(judged, len([]rune(p)))]), words).Score < minScore {
		return fault.At("password", "error.password.common")
	}
	return nil
}
