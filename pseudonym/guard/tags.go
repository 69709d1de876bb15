package guard

import (
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"hash"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Tag is a keyed hash of a normalised name. Without the guard key, which lies
// outside the database, it says nothing; with it one can try names against the
// school roll, and never learns which pupil or pseudonym a tag belongs to.
type Tag [16]byte

// Key makes tags. It prints as [redacted].
type Key struct{ secret []byte }

// NewKey returns the key with this secret of 32 bytes.
func NewKey(secret []byte) Key { return Key{append([]byte(nil), secret...)} }

func (Key) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// Mark is by what a database knows the key that its tags were made with. It is
// no tag of any name.
func (k Key) Mark() []byte {
	t := k.tagger().tag("<mark>")
	return t[:]
}

// tagger reuses one HMAC for the many words of a text.
type tagger struct {
	mac hash.Hash
	sum []byte
}

func (k Key) tagger() *tagger { return &tagger{mac: hmac.New(sha256.New, k.secret)} }

func (t *tagger) tag(normal string) Tag {
	t.mac.Reset()
	io.WriteString(t.mac, normal)
	t.sum = t.mac.Sum(t.sum[:0])
	return Tag(t.sum[:16])
}

// TagsOf returns the tags of one pupil's name: of its forms, and of the words
// with which a form of several words begins.
func TagsOf(key Key, first, infix, last string) []Tag {
	t := key.tagger()
	var out []Tag
	for _, form := range forms(first, infix, last) {
		out = append(out, t.tag(form))
	}
	for _, word := range beginnings(first, infix, last) {
		out = append(out, t.tag(begins+word))
	}
	return out
}

// begins sets the tag of a beginning apart from the tag of a name: it is no
// letter, so no name has it.
const begins = ">"

// beginnings are the words that can come first where a name is written in
// several words, with a compound written either way.
func beginnings(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if words := strings.Fields(p); len(words) > 0 {
			piece, _, _ := strings.Cut(words[0], "-")
			out = append(out, normalise(words[0]), normalise(piece))
		}
	}
	return out
}

// forms are the ways in which a name is looked for: each part, the surname with
// its tussenvoegsel, the parts together in both orders, and the longer halves
// of compound names.
func forms(first, infix, last string) []string {
	f, i, l := normalise(first), normalise(infix), normalise(last)
	list := []string{f, l, i + l, f + l, f + i + l, l + f, i + l + f, l + f + i}
	for _, part := range strings.FieldsFunc(first+" "+last, func(r rune) bool { return r == '-' || r == ' ' }) {
		if n := normalise(part); len(n) >= 4 && !ordinary[n] {
			list = append(list, n)
		}
	}
	seen := map[string]bool{}
	out := list[:0]
	for _, form := range list {
		if len(form) >= 2 && !seen[form] {
			seen[form] = true
			out = append(out, form)
		}
	}
	return out
}

