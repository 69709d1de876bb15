package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/keys"
	"zat/fault"
)

// Own is what somebody signed in gives to change how he gets in. Current is his
// password: a browser that was left open is not enough.
type Own struct {
	Current         string
	Password, Again string // a new password
	TOTPSecret      string // of a new phone
	Code            string // its code
	Recovery        string // a new recovery code, as the page showed it
	Typed           string // its last group, typed back
	Token           string // of the session that stays
	Fresh           bool   // he proved lately who he is: it counts where there is no password
}

func (Own) Format(f fmt.State, _ rune) { f.Write([]byte("[redacted]")) }

// ChangePassword replaces the actor's password. His other sessions end.
func (s *Service) ChangePassword(ctx context.Context, a account.Actor, o Own) error {
	var errs fault.List
	errs.Add(CheckPassword(o.Password, a.Name))
	if o.Password != o.Again {
		errs.Add(fault.At("again", "error.password.again"))
	}
	if err := errs.Err(); err != nil {
		return err
	}
	return s.prove(ctx, a, o, audit.PasswordChanged, func(p proven) error {
		lock, err := keys.LockWithPassword(o.Password, a.Account.String(), s.Cost, p.id, p.totp)
		if err != nil {
			return err
		}
		return s.store(ctx, a, p, o, audit.PasswordChanged, func(tx Tx) error {
			return tx.SetCredentials(a.Account, p.id.Recipient(), lock)
		})
	})
}

// ChangePhone replaces the actor's second factor. His other sessions end, and so
// does his recovery code, which has the earlier one sealed in it.
func (s *Service) ChangePhone(ctx context.Context, a account.Actor, o Own) error {
	if o.Current == "" {
		return fault.At("current", "error.required")
	}
	if len(o.TOTPSecret) != secretLength || !CheckTOTP(o.TOTPSecret, o.Code, s.Now()) {
		return fault.At("code", "error.totp")
	}
	return s.prove(ctx, a, o, audit.PhoneChanged, func(p proven) error {
		lock, err := keys.LockWithPassword(o.Current, a.Account.String(), s.Cost, p.id, []byte(o.TOTPSecret))
		if err != nil {
			return err
		}
		return s.store(ctx, a, p, o, audit.PhoneChanged, func(tx Tx) error {
			if err := tx.DropRecovery(a.Account); err != nil {
				return err
			}
			return tx.SetCredentials(a.Account, p.id.Recipient(), lock)
		})
	})
}

// MakeRecovery gives the actor a new recovery code, in the place of an earlier
// one. He has typed part of it back.
func (s *Service) MakeRecovery(ctx context.Context, a account.Actor, o Own) error {
	code, err := TypedBack(o.Recovery, o.Typed)
	if err != nil {
		return err
	}
	return s.prove(ctx, a, o, audit.RecoveryMade, func(p proven) error {
		lock, err := keys.LockWithCode(code, a.Account.String(), p.id, p.totp)
		if err != nil {
			return err
		}
		members, err := s.Store.MembersOf(ctx, a.Account)
		if err != nil {
			return fmt.Errorf("looking up memberships: %w", err)
		}
		return s.Store.UpdateSignIn(ctx, func(tx Tx) error {
			if err := stillHas(tx, p.cred, moved()); err != nil {
				return err
			}
			if err := tx.PutRecovery(a.Account, lock, s.Now()); err != nil {
				return err
			}
			return s.ownEverywhere(tx, a, members, ownLine(a, audit.RecoveryMade))
		})
	})
}

// DrawRecoveryCode returns a new recovery code for a page to show. Nothing knows it
// until it was typed back.
func DrawRecoveryCode() string { return keys.NewRecoveryCode().Secret() }

