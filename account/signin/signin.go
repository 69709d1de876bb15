// Package signin lets people in and out: password and TOTP code, sessions,
// throttling, and what somebody was typing when his session ended.
//
// It promises that an unknown address and a wrong password get the same answer
// after the same time, that no amount of failed attempts by others keeps a person
// off a device where he signed in before, and that a stolen database opens no session. Two factors are asked of
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

// Service signs people in.
type Service struct {
	Store Store
	Log   *audit.Log
	Now   func() time.Time
	Cost  keys.Cost // what a password for an unknown address costs
	Line  *Line     // the queue for Argon2id
	// Federation is the sign-in of an organisation; nil: there is none.
	Federation *Federation
}

// Attempt is what somebody gives to be let in.
type Attempt struct {
	Email, Password, Code string
	Network               string // address of the client
	Device                string // device cookie, if he has one: Devices.Secret
	Agent                 string // what sort of browser, in words: "Chrome, Windows"
	Invitation            string // token of the link that he takes by signing in; empty: none
	Earlier               string // token of the session that this browser had; it ends
	Credential            []byte // answer of a passkey, in the place of the code; empty: none
	PRF                   []byte // what its function gave
	Site                  Site
	Ticket                string // of who came from his organisation's sign-in; empty: none
}

func (Attempt) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// Entry is what a browser gets for a successful attempt.
type Entry struct {
	Token  keys.Token
	Device Devices
	Actor  account.Actor
}

// How somebody signed in, as lines have it.
const (
	Auth        = "password+totp"
	AuthPasskey = "passkey"
	AuthBoth    = "password+passkey"
	// Signed in at his organisation, with password or passkey to open the keys.
	AuthFederated        = "oidc+password"
	AuthFederatedPasskey = "oidc+passkey"
)

// proof is what an attempt proved.
type proof struct {
	id   *keys.Identity
	step int64 // of the code; 0: there was none
	auth string
}

func wrong() error { return fault.New(fault.Invalid, "error.signin") }

// SignIn checks an attempt and starts a session. Every failure of the person's
// doing has the same answer.
func (s *Service) SignIn(ctx context.Context, a Attempt) (Entry, error) {
	if len(a.Credential) > 0 {
		return s.byPasskey(ctx, a)
	}
	if a.Ticket != "" {
		return s.byTicket(ctx, a)
	}
	arrived := s.Now()
	email, err := account.ParseEmail(a.Email)
	if err != nil {
		email = a.Email // goes the same long way as an unknown address
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
	run, err := s.wait(ctx, slow)
	if fault.Is(err, fault.Busy) {
		return Entry{}, s.turnedAway(ctx, cred, known, err)
	}
	if err != nil {
		return Entry{}, err
	}
	defer run.leave()
	id, step, err := s.check(cred, known, a, arrived)
	run.ran()
	if err != nil {
		return Entry{}, s.failed(ctx, cred, known, slow, err)
	}
	return s.enter(ctx, cred, proof{id, step, Auth}, slow, a)
}

// enter starts a session, or answers as for a wrong code when what was proved does not
// stand any more.
func (s *Service) enter(ctx context.Context, cred Credentials, p proof, slow throttle, a Attempt) (Entry, error) {
	entry, err := s.start(ctx, cred, p, slow, a)
	if errors.Is(err, errCode) {
		return Entry{}, s.failed(ctx, cred, true, slow, err)
	}
	return entry, err
}

// errCode is a wrong code, or one that was used before, after a right password.
var errCode = errors.New("signin: wrong code")

// check spends one run of Argon2id whether or not the address is known. The code
// is judged by the moment at which it came in: waiting makes no code wrong.
func (s *Service) check(cred Credentials, known bool, a Attempt, arrived time.Time) (*keys.Identity, int64, error) {
	if !known {
		keys.Decoy(a.Password, s.Cost)
		return nil, 0, keys.ErrPassword
	}
	id, secret, err := cred.Lock.Unlock(a.Password, cred.Account.ID.String())
	if err != nil {
		return nil, 0, err
	}
	step, ok := matchTOTP(string(secret), a.Code, arrived)
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
	err := s.refused(ctx, cred, known, audit.SignedIn, "credentials", func(tx Tx) error { return s.count(tx, slow) })
	if err != nil {
		return err
	}
	return wrong()
}

// count counts a failure for all that it counts for.
func (s *Service) count(tx Tx, slow throttle) error {
	for _, key := range slow.keys() {
		if err := tx.AddFailure(key, s.Now()); err != nil {
			return err
		}
	}
	return nil
}

// turnedAway writes the line of attempts for which there was no room to wait:
// one a minute for an account, however many there are.
func (s *Service) turnedAway(ctx context.Context, cred Credentials, known bool, cause error) error {
	if !s.Line.note(cred.Account.ID.String(), s.Now()) {
		return cause
	}
	if err := s.refused(ctx, cred, known, audit.SignedIn, "busy", func(Tx) error { return nil }); err != nil {
		return err
	}
	return cause
}

// refused writes the line of a refused attempt in the log of each team of whom it
// was for, or in that of the installation.
func (s *Service) refused(ctx context.Context, cred Credentials, known bool, e audit.Event, rule string, count func(Tx) error) error {
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
			line := audit.By(actorOf(m), e, audit.ObjAccount, cred.Account.ID).For(audit.PurposeSignIn, "").Refused(rule)
			if err := s.Log.Append(tx, m.Team, line); err != nil {
				return err
			}
		}
		if len(members) > 0 {
			return nil
		}
		line := audit.By(account.Actor{}, e, audit.ObjAccount, uuid.Nil).For(audit.PurposeSignIn, "").Refused("unknown")
		return s.Log.Append(tx, uuid.Nil, line)
	})
	if err != nil {
		return fmt.Errorf("recording a failed sign-in: %w", err)
	}
	return nil
}

