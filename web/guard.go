package web

import (
	"github.com/gofiber/fiber/v2"

	"zat/pseudonym/guard"
)

type guardAnswer struct {
	Findings []guardFinding `json:"findings"`
}

type guardFinding struct {
	Kind    guard.Kind `json:"kind"`
	Label   string     `json:"label"`
	Word    string     `json:"word"`
	Instead []string   `json:"instead"`
	Certain bool       `json:"certain"`
}

// checkLimit bounds what the check while typing looks at.
const checkLimit = 20_000

// postGuard checks a text while it is typed. Nothing of it is stored.
func (s *Server) postGuard(c *fiber.Ctx) error {
	text := guard.Plain(c.FormValue("text"))
	if len(text) > checkLimit {
		text = text[:checkLimit]
	}
	found, err := s.Guard.Check(work(c), actor(c).Team, text)
	if err != nil {
		return err
	}
	out := guardAnswer{Findings: []guardFinding{}}
	hits, err := s.hits(c, text, found)
	if err != nil {
		return err
	}
	for _, h := range hits {
		out.Findings = append(out.Findings, guardFinding{h.Kind, catalogueOf(c).text("guard." + string(h.Kind)), h.Word, h.Instead, h.Certain})
	}
	return c.JSON(out)
}