// TypedBack returns the code that a page showed, when its last group was typed
// back.
func TypedBack(shown, typed string) (keys.RecoveryCode, error) {
	code, err := keys.ParseRecoveryCode(shown)
	if err != nil {
		return code, fault.New(fault.Invalid, "error.form")
	}
	if !code.EndsWith(typed) {
		return code, fault.At("typed", "error.recovery.typed")
	}
	return code, nil
}

func ownLine(a account.Actor, e audit.Event) audit.Line {
	return audit.By(a, e, audit.ObjAccount, a.Account).For(audit.PurposeSignIn, "")
}

// moved is what somebody reads whose keys or password changed while he changed them.
func moved() error { return fault.New(fault.Conflict, "error.own.moved") }

// ownEverywhere writes a line of the actor's in the log of each team that he is in: his
// account is one, and what changes it concerns them all.
func (s *Service) ownEverywhere(tx Tx, a account.Actor, members []account.Member, line audit.Line) error {
	if err := s.Log.Append(tx, a.Team, line); err != nil {
		return err
	}
	for _, m := range members {
		if m.ID == a.Member {
			continue
		}
		there := actorOf(m)
		there.Auth = a.Auth
		l := ownLine(there, line.Event)
		l.Part = line.Part
		if err := s.Log.Append(tx, m.Team, l); err != nil {
			return err
		}
	}
	return nil
}

// store stores a change of how the actor gets in and ends his other sessions.
func (s *Service) store(ctx context.Context, a account.Actor, p proven, o Own, e audit.Event, change func(Tx) error) error {
	keep, err := keys.ParseToken(o.Token)
	if err != nil {
		return err
	}
	members, err := s.Store.MembersOf(ctx, a.Account)
	if err != nil {
		return fmt.Errorf("looking up memberships: %w", err)
	}
	return s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		if err := stillHas(tx, p.cred, moved()); err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		if err := tx.EndVisitsBut(a.Account, keep.Hash()); err != nil {
			return err
		}
		return s.ownEverywhere(tx, a, members, ownLine(a, e))
	})
}

// proven is what the actor's password opened.
type proven struct {
	cred Credentials
	id   *keys.Identity
	totp []byte
}

// prove asks for the actor's password before fn, in its turn for Argon2id. Wrong
// ones are lines, and make the next wait. Who has no password proved it by a passkey.
func (s *Service) prove(ctx context.Context, a account.Actor, o Own, e audit.Event, fn func(proven) error) error {
	cred, err := s.Store.CredentialsOf(ctx, a.Account)
	if err != nil {
		return fmt.Errorf("reading credentials: %w", err)
	}
	if id, ok := a.Key.(*keys.Identity); ok && !cred.HasPassword() && o.Current == "" && o.Fresh {
		return fn(proven{cred, id, nil})
	}
	slow := throttle{place: counter(a.Account.String(), "own")}
	run, err := s.wait(ctx, slow)
	if err != nil {
		return err
	}
	defer run.leave()
	id, totp, err := cred.Lock.Unlock(o.Current, a.Account.String())
	if err == nil {
		defer clear(totp)
		return fn(proven{cred, id, totp})
	}
	if !errors.Is(err, keys.ErrPassword) {
		return fmt.Errorf("opening the keys of account %s: %w", a.Account, err)
	}
	err = s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		if err := tx.AddFailure(slow.place, s.Now()); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, ownLine(a, e).Refused("credentials"))
	})
	if err != nil {
		return fmt.Errorf("recording a refusal: %w", err)
	}
	return fault.At("current", "error.current")
}

// SessionRow is one of the actor's sessions, as he knows it.
type SessionRow struct {
	Ref     string
	Agent   string
	Created time.Time
	Seen    time.Time
	Current bool
}

// Access is how the actor gets in: what his own page shows.
type Access struct {
	Sessions []SessionRow
	Recovery time.Time // when his recovery code was made; zero: he has none
	Strange  []SessionRow
	Passkeys []Passkey
	Password bool // he has one
	// Organisation is the name of the sign-in that can be linked, and since when it is.
	Organisation string
	Linked       time.Time
}

