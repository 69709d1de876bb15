package signin

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/keys"
	"zat/fault"
)

// Site is where passkeys belong: a host name, and the origin as browsers write it.
type Site struct{ Host, Origin string }

// Usable reports whether passkeys can be made here: an address in numbers is no name.
func (s Site) Usable() bool {
	_, err := netip.ParseAddr(s.Host)
	return s.Host != "" && err != nil
}

// Passkey is one of a member's passkeys.
type Passkey struct {
	ID         []byte
	Account    uuid.UUID
	Ref        string // in addresses and lines
	Name       string
	Credential []byte // public half, as the library keeps it
	Lock       keys.PasskeyLock
	Created    time.Time
	Used       time.Time
}

// Challenge is what a browser was asked.
type Challenge struct {
	Hash    []byte
	Kind    string
	Account uuid.UUID
	Data    []byte
	Until   time.Time
}

// Kinds of challenge: what the answer is good for.
const (
	forEntry = "entry"
	forEnrol = "enrol"
)

const (
	challengeLife = 5 * time.Minute
	maxPasskeys   = 20
)

// prfSalt is what every passkey of zat evaluates. It is never empty: some
// authenticators refuse that.
var prfSalt = sha256.Sum256([]byte("zat/v1/prf"))

// Enrolment is what a browser gives for a new passkey.
type Enrolment struct {
	Name       string
	Credential []byte // as the browser gives it, without the value of the function
	PRF        []byte // that value; empty: this passkey opens nothing
	Site       Site
	Token      string // of the session that stays
}

func (Enrolment) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// owner is an account as the library wants it.
type owner struct {
	acc  account.Account
	keys []Passkey
}

func (o owner) WebAuthnID() []byte          { return o.acc.ID[:] }
func (o owner) WebAuthnName() string        { return o.acc.Email }
func (o owner) WebAuthnDisplayName() string { return o.acc.Name }
func (o owner) WebAuthnCredentials() []webauthn.Credential {
	var out []webauthn.Credential
	for _, k := range o.keys {
		var c webauthn.Credential
		if json.Unmarshal(k.Credential, &c) == nil {
			out = append(out, c)
		}
	}
	return out
}

func party(site Site) (*webauthn.WebAuthn, error) {
	if !site.Usable() {
		return nil, fault.New(fault.Invalid, "error.passkey.site")
	}
	w, err := webauthn.New(&webauthn.Config{RPID: site.Host, RPDisplayName: "Zorgtafel", RPOrigins: []string{site.Origin}})
	if err != nil {
		return nil, fmt.Errorf("setting up passkeys: %w", err)
	}
	return w, nil
}

// BeginPasskey returns what the actor's browser needs to make a passkey.
func (s *Service) BeginPasskey(ctx context.Context, a account.Actor, site Site) ([]byte, error) {
	cred, err := s.Store.CredentialsOf(ctx, a.Account)
	if err != nil {
		return nil, fmt.Errorf("reading credentials: %w", err)
	}
	list, err := s.Store.Passkeys(ctx, a.Account)
	if err != nil {
		return nil, fmt.Errorf("reading passkeys: %w", err)
	}
	if len(list) >= maxPasskeys {
		return nil, fault.New(fault.Conflict, "error.passkey.many")
	}
	return s.beginEnrol(ctx, owner{cred.Account, list}, site)
}

// BeginFirst returns what a newcomer's browser needs to make his first passkey.
func (s *Service) BeginFirst(ctx context.Context, acc account.Account, site Site) ([]byte, error) {
	return s.beginEnrol(ctx, owner{acc: acc}, site)
}

// First checks the newcomer's answer and seals his new identity for it. It fails with
// fault.Invalid for a passkey that does not open keys: alone it would let him in to
// nothing.
func (s *Service) First(ctx context.Context, acc account.Account, e Enrolment, id *keys.Identity) (Passkey, error) {
	if len(e.PRF) != keys.PRFSize {
		return Passkey{}, fault.New(fault.Invalid, "error.passkey.first")
	}
	k, err := s.enrolled(ctx, owner{acc: acc}, e, id)
	k.Name = e.Name
	return k, err
}

func (s *Service) beginEnrol(ctx context.Context, o owner, site Site) ([]byte, error) {
	w, err := party(site)
	if err != nil {
		return nil, err
	}
	var not []protocol.CredentialDescriptor
	for _, c := range o.WebAuthnCredentials() {
		not = append(not, c.Descriptor())
	}
	opts, session, err := w.BeginRegistration(o, webauthn.WithExclusions(not),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired}),
		webauthn.WithConveyancePreference(protocol.PreferNoAttestation), webauthn.WithExtensions(webauthn.WithExtensionPRF(protocol.PRFValues{First: prfSalt[:]})))
	if err != nil {
		return nil, fmt.Errorf("asking for a passkey: %w", err)
	}
	return s.ask(ctx, forEnrol, o.acc.ID, session, opts)
}

// ask keeps what a browser is asked until it answers.
func (s *Service) ask(ctx context.Context, kind string, acc uuid.UUID, session *webauthn.SessionData, opts any) ([]byte, error) {
	data, err := json.Marshal(session)
	if err != nil {
		return nil, fmt.Errorf("keeping a challenge: %w", err)
	}
	c := Challenge{challengeHash(session.Challenge), kind, acc, data, s.Now().Add(challengeLife)}
	if err := s.Store.UpdateSignIn(ctx, func(tx Tx) error { return tx.PutChallenge(c, s.Now()) }); err != nil {
		return nil, fmt.Errorf("keeping a challenge: %w", err)
	}
	return json.Marshal(opts)
}

