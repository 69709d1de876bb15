package web

import (
	"github.com/gofiber/fiber/v2"

	"zat/account"
)

// teamLinks returns the name of the team one works in, and one's other teams: for
// most people there are none, and then nothing is shown.
func (s *Server) teamLinks(c *fiber.Ctx, a account.Actor) (string, []TeamLink) {
	list, err := s.SignIn.Teams(work(c), a)
	if err != nil || len(list) < 2 {
		return "", nil // a page is worth more than its links to elsewhere
	}
	var here string
	var out []TeamLink
	for _, m := range list {
		t, err := s.Teams.Team(work(c), m.Team)
		if err != nil {
			continue
		}
		name := t.Name + " – " + t.School
		if m.ID == a.Member {
			here = name
			continue
		}
		out = append(out, TeamLink{m.ID.String(), name})
	}
	return here, out
}

func (s *Server) postSwitch(c *fiber.Ctx) error {
	id, err := pathID(c, "member")
	if err != nil {
		return err
	}
	token, next, err := s.SignIn.Switch(work(c), who(c), id)
	if err != nil {
		return err
	}
	s.renewKeys(c, next)
	setCookie(c, sessionCookie, token.Secret(), 0)
	c.Set("Clear-Site-Data", `"cache"`)
	return c.Redirect("/", fiber.StatusSeeOther)
}