// start makes the session, in the same transaction as its line. His device gets a
// new token, so that a copy of the one before is worth nothing. On a strange device
// failures stay counted: he is known there from now on, and others in his network
// learn nothing from how they wait.
func (s *Service) start(ctx context.Context, cred Credentials, p proof, slow throttle, a Attempt) (Entry, error) {
	members, err := s.Store.MembersOf(ctx, cred.Account.ID)
	if err != nil {
		return Entry{}, fmt.Errorf("looking up memberships: %w", err)
	}
	taken, err := s.taken(ctx, cred, a)
	if err != nil {
		return Entry{}, err
	}
	if taken != nil {
		members = []account.Member{taken.member}
	}
	if len(members) == 0 {
		return Entry{}, s.failed(ctx, cred, true, slow, keys.ErrPassword)
	}
	now, m := s.Now(), members[0]
	e := Entry{Token: keys.NewToken(), Device: renewed(a.Device, slow.device), Actor: actorOf(m)}
	box, err := keys.SealForToken(e.Token, cred.Account.ID.String(), p.id)
	if err != nil {
		return Entry{}, err
	}
	ses := Session{Hash: e.Token.Hash(), Ref: uuid.NewString()[:8], Account: cred.Account.ID, Member: m.ID, Box: box,
		CSRF: keys.NewToken().Secret(), Auth: p.auth, Agent: a.Agent, Created: now, Seen: now, Proved: now}
	e.Actor.Auth, e.Actor.Session, e.Actor.Key = p.auth, ses.Ref, p.id
	before, err := s.earlier(ctx, a.Earlier)
	if err != nil {
		return Entry{}, err
	}
	err = s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		if err := stillHas(tx, cred, errCode); err != nil {
			return err
		}
		if err := useOnce(tx, cred.Account.ID, p.step); err != nil {
			return err
		}
		if err := s.replace(tx, before); err != nil {
			return err
		}
		if a.Ticket != "" {
			if _, err := tx.TakeChallenge(challengeHash(a.Ticket)); err != nil {
				return fault.New(fault.Signed, "error.federation.late")
			}
		}
		if err := s.take(tx, taken); err != nil {
			return err
		}
		if err := tx.InsertVisit(ses); err != nil {
			return err
		}
		if err := s.remember(tx, ses, slow, e.Device); err != nil {
			return err
		}
		return s.Log.Append(tx, m.Team, audit.By(e.Actor, audit.SignedIn, audit.ObjAccount, cred.Account.ID).For(audit.PurposeSignIn, ""))
	})
	return e, err
}

// stillHas fails with lost when an account has other keys or another password by now
// than what was opened: waiting for a turn can take longer than changing them.
func stillHas(tx Tx, c Credentials, lost error) error {
	same, err := tx.SameKeys(c)
	if err == nil && !same {
		err = lost
	}
	return err
}

// useOnce uses a code up.
func useOnce(tx Tx, acc uuid.UUID, step int64) error {
	if step == 0 {
		return nil
	}
	fresh, err := tx.UseStep(acc, step)
	if err == nil && !fresh {
		err = errCode
	}
	return err
}

// remember knows the device from now on, and tells its owner of one that is new.
func (s *Service) remember(tx Tx, ses Session, slow throttle, d Devices) error {
	if slow.device == nil {
		if err := tx.InsertStrange(ses.Account, SessionRow{Ref: ses.Ref, Agent: ses.Agent, Created: ses.Created}); err != nil {
			return err
		}
	} else {
		if err := tx.DropDevice(ses.Account, slow.device.Hash()); err != nil {
			return err
		}
		if err := tx.ClearFailures(slow.place); err != nil {
			return err
		}
	}
	return tx.PutDevice(ses.Account, d.Newest().Hash(), s.Now())
}

func actorOf(m account.Member) account.Actor {
	return account.Actor{Account: m.Account, Member: m.ID, Team: m.Team, Organisation: m.Organisation, Role: m.Role, Name: m.Name}
}
