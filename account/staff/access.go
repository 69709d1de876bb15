package staff

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
)

// Waiting lists the members who joined and have no access yet to what their
// role opens.
func (s *Service) Waiting(ctx context.Context, a account.Actor) ([]account.Member, error) {
	if !a.May(account.GiveAccess) {
		return nil, nil
	}
	members, err := s.Store.Members(ctx, a.Team)
	if err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	var out []account.Member
	for _, m := range members {
		missing, err := s.missing(ctx, m)
		if err != nil {
			return nil, err
		}
		lost, err := s.lost(ctx, m)
		if err != nil {
			return nil, err
		}
		if len(missing)+len(lost) > 0 {
			out = append(out, m)
		}
	}
	return out, nil
}

// Awaits returns the digits of the actor's own key, for him to tell a coordinator, while
// he still has to be given the access of his role; empty: he has it.
func (s *Service) Awaits(ctx context.Context, a account.Actor) (string, error) {
	if a.Key == nil {
		return "", nil
	}
	m, err := s.Store.Member(ctx, a.Member)
	if err != nil {
		return "", fmt.Errorf("reading member: %w", err)
	}
	list, err := s.missing(ctx, m)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return s.digits(ctx, a.Key.Recipient()) // of the key that he holds, whatever the database says
}

// Access returns a member who may be given access, and whether his digits have to be
// compared first: once for each key.
func (s *Service) Access(ctx context.Context, a account.Actor, member uuid.UUID) (account.Member, bool, error) {
	m, _, err := s.newcomer(ctx, a, member)
	if err != nil {
		return m, false, err
	}
	known, err := grant.Known(ctx, s.Store, a, m, s.Now())
	return m, !known, err
}

// newcomer returns a member of the actor's team who joined. Others answer as not found.
func (s *Service) newcomer(ctx context.Context, a account.Actor, member uuid.UUID) (account.Member, audit.Line, error) {
	line := audit.By(a, audit.AccessGiven, audit.ObjMember, member).For(audit.PurposeManage, "role")
	if err := s.Log.Require(ctx, a, account.GiveAccess, line); err != nil {
		return account.Member{}, line, err
	}
	m, err := s.Store.Member(ctx, member)
	if err != nil && !isNotFound(err) {
		return m, line, fmt.Errorf("reading member: %w", err)
	}
	if err != nil || m.Team != a.Team || !m.Joined() || !m.Ended.IsZero() {
		return account.Member{}, line, s.Log.Deny(ctx, a.Team, line, "no-member", fault.NotFound)
	}
	return m, line, nil
}

// compare refuses a key that the coordinator did not compare with its owner.
func (s *Service) compare(ctx context.Context, a account.Actor, m account.Member, typed string) error {
	known, err := grant.Known(ctx, s.Store, a, m, s.Now())
	if err != nil || known {
		return err
	}
	digits, err := s.digits(ctx, m.Recipient)
	if err == nil && !sameCode(typed, digits) {
		err = fault.At("check", "error.access.check")
	}
	return err
}

// missing returns the team vaults that the member's role opens and he cannot.
func (s *Service) missing(ctx context.Context, m account.Member) ([]grant.Vault, error) {
	if !m.Joined() || !m.Ended.IsZero() || m.Role == account.Admin {
		return nil, nil
	}
	grants, err := s.Store.GrantsOf(ctx, m.ID)
	if err != nil {
		return nil, fmt.Errorf("reading grants: %w", err)
	}
	has := map[uuid.UUID]bool{}
	for _, g := range grants {
		has[g.Vault] = g.Recipient == m.Recipient
	}
	var out []grant.Vault
	for _, k := range vaultKinds {
		if !grant.Opens(m.Role, k) {
			continue
		}
		v, err := s.Store.TeamVault(ctx, m.Team, k)
		if err != nil {
			return nil, fmt.Errorf("reading vault: %w", err)
		}
		if !has[v.ID] {
			out = append(out, v)
		}
	}
	return out, nil
}

// lost returns the member's grants that are for a key that he has not any more, as
// after a recovery in another team of his.
func (s *Service) lost(ctx context.Context, m account.Member) ([]grant.Grant, error) {
	if !m.Active() {
		return nil, nil
	}
	grants, err := s.Store.GrantsOf(ctx, m.ID)
	if err != nil {
		return nil, fmt.Errorf("reading grants: %w", err)
	}
	var out []grant.Grant
	for _, g := range grants {
		if g.Recipient != m.Recipient && g.Live(s.Now()) {
			out = append(out, g)
		}
	}
	return out, nil
}

