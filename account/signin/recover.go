package signin

import (
	"context"
	"errors"
	"fmt"
	"io"

	"zat/account"
	"zat/audit"
	"zat/crypto/keys"
	"zat/fault"
)

// Recovery is what somebody gives who lost his password or his phone: his
// recovery code, and the factor that he has left. The code works once.
type Recovery struct {
	Email           string
	Recovery        string
	Password, Again string // the new one, or the one he has
	Code            string // of his phone, or of the new one
	TOTPSecret      string // of a new phone; empty: he has his own
	Network         string
	Device          string
}

func (Recovery) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// RecoverPassword sets a new password with recovery code and phone. All sessions
// end. Every failure that has to do with who he is has one answer.
func (s *Service) RecoverPassword(ctx context.Context, r Recovery) error {
	var errs fault.List
	errs.Add(CheckPassword(r.Password, r.Email))
	if r.Password != r.Again {
		errs.Add(fault.At("again", "error.password.again"))
	}
	if err := errs.Err(); err != nil {
		return err
	}
	arrived := s.Now()
	return s.recover(ctx, r, func(cred Credentials, lock keys.CodeLock, code keys.RecoveryCode) (renewedLock, error) {
		id, totp, err := lock.Unlock(code, cred.Account.ID.String())
		if err != nil {
			keys.Decoy(r.Password, s.Cost)
			return renewedLock{}, err
		}
		defer clear(totp)
		step, ok := matchTOTP(string(totp), r.Code, arrived)
		if !ok {
			keys.Decoy(r.Password, s.Cost)
			return renewedLock{}, errCode
		}
		l, err := keys.LockWithPassword(r.Password, cred.Account.ID.String(), s.Cost, id, totp)
		return renewedLock{l, id.Recipient(), step, "password"}, err
	})
}

// RecoverPhone sets up a new phone with recovery code and password.
func (s *Service) RecoverPhone(ctx context.Context, r Recovery) error {
	if len(r.TOTPSecret) != secretLength || !CheckTOTP(r.TOTPSecret, r.Code, s.Now()) {
		return fault.At("code", "error.totp")
	}
	return s.recover(ctx, r, func(cred Credentials, lock keys.CodeLock, code keys.RecoveryCode) (renewedLock, error) {
		id, _, err := cred.Lock.Unlock(r.Password, cred.Account.ID.String())
		if err != nil {
			return renewedLock{}, err
		}
		if _, _, err := lock.Unlock(code, cred.Account.ID.String()); err != nil {
			return renewedLock{}, err
		}
		l, err := keys.LockWithPassword(r.Password, cred.Account.ID.String(), s.Cost, id, []byte(r.TOTPSecret))
		return renewedLock{l, id.Recipient(), 0, "phone"}, err
	})
}

// renewedLock is what an account gets in the place of what was lost.
type renewedLock struct {
	lock      keys.PasswordLock
	recipient string
	step      int64 // of the phone's code; 0 for a new phone
	what      string
}

type opener func(Credentials, keys.CodeLock, keys.RecoveryCode) (renewedLock, error)

// recover waits as a sign-in does and counts failures with it: a recovery code is
// no way around the throttle.
func (s *Service) recover(ctx context.Context, r Recovery, open opener) error {
	email, err := account.ParseEmail(r.Email)
	if err != nil {
		email = r.Email
	}
	cred, lock, known, err := s.recoverable(ctx, email)
	if err != nil {
		return err
	}
	slow, err := s.throttleOf(ctx, email, cred.Account.ID, Attempt{Network: r.Network, Device: r.Device})
	if err != nil {
		return err
	}
	run, err := s.wait(ctx, slow)
	if fault.Is(err, fault.Busy) {
		return s.turnedAway(ctx, cred, known, err)
	}
	if err != nil {
		return err
	}
	defer run.leave()
	code, cerr := keys.ParseRecoveryCode(r.Recovery)
	if !known || cerr != nil {
		keys.Decoy(r.Password, s.Cost)
		run.ran()
		return s.notRecovered(ctx, cred, known, slow)
	}
	n, err := open(cred, lock, code)
	run.ran()
	if errors.Is(err, keys.ErrPassword) || errors.Is(err, errCode) {
		return s.notRecovered(ctx, cred, known, slow)
	}
	if err != nil {
		return fmt.Errorf("recovering account %s: %w", cred.Account.ID, err)
	}
	err = s.recovered(ctx, cred, lock, n)
	if errors.Is(err, errCode) {
		return s.notRecovered(ctx, cred, known, slow)
	}
	return err
}

// recoverable returns the account of an address when it has a recovery code.
func (s *Service) recoverable(ctx context.Context, email string) (Credentials, keys.CodeLock, bool, error) {
	cred, err := s.Store.CredentialsByEmail(ctx, email)
	if fault.Is(err, fault.NotFound) {
		return cred, keys.CodeLock{}, false, nil
	}
	if err != nil {
		return cred, keys.CodeLock{}, false, fmt.Errorf("looking up an account: %w", err)
	}
	lock, _, err := s.Store.Recovery(ctx, cred.Account.ID)
	if fault.Is(err, fault.NotFound) {
		return cred, lock, false, nil
	}
	if err != nil {
		return cred, lock, false, fmt.Errorf("reading recovery: %w", err)
	}
	return cred, lock, true, nil
}

func (s *Service) notRecovered(ctx context.Context, cred Credentials, known bool, slow throttle) error {
	err := s.refused(ctx, cred, known, audit.AccountRecovered, "credentials", func(tx Tx) error { return s.count(tx, slow) })
	if err != nil {
		return err
	}
	return fault.New(fault.Invalid, "error.recover")
}

func (s *Service) recovered(ctx context.Context, cred Credentials, lock keys.CodeLock, n renewedLock) error {
	members, err := s.Store.MembersOf(ctx, cred.Account.ID)
	if err != nil {
		return fmt.Errorf("looking up memberships: %w", err)
	}
	return s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		if n.step > 0 {
			if fresh, err := tx.UseStep(cred.Account.ID, n.step); err != nil {
				return err
			} else if !fresh {
				return errCode
			}
		}
		if err := stillHas(tx, cred, errCode); err != nil {
			return err
		}
		used, err := tx.TakeRecovery(cred.Account.ID, lock)
		if err != nil {
			return err
		}
		if !used { // by somebody who was quicker
			return errCode
		}
		if err := tx.SetCredentials(cred.Account.ID, n.recipient, n.lock); err != nil {
			return err
		}
		if err := tx.EndVisits(cred.Account.ID); err != nil {
			return err
		}
		for _, m := range members {
			line := audit.By(actorOf(m), audit.AccountRecovered, audit.ObjAccount, cred.Account.ID).For(audit.PurposeSignIn, n.what)
			if err := s.Log.Append(tx, m.Team, line); err != nil {
				return err
			}
		}
		return nil
	})
}
