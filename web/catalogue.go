package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

//go:embed lang/*.json
var langFiles embed.FS

// catalogue is the sentences of one language, flat, by key.
type catalogue struct {
	lang  string
	words map[string]string
}

// Languages, Dutch first.
var languages = []string{"nl", "en"}

var catalogues = mustCatalogues()

func mustCatalogues() map[string]catalogue {
	m, err := loadCatalogues()
	if err != nil {
		panic(err) // the files are compiled in: this is a broken build
	}
	return m
}

func loadCatalogues() (map[string]catalogue, error) {
	out := map[string]catalogue{}
	for _, lang := range languages {
		b, err := langFiles.ReadFile("lang/" + lang + ".json")
		if err != nil {
			return nil, fmt.Errorf("reading catalogue: %w", err)
		}
		c := catalogue{lang: lang}
		if err := json.Unmarshal(b, &c.words); err != nil {
			return nil, fmt.Errorf("reading catalogue %s: %w", lang, err)
		}
		out[lang] = c
	}
	return out, nil
}

// find returns a sentence with its arguments filled in. {0}, {1} stand for them.
func (c catalogue) find(key string, args ...any) (string, error) {
	s, ok := c.words[key]
	if !ok {
		return "", fmt.Errorf("catalogue %s has no %q", c.lang, key)
	}
	for i, a := range args {
		s = strings.ReplaceAll(s, fmt.Sprintf("{%d}", i), fmt.Sprint(a))
	}
	return s, nil
}

// text is find for keys made from closed sets; a missing one shows as its key,
// and a test finds it.
func (c catalogue) text(key string, args ...any) string {
	s, err := c.find(key, args...)
	if err != nil {
		return key
	}
	return s
}

const languageKey = "language"

// languageOf returns the language of a request: what was chosen, else Dutch.
func languageOf(c *fiber.Ctx) string {
	if l, ok := c.Locals(languageKey).(string); ok {
		return l
	}
	if c.Cookies(languageCookie) == "en" {
		return "en"
	}
	return "nl"
}

func catalogueOf(c *fiber.Ctx) catalogue { return catalogues[languageOf(c)] }

// postLanguage changes the language and goes back to the page.
func (s *Server) postLanguage(c *fiber.Ctx) error {
	lang := "nl"
	if c.FormValue("taal") == "en" {
		lang = "en"
	}
	setCookie(c, languageCookie, lang, 365*24*time.Hour)
	to := pageOf(c)
	if to == "" {
		to = "/"
	}
	return c.Redirect(to, fiber.StatusSeeOther)
}