func challengeHash(challenge string) []byte {
	h := sha256.Sum256([]byte("zat/v1/challenge/" + challenge))
	return h[:]
}

// errPasskey is an answer of a passkey that is not right, whatever is wrong.
var errPasskey = errors.New("signin: not a right answer of a passkey")

// answered takes the challenge to which an answer belongs: each is answered once.
func (s *Service) answered(ctx context.Context, kind, challenge string) (Challenge, webauthn.SessionData, error) {
	var session webauthn.SessionData
	c, err := s.takeChallenge(ctx, kind, challenge)
	if err == nil {
		err = json.Unmarshal(c.Data, &session)
	}
	return c, session, err
}

// takeChallenge takes a challenge of a kind. It fails with errPasskey when there is
// none any more.
func (s *Service) takeChallenge(ctx context.Context, kind, challenge string) (Challenge, error) {
	var c Challenge
	err := s.Store.UpdateSignIn(ctx, func(tx Tx) (err error) {
		c, err = tx.TakeChallenge(challengeHash(challenge))
		return err
	})
	if fault.Is(err, fault.NotFound) || (err == nil && (c.Kind != kind || s.Now().After(c.Until))) {
		return c, errPasskey
	}
	return c, err
}

// AddPasskey adds a passkey to the actor's account. With the value of its function
// it opens his keys; without it stands beside his password.
func (s *Service) AddPasskey(ctx context.Context, a account.Actor, e Enrolment) error {
	name, err := account.ParseName("name", e.Name)
	if err != nil {
		return err
	}
	cred, err := s.Store.CredentialsOf(ctx, a.Account)
	if err != nil {
		return fmt.Errorf("reading credentials: %w", err)
	}
	id, ok := a.Key.(*keys.Identity)
	if !ok {
		return fault.New(fault.Signed, "error.signed")
	}
	k, err := s.enrolled(ctx, owner{acc: cred.Account}, e, id)
	if err != nil {
		return err
	}
	k.Name = name
	line := ownLine(a, audit.PasskeyAdded)
	line.Part = "passkey " + k.Ref
	members, err := s.Store.MembersOf(ctx, a.Account)
	if err != nil {
		return fmt.Errorf("looking up memberships: %w", err)
	}
	return s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		if err := stillHas(tx, cred, moved()); err != nil {
			return err
		}
		if err := tx.InsertPasskey(k); err != nil {
			return err
		}
		return s.ownEverywhere(tx, a, members, line)
	})
}

// enrolled checks a browser's answer and seals the identity for the new passkey.
func (s *Service) enrolled(ctx context.Context, o owner, e Enrolment, id *keys.Identity) (Passkey, error) {
	bad := fault.New(fault.Invalid, "error.passkey")
	w, err := party(e.Site)
	if err != nil {
		return Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(e.Credential)
	if err != nil {
		return Passkey{}, bad
	}
	c, session, err := s.answered(ctx, forEnrol, parsed.Response.CollectedClientData.Challenge)
	if errors.Is(err, errPasskey) || (err == nil && c.Account != o.acc.ID) {
		return Passkey{}, bad
	}
	if err != nil {
		return Passkey{}, err
	}
	made, err := w.CreateCredential(o, session, parsed)
	if err != nil {
		return Passkey{}, bad
	}
	k := Passkey{ID: made.ID, Account: o.acc.ID, Ref: uuid.NewString()[:8], Created: s.Now()}
	if k.Credential, err = json.Marshal(made); err != nil {
		return Passkey{}, fmt.Errorf("keeping a passkey: %w", err)
	}
	if len(e.PRF) > 0 {
		if k.Lock, err = keys.LockWithPasskey(e.PRF, o.acc.ID.String(), id); err != nil {
			return Passkey{}, bad
		}
	}
	return k, nil
}

// RemovePasskey takes a passkey of the actor's away, and ends his other sessions. The
// last way to his keys stays.
func (s *Service) RemovePasskey(ctx context.Context, a account.Actor, ref, token string) error {
	line := ownLine(a, audit.PasskeyRemoved)
	keep, err := keys.ParseToken(token)
	if err != nil {
		return err
	}
	cred, err := s.Store.CredentialsOf(ctx, a.Account)
	if err != nil {
		return fmt.Errorf("reading credentials: %w", err)
	}
	members, err := s.Store.MembersOf(ctx, a.Account)
	if err != nil {
		return fmt.Errorf("looking up memberships: %w", err)
	}
	var gone bool
	err = s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		if gone, err = tx.DeletePasskey(a.Account, ref); err != nil || !gone {
			return err
		}
		left, err := tx.PasskeysThatOpen(a.Account)
		if err != nil {
			return err
		}
		if left == 0 && !cred.HasPassword() {
			return fault.New(fault.Invalid, "error.passkey.last")
		}
		if err := tx.EndVisitsBut(a.Account, keep.Hash()); err != nil {
			return err
		}
		line.Part = "passkey " + ref // a reference that we made ourselves
		return s.ownEverywhere(tx, a, members, line)
	})
	if err == nil && !gone {
		return s.Log.Deny(ctx, a.Team, line, "no-passkey", fault.NotFound)
	}
	return err
}
