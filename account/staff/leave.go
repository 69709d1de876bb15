package staff

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
)

// Duty is a case in which a member has something to hand over.
type Duty struct {
	Case       uuid.UUID
	Agreements int // open ones for which he is responsible
	Lead       bool
}

// Leaving is what has to be known before a membership ends.
type Leaving struct {
	Member     account.Member
	Agreements int
	Leads      int
	Cases      int // that get new keys
	Successors []account.Member
}

// Leaving tells what somebody leaves behind, and who can take it over: members
// who take part in every case where there is something to take over.
func (s *Service) Leaving(ctx context.Context, a account.Actor, member uuid.UUID) (Leaving, error) {
	m, _, err := s.leaver(ctx, a, member)
	if err != nil {
		return Leaving{}, err
	}
	return s.leaving(ctx, m)
}

func (s *Service) leaving(ctx context.Context, m account.Member) (Leaving, error) {
	out := Leaving{Member: m}
	duties, err := s.Store.Duties(ctx, m.ID)
	if err != nil {
		return out, fmt.Errorf("reading duties: %w", err)
	}
	for _, d := range duties {
		out.Agreements += d.Agreements
		if d.Lead {
			out.Leads++
		}
	}
	grants, err := s.Store.GrantsOf(ctx, m.ID)
	if err != nil {
		return out, fmt.Errorf("reading grants: %w", err)
	}
	out.Cases = len(grants)
	if len(duties) == 0 {
		return out, nil
	}
	out.Successors, err = s.successors(ctx, m, duties)
	return out, err
}

func (s *Service) successors(ctx context.Context, m account.Member, duties []Duty) ([]account.Member, error) {
	members, err := s.Store.Members(ctx, m.Team)
	if err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	var out []account.Member
	for _, q := range members {
		if q.ID == m.ID || !q.Active() || !q.Role.AtTable() {
			continue
		}
		grants, err := s.Store.GrantsOf(ctx, q.ID)
		if err != nil {
			return nil, fmt.Errorf("reading grants: %w", err)
		}
		if reaches(grants, duties, s.Now()) {
			out = append(out, q)
		}
	}
	return out, nil
}

func reaches(grants []grant.Grant, duties []Duty, now time.Time) bool {
	live := map[uuid.UUID]bool{}
	for _, g := range grants {
		live[g.Vault] = g.Live(now)
	}
	for _, d := range duties {
		if !live[d.Case] {
			return false
		}
	}
	return true
}

// leaver returns the member who is to leave. Others of another team answer as
// not found.
func (s *Service) leaver(ctx context.Context, a account.Actor, member uuid.UUID) (account.Member, audit.Line, error) {
	line := audit.By(a, audit.MemberEnded, audit.ObjMember, member).For(audit.PurposeManage, "")
	if err := s.Log.Require(ctx, a, account.EndMembers, line); err != nil {
		return account.Member{}, line, err
	}
	m, err := s.Store.Member(ctx, member)
	if err != nil && !isNotFound(err) {
		return account.Member{}, line, fmt.Errorf("reading member: %w", err)
	}
	if err != nil || m.Team != a.Team || !m.Ended.IsZero() {
		return account.Member{}, line, s.Log.Deny(ctx, a.Team, line, "no-member", fault.NotFound)
	}
	return m, line, nil
}

// End ends a membership at once: sessions, grants, disclosed names, invitations;
// what is open goes to the successor. All of it is one change, however many cases
// there are. The keys of those cases wait from then on for somebody who holds
// them (account/keyring).
func (s *Service) End(ctx context.Context, a account.Actor, member, successor uuid.UUID) error {
	m, line, err := s.leaver(ctx, a, member)
	if err != nil {
		return err
	}
	if m.ID == a.Member {
		return fault.New(fault.Invalid, "error.leave.self")
	}
	line.OnBehalf = successor
	return s.Store.UpdateStaff(ctx, func(tx Tx) error {
		if err := s.handOver(tx, m, successor); err != nil {
			return err
		}
		if err := s.keepsKey(tx, m); err != nil {
			return err
		}
		names, err := tx.EndDisclosuresTo(m.ID)
		if err != nil {
			return err
		}
		if err := tx.StopRescues(m.ID); err != nil {
			return err
		}
		vaults, err := tx.EndMember(m, s.Now())
		if err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, append(endLines(a, m, names, vaults), line)...)
	})
}

// endLines tells of each case and vault that somebody who left could open.
func endLines(a account.Actor, m account.Member, names []uuid.UUID, vaults []grant.Vault) []audit.Line {
	var lines []audit.Line
	for _, c := range names {
		l := audit.By(a, audit.IdentityEnded, audit.ObjCase, c).On(c, audit.RelNone).For(audit.PurposeManage, "left")
		l.OnBehalf = m.ID
		lines = append(lines, l)
	}
	for _, v := range vaults {
		l := audit.By(a, audit.AccessEnded, audit.ObjVault, v.ID).For(audit.PurposeManage, "left")
		l.OnBehalf = m.ID
		if v.Kind == grant.Case {
			l = l.On(v.ID, audit.RelNone)
		}
		lines = append(lines, l)
	}
	return lines
}

// handOver gives what the member has open to the successor, who has to take part
// in all of it.
func (s *Service) handOver(tx Tx, m account.Member, successor uuid.UUID) error {
	duties, err := tx.Duties(m.ID)
	if err != nil || len(duties) == 0 {
		return err
	}
	to, err := tx.Member(successor)
	if err != nil && !isNotFound(err) {
		return err
	}
	if err != nil || to.Team != m.Team || to.ID == m.ID || !to.Active() {
		return fault.At("successor", "error.successor")
	}
	grants, err := tx.GrantsOf(successor)
	if err != nil {
		return err
	}
	if !reaches(grants, duties, s.Now()) {
		return fault.At("successor", "error.successor")
	}
	return tx.HandOver(m.ID, successor)
}

// keepsKey refuses the leave of the last one who can open the register: with him
// all names and all cases would be lost.
func (s *Service) keepsKey(tx Tx, m account.Member) error {
	if m.Role != account.Coordinator {
		return nil
	}
	others, err := tx.CoordinatorsBut(m.Team, m.ID)
	if err == nil && others == 0 {
		err = fault.New(fault.Invalid, "error.leave.last")
	}
	return err
}
