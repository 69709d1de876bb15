package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"zat/audit"
	"zat/audit/review"
	"zat/fault"
)

type processingPage struct {
	Page
	Form    Form
	Current review.Processing
	Earlier []review.Processing
	List    []activityRow
}

// activityRow is one activity with its fields.
type activityRow struct {
	Activity audit.Activity
	Fields   []review.DescribedField
}

func (s *Server) showProcessing(c *fiber.Ctx) error { return s.processingPage(c, nil) }

// processingPage shows the register of processing activities. Until the team writes its
// own, it is what the product does, in our words.
func (s *Server) processingPage(c *fiber.Ctx, cause error) error {
	list, err := s.Review.Processings(work(c), actor(c))
	if err != nil {
		return err
	}
	p := processingPage{Page: s.page(c, "processing.title"), Form: s.form(c, "/logboek/verwerkingen", cause)}
	p.Current = review.Processing{Version: 1, Activities: standardActivities()}
	if len(list) > 0 {
		p.Current, p.Earlier = list[0], list[1:]
	}
	for _, x := range audit.Activities() {
		row := activityRow{x, p.Current.Activities[x].Fields()}
		for _, f := range row.Fields {
			p.Form = p.Form.Default(string(x)+"-"+f.Name, f.Text)
		}
		p.List = append(p.List, row)
	}
	return s.render(c, status(cause), "processing", p)
}

// standardActivities is version 1: what the product does. It is Dutch in every language, as
// the register of a Dutch school is.
func standardActivities() map[audit.Activity]review.Described {
	nl := catalogues["nl"]
	out := map[audit.Activity]review.Described{}
	for _, x := range audit.Activities() {
		text := func(field string) string { return nl.text("activity." + string(x) + "." + field) }
		out[x] = review.Described{Purpose: text("purpose"), Ground: text("ground"), Subjects: text("subjects"), Data: text("data"), Recipients: text("recipients"), Term: text("term"), Security: nl.text("activity.security")}
	}
	return out
}

func (s *Server) postProcessing(c *fiber.Ctx) error {
	seen := formInt(c, "version")
	if seen < 1 {
		return fault.New(fault.Invalid, "error.form")
	}
	list := map[audit.Activity]review.Described{}
	for _, x := range audit.Activities() {
		text := func(field string) string { return strings.TrimSpace(c.FormValue(string(x) + "-" + field)) }
		list[x] = review.Described{Purpose: text("purpose"), Ground: text("ground"), Subjects: text("subjects"), Data: text("data"), Recipients: text("recipients"), Term: text("term"), Security: text("security")}
	}
	err := s.Review.SetProcessing(work(c), actor(c), seen, list)
	if refused(err) {
		return s.processingPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/logboek/verwerkingen", "verwerkingen")
}
