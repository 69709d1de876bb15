package web

import (
	"io"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/meeting"
	"zat/pseudonym"
)

type registerPage struct {
	Page
	Result pseudonym.Page
	Query  string
	Number int
	Prev   string
	Next   string
}

// showRegister searches the register. The words that are looked for travel in
// the body of a form when there are any: an address with a name in it would end
// up in histories. Without words it lists everybody, a page at a time.
func (s *Server) showRegister(c *fiber.Ctx) error {
	return s.registerPage(c, "", max(0, c.QueryInt("blad", 1)-1))
}

func (s *Server) postSearch(c *fiber.Ctx) error {
	return s.registerPage(c, c.FormValue("zoek"), max(0, formInt(c, "blad")-1))
}

func (s *Server) registerPage(c *fiber.Ctx, query string, page int) error {
	res, err := s.Register.Search(work(c), actor(c), query, page)
	if err != nil {
		return err
	}
	p := registerPage{Page: s.page(c, "register.title"), Result: res, Query: query, Number: page + 1}
	if page > 0 {
		p.Prev = str(int64(page))
	}
	if (page+1)*pseudonym.PageSize < res.Total {
		p.Next = str(int64(page + 2))
	}
	return s.render(c, fiber.StatusOK, "register", p)
}

type pupilPage struct {
	Page
	Form Form
	Row  pseudonym.Row
	New  bool
	ID   string
}

func (s *Server) showNewPupil(c *fiber.Ctx) error { return s.newPupilPage(c, nil) }

func (s *Server) newPupilPage(c *fiber.Ctx, err error) error {
	return s.render(c, status(err), "pupil", pupilPage{Page: s.page(c, "pupil.new"), Form: s.form(c, "/register/nieuw", err), New: true})
}

func rawPupil(c *fiber.Ctx) pseudonym.RawPupil {
	return pseudonym.RawPupil{Number: c.FormValue("number"), First: c.FormValue("first"), Infix: c.FormValue("infix"), Last: c.FormValue("last"),
		Born: c.FormValue("born"), Class: c.FormValue("class"), Mentor: c.FormValue("mentor")}
}

func (s *Server) postNewPupil(c *fiber.Ctx) error {
	id, err := s.Register.Save(work(c), actor(c), uuid.Nil, rawPupil(c))
	if refused(err) {
		return s.newPupilPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/register/"+id.String(), "leerling")
}

func (s *Server) showPupil(c *fiber.Ctx) error { return s.pupilPage(c, nil) }

func (s *Server) pupilPage(c *fiber.Ctx, err error) error {
	id, perr := pathID(c, "id")
	if perr != nil {
		return perr
	}
	row, rerr := s.Register.Pupil(work(c), actor(c), id)
	if rerr != nil {
		return rerr
	}
	u := row.Pupil
	f := s.form(c, "/register/"+id.String(), err)
	for name, v := range map[string]string{"number": u.Number, "first": u.First, "infix": u.Infix, "last": u.Last, "born": u.BornText(), "class": u.Class, "mentor": u.Mentor} {
		f = f.Default(name, v)
	}
	return s.render(c, status(err), "pupil", pupilPage{Page: s.page(c, "pupil.title"), Form: f, Row: row, ID: id.String()})
}

func (s *Server) postPupil(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	_, err = s.Register.Save(work(c), actor(c), id, rawPupil(c))
	if refused(err) {
		return s.pupilPage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/register/"+id.String(), "leerling")
}

func (s *Server) showOpenCase(c *fiber.Ctx) error { return s.openCasePage(c, nil) }

func (s *Server) openCasePage(c *fiber.Ctx, err error) error {
	id, perr := pathID(c, "id")
	if perr != nil {
		return perr
	}
	row, rerr := s.Register.Pupil(work(c), actor(c), id)
	if rerr != nil {
		return rerr
	}
	p := pupilPage{Page: s.page(c, "opencase.title"), Form: s.form(c, "/register/"+id.String()+"/casus", err), Row: row, ID: id.String()}
	return s.render(c, status(err), "opencase", p)
}

func (s *Server) postOpenCase(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	cs, err := s.Meeting.OpenCase(work(c), actor(c), meeting.NewCase{Once: formID(c, "once"), Pupil: id, Question: draft(c, "question"), Domains: formValues(c)["domain"]})
	if refused(err) {
		return s.openCasePage(c, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/casussen/"+cs.ID.String(), "casus")
}

type importPage struct {
	Page
	Form    Form
	Preview *pseudonym.Preview
	File    string
}

func (s *Server) showImport(c *fiber.Ctx) error { return s.importPage(c, nil, nil) }

func (s *Server) importPage(c *fiber.Ctx, pre *pseudonym.Preview, err error) error {
	f := s.form(c, "/register/invoer", err)
	f.Values.Del("file")
	return s.render(c, status(err), "import", importPage{Page: s.page(c, "import.title"), Form: f, Preview: pre})
}

func (s *Server) postImport(c *fiber.Ctx) error {
	pre, err := s.Register.Preview(work(c), actor(c), uploaded(c))
	if refused(err) {
		return s.importPage(c, nil, err)
	}
	if err != nil {
		return err
	}
	return s.importPage(c, &pre, nil)
}

// uploaded returns the file, or the text pasted in its place. The file stays in
// memory: nothing of it is written to disk.
func uploaded(c *fiber.Ctx) []byte {
	h, err := c.FormFile("file")
	if err != nil || h.Size == 0 {
		return []byte(c.FormValue("paste"))
	}
	f, err := h.Open()
	if err != nil {
		return nil
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, bodyLimit))
	if err != nil {
		return nil
	}
	return b
}

func (s *Server) postImportStore(c *fiber.Ctx) error {
	_, _, err := s.Register.Import(work(c), actor(c), c.FormValue("blob"))
	if refused(err) {
		return s.importPage(c, nil, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/register", "invoer")
}

// wordsOf returns the words of a name that are long enough to be one.
func wordsOf(name string) []string {
	var out []string
	for _, w := range strings.Fields(name) {
		if len([]rune(w)) >= 3 {
			out = append(out, strings.Trim(w, ".,"))
		}
	}
	return out
}
