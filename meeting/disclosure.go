package meeting

import (
	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
)

// endDisclosures ends at once what was disclosed of a case: on one basis, to one
// member, or with zero ids all of it. It returns the lines.
func (s *Service) endDisclosures(tx Tx, a account.Actor, c, basis, member uuid.UUID, why string) ([]audit.Line, error) {
	ended, err := tx.EndDisclosures(c, basis, member)
	if err != nil {
		return nil, err
	}
	var lines []audit.Line
	for _, m := range ended {
		l := audit.By(a, audit.IdentityEnded, audit.ObjCase, c).On(c, audit.RelCoordinator).For(audit.PurposeCare, why)
		l.OnBehalf, l.Basis = m, basis
		lines = append(lines, l)
	}
	return lines, nil
}
