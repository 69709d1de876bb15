package web

import (
	"github.com/gofiber/fiber/v2"

	"zat/fault"
)

// witnessLimit is how long a submission may be: a checkpoint with its proof.
const witnessLimit = 16 << 10

// postWitness signs a checkpoint of somebody else's log (C2SP tlog-witness). It is open to
// everybody; what counts is the log's own signature.
func (s *Server) postWitness(c *fiber.Ctx) error {
	if s.Witness == nil {
		return fault.New(fault.NotFound, "error.notfound")
	}
	if len(c.Body()) > witnessLimit {
		return fault.New(fault.TooLarge, "error.body")
	}
	a, err := s.Witness.Submit(work(c), c.Body())
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	if a.Type != "" {
		c.Set(fiber.HeaderContentType, a.Type)
	}
	return c.Status(a.Status).SendString(a.Body)
}
