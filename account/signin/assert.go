package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"zat/account"
	"zat/audit"
	"zat/crypto/keys"
	"zat/fault"
)

// BeginEntry returns what a browser needs to let somebody sign in with a passkey, or
// prove again who he is. It tells nothing of who has one.
func (s *Service) BeginEntry(ctx context.Context, site Site) ([]byte, error) {
	w, err := party(site)
	if err != nil {
		return nil, err
	}
	opts, session, err := w.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired),
		webauthn.WithAssertionExtensions(webauthn.WithExtensionPRF(protocol.PRFValues{First: prfSalt[:]})))
	if err != nil {
		return nil, fmt.Errorf("asking for a passkey: %w", err)
	}
	return s.ask(ctx, forEntry, [16]byte{}, session, opts)
}

// assert checks the answer of a passkey, with whatever is wrong one failure, and
// records its use.
func (s *Service) assert(ctx context.Context, site Site, answer []byte) (Passkey, error) {
	w, err := party(site)
	if err != nil {
		return Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Passkey{}, errPasskey
	}
	_, session, err := s.answered(ctx, forEntry, parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return Passkey{}, err
	}
	var k Passkey
	var broken error
	_, used, err := w.ValidatePasskeyLogin(func(id, handle []byte) (webauthn.User, error) {
		if k, broken = s.Store.Passkey(ctx, id); broken != nil {
			return nil, broken
		}
		if string(handle) != string(k.Account[:]) {
			return nil, errPasskey
		}
		return owner{account.Account{ID: k.Account}, []Passkey{k}}, nil
	}, session, parsed)
	if broken != nil && !fault.Is(broken, fault.NotFound) {
		return Passkey{}, fmt.Errorf("reading passkey: %w", broken)
	}
	if err != nil || !used.Flags.UserVerified || used.Authenticator.CloneWarning {
		return k, errPasskey
	}
	if k.Credential, err = json.Marshal(used); err != nil {
		return k, fmt.Errorf("keeping a passkey: %w", err)
	}
	return k, s.Store.UpdateSignIn(ctx, func(tx Tx) error { return tx.UsePasskey(k.ID, k.Credential, s.Now()) })
}

// byPasskey signs in with a passkey: alone, when it opens the keys, else as the
// second factor beside the password.
func (s *Service) byPasskey(ctx context.Context, a Attempt) (Entry, error) {
	k, err := s.assert(ctx, a.Site, a.Credential)
	if errors.Is(err, errPasskey) {
		return Entry{}, s.badPasskey(ctx, k, a)
	}
	if err != nil {
		return Entry{}, err
	}
	cred, err := s.Store.CredentialsOf(ctx, k.Account)
	if err != nil {
		return Entry{}, fmt.Errorf("reading credentials: %w", err)
	}
	slow, err := s.throttleOf(ctx, cred.Account.Email, cred.Account.ID, a)
	if err != nil {
		return Entry{}, err
	}
	if k.Lock.Opens() && len(a.PRF) > 0 {
		id, err := k.Lock.Unlock(a.PRF, k.Account.String())
		if err != nil {
			return Entry{}, s.badPasskey(ctx, k, a)
		}
		how := AuthPasskey
		if a.Ticket != "" {
			if t, err := s.ticketed(ctx, a.Ticket); err != nil || t.Account.ID != k.Account {
				return Entry{}, s.badPasskey(ctx, k, a)
			}
			how = AuthFederatedPasskey
		}
		return s.enter(ctx, cred, proof{id, 0, how}, slow, a)
	}
	if !cred.HasPassword() {
		return Entry{}, fault.New(fault.Invalid, "error.passkey.opens")
	}
	if a.Password == "" {
		return Entry{}, fault.At("password", "error.passkey.password")
	}
	run, err := s.wait(ctx, slow)
	if fault.Is(err, fault.Busy) {
		return Entry{}, s.turnedAway(ctx, cred, true, err)
	}
	if err != nil {
		return Entry{}, err
	}
	defer run.leave()
	id, totp, err := cred.Lock.Unlock(a.Password, cred.Account.ID.String())
	run.ran()
	if err != nil {
		return Entry{}, s.failed(ctx, cred, true, slow, err)
	}
	clear(totp)
	return s.enter(ctx, cred, proof{id, 0, AuthBoth}, slow, a)
}

// badPasskey writes the line of an answer that was not right: of passkeys that nobody
// has, one a minute from each network.
func (s *Service) badPasskey(ctx context.Context, k Passkey, a Attempt) error {
	var cred Credentials
	cred.Account.ID = k.Account
	if len(k.ID) == 0 && !s.Line.note("passkey/"+a.Network, s.Now()) { // anybody can send these, and they cost him nothing
		return fault.New(fault.Invalid, "error.passkey")
	}
	slow, err := s.throttleOf(ctx, "", k.Account, a)
	if err != nil {
		return err
	}
	err = s.refused(ctx, cred, len(k.ID) > 0, audit.SignedIn, "passkey", func(tx Tx) error {
		if slow.network == nil {
			return nil
		}
		return tx.AddFailure(slow.network, s.Now())
	})
	if err != nil {
		return err
	}
	return fault.New(fault.Invalid, "error.passkey")
}

// ProofFor is how long a proof of who somebody is stands for what asks for a fresh
// one: disclosing, exporting, and changes of keys and roles.
const ProofFor = 10 * time.Minute

// Fresh reports whether who asks proved lately who he is.
func (s *Service) Fresh(p Presence) bool { return s.Now().Sub(p.Proved) <= ProofFor }

// Confirm takes a new proof of who the actor is, and gives his session a new token:
// one that was stolen before is worth nothing.
func (s *Service) Confirm(ctx context.Context, p Presence, a Attempt) (keys.Token, error) {
	line := ownLine(p.Actor, audit.Confirmed)
	if len(a.Credential) > 0 {
		k, err := s.assert(ctx, a.Site, a.Credential)
		if errors.Is(err, errPasskey) || (err == nil && k.Account != p.Actor.Account) {
			if err := s.Log.Deny(ctx, p.Actor.Team, line, "passkey", fault.Denied); !fault.Is(err, fault.Denied) {
				return keys.Token{}, err
			}
			return keys.Token{}, fault.New(fault.Invalid, "error.passkey")
		}
		if err != nil {
			return keys.Token{}, err
		}
		line.Part = "passkey"
		return s.proved(ctx, p, line)
	}
	var token keys.Token
	err := s.prove(ctx, p.Actor, Own{Current: a.Password}, audit.Confirmed, func(proven) (err error) {
		line.Part = "password"
		token, err = s.proved(ctx, p, line)
		return err
	})
	return token, err
}

func (s *Service) proved(ctx context.Context, p Presence, line audit.Line) (keys.Token, error) {
	id, ok := p.Actor.Key.(*keys.Identity)
	if !ok {
		return keys.Token{}, fault.New(fault.Signed, "error.signed")
	}
	token := keys.NewToken()
	box, err := keys.SealForToken(token, p.Actor.Account.String(), id)
	if err != nil {
		return keys.Token{}, err
	}
	return token, s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		there, err := tx.RenewVisit(p.hash, token.Hash(), box, s.Now())
		if err != nil {
			return err
		}
		if !there {
			return fault.New(fault.Signed, "error.signed")
		}
		return s.Log.Append(tx, p.Actor.Team, line)
	})
}
