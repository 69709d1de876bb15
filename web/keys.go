package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"zat/account"
)

// renewKeys lets somebody who holds vaults renew the keys that wait, beside his
// request: after signing in, and after he ended somebody's access.
func (s *Server) renewKeys(c *fiber.Ctx, a account.Actor) {
	s.Keys.Background(context.WithoutCancel(work(c)), a, func(err error) {
		s.Logger.Error("renewing keys", "error", err.Error())
	})
}
