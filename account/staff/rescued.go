package staff

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/keys"
	"zat/fault"
	"zat/pseudonym/guard"
)

// Confirming is what the second of the two gives, and the first when the paper is
// with him.
type Confirming struct {
	Reason guard.Draft
	Check  string // the digits that the member told him
	Paper  string // the team's recovery identity as typed; empty: the other has it
}

// ConfirmRescue confirms a recovery, and finishes it when the paper was typed and
// somebody else than the one who asked confirmed it.
func (s *Service) ConfirmRescue(ctx context.Context, a account.Actor, id uuid.UUID, in Confirming) (done bool, err error) {
	line := audit.By(a, audit.RescueConfirmed, audit.ObjMember, uuid.Nil).For(audit.PurposeManage, "")
	if err := s.Log.Require(ctx, a, account.Rescue, line); err != nil {
		return false, err
	}
	r, err := s.Store.Rescue(ctx, id)
	if err != nil && !isNotFound(err) {
		return false, fmt.Errorf("reading recovery: %w", err)
	}
	if err != nil || r.Team != a.Team || r.Member == a.Member || !r.Open(s.Now()) || r.State == RescueAsked {
		return false, s.Log.Deny(ctx, a.Team, line, "no-rescue", fault.NotFound)
	}
	line.Object = r.Member
	if err := s.atTable(ctx, a, line); err != nil {
		return false, err
	}
	first := a.Member == r.AskedBy
	if r.State == RescueTaken && first || r.State == RescueConfirmed && !first && a.Member != r.ConfirmedBy {
		return false, fault.New(fault.Invalid, "error.rescue.second")
	}
	if r.State == RescueConfirmed && in.Paper == "" {
		return false, fault.At("paper", "error.required")
	}
	digits, err := s.digits(ctx, r.Recipient)
	if err != nil {
		return false, err
	}
	var errs fault.List
	// Each of the two compares: between them somebody could put other keys in the row.
	if !sameCode(in.Check, digits) {
		errs.Add(fault.At("check", "error.rescue.check"))
	}
	var gerr error
	if line.Reason, gerr = s.reason(ctx, a, r.Member, in.Reason); gerr != nil {
		errs.Add(gerr)
	}
	var paper *keys.Identity
	if in.Paper != "" {
		paper, gerr = s.paper(ctx, a, in.Paper)
		errs.Add(gerr)
	}
	if err := errs.Err(); err != nil {
		return false, err
	}
	if paper == nil {
		return false, s.Store.UpdateStaff(ctx, func(tx Tx) error {
			m, err := tx.Member(r.Member)
			if err != nil {
				return err
			}
			if err := pair(tx, r, m, a.Member); err != nil {
				return err
			}
			r.State, r.ConfirmedBy = RescueConfirmed, a.Member
			return s.moved(tx, r, RescueTaken, line)
		})
	}
	return true, s.finish(ctx, a, r, line, paper)
}

// paper reads the team's recovery identity as it was typed.
func (s *Service) paper(ctx context.Context, a account.Actor, typed string) (*keys.Identity, error) {
	id, err := keys.ParsePaper(typed)
	if err != nil {
		return nil, fault.At("paper", "error.paper")
	}
	v, err := s.Store.TeamVault(ctx, a.Team, grant.Register)
	if err != nil {
		return nil, fmt.Errorf("reading vault: %w", err)
	}
	b, err := s.Store.Backing(ctx, v.ID)
	if isNotFound(err) || (err == nil && b.Recipient != id.Recipient()) {
		return nil, fault.At("paper", "error.paper.other")
	}
	return id, err
}

func (s *Service) moved(tx Tx, r Rescue, from RescueState, line audit.Line) error {
	ok, err := tx.MoveRescue(r, from)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Conflict, "error.rescue.gone")
	}
	return s.Log.Append(tx, r.Team, line)
}

