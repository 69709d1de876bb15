package meeting

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"zat/account"
	"zat/crypto/grant"
	"zat/fault"
)

// table returns who is at the table when a case is discussed: who is invited, without
// those on call who take no part in it and those left out of the point; while the
// session is held, without those marked absent: for whom is not there no basis is
// needed.
func (s *Service) table(ctx context.Context, a account.Actor, ses Session, c, point uuid.UUID) ([]account.Member, error) {
	list, err := s.Store.Attendees(ctx, ses.ID)
	if err != nil {
		return nil, fmt.Errorf("reading those invited: %w", err)
	}
	return s.atTable(ctx, a, ses, list, c, point)
}

func (s *Service) atTable(ctx context.Context, a account.Actor, ses Session, list []Attendee, c, point uuid.UUID) ([]account.Member, error) {
	members, err := s.Store.Members(ctx, a.Team)
	if err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	in, err := s.participating(ctx, c)
	if err != nil {
		return nil, err
	}
	without, err := s.Store.Without(ctx, ses.ID)
	if err != nil {
		return nil, fmt.Errorf("reading who is left out: %w", err)
	}
	var out []account.Member
	for _, t := range list {
		if ses.State == Running && t.Attendance == Absent || t.OnCall && !in[t.Member] || without[point][t.Member] {
			continue
		}
		if m, ok := memberIn(members, t.Member); ok && m.Ended.IsZero() {
			out = append(out, m)
		}
	}
	return out, nil
}

func (s *Service) participating(ctx context.Context, c uuid.UUID) (map[uuid.UUID]bool, error) {
	ps, err := s.Store.Participants(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("reading participants: %w", err)
	}
	in := map[uuid.UUID]bool{}
	for _, p := range ps {
		in[p.Member.ID] = true
	}
	return in, nil
}

// uncovered returns who at the table is covered by no basis of the case.
func (s *Service) uncovered(ctx context.Context, a account.Actor, ses Session, c uuid.UUID) ([]account.Member, error) {
	members, err := s.table(ctx, a, ses, c, uuid.Nil)
	if err != nil {
		return nil, err
	}
	missing, _, _, err := s.missing(ctx, c, members)
	return missing, err
}

// inviteToCase checks the basis for everybody at the table and makes the grants for
// those who take no part in the case yet. Who is in out is left out.
func (s *Service) inviteToCase(ctx context.Context, a account.Actor, ses Session, c caseEntry, point uuid.UUID, out ...account.Member) (invitation, error) {
	members, err := s.table(ctx, a, ses, c.ID, point)
	if err != nil {
		return invitation{}, err
	}
	members = slices.DeleteFunc(members, func(m account.Member) bool {
		_, left := memberIn(out, m.ID)
		return left
	})
	return s.inviteThese(ctx, a, c, members)
}

func (s *Service) inviteThese(ctx context.Context, a account.Actor, c caseEntry, members []account.Member) (inv invitation, err error) {
	inv.c = c
	missing, held, bases, err := s.missing(ctx, c.ID, members)
	if err != nil {
		return inv, err
	}
	if !held {
		return inv, fault.At("case", "error.point.nobasis", string(c.Pseudonym))
	}
	if len(missing) > 0 {
		return inv, fault.At("case", "error.point.uncovered", string(c.Pseudonym), strings.Join(orgNames(missing), ", "))
	}
	in, err := s.participating(ctx, c.ID)
	if err != nil {
		return inv, err
	}
	for _, m := range members {
		if in[m.ID] {
			continue
		}
		b, ok := covering(bases, m, s.Now())
		if !ok && m.External { // its last day ended just now
			return inv, fault.New(fault.Conflict, "error.case.moved")
		}
		if err := s.known(ctx, a, m, "case"); err != nil {
			return inv, err
		}
		g, err := s.grantTo(ctx, a, c, m, b, "invited")
		if err != nil {
			return inv, err
		}
		inv.grants = append(inv.grants, g)
	}
	return inv, nil
}

// orgNames lists the organisations of members, each once.
func orgNames(members []account.Member) []string {
	var out []string
	for _, m := range members {
		if !slices.Contains(out, m.OrgName) {
			out = append(out, m.OrgName)
		}
	}
	return out
}

// invitation is a case that may be discussed in a session, with the grants for
// those at the table who take no part in it yet.
type invitation struct {
	c      caseEntry
	grants []grant.Grant
}
