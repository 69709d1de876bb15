package web

import (
	"errors"
	"html/template"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/fault"
	"zat/pseudonym"
	"zat/pseudonym/guard"
)

// Form is a form on a page: where it goes, what stands in it, and what is wrong
// with that. A refused form comes back with all that was typed.
type Form struct {
	Action  string
	Page    string
	CSRF    string
	Once    string // id of what it will make: sent twice, made once
	Draft   string // id of the draft that it was filled from
	Values  url.Values
	Errors  map[string]Message
	Hits    map[string][]Hit
	Summary Message
	Refused bool
}

// Message is a sentence of the catalogue.
type Message struct {
	Key  string
	Args []any
}

// Hit is a finding of the guard in a field, with what to do about it.
type Hit struct {
	Kind    guard.Kind
	Word    string   // as the writer typed it, shown to him only
	Instead []string // what can stand in its place
	Certain bool
}

// V returns a field's value.
func (f Form) V(name string) string { return f.Values.Get(name) }

// Has reports whether a field has this value among its values.
func (f Form) Has(name, value string) bool {
	for _, v := range f.Values[name] {
		if v == value {
			return true
		}
	}
	return false
}

// Default sets a value unless something was typed.
func (f Form) Default(name, value string) Form {
	if _, ok := f.Values[name]; !ok && !f.Refused && f.Draft == "" {
		f.Values[name] = []string{value}
	}
	return f
}

const draftKey = "draft"

type openDraft struct {
	id, action string
	values     url.Values
}

// form returns the form that goes to an action, filled from the request when it
// was refused, or from a draft that was asked for.
func (s *Server) form(c *fiber.Ctx, action string, err error) Form {
	f := Form{Action: action, Page: c.Path(), CSRF: who(c).CSRF, Once: uuid.NewString(), Values: url.Values{}, Errors: map[string]Message{}, Hits: map[string][]Hit{}}
	if p := pageOf(c); p != "" && c.Method() == fiber.MethodPost {
		f.Page = p
	}
	if d, ok := c.Locals(draftKey).(openDraft); ok && d.action == action && err == nil {
		f.Values, f.Draft = d.values, d.id
		if once := d.values.Get("once"); once != "" {
			f.Once = once
		}
		return f
	}
	if err == nil || c.Method() != fiber.MethodPost || c.Path() != action {
		return f
	}
	f.Refused = true
	f.Values = formValues(c)
	f.Draft = f.Values.Get("concept")
	if once := f.Values.Get("once"); once != "" {
		f.Once = once
	}
	s.explain(c, &f, err)
	return f
}

// explain puts each failure at its field.
func (s *Server) explain(c *fiber.Ctx, f *Form, err error) {
	fields := fault.Fields(err)
	var one *fault.Error
	if len(fields) == 0 && errors.As(err, &one) {
		f.Summary = Message{one.Key, one.Args}
	}
	for _, e := range fields {
		if e.Field == "" {
			f.Summary = Message{e.Key, e.Args}
			continue
		}
		if r, ok := guardRefusal(e); ok {
			f.Values.Set(e.Field, strings.ToValidUTF8(applyFixes(c, e.Field), "�"))
			f.Hits[e.Field], f.Errors[e.Field] = s.offer(c, guard.Plain(f.V(e.Field)), r)
			continue
		}
		if _, ok := f.Errors[e.Field]; !ok {
			f.Errors[e.Field] = Message{e.Key, e.Args}
		}
	}
	for _, list := range f.Values {
		for i := range list {
			list[i] = strings.ToValidUTF8(list[i], "�")
		}
	}
}

func guardRefusal(e *fault.Error) (*guard.Refusal, bool) {
	if e.Key != "error.guard" || len(e.Args) != 1 {
		return nil, false
	}
	r, ok := e.Args[0].(*guard.Refusal)
	return r, ok
}

// offer returns what a form that the guard refused shows at its field. When no
// line can be written of what the writer would learn, he learns nothing, and
// keeps what he typed.
func (s *Server) offer(c *fiber.Ctx, text string, r *guard.Refusal) ([]Hit, Message) {
	hits, err := s.hits(c, text, r.Findings)
	switch {
	case err != nil:
		s.Logger.Error("no suggestions", "route", c.Route().Path, "error", err.Error())
		return nil, Message{Key: "error.guard.down"}
	case r.Certain():
		return hits, Message{Key: "error.guard"}
	}
	return hits, Message{Key: "error.guard.likely"}
}