// again makes lost grants anew, as far as the actor holds the vaults and they were
// given by somebody who did.
func (s *Service) again(ctx context.Context, a account.Actor, m account.Member) ([]renewedGrant, error) {
	list, err := s.lost(ctx, m)
	if err != nil {
		return nil, err
	}
	var out []renewedGrant
	for _, g := range list {
		v, key, err := grant.Enter(ctx, s.Store, a, g.Vault, s.Now())
		if isNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !g.VouchedBy(key) {
			continue
		}
		fresh, err := grant.Give(v, key, g, m.Recipient)
		if err != nil {
			return nil, err
		}
		out = append(out, renewedGrant{fresh, g, v.Kind})
	}
	return out, nil
}

// GiveAccess gives a member who joined the vaults of his role; a second
// coordinator gets the open cases that the first holds as well. check are the digits
// that the member told her, unless his key was compared before.
func (s *Service) GiveAccess(ctx context.Context, a account.Actor, member uuid.UUID, check string) error {
	m, _, err := s.newcomer(ctx, a, member)
	if err != nil {
		return err
	}
	if err := s.compare(ctx, a, m, check); err != nil {
		return err
	}
	vaults, err := s.missing(ctx, m)
	if err != nil {
		return err
	}
	cases, err := s.casesFor(ctx, m)
	if err != nil {
		return err
	}
	grants, err := s.grants(ctx, a, m, append(vaults, cases...))
	if err != nil {
		return err
	}
	anew, err := s.again(ctx, a, m)
	if err != nil {
		return err
	}
	return s.Store.UpdateStaff(ctx, func(tx Tx) error {
		now, err := tx.Member(m.ID)
		if err != nil {
			return err
		}
		if !now.Active() || now.Role != m.Role || now.Recipient != m.Recipient {
			return fault.New(fault.Conflict, "error.leave.gone")
		}
		if err := s.giveBack(tx, a, m, anew, "again", false); err != nil { // before those by role, which have no end
			return err
		}
		return s.giveByRole(tx, a, m, grants, cases)
	})
}

// casesFor returns the vaults of the open cases for a coordinator, and none for others.
func (s *Service) casesFor(ctx context.Context, m account.Member) ([]grant.Vault, error) {
	if m.Role != account.Coordinator {
		return nil, nil
	}
	cases, err := s.Store.OpenCases(ctx, m.Team)
	if err != nil {
		return nil, fmt.Errorf("reading cases: %w", err)
	}
	var out []grant.Vault
	for _, id := range cases {
		v, err := s.Store.Vault(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("reading vault: %w", err)
		}
		out = append(out, v)
	}
	return out, nil
}

// giveByRole stores the grants that come with a member's role, with a line for each.
func (s *Service) giveByRole(tx Tx, a account.Actor, m account.Member, grants []grant.Grant, cases []grant.Vault) error {
	for _, g := range grants {
		if err := tx.PutGrant(g); err != nil {
			return err
		}
		l := audit.By(a, audit.AccessGiven, audit.ObjVault, g.Vault).For(audit.PurposeManage, "role")
		l.OnBehalf = m.ID
		if slices.ContainsFunc(cases, func(v grant.Vault) bool { return v.ID == g.Vault }) {
			l = l.On(g.Vault, audit.RelCoordinator)
		}
		if err := s.Log.Append(tx, a.Team, l); err != nil {
			return err
		}
	}
	return nil
}

// grants makes the grants that the actor can make; a vault that he does not
// hold himself is left out, and the member stays in the list of those waiting.
func (s *Service) grants(ctx context.Context, a account.Actor, m account.Member, vaults []grant.Vault) ([]grant.Grant, error) {
	var out []grant.Grant
	for _, v := range vaults {
		_, key, err := grant.Enter(ctx, s.Store, a, v.ID, s.Now())
		if isNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		g, err := grant.Give(v, key, grant.Grant{Member: m.ID, By: a.Member, Why: "role", From: s.Now()}, m.Recipient)
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, nil
}

func isNotFound(err error) bool { return fault.Is(err, fault.NotFound) }