// Access lists the actor's sessions that go on, newest first, and the sign-ins of
// the last two weeks on devices that were not known.
func (s *Service) Access(ctx context.Context, a account.Actor) (Access, error) {
	var out Access
	list, err := s.Store.VisitsOf(ctx, a.Account)
	if err != nil {
		return out, fmt.Errorf("reading sessions: %w", err)
	}
	for _, v := range list {
		if !s.over(v) {
			out.Sessions = append(out.Sessions, SessionRow{v.Ref, v.Agent, v.Created, v.Seen, v.Ref == a.Session})
		}
	}
	if out.Recovery, err = s.recoveryMade(ctx, a.Account); err != nil {
		return out, err
	}
	if out.Passkeys, err = s.Store.Passkeys(ctx, a.Account); err != nil {
		return out, fmt.Errorf("reading passkeys: %w", err)
	}
	cred, err := s.Store.CredentialsOf(ctx, a.Account)
	if err != nil {
		return out, fmt.Errorf("reading credentials: %w", err)
	}
	out.Password = cred.HasPassword()
	if s.Federation != nil {
		out.Organisation = s.Federation.Name
		if out.Linked, err = s.Store.FederationOf(ctx, a.Account, s.Federation.Issuer); err != nil {
			return out, fmt.Errorf("reading the link with an organisation: %w", err)
		}
	}
	out.Strange, err = s.Strange(ctx, a)
	return out, err
}

func (s *Service) recoveryMade(ctx context.Context, acc uuid.UUID) (time.Time, error) {
	_, made, err := s.Store.Recovery(ctx, acc)
	if fault.Is(err, fault.NotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("reading recovery: %w", err)
	}
	return made, nil
}

// HasPassword reports whether the actor has a password beside his passkeys.
func (s *Service) HasPassword(ctx context.Context, a account.Actor) (bool, error) {
	cred, err := s.Store.CredentialsOf(ctx, a.Account)
	if err != nil {
		return false, fmt.Errorf("reading credentials: %w", err)
	}
	return cred.HasPassword(), nil
}

// HasRecovery reports whether the actor has a recovery code.
func (s *Service) HasRecovery(ctx context.Context, a account.Actor) (bool, error) {
	made, err := s.recoveryMade(ctx, a.Account)
	return !made.IsZero(), err
}

// noticeFor is how long a sign-in on a strange device is shown to its owner.
const noticeFor = 14 * 24 * time.Hour

// Strange lists sign-ins to the actor's account on devices that were not known
// before, other than this one.
func (s *Service) Strange(ctx context.Context, a account.Actor) ([]SessionRow, error) {
	list, err := s.Store.StrangeDevices(ctx, a.Account, s.Now().Add(-noticeFor))
	if err != nil {
		return nil, fmt.Errorf("reading devices: %w", err)
	}
	var out []SessionRow
	for _, r := range list {
		if r.Ref != a.Session {
			out = append(out, r)
		}
	}
	return out, nil
}

// Seen takes the notices away: the owner knows those devices.
func (s *Service) Seen(ctx context.Context, a account.Actor) error {
	return s.Store.UpdateSignIn(ctx, func(tx Tx) error { return tx.DropStrange(a.Account) })
}

// EndSession ends one of the actor's own sessions. One that is not his, or is over,
// answers as not found.
func (s *Service) EndSession(ctx context.Context, a account.Actor, ref string) error {
	line, ended := ownLine(a, audit.SignedOut), false
	err := s.Store.UpdateSignIn(ctx, func(tx Tx) (err error) {
		if ended, err = tx.EndVisitOf(a.Account, ref); err != nil || !ended {
			return err
		}
		line.Part = "session " + ref // a reference that we made ourselves
		return s.Log.Append(tx, a.Team, line)
	})
	if err == nil && !ended {
		return s.Log.Deny(ctx, a.Team, line, "no-session", fault.NotFound)
	}
	return err
}
