package signin

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/keys"
	"zat/fault"
)

// Presence is a request of somebody signed in.
type Presence struct {
	Actor account.Actor
	CSRF  string
	Until time.Time // when the session ends at the latest
	// Proved is when he last proved who he is.
	Proved time.Time
	// Short: the team asks for a passkey, and he signed in without. He may come to his
	// own account, to make one, and nowhere else.
	Short bool

	// Cover says whether anything but lifting the cover is open to him.
	Cover  Cover
	HasPIN bool // the session has one

	hash    []byte
	seen    time.Time
	touched time.Time
}

// Lapsed is a session that ended while its browser still had it open: enough
// to keep what the person was typing, and nothing more.
type Lapsed struct {
	Member account.Member
	CSRF   string
}

// touchEvery spares a write for each request; idleness is that much inexact.
const touchEvery = 30 * time.Second

// Resume returns who a token belongs to, and counts as activity. For a session
// that is over it fails with fault.Signed and returns the Lapsed session if there
// was one.
func (s *Service) Resume(ctx context.Context, token string) (Presence, *Lapsed, error) {
	p, lapsed, err := s.Peek(ctx, token)
	if err != nil {
		return p, lapsed, err
	}
	if p.Cover != Uncovered {
		return p, nil, nil
	}
	return p, nil, s.touch(ctx, p)
}

// Peek is Resume for what a page asks by itself: it is no activity.
func (s *Service) Peek(ctx context.Context, token string) (Presence, *Lapsed, error) {
	none := fault.New(fault.Signed, "error.signed")
	t, err := keys.ParseToken(token)
	if err != nil {
		return Presence{}, nil, none
	}
	ses, err := s.Store.Visit(ctx, t.Hash())
	if fault.Is(err, fault.NotFound) {
		return Presence{}, nil, none
	}
	if err != nil {
		return Presence{}, nil, fmt.Errorf("reading session: %w", err)
	}
	m, err := s.Store.Member(ctx, ses.Member)
	if err != nil {
		return Presence{}, nil, fmt.Errorf("reading member: %w", err)
	}
	if !m.Ended.IsZero() {
		return Presence{}, nil, none
	}
	if s.over(ses) {
		return Presence{}, &Lapsed{m, ses.CSRF}, none
	}
	p, err := s.present(t, ses, m)
	return p, nil, err
}

// Still reports whether the session of a presence goes on, and brings it up to date. It
// is Peek for what asks again and again: no key is opened.
func (s *Service) Still(ctx context.Context, p *Presence) (bool, error) {
	ses, err := s.Store.Visit(ctx, p.hash)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading session: %w", err)
	}
	p.seen, p.touched, p.Cover = ses.Seen, ses.Touched, s.coverOf(ses)
	return !s.over(ses) && ses.Member == p.Actor.Member, nil
}

// Stay keeps somebody signed in as if he had just done something.
func (s *Service) Stay(ctx context.Context, p Presence) error {
	now := s.Now()
	if now.Sub(p.seen) <= touchEvery {
		return nil
	}
	if err := s.Store.UpdateSignIn(ctx, func(tx Tx) error { return tx.TouchVisit(p.hash, now) }); err != nil {
		return fmt.Errorf("touching session: %w", err)
	}
	return nil
}

func (s *Service) over(ses Session) bool {
	now := s.Now()
	return ses.Ended || len(ses.Box) == 0 || now.Sub(ses.Seen) > ses.Policy.Idle || now.Sub(ses.Created) > ses.Policy.Length
}

