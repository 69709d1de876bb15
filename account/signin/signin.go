// Package signin lets people in and out: password and TOTP code, sessions,
// throttling, and what somebody was typing when his session ended.
//
// It promises that an unknown address and a wrong password get the same answer
// after the same time, that no amount of failed attempts locks a person out,
// and that a stolen database opens no session. Two factors are asked of
// everybody.
package signin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/keys"
	"zat/fault"
)

// Session limits (rules.md, "Accounts").
const (
	IdleLimit = 15 * time.Minute
	MaxLength = 12 * time.Hour
)

// Credentials is what the store keeps of somebody who can sign in.
type Credentials struct {
	Account  account.Account
	Lock     keys.PasswordLock
	LastStep int64 // last TOTP step used: a code works once
}

// Session is a signed-in browser, as the store keeps it.
type Session struct {
	Hash    []byte
	Ref     string // for the log; not the token
	Account uuid.UUID
	Member  uuid.UUID
	Box     []byte // identity, sealed for the token; nil once the session ended
	CSRF    string
	Auth    string
	Created time.Time
	Seen    time.Time
	Ended   bool
}

// Store keeps accounts, sessions, devices and failures.
type Store interface {
	// CredentialsByEmail fails with fault.NotFound for an unknown address.
	CredentialsByEmail(ctx context.Context, email string) (Credentials, error)
	// MembersOf returns the memberships of an account that have not ended.
	MembersOf(ctx context.Context, acc uuid.UUID) ([]account.Member, error)
	Member(ctx context.Context, id uuid.UUID) (account.Member, error)
	// HadToken reports whether a session of the account has or had this form
	// token.
	HadToken(ctx context.Context, acc uuid.UUID, csrf string) (bool, error)
	Visit(ctx context.Context, hash []byte) (Session, error)
	KnownDevice(ctx context.Context, acc uuid.UUID, hash []byte) (bool, error)
	Failures(ctx context.Context, key []byte, since time.Time) (int, error)
	Draft(ctx context.Context, id, member uuid.UUID) (Draft, error)
	Drafts(ctx context.Context, member uuid.UUID) ([]Draft, error)
	UpdateSignIn(ctx context.Context, fn func(Tx) error) error
}

// Tx changes them.
type Tx interface {
	audit.Tx
	// UseStep marks a TOTP step as used; it reports false when it was before.
	UseStep(acc uuid.UUID, step int64) (bool, error)
	InsertVisit(s Session) error
	TouchVisit(hash []byte, seen time.Time) error
	EndVisit(hash []byte) error
	EndVisits(acc uuid.UUID) error
	EndIdleVisits(seenBefore, createdBefore time.Time) error
	PutDevice(acc uuid.UUID, hash []byte, at time.Time) error
	AddFailure(key []byte, at time.Time) error
	ClearFailures(key []byte) error
	InsertDraft(d Draft) error
	// DeleteDraft deletes a member's own draft; it reports false when there is none.
	DeleteDraft(id, member uuid.UUID) (bool, error)
}

// Service signs people in.
type Service struct {
	Store Store
	Log   *audit.Log
	Now   func() time.Time
	Cost  keys.Cost // what a password for an unknown address costs
	Line  *Line     // the queue for Argon2id
}

// Attempt is what somebody gives to be let in.
type Attempt struct {
	Email, Password, Code string
	Network               string // address of the client
	Device                string // device cookie, if he has one
	Earlier               string // token of the session that this browser had; it ends
}

func (Attempt) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// Entry is what a browser gets for a successful attempt.
type Entry struct {
	Token  keys.Token
	Device keys.Token
	Actor  account.Actor
}

// Auth is how everybody signs in for now.
const Auth = "password+totp"

func wrong() error { return fault.New(fault.Invalid, "error.signin") }

// SignIn checks an attempt and starts a session. Every failure of the person's
// doing has the same answer.
func (s *Service) SignIn(ctx context.Context, a Attempt) (Entry, error) {
	email, err := account.ParseEmail(a.Email)
	if err != nil {
		email = "?" // goes the same long way as an unknown address
	}
	cred, err := s.Store.CredentialsByEmail(ctx, email)
	known := err == nil
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Entry{}, fmt.Errorf("looking up an account: %w", err)
	}
	slow, err := s.throttleOf(ctx, email, cred.Account.ID, a)
	if err != nil {
		return Entry{}, err
	}
	leave, err := s.wait(ctx, slow)
	if fault.Is(err, fault.Busy) {
		return Entry{}, s.turnedAway(ctx, cred, known, err)
	}
	if err != nil {
		return Entry{}, err
	}
	defer leave()
	id, step, err := s.check(cred, known, a)
	if err != nil {
		return Entry{}, s.failed(ctx, cred, known, slow, err)
	}
	entry, err := s.start(ctx, cred, id, step, slow, a.Earlier)
	if errors.Is(err, errCode) {
		return Entry{}, s.failed(ctx, cred, known, slow, err)
	}
	return entry, err
}

// errCode is a wrong code, or one that was used before, after a right password.
var errCode = errors.New("signin: wrong code")

