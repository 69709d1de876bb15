package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"
	"golang.org/x/oauth2"

	"zat/account"
	"zat/audit"
	"zat/crypto/keys"
	"zat/fault"
)

// Federation is the sign-in of an organisation: an OpenID Connect provider such as
// Entra ID or SURFconext. It says who somebody is; his keys still ask for his
// password or a passkey.
type Federation struct {
	Name     string // as the button has it
	Issuer   string
	ClientID string
	Secret   string
	Redirect string // address to which the provider sends people back

	mu       sync.Mutex
	provider *oidc.Provider
}

func (*Federation) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// Kinds of challenge of a federation.
const (
	forFederation = "federation" // on the way to the provider
	forTicket     = "ticket"     // come back from it: a first factor
)

const ticketLife = 10 * time.Minute

// journey is what is kept while somebody is at the provider.
type journey struct {
	Nonce    string    `json:"n"`
	Verifier string    `json:"v"`
	Link     uuid.UUID `json:"l"` // account to be linked; zero: signing in
}

// answerTime is how long the provider may take for one answer: people can sign in
// without it, so nobody waits for one that hangs.
const answerTime = 10 * time.Second

// calling returns a context for what is asked of the provider.
func calling(ctx context.Context) context.Context {
	return oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Timeout: answerTime})
}

// discover asks the provider once where its doors are.
func (f *Federation) discover(ctx context.Context) (*oidc.Provider, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.provider == nil {
		// Its own context: the provider keeps it to fetch keys later on.
		p, err := oidc.NewProvider(calling(ctx), f.Issuer)
		if err != nil {
			return nil, fmt.Errorf("finding the identity provider: %w", err)
		}
		f.provider = p
	}
	return f.provider, nil
}

func (f *Federation) config(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: f.ClientID, ClientSecret: f.Secret, Endpoint: p.Endpoint(), RedirectURL: f.Redirect, Scopes: []string{oidc.ScopeOpenID, "profile"}}
}

// BeginFederation returns the provider's address to go to, and the state by which the
// browser is known when it comes back. With link the account is linked.
func (s *Service) BeginFederation(ctx context.Context, link uuid.UUID) (to, state string, err error) {
	if s.Federation == nil {
		return "", "", fault.New(fault.NotFound, "error.notfound")
	}
	p, err := s.Federation.discover(ctx)
	if err != nil {
		return "", "", err
	}
	state = keys.NewToken().Secret()
	j := journey{keys.NewToken().Secret(), oauth2.GenerateVerifier(), link}
	data, err := json.Marshal(j)
	if err != nil {
		return "", "", fmt.Errorf("keeping a challenge: %w", err)
	}
	c := Challenge{challengeHash(state), forFederation, link, data, s.Now().Add(ticketLife)}
	if err := s.Store.UpdateSignIn(ctx, func(tx Tx) error { return tx.PutChallenge(c, s.Now()) }); err != nil {
		return "", "", fmt.Errorf("keeping a challenge: %w", err)
	}
	return s.Federation.config(p).AuthCodeURL(state, oidc.Nonce(j.Nonce), oauth2.S256ChallengeOption(j.Verifier)), state, nil
}

// Return is what a browser brings back from the provider.
type Return struct {
	State, Kept string // of the address, and of the browser's cookie
	Code        string
	Network     string
}

func (Return) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

func refusedReturn() error { return fault.New(fault.Denied, "error.federation") }

// EndFederation takes somebody back from the provider. For who was to be linked it
// returns linked; else a ticket, which stands for one factor for ten minutes.
func (s *Service) EndFederation(ctx context.Context, r Return) (ticket string, linked bool, err error) {
	if s.Federation == nil {
		return "", false, fault.New(fault.NotFound, "error.notfound")
	}
	ticket, linked, err = s.cameBack(ctx, r)
	if fault.Is(err, fault.Denied) && s.Line.note("federation/"+r.Network, s.Now()) { // anybody can send these
		if lerr := s.notFederated(ctx); lerr != nil {
			return "", false, lerr
		}
	}
	return ticket, linked, err
}

func (s *Service) cameBack(ctx context.Context, r Return) (ticket string, linked bool, err error) {
	if r.State == "" || r.State != r.Kept || r.Code == "" {
		return "", false, refusedReturn()
	}
	c, err := s.takeChallenge(ctx, forFederation, r.State)
	if errors.Is(err, errPasskey) {
		return "", false, refusedReturn()
	}
	if err != nil {
		return "", false, err
	}
	var j journey
	if err := json.Unmarshal(c.Data, &j); err != nil {
		return "", false, fmt.Errorf("reading a challenge: %w", err)
	}
	subject, err := s.Federation.subject(ctx, r.Code, j)
	if err != nil {
		return "", false, err
	}
	if j.Link != uuid.Nil {
		return "", true, s.link(ctx, j.Link, subject)
	}
	acc, err := s.Store.Federated(ctx, s.Federation.Issuer, subject)
	if fault.Is(err, fault.NotFound) {
		return "", false, fault.New(fault.Denied, "error.federation.unlinked")
	}
	if err != nil {
		return "", false, fmt.Errorf("looking up who it is: %w", err)
	}
	t := keys.NewToken()
	err = s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		return tx.PutChallenge(Challenge{challengeHash(t.Secret()), forTicket, acc, []byte("{}"), s.Now().Add(ticketLife)}, s.Now())
	})
	return t.Secret(), false, err
}

