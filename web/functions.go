package web

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit/review"
	"zat/fault"
	"zat/meeting"
)

// Field is one field of a form, as the parts show it.
type Field struct {
	Form              Form
	Name, Label, Hint string
	Attr              map[string]string
	Options           []Option
}

// With sets an attribute of the field: type, rows, autocomplete, inputmode, max.
func (f Field) With(name, value string) Field {
	attr := map[string]string{}
	for k, v := range f.Attr {
		attr[k] = v
	}
	attr[name] = value
	f.Attr = attr
	return f
}

// From sets the choices of a field.
func (f Field) From(list []Option) Field {
	f.Options = list
	return f
}

// ID is unique on the page: two forms may have a field of one name.
func (f Field) ID() string {
	return strings.Trim(strings.NewReplacer("/", "-", "?", "-").Replace(f.Form.Action), "-") + "-" + f.Name
}

func (f Field) Value() string          { return f.Form.V(f.Name) }
func (f Field) Error() Message         { return f.Form.E(f.Name) }
func (f Field) Bad() bool              { return f.Form.Errors[f.Name].Key != "" }
func (f Field) Hits() []Hit            { return f.Form.Hits[f.Name] }
func (f Field) Chosen(v string) bool   { return f.Form.Has(f.Name, v) }
func (f Field) Get(name string) string { return f.Attr[name] }

// Described lists the ids that describe the field.
func (f Field) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID()+"-hint")
	}
	if f.Bad() {
		ids = append(ids, f.ID()+"-error")
	}
	return strings.Join(ids, " ")
}

func functions(cat catalogue) template.FuncMap {
	d := dates{cat}
	return template.FuncMap{
		"t":     cat.find,
		"lang":  func() string { return cat.lang },
		"msg":   func(m Message) (string, error) { return cat.find(m.Key, m.Args...) },
		"fault": func(e *fault.Error) (string, error) { return cat.find(e.Key, e.Args...) },
		"field": func(f Form, name, label, hint string) Field {
			return Field{Form: f, Name: name, Label: label, Hint: hint}
		},
		"static": staticPath,
		"day":    d.day, "shortday": d.short, "weekday": d.weekday, "clock": d.clock, "stamp": d.stamp, "iso": d.iso, "isoday": d.isoDay, "ago": d.moment,
		"lastday": func(until time.Time) string { return d.short(meeting.Today(until.Add(-time.Second))) },
		"num":     number,
		"domains": func() []Option { return domainOptions(cat) },
		"initial": func(s fmt.Stringer) string { return s.String() },
		"noid":    func(id uuid.UUID) bool { return id == uuid.Nil },
		"year":    func(day string) string { return day[strings.LastIndexByte(day, ' ')+1:] },
		"today":   func(t, now time.Time) bool { return t.Equal(meeting.Today(now)) },
		"add":     func(a, b int) int { return a + b },
		"fours":   fours,
		"few":     few,
		"logrow":  func(l review.Line, own bool) logRow { return logRow{l, own} },
		"twice":   twice,
		"dmy":     func(t time.Time) string { return local(t).Format("2-1-2006") },
		"row":     func(p Page, o meeting.Opened) openRow { return openRow{p, o} },
		"share":   meeting.Share,
		"count": func(outside bool, n int) string {
			if outside {
				return few(n)
			}
			return strconv.Itoa(n)
		},
		"paragraphs": func(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") },
		"percent": func(n, max int) int {
			if max == 0 {
				return 0
			}
			return 100 * n / max
		},
		"str": func(v any) string { return fmt.Sprint(v) },
		"opt": func(list ...string) []Option {
			var out []Option
			for i := 0; i+1 < len(list); i += 2 {
				out = append(out, Option{list[i], cat.text(list[i+1])})
			}
			return out
		},
	}
}

// few hides small numbers: counts under five are not shown (practices.md, §4).
func few(n int) string {
	switch {
	case n == 0:
		return "0"
	case n < 5:
		return "< 5"
	}
	return strconv.Itoa(n)
}

// number writes thousands the Dutch way, 48.213.
func number(v any) string {
	s := fmt.Sprint(v)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return s
}

type dates struct{ cat catalogue }

// local returns the moment in Amsterdam; a day, kept as midnight UTC, stays
// itself.
func local(t time.Time) time.Time {
	if t.Location() == time.UTC && t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 && t.Nanosecond() == 0 {
		return t
	}
	return t.In(meeting.Amsterdam)
}

func (d dates) month(t time.Time) string { return d.cat.text("month." + strconv.Itoa(int(t.Month()))) }

func (d dates) day(t time.Time) string {
	t = local(t)
	return fmt.Sprintf("%d %s %d", t.Day(), d.month(t), t.Year())
}

func (d dates) weekday(t time.Time) string {
	t = local(t)
	return fmt.Sprintf("%s %d %s", d.cat.text("weekday."+strconv.Itoa(int(t.Weekday()))), t.Day(), d.month(t))
}

func (d dates) short(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return local(t).Format("02-01-2006")
}

func (d dates) clock(t time.Time) string { return t.In(meeting.Amsterdam).Format("15.04") }
func (d dates) stamp(t time.Time) string {
	return t.In(meeting.Amsterdam).Format("02-01-2006 15:04:05")
}
func (d dates) iso(t time.Time) string    { return t.In(meeting.Amsterdam).Format(time.RFC3339) }
func (d dates) isoDay(t time.Time) string { return local(t).Format(time.DateOnly) }

// moment writes when something was, as people say it.
func (d dates) moment(t, now time.Time) string {
	day, today := meeting.Today(t), meeting.Today(now)
	switch {
	case day.Equal(today):
		return d.cat.text("time.today", d.clock(t))
	case day.Equal(today.AddDate(0, 0, -1)):
		return d.cat.text("time.yesterday", d.clock(t))
	case day.Year() == today.Year():
		return d.cat.text("time.at", d.weekday(day), d.clock(t))
	}
	return d.cat.text("time.at", d.day(day), d.clock(t))
}

// fours groups a code so that it can be typed over.
func fours(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// twice reports whether several people of a session have this role: then it does not tell
// them apart.
func twice(list []meeting.Attendee, r account.Role) bool {
	n := 0
	for _, a := range list {
		if a.Role == r {
			n++
		}
	}
	return n > 1
}