// check spends one run of Argon2id whether or not the address is known.
func (s *Service) check(cred Credentials, known bool, a Attempt) (*keys.Identity, int64, error) {
	if !known {
		keys.Decoy(a.Password, s.Cost)
		return nil, 0, keys.ErrPassword
	}
	id, secret, err := cred.Lock.Unlock(a.Password, cred.Account.ID.String())
	if err != nil {
		return nil, 0, err
	}
	step, ok := matchTOTP(string(secret), a.Code, s.Now())
	if !ok {
		return nil, 0, errCode
	}
	return id, step, nil
}

// failed writes the line of a failed attempt and gives the one answer.
func (s *Service) failed(ctx context.Context, cred Credentials, known bool, slow throttle, cause error) error {
	if known && !errors.Is(cause, keys.ErrPassword) && errors.Is(cause, keys.ErrOpen) {
		return fmt.Errorf("opening the keys of account %s: %w", cred.Account.ID, cause)
	}
	err := s.refusal(ctx, cred, known, "credentials", func(tx Tx) error {
		if errors.Is(cause, errCode) {
			if err := tx.AddFailure(slow.codes, s.Now()); err != nil {
				return err
			}
		}
		return tx.AddFailure(slow.place, s.Now())
	})
	if err != nil {
		return err
	}
	return wrong()
}

// turnedAway writes the line of an attempt for which there was no room to wait.
func (s *Service) turnedAway(ctx context.Context, cred Credentials, known bool, cause error) error {
	if err := s.refusal(ctx, cred, known, "busy", func(Tx) error { return nil }); err != nil {
		return err
	}
	return cause
}

// refusal writes the line of a refused attempt in the log of each team of whom it
// was for, or in that of the installation.
func (s *Service) refusal(ctx context.Context, cred Credentials, known bool, rule string, count func(Tx) error) error {
	var members []account.Member
	if known {
		var err error
		if members, err = s.Store.MembersOf(ctx, cred.Account.ID); err != nil {
			return fmt.Errorf("looking up memberships: %w", err)
		}
	}
	err := s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		if err := count(tx); err != nil {
			return err
		}
		for _, m := range members {
			line := audit.By(actorOf(m), audit.SignedIn, audit.ObjAccount, cred.Account.ID).For(audit.PurposeSignIn, "").Refused(rule)
			if err := s.Log.Append(tx, m.Team, line); err != nil {
				return err
			}
		}
		if len(members) > 0 {
			return nil
		}
		line := audit.By(account.Actor{}, audit.SignedIn, audit.ObjAccount, uuid.Nil).For(audit.PurposeSignIn, "").Refused("unknown")
		return s.Log.Append(tx, uuid.Nil, line)
	})
	if err != nil {
		return fmt.Errorf("recording a failed sign-in: %w", err)
	}
	return nil
}

// start makes the session, in the same transaction as its line.
func (s *Service) start(ctx context.Context, cred Credentials, id *keys.Identity, step int64, slow throttle, earlier string) (Entry, error) {
	members, err := s.Store.MembersOf(ctx, cred.Account.ID)
	if err != nil {
		return Entry{}, fmt.Errorf("looking up memberships: %w", err)
	}
	if len(members) == 0 {
		return Entry{}, s.failed(ctx, cred, true, slow, keys.ErrPassword)
	}
	now, m := s.Now(), members[0]
	e := Entry{Token: keys.NewToken(), Device: keys.NewToken(), Actor: actorOf(m)}
	box, err := keys.SealForToken(e.Token, cred.Account.ID.String(), id)
	if err != nil {
		return Entry{}, err
	}
	ses := Session{Hash: e.Token.Hash(), Ref: uuid.NewString()[:8], Account: cred.Account.ID, Member: m.ID, Box: box,
		CSRF: keys.NewToken().Secret(), Auth: Auth, Created: now, Seen: now}
	e.Actor.Auth, e.Actor.Session, e.Actor.Key = Auth, ses.Ref, id
	err = s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		fresh, err := tx.UseStep(cred.Account.ID, step)
		if err != nil {
			return err
		}
		if !fresh {
			return errCode
		}
		if t, err := keys.ParseToken(earlier); err == nil {
			if err := tx.EndVisit(t.Hash()); err != nil {
				return err
			}
		}
		if err := tx.InsertVisit(ses); err != nil {
			return err
		}
		if err := tx.PutDevice(cred.Account.ID, e.Device.Hash(), now); err != nil {
			return err
		}
		for _, key := range [][]byte{slow.place, slow.codes} {
			if err := tx.ClearFailures(key); err != nil {
				return err
			}
		}
		return s.Log.Append(tx, m.Team, audit.By(e.Actor, audit.SignedIn, audit.ObjAccount, cred.Account.ID).For(audit.PurposeSignIn, ""))
	})
	return e, err
}

func actorOf(m account.Member) account.Actor {
	return account.Actor{Account: m.Account, Member: m.ID, Team: m.Team, Organisation: m.Organisation, Role: m.Role, Name: m.Name}
}