// claims are what tells who somebody is, and what he is there.
type claims struct {
	Subject      string `json:"sub"`
	Affiliations many   `json:"eduperson_affiliation"`
	Scoped       many   `json:"eduperson_scoped_affiliation"`
	Roles        many   `json:"roles"`
}

// many is one word or a list of them: providers differ.
type many []string

func (m *many) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*m = strings.Fields(one)
		return nil
	}
	var list []string
	err := json.Unmarshal(b, &list)
	*m = list
	return err
}

// student reports whether an affiliation says that this is a pupil or student.
func (c claims) student() bool {
	for _, list := range []many{c.Affiliations, c.Scoped, c.Roles} {
		for _, a := range list {
			word, _, _ := strings.Cut(strings.ToLower(a), "@")
			if word == "student" || word == "pupil" || word == "leerling" {
				return true
			}
		}
	}
	return false
}

// subject exchanges the code and checks what the provider says: signature, issuer,
// audience, nonce, time, and that it is no student.
func (f *Federation) subject(ctx context.Context, code string, j journey) (string, error) {
	ctx = calling(ctx)
	p, err := f.discover(ctx)
	if err != nil {
		return "", err
	}
	token, err := f.config(p).Exchange(ctx, code, oauth2.VerifierOption(j.Verifier))
	if err != nil {
		return "", refusedReturn()
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.Verifier(&oidc.Config{ClientID: f.ClientID}).Verify(ctx, raw)
	if err != nil || id.Nonce != j.Nonce || id.Subject == "" {
		return "", refusedReturn()
	}
	var c claims
	if err := id.Claims(&c); err != nil {
		return "", refusedReturn()
	}
	if c.student() {
		return "", fault.New(fault.Denied, "error.federation.student")
	}
	if p.UserInfoEndpoint() == "" {
		return id.Subject, nil
	}
	info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil || info.Subject != id.Subject {
		return "", refusedReturn()
	}
	if err := info.Claims(&c); err != nil {
		return "", refusedReturn()
	}
	if c.student() {
		return "", fault.New(fault.Denied, "error.federation.student")
	}
	return id.Subject, nil
}

// notFederated writes the line of somebody who came back from the provider and was not
// let in: whom zat does not know, a student, a way back that is not ours.
func (s *Service) notFederated(ctx context.Context) error {
	err := s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		return s.Log.Append(tx, uuid.Nil, audit.By(account.Actor{}, audit.SignedIn, audit.ObjAccount, uuid.Nil).For(audit.PurposeSignIn, "federation").Refused("not-let-in"))
	})
	if err != nil {
		return fmt.Errorf("recording a failed sign-in: %w", err)
	}
	return nil
}

// link ties the person of the provider to an account, in the place of an earlier one.
func (s *Service) link(ctx context.Context, acc uuid.UUID, subject string) error {
	members, err := s.Store.MembersOf(ctx, acc)
	if err != nil {
		return fmt.Errorf("looking up memberships: %w", err)
	}
	return s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		free, err := tx.PutFederation(s.Federation.Issuer, subject, acc, s.Now())
		if err != nil {
			return err
		}
		if !free {
			return fault.New(fault.Conflict, "error.federation.used")
		}
		return s.everywhere(tx, members, audit.LinkMade)
	})
}

// Unlink takes the tie away.
func (s *Service) Unlink(ctx context.Context, a account.Actor) error {
	members, err := s.Store.MembersOf(ctx, a.Account)
	if err != nil {
		return fmt.Errorf("looking up memberships: %w", err)
	}
	return s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		if err := tx.DropFederation(a.Account); err != nil {
			return err
		}
		return s.everywhere(tx, members, audit.LinkRemoved)
	})
}

// everywhere writes a line of a change of the account in the log of each team that it
// is a member of.
func (s *Service) everywhere(tx Tx, members []account.Member, e audit.Event) error {
	for _, m := range members {
		if err := s.Log.Append(tx, m.Team, ownLine(actorOf(m), e)); err != nil {
			return err
		}
	}
	return nil
}

// ticketed returns the account that a ticket is for, or fails with fault.Signed.
func (s *Service) ticketed(ctx context.Context, ticket string) (Credentials, error) {
	none := fault.New(fault.Signed, "error.federation.late")
	c, err := s.Store.Challenge(ctx, challengeHash(ticket))
	if fault.Is(err, fault.NotFound) || (err == nil && (c.Kind != forTicket || s.Now().After(c.Until))) {
		return Credentials{}, none
	}
	if err != nil {
		return Credentials{}, fmt.Errorf("reading a ticket: %w", err)
	}
	return s.Store.CredentialsOf(ctx, c.Account)
}

// byTicket signs in who came from the provider, with his password in the place of
// password and code. The ticket is used up by it.
func (s *Service) byTicket(ctx context.Context, a Attempt) (Entry, error) {
	cred, err := s.ticketed(ctx, a.Ticket)
	if err != nil {
		return Entry{}, err
	}
	slow, err := s.throttleOf(ctx, cred.Account.Email, cred.Account.ID, a)
	if err != nil {
		return Entry{}, err
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
	if errors.Is(err, keys.ErrPassword) {
		if err := s.failed(ctx, cred, true, slow, err); !fault.Is(err, fault.Invalid) {
			return Entry{}, err
		}
		return Entry{}, fault.At("password", "error.current")
	}
	if err != nil {
		return Entry{}, err
	}
	clear(totp)
	return s.enter(ctx, cred, proof{id, 0, AuthFederated}, slow, a)
}
