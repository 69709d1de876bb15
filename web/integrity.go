package web

import (
	"bufio"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"zat/audit/review"
	"zat/fault"
)

// slowly gives each write of a long download its own time limit.
type slowly struct {
	w    *bufio.Writer
	conn net.Conn
}

func (s slowly) Write(b []byte) (int, error) {
	s.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	return s.w.Write(b)
}

type integrityPage struct {
	Page
	State    review.State
	Form     Form
	Compared *review.Compared
	Origin   string // of the log: where a browser keeps its newest checkpoint
}

func (s *Server) showIntegrity(c *fiber.Ctx) error { return s.integrityPage(c, nil, nil) }

func (s *Server) integrityPage(c *fiber.Ctx, cause error, compared *review.Compared) error {
	p := integrityPage{Page: s.page(c, "integrity.title"), Form: s.form(c, "/logboek/vergelijken", cause), Compared: compared, Origin: actor(c).Team.String()}
	p.Path = "/logboek/bewijs"
	var err error
	if p.State, err = s.Review.State(work(c), actor(c)); err != nil {
		return err
	}
	return s.render(c, status(cause), "integrity", p)
}

// showCheckState tells the page that waits for a check how far it is.
func (s *Server) showCheckState(c *fiber.Ctx) error {
	st, err := s.Review.State(work(c), actor(c))
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"running": st.Running, "done": st.Done, "of": st.Of, "text": catalogueOf(c).text("integrity.progress", number(st.Done), number(st.Of))})
}

// postVerify begins a check, which goes on beside the page.
func (s *Server) postVerify(c *fiber.Ctx) error {
	if err := s.Review.Begin(work(c), actor(c)); err != nil {
		return err
	}
	return c.Redirect("/logboek/bewijs", fiber.StatusSeeOther)
}

// postCompare proves that the log only grew since a checkpoint that was kept outside.
func (s *Server) postCompare(c *fiber.Ctx) error {
	if strings.TrimSpace(c.FormValue("checkpoint")) == "" {
		return s.integrityPage(c, fault.At("checkpoint", "error.required"), nil)
	}
	r, err := s.Review.Compare(work(c), actor(c), []byte(normalNewlines(c.FormValue("checkpoint"))))
	if refused(err) {
		return s.integrityPage(c, err, nil)
	}
	if err != nil {
		return err
	}
	if c.Get("X-Live") == "1" { // the page asked by itself, with what its browser kept
		cat := catalogueOf(c)
		key := "compare.bad"
		if r.OK {
			key = "compare.ok"
		}
		return c.JSON(fiber.Map{"ok": r.OK, "text": cat.text(key, number(r.Size))})
	}
	return s.integrityPage(c, nil, &r)
}

// normalNewlines undoes what a form does to line ends, and ends the text with one.
func normalNewlines(s string) string {
	out := make([]byte, 0, len(s)+1)
	for i := range len(s) {
		if s[i] != '\r' {
			out = append(out, s[i])
		}
	}
	for len(out) > 0 && out[len(out)-1] == '\n' {
		out = out[:len(out)-1]
	}
	for len(out) > 0 && (out[0] == '\n' || out[0] == ' ') {
		out = out[1:]
	}
	return string(out) + "\n"
}

// showCheckpoint gives the newest checkpoint as a file, to keep outside.
func (s *Server) showCheckpoint(c *fiber.Ctx) error {
	size, note, err := s.Review.Checkpoint(work(c), actor(c))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="controlepunt-`+strconv.FormatUint(size, 10)+`.txt"`)
	return c.Send(note)
}