// hits turns findings into what the page offers: the pseudonym, for a
// coordinator, and words that say no more than is needed.
func (s *Server) hits(c *fiber.Ctx, text string, found []guard.Finding) ([]Hit, error) {
	names := map[int]pseudonym.Name{}
	list, err := s.Register.Suggest(work(c), actor(c), text, found)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		names[x.Start] = x.Pseudonym
	}
	var out []Hit
	for _, f := range found {
		if f.End > len(text) {
			continue
		}
		h := Hit{Kind: f.Kind, Word: text[f.Start:f.End], Certain: f.Kind.Certain()}
		if n := names[f.Start]; n != "" {
			h.Instead = append(h.Instead, string(n))
		}
		h.Instead = append(h.Instead, instead[f.Kind]...)
		out = append(out, h)
	}
	return out, nil
}

var instead = map[guard.Kind][]string{
	guard.Registered: {"de jongere", "een klasgenoot"},
	guard.Maybe:      {"de jongere", "een klasgenoot"},
	guard.BSN:        {"[nummer]"},
	guard.Phone:      {"[telefoonnummer]"},
	guard.Email:      {"[e-mailadres]"},
	guard.Postcode:   {"de wijk"},
	guard.BirthDate:  {"[geboortedatum]"},
}

// draft returns a typed field with the writer's choices: words to replace, and
// likely findings to keep. Both are checkboxes; Enter never presses them.
func draft(c *fiber.Ctx, field string) guard.Draft {
	d := guard.Draft{Text: applyFixes(c, field), Keep: map[guard.Kind]bool{}}
	for _, k := range formValues(c)["keep."+field] {
		d.Keep[guard.Kind(k)] = true
	}
	return d
}

// applyFixes replaces the chosen words in every spelling, lower case too.
func applyFixes(c *fiber.Ctx, field string) string {
	values := formValues(c)
	text := guard.Plain(values.Get(field))
	fixes := values["fix."+field]
	sort.Slice(fixes, func(i, j int) bool { return len(fixes[i]) > len(fixes[j]) })
	for _, fix := range fixes {
		word, by, ok := strings.Cut(fix, "=>")
		if ok && word != "" && len(by) <= 60 {
			text = replaceWord(text, word, by)
		}
	}
	return text
}

// replaceWord replaces whole words whatever their case.
func replaceWord(text, word, by string) string {
	var b strings.Builder
	lower, w := []rune(text), []rune(word)
	for i := 0; i < len(lower); {
		if i+len(w) <= len(lower) && strings.EqualFold(string(lower[i:i+len(w)]), word) && edge(lower, i-1) && edge(lower, i+len(w)) {
			b.WriteString(by)
			i += len(w)
			continue
		}
		b.WriteRune(lower[i])
		i++
	}
	return b.String()
}

func edge(r []rune, i int) bool {
	return i < 0 || i >= len(r) || !(unicode.IsLetter(r[i]) || unicode.IsDigit(r[i]))
}

// formValues returns all values of a form, urlencoded or multipart.
func formValues(c *fiber.Ctx) url.Values {
	if v, ok := c.Locals("form").(url.Values); ok {
		return v
	}
	v := url.Values{}
	if m, err := c.MultipartForm(); err == nil {
		for k, list := range m.Value {
			v[k] = append([]string(nil), list...)
		}
	} else {
		for k, val := range c.Request().PostArgs().All() {
			v.Add(string(k), string(val))
		}
	}
	v.Del("csrf")
	c.Locals("form", v)
	return v
}

func formID(c *fiber.Ctx, name string) uuid.UUID {
	id, err := uuid.Parse(c.FormValue(name))
	if err != nil {
		return uuid.Nil
	}
	return id
}

func formIDs(c *fiber.Ctx, name string) []uuid.UUID {
	var out []uuid.UUID
	for _, v := range formValues(c)[name] {
		id, err := uuid.Parse(v)
		if err != nil {
			id = uuid.Max // refused as a choice that is not offered
		}
		out = append(out, id)
	}
	return out
}

func formInt(c *fiber.Ctx, name string) int {
	n, err := strconv.Atoi(strings.TrimSpace(c.FormValue(name)))
	if err != nil {
		return -1
	}
	return n
}

// pathID returns an id from the path; what is no id is not found.
func pathID(c *fiber.Ctx, name string) (uuid.UUID, error) {
	id, err := uuid.Parse(c.Params(name))
	if err != nil || len(c.Params(name)) != 36 {
		return uuid.Nil, errNotFound
	}
	return id, nil
}

func queryEscape(s string) string { return template.URLQueryEscaper(s) }

// E returns the message at a field.
func (f Form) E(name string) Message { return f.Errors[name] }

// whole joins what could not be read of a form with what its use case refused, so that all
// of it shows at once. What is wrong at a field that could not be read says nothing more.
func whole(unread fault.List, err error) error {
	if err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	for _, e := range fault.Fields(err) {
		if !slices.ContainsFunc(unread, func(u *fault.Error) bool { return u.Field == e.Field }) {
			unread.Add(e)
		}
	}
	return unread.Err()
}