func (s *Service) present(t keys.Token, ses Session, m account.Member) (Presence, error) {
	id, err := keys.OpenWithToken(t, ses.Account.String(), ses.Box)
	if err != nil {
		return Presence{}, fmt.Errorf("opening session: %w", err)
	}
	a := actorOf(m)
	a.Auth, a.Session, a.Key = ses.Auth, ses.Ref, id
	short := ses.Policy.Passkey && !strings.Contains(ses.Auth, AuthPasskey)
	return Presence{Actor: a, CSRF: ses.CSRF, Until: ses.Created.Add(ses.Policy.Length), Proved: ses.Proved, Short: short, Cover: s.coverOf(ses), HasPIN: ses.HasPIN, hash: ses.Hash, seen: ses.Seen, touched: ses.Touched}, nil
}

// SignOut ends one session.
func (s *Service) SignOut(ctx context.Context, a account.Actor, token string) error {
	t, err := keys.ParseToken(token)
	if err != nil {
		return nil
	}
	return s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		if _, err := tx.EndVisit(t.Hash()); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, audit.By(a, audit.SignedOut, audit.ObjAccount, a.Account).For(audit.PurposeSignIn, ""))
	})
}

// earlier returns the session that a browser still had when somebody signed in
// with it, and nil for none.
func (s *Service) earlier(ctx context.Context, token string) (*earlier, error) {
	t, err := keys.ParseToken(token)
	if err != nil {
		return nil, nil
	}
	ses, err := s.Store.Visit(ctx, t.Hash())
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the earlier session: %w", err)
	}
	m, err := s.Store.Member(ctx, ses.Member)
	if err != nil {
		return nil, fmt.Errorf("reading the earlier member: %w", err)
	}
	a := actorOf(m)
	a.Auth, a.Session = ses.Auth, ses.Ref
	return &earlier{ses.Hash, a}, nil
}

type earlier struct {
	hash  []byte
	actor account.Actor
}

// replace ends the earlier session, for whomever it was, with a line.
func (s *Service) replace(tx Tx, e *earlier) error {
	if e == nil {
		return nil
	}
	ended, err := tx.EndVisit(e.hash)
	if err != nil || !ended {
		return err
	}
	line := audit.By(e.actor, audit.SignedOut, audit.ObjAccount, e.actor.Account).For(audit.PurposeSignIn, "replaced")
	return s.Log.Append(tx, e.actor.Team, line)
}

// SignOutEverywhere ends all sessions of the actor's account, this one too.
func (s *Service) SignOutEverywhere(ctx context.Context, a account.Actor) error {
	return s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		if err := tx.EndVisits(a.Account); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, audit.By(a, audit.SignedOutAll, audit.ObjAccount, a.Account).For(audit.PurposeSignIn, ""))
	})
}

// Sweep wipes the sealed identity of every session that is over.
func (s *Service) Sweep(ctx context.Context) error {
	return s.Store.UpdateSignIn(ctx, func(tx Tx) error { return tx.EndIdleVisits(s.Now()) })
}

// Wrote reports whether a form's token is of another session of the actor's own
// membership: he signed in anew beside a page that he was still typing on. A form
// of another team of his is not: nothing crosses.
func (s *Service) Wrote(ctx context.Context, a account.Actor, csrf string) (bool, error) {
	if csrf == "" {
		return false, nil
	}
	return s.Store.HadToken(ctx, a.Member, csrf)
}

// Spoil writes the line of a form without the token of the actor's session, and
// returns the refusal.
func (s *Service) Spoil(ctx context.Context, a account.Actor) error {
	line := audit.By(a, audit.RouteRefused, audit.ObjPage, uuid.Nil).For("", "form")
	if err := s.Log.Deny(ctx, a.Team, line, "token", fault.Denied); !fault.Is(err, fault.Denied) {
		return err
	}
	return fault.New(fault.Denied, "error.csrf")
}

// Refuse writes the line of a page that the actor's role may not open, and
// returns the refusal.
func (s *Service) Refuse(ctx context.Context, a account.Actor, p account.Permission) error {
	line := audit.By(a, audit.RouteRefused, audit.ObjPage, uuid.Nil).For("", string(p))
	return s.Log.Deny(ctx, a.Team, line, "role:"+string(p), fault.Denied)
}
