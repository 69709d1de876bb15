package staff

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
)

// Changing tells what a member loses by another role, and who can take over what is
// open.
func (s *Service) Changing(ctx context.Context, a account.Actor, member uuid.UUID) (Leaving, error) {
	m, _, err := s.changer(ctx, a, member)
	if err != nil {
		return Leaving{}, err
	}
	return s.leaving(ctx, m)
}

// changer returns the member whose role is to change. Others of another team answer
// as not found.
func (s *Service) changer(ctx context.Context, a account.Actor, member uuid.UUID) (account.Member, audit.Line, error) {
	line := audit.By(a, audit.RoleChanged, audit.ObjMember, member).For(audit.PurposeManage, "")
	if err := s.Log.Require(ctx, a, account.ManageMembers, line); err != nil {
		return account.Member{}, line, err
	}
	m, err := s.Store.Member(ctx, member)
	if err != nil && !isNotFound(err) {
		return m, line, fmt.Errorf("reading member: %w", err)
	}
	if err != nil || m.Team != a.Team || !m.Ended.IsZero() {
		return m, line, s.Log.Deny(ctx, a.Team, line, "no-member", fault.NotFound)
	}
	if m.ID == a.Member {
		return m, line, s.Log.Deny(ctx, a.Team, line, "self", fault.Denied)
	}
	return m, line, nil
}

// ChangeRole gives a member another role. What he could open by the earlier one he
// cannot open any more, at once, and those vaults wait for new keys; what the new one
// opens a coordinator has to give him. His sessions end. Nobody changes his own role.
func (s *Service) ChangeRole(ctx context.Context, a account.Actor, member uuid.UUID, to string, successor uuid.UUID) error {
	m, line, err := s.changer(ctx, a, member)
	if err != nil {
		return err
	}
	role, err := account.ParseRole(to)
	if err != nil {
		return err
	}
	if role == m.Role {
		return fault.At("role", "error.role.same")
	}
	line.Part, line.OnBehalf = string(m.Role)+" to "+string(role), successor
	return s.Store.UpdateStaff(ctx, func(tx Tx) error {
		gone, err := s.losing(tx, m, role, successor)
		if err != nil {
			return err
		}
		if err := s.keepsKey(tx, m); err != nil {
			return err
		}
		lines := []audit.Line{line}
		for _, v := range gone {
			if err := tx.DeleteGrant(v.ID, m.ID, s.Now()); err != nil {
				return err
			}
		}
		lines = append(lines, endLines(a, m, nil, gone)...)
		if err := tx.SetRole(m, role); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, lines...)
	})
}

// EndSessions ends all sessions of a member, as when a device of his was stolen and he
// cannot reach another: those in other teams too, since from them he, or the thief, could
// switch back. What he may open stays.
func (s *Service) EndSessions(ctx context.Context, a account.Actor, member uuid.UUID) error {
	line := audit.By(a, audit.SignedOutAll, audit.ObjMember, member).For(audit.PurposeManage, "by the administrator")
	if err := s.Log.Require(ctx, a, account.ManageMembers, line); err != nil {
		return err
	}
	m, err := s.Store.Member(ctx, member)
	if err != nil && !isNotFound(err) {
		return fmt.Errorf("reading member: %w", err)
	}
	if err != nil || m.Team != a.Team || !m.Ended.IsZero() {
		return s.Log.Deny(ctx, a.Team, line, "no-member", fault.NotFound)
	}
	return s.Store.UpdateStaff(ctx, func(tx Tx) error {
		if err := tx.EndVisits(m.Account); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// losing returns the vaults that the member cannot open by his new role, after what he
// has open there was handed over.
func (s *Service) losing(tx Tx, m account.Member, role account.Role, successor uuid.UUID) ([]grant.Vault, error) {
	held, err := tx.HeldBy(m.ID)
	if err != nil {
		return nil, err
	}
	duties, err := tx.Duties(m.ID)
	if err != nil {
		return nil, err
	}
	owes := map[uuid.UUID]bool{}
	for _, d := range duties {
		owes[d.Case] = true
	}
	var gone []grant.Vault
	hand := false
	for _, h := range held {
		if stays(h, role) {
			continue
		}
		gone = append(gone, h.Vault)
		hand = hand || owes[h.Vault.ID]
	}
	if !hand {
		return gone, nil
	}
	return gone, s.handOver(tx, m, successor)
}

// Held is a vault that a member can open, and why.
type Held struct {
	Vault grant.Vault
	Why   string
}

// stays reports whether somebody keeps a vault with a new role.
func stays(h Held, role account.Role) bool {
	switch {
	case !role.AtTable() && h.Vault.Kind != grant.Reasons:
		return false
	case h.Why == "role" && (h.Vault.Kind == grant.Case || h.Vault.Kind == grant.Session):
		return role == account.Coordinator
	case h.Why == "role":
		return grant.Opens(role, h.Vault.Kind)
	}
	return true
}
