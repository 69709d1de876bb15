package web

import (
	"bufio"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/audit/export"
	"zat/audit/review"
	"zat/fault"
	"zat/meeting"
)

type exportPage struct {
	Page
	Form    Form
	Formats []Option
}

// files are the names and types of exports, by format.
var files = map[export.Format][2]string{
	export.CSV: {"logboek.csv", "text/csv; charset=utf-8"}, export.JSON: {"logboek.jsonl", "application/jsonl; charset=utf-8"},
	export.FHIR: {"logboek-auditevent.ndjson", "application/fhir+ndjson; charset=utf-8"}, export.LDV: {"logboek-dataverwerkingen.jsonl", "application/jsonl; charset=utf-8"},
	export.Proof: {"logboek-bewijs.jsonl", "application/jsonl; charset=utf-8"},
}

func (s *Server) showExport(c *fiber.Ctx) error { return s.exportPage(c, nil) }

func (s *Server) exportPage(c *fiber.Ctx, cause error) error {
	p := exportPage{Page: s.page(c, "export.title"), Form: s.form(c, "/logboek/uitvoer", cause)}
	today := meeting.Today(s.Now())
	p.Form = p.Form.Default("from", today.AddDate(0, -1, 0).Format("2-1-2006")).Default("until", today.Format("2-1-2006")).Default("format", string(export.CSV))
	if id := c.Query("casus"); cause == nil && id != "" {
		if x, err := uuid.Parse(id); err == nil {
			p.Form.Values.Set("case", x.String())
		}
	}
	for _, f := range export.Formats() {
		p.Formats = append(p.Formats, Option{string(f), catalogueOf(c).text("export.format." + string(f))})
	}
	return s.render(c, status(cause), "export", p)
}

// exportName is what the file is called: with the period, so that two do not replace each
// other, and without a pseudonym.
func exportName(format export.Format, f review.Filter) string {
	name, ext, _ := strings.Cut(files[format][0], ".")
	if f.Case != uuid.Nil {
		name += "-casus"
	}
	if !f.From.IsZero() {
		name += "-van-" + f.From.In(meeting.Amsterdam).Format("20060102")
	}
	if !f.Until.IsZero() {
		name += "-tot-en-met-" + f.Until.In(meeting.Amsterdam).AddDate(0, 0, -1).Format("20060102")
	}
	return name + "." + ext
}

// postExport streams an export. The line of it is written before its first byte.
func (s *Server) postExport(c *fiber.Ctx) error {
	var errs fault.List
	var f review.Filter
	for _, x := range []struct {
		name string
		add  int
		to   *time.Time
	}{{"from", 0, &f.From}, {"until", 1, &f.Until}} {
		if c.FormValue(x.name) == "" {
			continue
		}
		d, err := meeting.ParseDay(x.name, c.FormValue(x.name), s.Now())
		if errs.Add(err); err == nil {
			*x.to = dayStart(d, x.add)
		}
	}
	if !f.From.IsZero() && !f.Until.IsZero() && !f.Until.After(f.From) {
		errs.Add(fault.At("until", "error.period.order"))
	}
	f.Case = formID(c, "case")
	if errs.Err() != nil {
		return s.exportPage(c, errs.Err())
	}
	format := export.Format(c.FormValue("format"))
	cat := catalogueOf(c) // the request is over when the stream runs
	o := export.Options{Words: func(key string) string { return cat.text(key) }, Names: c.FormValue("names") == "1", Base: s.URL}
	write, err := s.Review.Export(work(c), actor(c), f, format, o)
	if refused(err) {
		return s.exportPage(c, err)
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, files[format][1])
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+exportName(format, f)+`"`)
	conn := c.Context().Conn()
	logger := s.Logger
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		done := false
		defer func() {
			if !done { // a reader must see that it is not whole
				conn.Close()
			}
			quiet()
		}()
		if err := write(slowly{w, conn}); err != nil {
			logger.Error("an export stopped", "error", err.Error())
			return
		}
		done = w.Flush() == nil
	})
	return nil
}
