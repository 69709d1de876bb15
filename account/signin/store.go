package signin

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/keys"
)

// Credentials is what the store keeps of somebody who can sign in.
type Credentials struct {
	Account  account.Account
	Lock     keys.PasswordLock
	LastStep int64 // last TOTP step used: a code works once
}

// HasPassword reports whether the account has a password beside its passkeys.
func (c Credentials) HasPassword() bool { return len(c.Lock.Verifier) > 0 }

// Session is a signed-in browser, as the store keeps it.
type Session struct {
	Hash    []byte
	Ref     string // for the log; not the token
	Account uuid.UUID
	Member  uuid.UUID
	Box     []byte // identity, sealed for the token; nil once the session ended
	CSRF    string
	Auth    string
	Agent   string
	Created time.Time
	Seen    time.Time
	Proved  time.Time // when he last proved who he is
	Ended   bool
	Covered bool      // locked by its owner
	Touched time.Time // when he last did something himself
	HasPIN  bool
	Policy  account.Policy // of its team, as it stands now
}

// Store keeps accounts, sessions, devices and failures.
type Store interface {
	grant.Source
	GrantsOf(ctx context.Context, member uuid.UUID) ([]grant.Grant, error)
	// CredentialsByEmail fails with fault.NotFound for an unknown address.
	CredentialsByEmail(ctx context.Context, email string) (Credentials, error)
	CredentialsOf(ctx context.Context, acc uuid.UUID) (Credentials, error)
	// Invited returns the member whom a link invites, and until when.
	Invited(ctx context.Context, hash []byte) (account.Member, time.Time, error)
	// Recovery returns the lock of an account's recovery code, and since when.
	Recovery(ctx context.Context, acc uuid.UUID) (keys.CodeLock, time.Time, error)
	// VisitsOf returns the sessions of an account that were not ended, newest first.
	VisitsOf(ctx context.Context, acc uuid.UUID) ([]Session, error)
	StrangeDevices(ctx context.Context, acc uuid.UUID, since time.Time) ([]SessionRow, error)
	// MembersOf returns the memberships of an account that it took and that have
	// not ended, earliest first.
	MembersOf(ctx context.Context, acc uuid.UUID) ([]account.Member, error)
	Member(ctx context.Context, id uuid.UUID) (account.Member, error)
	// Passkeys lists the passkeys of an account, oldest first.
	Passkeys(ctx context.Context, acc uuid.UUID) ([]Passkey, error)
	// Federated returns whose account a person of a provider is, or fails with
	// fault.NotFound.
	Federated(ctx context.Context, issuer, subject string) (uuid.UUID, error)
	// FederationOf reports since when an account is linked to the issuer; zero: it is
	// not.
	FederationOf(ctx context.Context, acc uuid.UUID, issuer string) (time.Time, error)
	Challenge(ctx context.Context, hash []byte) (Challenge, error)
	// Passkey fails with fault.NotFound for an id that nobody has.
	Passkey(ctx context.Context, id []byte) (Passkey, error)
	// HadToken reports whether a session of the member has or had this form token.
	HadToken(ctx context.Context, member uuid.UUID, csrf string) (bool, error)
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
	// RenewVisit gives a session another token, and a proof; false when it has ended.
	RenewVisit(old, hash, box []byte, proved time.Time) (bool, error)
	// PutFederation links an account to a person of a provider; false when that is
	// another account's already.
	PutFederation(issuer, subject string, acc uuid.UUID, at time.Time) (bool, error)
	DropFederation(acc uuid.UUID) error
	// PutGrant fails with fault.Busy when the vault has another key by now.
	PutGrant(g grant.Grant) error
	// ReplaceGrant reports false when the one that was read ended or changed meanwhile.
	ReplaceGrant(was, g grant.Grant) (bool, error)
	MarkStale(vault uuid.UUID, since time.Time) error
	DropPasskeys(acc uuid.UUID) error
	InsertPasskey(k Passkey) error
	UsePasskey(id, credential []byte, at time.Time) error
	// DeletePasskey reports false when the account has no passkey of this reference.
	DeletePasskey(acc uuid.UUID, ref string) (bool, error)
	// PasskeysThatOpen counts the passkeys that open the account's keys.
	PasskeysThatOpen(acc uuid.UUID) (int, error)
	// PutChallenge keeps a challenge and forgets those that are over. It fails with
	// fault.Busy when too many are open.
	PutChallenge(c Challenge, now time.Time) error
	// TakeChallenge deletes a challenge and returns it, or fails with fault.NotFound.
	TakeChallenge(hash []byte) (Challenge, error)
	// TakeInvitation deletes an invitation; it reports false when it was gone.
	TakeInvitation(hash []byte) (bool, error)
	SetJoined(member uuid.UUID, at time.Time) error
	TouchVisit(hash []byte, seen time.Time) error
	// UseVisit is TouchVisit for what its owner did himself.
	UseVisit(hash []byte, at time.Time) error
	// CoverVisit locks a session, or lifts its cover.
	CoverVisit(hash []byte, covered bool, at time.Time) error
	SetPIN(hash, tag []byte) error
	// TryPIN counts a try and returns the PIN's tag and how many there were since the cover
	// was lifted last.
	TryPIN(hash []byte) (tag []byte, tries int, err error)
	// EndVisit ends a session; it reports false when it had ended.
	EndVisit(hash []byte) (bool, error)
	EndVisits(acc uuid.UUID) error
	EndVisitsBut(acc uuid.UUID, hash []byte) error
	// EndVisitOf ends a session of an account by its reference.
	EndVisitOf(acc uuid.UUID, ref string) (bool, error)
	// SameKeys reports whether an account still has the keys and the password that were
	// read.
	SameKeys(c Credentials) (bool, error)
	SetCredentials(acc uuid.UUID, recipient string, lock keys.PasswordLock) error
	PutRecovery(acc uuid.UUID, lock keys.CodeLock, at time.Time) error
	DropRecovery(acc uuid.UUID) error
	// TakeRecovery uses up the recovery code that was read; it reports false when that
	// was done, or another took its place.
	TakeRecovery(acc uuid.UUID, lock keys.CodeLock) (bool, error)
	InsertStrange(acc uuid.UUID, r SessionRow) error
	DropStrange(acc uuid.UUID) error
	// EndIdleVisits ends the sessions that are over by their team's policy.
	EndIdleVisits(now time.Time) error
	PutDevice(acc uuid.UUID, hash []byte, at time.Time) error
	DropDevice(acc uuid.UUID, hash []byte) error
	AddFailure(key []byte, at time.Time) error
	ClearFailures(key []byte) error
	InsertDraft(d Draft) error
	// DeleteDraft deletes a member's own draft; it reports false when there is none.
	DeleteDraft(id, member uuid.UUID) (bool, error)
}
