// Package pseudonym has the code names under which pupils are discussed, and
// the record of the pupil behind one.
//
// A code name is drawn at random and derived from nothing: whoever has only the
// name has nothing. A pseudonym is still personal data for whoever holds the
// register (EDPB 01/2025), which is why the product never says "anonymous".
package pseudonym

import (
	"crypto/rand"
	_ "embed"
	"fmt"
	"math/big"
	"regexp"
	"strings"
)

//go:embed words.txt
var wordFile string

var words = strings.Fields(wordFile)

// Name is a code name such as "Reiger-27": a word that people can say aloud
// and a number from 1 to 99.
type Name string

var namePattern = regexp.MustCompile(`^\p{Lu}\p{Ll}{2,11}-\d{2}$`)

// ParseName returns the code name that a person typed, in any case.
func ParseName(s string) (Name, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", false
	}
	r := []rune(strings.ToLower(s))
	n := strings.ToUpper(string(r[:1])) + string(r[1:])
	if i := strings.LastIndexByte(n, '-'); i > 0 && len(n)-i == 2 {
		n = n[:i+1] + "0" + n[i+1:]
	}
	return Name(n), namePattern.MatchString(n)
}

// Word returns the word of a name, "Reiger" of "Reiger-27".
func (n Name) Word() string {
	word, _, _ := strings.Cut(string(n), "-")
	return word
}

// Words returns the list from which names are drawn.
func Words() []string { return append([]string(nil), words...) }

// Draw returns a random name for which taken says no. It asks the caller to
// look in all names ever used: a name is never used twice. After many
// collisions it fails rather than look on for ever.
func Draw(taken func(Name) (bool, error)) (Name, error) {
	for range 10_000 {
		n, err := random()
		if err != nil {
			return "", err
		}
		used, err := taken(n)
		if err != nil {
			return "", fmt.Errorf("looking for a free code name: %w", err)
		}
		if !used {
			return n, nil
		}
	}
	return "", fmt.Errorf("no free code name found among %d", len(words)*99)
}

func random() (Name, error) {
	w, err := rand.Int(rand.Reader, big.NewInt(int64(len(words))))
	if err != nil {
		return "", fmt.Errorf("drawing a word: %w", err)
	}
	n, err := rand.Int(rand.Reader, big.NewInt(99))
	if err != nil {
		return "", fmt.Errorf("drawing a number: %w", err)
	}
	return Name(fmt.Sprintf("%s-%02d", words[w.Int64()], n.Int64()+1)), nil
}