// finish gives the member his new keys and renews all he could open, as one change.
// The vaults wait for a new key after it: whoever finds what he lost opens nothing.
func (s *Service) finish(ctx context.Context, a account.Actor, r Rescue, line audit.Line, paper *keys.Identity) error {
	m, err := s.Store.Member(ctx, r.Member)
	if err != nil {
		return fmt.Errorf("reading member: %w", err)
	}
	if !m.Active() {
		return s.Log.Deny(ctx, a.Team, line, "no-member", fault.NotFound)
	}
	grants, err := s.renewedBy(ctx, m, r.Recipient, paper)
	if err != nil {
		return err
	}
	inbox, err := s.Store.TeamVault(ctx, m.Team, grant.Inbox) // it holds his own signals, sealed to him as well
	if err != nil {
		return fmt.Errorf("reading vault: %w", err)
	}
	from := r.State
	r.State, r.Done = RescueDone, s.Now()
	if a.Member != r.AskedBy {
		r.ConfirmedBy = a.Member
	}
	return s.Store.UpdateStaff(ctx, func(tx Tx) error {
		now, err := tx.Member(m.ID)
		if err != nil {
			return err
		}
		if !now.Active() || now.Role != m.Role || now.Recipient != m.Recipient {
			return fault.New(fault.Conflict, "error.rescue.gone")
		}
		if err := pair(tx, r, m, r.ConfirmedBy); err != nil {
			return err
		}
		if err := s.moved(tx, r, from, line); err != nil {
			return err
		}
		if err := s.replaceKeys(tx, m, r); err != nil {
			return err
		}
		if err := s.giveBack(tx, a, m, grants, "recovery", true); err != nil {
			return err
		}
		if err := tx.MarkStale(inbox.ID, s.Now()); err != nil {
			return err
		}
		if err := tx.UsePaper(a.Team, s.Now()); err != nil {
			return err
		}
		l := audit.By(a, audit.RescueDone, audit.ObjMember, m.ID).For(audit.PurposeManage, fmt.Sprintf("grants %d", len(grants)))
		l.OnBehalf = r.AskedBy
		return s.Log.Append(tx, a.Team, l)
	})
}

// giveBack stores a member's grants for his new key, where they stand still, with a line
// for each. With stale their vaults wait for a new key as well: the old grants were for
// what he lost.
func (s *Service) giveBack(tx Tx, a account.Actor, m account.Member, grants []renewedGrant, why string, stale bool) error {
	for _, g := range grants {
		still, err := tx.ReplaceGrant(g.was, g.Grant)
		if err != nil {
			return err
		}
		if !still { // it ended meanwhile
			continue
		}
		if stale {
			if err := tx.MarkStale(g.Vault, s.Now()); err != nil {
				return err
			}
		}
		l := audit.By(a, audit.AccessGiven, audit.ObjVault, g.Vault).For(audit.PurposeManage, why)
		l.OnBehalf, l.Basis = m.ID, g.Basis
		if g.kind == grant.Case {
			l = l.On(g.Vault, audit.RelNone)
		}
		if err := s.Log.Append(tx, a.Team, l); err != nil {
			return err
		}
	}
	return nil
}

type renewedGrant struct {
	grant.Grant
	was  grant.Grant
	kind grant.Kind
}

// renewedBy makes the member's grants anew for his new key, with the recovery
// identity. A grant that no holder vouched for is not made anew.
func (s *Service) renewedBy(ctx context.Context, m account.Member, recipient string, paper *keys.Identity) ([]renewedGrant, error) {
	list, err := s.Store.GrantsOf(ctx, m.ID)
	if err != nil {
		return nil, fmt.Errorf("reading grants: %w", err)
	}
	var out []renewedGrant
	for _, g := range list {
		v, err := s.Store.Vault(ctx, g.Vault)
		if isNotFound(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading vault: %w", err)
		}
		b, err := s.Store.Backing(ctx, v.ID)
		if err != nil && !isNotFound(err) {
			return nil, fmt.Errorf("reading the recovery identity: %w", err)
		}
		key, oerr := grant.Open(v, b, paper, s.Now())
		if err != nil || oerr != nil || !g.Live(s.Now()) || !g.VouchedBy(key) {
			continue // a coordinator who holds it gives it, and it stays listed
		}
		fresh, err := grant.Give(v, key, g, recipient)
		if err != nil {
			return nil, err
		}
		out = append(out, renewedGrant{fresh, g, v.Kind})
	}
	return out, nil
}

// replaceKeys puts the new keys in the place of those that were lost. Sessions,
// passkeys and drafts of the old ones end. In the other teams of the account he has
// to be invited again: two people of this team decide nothing there.
func (s *Service) replaceKeys(tx Tx, m account.Member, r Rescue) error {
	if err := tx.SetCredentials(m.Account, r.Recipient, r.Lock); err != nil {
		return err
	}
	if err := tx.PutRecovery(m.Account, r.Code, s.Now()); err != nil {
		return err
	}
	if err := tx.DropFederation(m.Account); err != nil { // it was made with the keys that are lost
		return err
	}
	others, err := tx.LeaveOpen(m.Account, m.ID)
	if err != nil {
		return err
	}
	for _, o := range others {
		a := account.Actor{Account: o.Account, Member: o.ID, Team: o.Team, Organisation: o.Organisation, Role: o.Role, Auth: "recovery"}
		if err := s.Log.Append(tx, o.Team, audit.By(a, audit.RescueDone, audit.ObjMember, o.ID).For(audit.PurposeManage, "elsewhere")); err != nil {
			return err
		}
		held, err := tx.HeldBy(o.ID)
		if err != nil {
			return err
		}
		for _, h := range held { // what he lost opens nothing that comes after this, there as well
			if err := tx.MarkStale(h.Vault.ID, s.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}
