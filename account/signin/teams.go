package signin

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/keys"
	"zat/fault"
)

// invited is an invitation that somebody takes by signing in with the account he
// has.
type invited struct {
	hash   []byte
	member account.Member
}

// taken looks up the invitation of an attempt. It has to be for this account.
func (s *Service) taken(ctx context.Context, cred Credentials, a Attempt) (*invited, error) {
	if a.Invitation == "" {
		return nil, nil
	}
	gone := fault.New(fault.Conflict, "error.invitation")
	t, err := keys.ParseToken(a.Invitation)
	if err != nil {
		return nil, gone
	}
	m, until, err := s.Store.Invited(ctx, t.Hash())
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, fmt.Errorf("reading invitation: %w", err)
	}
	if err != nil || s.Now().After(until) || !m.Ended.IsZero() || m.Account != cred.Account.ID {
		return nil, gone
	}
	return &invited{t.Hash(), m}, nil
}

// take makes whom it invites a member of the team, once.
func (s *Service) take(tx Tx, i *invited) error {
	if i == nil {
		return nil
	}
	first, err := tx.TakeInvitation(i.hash)
	if err != nil {
		return err
	}
	if !first {
		return fault.New(fault.Conflict, "error.invitation")
	}
	if err := tx.SetJoined(i.member.ID, s.Now()); err != nil {
		return err
	}
	return s.Log.Append(tx, i.member.Team, audit.By(actorOf(i.member), audit.MemberJoined, audit.ObjMember, i.member.ID).For(audit.PurposeManage, ""))
}

// Teams lists the actor's memberships, the present one too.
func (s *Service) Teams(ctx context.Context, a account.Actor) ([]account.Member, error) {
	list, err := s.Store.MembersOf(ctx, a.Account)
	if err != nil {
		return nil, fmt.Errorf("looking up memberships: %w", err)
	}
	return list, nil
}

// Switch goes on in another team of the actor's, with a session of its own: the
// one in the team before ends, so that no page and no form of it reaches the other.
// Both teams' logs tell of it.
func (s *Service) Switch(ctx context.Context, p Presence, member uuid.UUID) (keys.Token, account.Actor, error) {
	a := p.Actor
	m, err := s.Store.Member(ctx, member)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return keys.Token{}, a, fmt.Errorf("reading member: %w", err)
	}
	id, ok := a.Key.(*keys.Identity)
	if err != nil || m.Account != a.Account || !m.Active() || !ok {
		return keys.Token{}, a, s.Log.Deny(ctx, a.Team, ownLine(a, audit.SignedIn), "no-member", fault.NotFound)
	}
	token, now := keys.NewToken(), s.Now()
	box, err := keys.SealForToken(token, a.Account.String(), id)
	if err != nil {
		return keys.Token{}, a, err
	}
	was, err := s.Store.Visit(ctx, p.hash)
	if err != nil {
		return keys.Token{}, a, fmt.Errorf("reading session: %w", err)
	}
	ses := Session{Hash: token.Hash(), Ref: uuid.NewString()[:8], Account: a.Account, Member: m.ID, Box: box,
		CSRF: keys.NewToken().Secret(), Auth: was.Auth, Agent: was.Agent, Created: was.Created, Seen: now, Proved: was.Proved}
	next := actorOf(m)
	next.Auth, next.Session, next.Key = ses.Auth, ses.Ref, id
	err = s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		ended, err := tx.EndVisit(p.hash)
		if err != nil {
			return err
		}
		if !ended {
			return fault.New(fault.Signed, "error.signed")
		}
		if err := tx.InsertVisit(ses); err != nil {
			return err
		}
		if err := s.Log.Append(tx, a.Team, switchLine(a, audit.SignedOut)); err != nil {
			return err
		}
		return s.Log.Append(tx, m.Team, switchLine(next, audit.SignedIn))
	})
	return token, next, err
}

func switchLine(a account.Actor, e audit.Event) audit.Line {
	l := ownLine(a, e)
	l.Part = "switched"
	return l
}