// normalise folds a name to the letters that a hurried writer would still get
// right: lower case, no diacritics, no spaces, hyphens or apostrophes.
func normalise(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if !ascii {
		s = norm.NFKD.String(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		r = unicode.ToLower(r)
		switch r {
		case 'ı':
			r = 'i'
		case 'ł':
			r = 'l'
		case 'ø':
			r = 'o'
		case 'đ', 'ð':
			r = 'd'
		}
		switch {
		case r == 'ß':
			b.WriteString("ss")
		case r == 'æ':
			b.WriteString("ae")
		case unicode.IsLetter(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

//go:embed ordinary.txt
var ordinaryFile string

// ordinary are Dutch words that are names as well. Alone they count only with
// a capital inside a sentence.
var ordinary = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(ordinaryFile) {
		m[w] = true
	}
	return m
}()

type word struct {
	start, end int
	normal     string
	capital    bool // begins with a capital
	first      bool // begins a sentence
	glued      bool // follows the word before with only a space or hyphen between
}

// split cuts a text in words: letters, with apostrophes and hyphens inside.
func split(text string) []word {
	var out []word
	start, fresh, end := -1, true, 0
	flush := func(at int) {
		if start < 0 {
			return
		}
		raw := strings.TrimRight(text[start:at], "'’-")
		r, _ := utf8.DecodeRuneInString(raw)
		gap := text[end:start]
		out = append(out, word{start, start + len(raw), normalise(raw), unicode.IsUpper(r), fresh, len(out) > 0 && (gap == " " || gap == "-")})
		start, fresh, end = -1, false, start+len(raw)
	}
	for i, r := range text {
		inside := unicode.IsLetter(r) || unicode.Is(unicode.Mn, r) || (start >= 0 && (r == '\'' || r == '’' || r == '-'))
		switch {
		case inside && start < 0:
			start = i
		case !inside:
			flush(i)
			if r == '.' || r == '!' || r == '?' || r == '\n' || r == ':' {
				fresh = true
			}
		}
	}
	flush(len(text))
	return out
}

const longestName = 5 // words in a row that are looked up together

// registered finds names of the roll. At each word it takes the longest run of
// words that is a name.
func registered(text string, key Key, roll Roll) []Finding {
	if len(roll) == 0 {
		return nil
	}
	words, t := split(text), key.tagger()
	var out []Finding
	for i := 0; i < len(words); i++ {
		w := words[i]
		if never[w.normal] && (!w.capital || w.first) {
			continue
		}
		if n, kind := longest(words[i:], t, roll); n > 0 {
			out = append(out, Finding{kind, w.start, words[i+n-1].end})
			i += n - 1
			continue
		}
		out = append(out, pieces(text, w, t, roll)...)
	}
	return out
}

// pieces looks for names inside a word with hyphens: "het Fatima-dossier".
func pieces(text string, w word, t *tagger, roll Roll) []Finding {
	raw := text[w.start:w.end]
	if !strings.Contains(raw, "-") {
		return nil
	}
	var out []Finding
	at := w.start
	for i, piece := range strings.Split(raw, "-") {
		r, _ := utf8.DecodeRuneInString(piece)
		p := word{start: at, end: at + len(piece), normal: normalise(piece), capital: unicode.IsUpper(r), first: w.first && i == 0}
		if n, kind := longest([]word{p}, t, roll); n > 0 {
			out = append(out, Finding{kind, p.start, p.end})
		}
		at = p.end + 1
	}
	return out
}

func longest(words []word, t *tagger, roll Roll) (best int, kind Kind) {
	joined := ""
	for n := 1; n <= len(words) && n <= longestName; n++ {
		if n > 1 && !words[n-1].glued {
			break
		}
		if n == 2 && !roll.has(t.tag(begins+words[0].normal)) {
			break // most words begin no name: one look instead of four
		}
		joined += words[n-1].normal
		if len(joined) < 2 || !inRoll(joined, t, roll) {
			continue
		}
		if k := plausible(words[:n]); k != "" {
			best, kind = n, k
		}
	}
	return best, kind
}

// inRoll asks for the name and, for "Fatima's", "Emirhans" and "Fatimaatje",
// without what Dutch puts behind it.
func inRoll(normal string, t *tagger, roll Roll) bool {
	if roll.has(t.tag(normal)) {
		return true
	}
	short, ok := strings.CutSuffix(normal, "s")
	if ok && len(short) >= 2 && roll.has(t.tag(short)) {
		return true
	}
	if !strings.HasSuffix(short, "je") {
		return false
	}
	for _, ending := range []string{"je", "tje", "pje", "etje"} {
		name, ok := strings.CutSuffix(short, ending)
		if !ok || len(name) < 3 {
			continue
		}
		last := len(name) - 1 // "Fatimaatje" doubles the vowel, "Jannetje" the consonant
		if roll.has(t.tag(name)) || (name[last] == name[last-1] && roll.has(t.tag(name[:last]))) {
			return true
		}
	}
	return false
}

// plausible keeps ordinary words out: "de groot", "Storm" and such are names
// with a capital inside a sentence or beside another part of the name, and may
// be one where a sentence begins.
func plausible(words []word) Kind {
	last := words[len(words)-1]
	if len(words) == 1 {
		switch {
		case !ordinary[last.normal] && !ordinary[strings.TrimSuffix(last.normal, "s")] && len(last.normal) >= 3, last.capital && !last.first:
			return Registered
		case last.capital && !infixes[last.normal]:
			return Maybe
		}
		return ""
	}
	for _, w := range words {
		if !ordinary[w.normal] && !infixes[w.normal] {
			return Registered
		}
	}
	if last.capital {
		return Registered
	}
	return ""
}

// never begins a name: the commonest words of Dutch, half of any text. Skipping
// them halves the work of a check.
var never = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`een het is hij zij ze we wij dit dat die wat wie waar was had heb hebt heeft met om uit tot naar over onder voor door
		zonder tegen tussen als dan nog wel niet ook maar want dus of toch meer minder veel weinig iets niets alles en er zich zijn haar hun wordt worden werd
		kan kunnen moet moeten zal zullen ging gaat gaan komt komen deze onze sinds weer vaak soms`) {
		m[w] = true
	}
	return m
}()

var infixes = map[string]bool{"de": true, "den": true, "der": true, "van": true, "het": true, "ten": true, "ter": true, "te": true, "in": true,
	"op": true, "t": true, "el": true, "al": true, "ben": true, "la": true, "le": true, "du": true, "von": true, "aan": true, "bij": true}

// Names reports whether found, a piece of text, is a name of this pupil. It is
// for who may open the register, to offer the right pseudonym.
func Names(found, first, infix, last string) bool {
	n := normalise(found)
	for _, form := range forms(first, infix, last) {
		if n == form || n == form+"s" {
			return true
		}
	}
	return false
}
