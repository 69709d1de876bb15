// Package staff sets up teams and their people: who is invited, who joined,
// and who gives whom the keys that go with a role.
//
// It promises that nobody gets keys by an invitation alone: a newcomer makes
// his own keys when he joins, and a coordinator, who holds the vaults, gives
// him access after that. The administrator invites and cannot give access.
package staff

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/keys"
	"zat/fault"
	"zat/pseudonym/guard"
)

// InvitationLife is how long a link to join works.
const InvitationLife = 24 * time.Hour

// Invitation is an invitation as the store keeps it: the hash of its link.
type Invitation struct {
	Hash   []byte
	Member uuid.UUID
	Until  time.Time
}

// Store keeps teams and members.
type Store interface {
	grant.BackingSource
	Rescue(ctx context.Context, id uuid.UUID) (Rescue, error)
	RescueByLink(ctx context.Context, hash []byte) (Rescue, error)
	// RescuesOf lists the team's recoveries that were begun or done since, newest first.
	RescuesOf(ctx context.Context, team uuid.UUID, since time.Time) ([]Rescue, error)
	Team(ctx context.Context, id uuid.UUID) (account.Team, error)
	// CredentialsByEmail fails with fault.NotFound for an address without keys.
	CredentialsByEmail(ctx context.Context, email string) (signin.Credentials, error)
	Members(ctx context.Context, team uuid.UUID) ([]account.Member, error)
	Member(ctx context.Context, id uuid.UUID) (account.Member, error)
	Organisations(ctx context.Context, team uuid.UUID) ([]account.Organisation, error)
	Invitation(ctx context.Context, hash []byte) (Invitation, error)
	// HasKeys reports whether an account has keys.
	HasKeys(ctx context.Context, acc uuid.UUID) (bool, error)
	GrantsOf(ctx context.Context, member uuid.UUID) ([]grant.Grant, error)
	// OpenCases returns the vaults of the team's cases that are not closed.
	OpenCases(ctx context.Context, team uuid.UUID) ([]uuid.UUID, error)
	// Duties lists the open cases in which a member leads or has open agreements.
	Duties(ctx context.Context, member uuid.UUID) ([]Duty, error)
	UpdateStaff(ctx context.Context, fn func(Tx) error) error
}

// Tx changes them.
type Tx interface {
	audit.Tx
	grant.Writer
	InsertTeam(t account.Team) error
	UpdateTeam(t account.Team) error
	UpdateOrganisation(o account.Organisation) error
	InsertPasskey(k signin.Passkey) error
	InsertRescue(r Rescue) error
	// MoveRescue stores a recovery that was in that state; it reports false when it
	// was not any more.
	MoveRescue(r Rescue, from RescueState) (bool, error)
	// StopRescues stops a member's recoveries that go on.
	StopRescues(member uuid.UUID) error
	// UsePaper records that a team's recovery identity was typed in.
	UsePaper(team uuid.UUID, at time.Time) error
	// LeaveOpen ends sessions, passkeys and drafts of an account whose keys were
	// replaced, and lets its memberships but one wait for a new invitation. It
	// returns those.
	LeaveOpen(acc, but uuid.UUID) ([]account.Member, error)
	MarkStale(vault uuid.UUID, since time.Time) error
	PutPaper(p grant.Paper) error
	KeepPaper(team uuid.UUID) error
	InsertOrganisation(o account.Organisation) error
	AccountByEmail(email string) (uuid.UUID, error)
	HasKeys(acc uuid.UUID) (bool, error)
	// InTeam reports whether an account has a membership of a team, taken or not.
	InTeam(acc, team uuid.UUID) (bool, error)
	SetJoined(member uuid.UUID, at time.Time) error
	// InsertAccount fails with fault.Conflict when the address is in use.
	InsertAccount(a account.Account) error
	PutDevice(acc uuid.UUID, hash []byte, at time.Time) error
	PutRecovery(acc uuid.UUID, lock keys.CodeLock, at time.Time) error
	SetCredentials(acc uuid.UUID, recipient string, lock keys.PasswordLock) error
	// DropFederation takes away what ties an account to an organisation's sign-in.
	DropFederation(acc uuid.UUID) error
	InsertMember(m account.Member) error
	InsertInvitation(i Invitation) error
	// DropInvitations deletes the invitations of a member.
	DropInvitations(member uuid.UUID) error
	Member(id uuid.UUID) (account.Member, error)
	GrantsOf(member uuid.UUID) ([]grant.Grant, error)
	Duties(member uuid.UUID) ([]Duty, error)
	// HeldBy lists the vaults for which a member has a grant.
	HeldBy(member uuid.UUID) ([]Held, error)
	// EndVisits ends the sessions of an account, in all its teams.
	EndVisits(acc uuid.UUID) error
	// SetRole gives a member another role. His sessions in the team end; one who does
	// not take part in talks any more leaves the sessions that are planned.
	SetRole(m account.Member, role account.Role) error
	// HandOver gives the open agreements and the leads of a member to another.
	HandOver(from, to uuid.UUID) error
	// CoordinatorsBut counts the coordinators, but one, who can open the register.
	CoordinatorsBut(team, member uuid.UUID) (int, error)
	// EndDisclosuresTo deletes the names disclosed to a member and returns the cases.
	EndDisclosuresTo(member uuid.UUID) ([]uuid.UUID, error)
	// EndMember ends a membership with its sessions, grants, drafts, invitations
	// and open questions, and returns the vaults he could open. They wait for new
	// keys from then on.
	EndMember(m account.Member, at time.Time) ([]grant.Vault, error)
	// TakeInvitation deletes an invitation; it reports false when it was gone.
	TakeInvitation(hash []byte) (bool, error)
}

// Service manages staff.
type Service struct {
	Store Store
	Log   *audit.Log
	Guard *guard.Watch
	// Passkeys checks what browsers answer.
	Passkeys *signin.Service
	Now      func() time.Time
	Cost     keys.Cost
	Line     *signin.Line
}

// Invitee is somebody to be invited.
type Invitee struct {
	Name, Email  string
	Role         account.Role
	Organisation string
	External     bool
}

func (Invitee) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// Invited is what the inviter gets: a link that works once.
type Invited struct {
	Member account.Member
	Token  keys.Token
}

// Invite makes a member without keys and a link with which he can join.
func (s *Service) Invite(ctx context.Context, a account.Actor, in Invitee) (Invited, error) {
	line := audit.By(a, audit.MemberInvited, audit.ObjMember, uuid.Nil).For(audit.PurposeManage, "")
	if err := s.Log.Require(ctx, a, account.InviteMembers, line); err != nil {
		return Invited{}, err
	}
	if !MayInvite(a, in.Role) {
		return Invited{}, fault.At("role", "error.role.admin")
	}
	orgs, err := s.Store.Organisations(ctx, a.Team)
	if err != nil {
		return Invited{}, fmt.Errorf("reading organisations: %w", err)
	}
	p, err := s.prepare(a.Team, in, orgs)
	if err != nil {
		return Invited{}, err
	}
	line.Object, line.Part = p.member.ID, string(p.member.Role)
	err = s.Store.UpdateStaff(ctx, func(tx Tx) error {
		if err := p.insert(tx); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
	if fault.Is(err, fault.Conflict) {
		return Invited{}, fault.At("email", "error.email.used")
	}
	return Invited{p.member, p.token}, err
}

// MayInvite reports whether the actor may invite somebody in this role. A coordinator
// invites who sits at the table; who audits her and who manages accounts she does not
// choose.
func MayInvite(a account.Actor, role account.Role) bool {
	return a.May(account.ManageMembers) || (a.May(account.InviteMembers) && role.AtTable())
}

// InviteAgain makes a new link for somebody who did not join; earlier ones stop
// working.
func (s *Service) InviteAgain(ctx context.Context, a account.Actor, member uuid.UUID) (Invited, error) {
	line := audit.By(a, audit.MemberInvited, audit.ObjMember, member).For(audit.PurposeManage, "again")
	if err := s.Log.Require(ctx, a, account.InviteMembers, line); err != nil {
		return Invited{}, err
	}
	m, err := s.Store.Member(ctx, member)
	if err != nil && !isNotFound(err) {
		return Invited{}, fmt.Errorf("reading member: %w", err)
	}
	if err != nil || m.Team != a.Team || m.Joined() || !m.Ended.IsZero() || !MayInvite(a, m.Role) {
		return Invited{}, s.Log.Deny(ctx, a.Team, line, "no-invitee", fault.NotFound)
	}
	token := keys.NewToken()
	err = s.Store.UpdateStaff(ctx, func(tx Tx) error {
		if err := tx.DropInvitations(m.ID); err != nil {
			return err
		}
		if err := tx.InsertInvitation(Invitation{token.Hash(), m.ID, s.Now().Add(InvitationLife)}); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
	return Invited{m, token}, err
}

// prepared is an invitation that only has to be stored.
type prepared struct {
	member account.Member
	org    *account.Organisation // nil when it exists
	token  keys.Token
	until  time.Time
	now    time.Time
}

func (s *Service) prepare(team uuid.UUID, in Invitee, orgs []account.Organisation) (prepared, error) {
	var errs fault.List
	name, err := account.ParseName("name", in.Name)
	errs.Add(err)
	email, err := account.ParseEmail(in.Email)
	errs.Add(err)
	role, err := account.ParseRole(string(in.Role))
	errs.Add(err)
	orgName, err := account.ParseName("organisation", in.Organisation)
	errs.Add(err)
	if err := errs.Err(); err != nil {
		return prepared{}, err
	}
	p := prepared{token: keys.NewToken(), now: s.Now(), until: s.Now().Add(InvitationLife)}
	p.member = account.Member{ID: uuid.New(), Account: uuid.New(), Team: team, Role: role, Name: name, Email: email, OrgName: orgName, External: in.External}
	for _, o := range orgs {
		if o.Name == orgName {
			p.member.Organisation, p.member.External = o.ID, o.External
			return p, nil
		}
	}
	p.org = &account.Organisation{ID: uuid.New(), Team: team, Name: orgName, External: in.External}
	p.member.Organisation = p.org.ID
	return p, nil
}

func (p prepared) insert(tx Tx) error {
	if p.org != nil {
		if err := tx.InsertOrganisation(*p.org); err != nil {
			return err
		}
	}
	acc, err := p.account(tx)
	if err != nil {
		return err
	}
	p.member.Account = acc
	if err := tx.InsertMember(p.member); err != nil {
		return err
	}
	return tx.InsertInvitation(Invitation{p.token.Hash(), p.member.ID, p.until})
}

// account returns the account of the address: one person has one, however many
// teams he is in. Whoever invites does not learn that there was one.
func (p prepared) account(tx Tx) (uuid.UUID, error) {
	acc, err := tx.AccountByEmail(p.member.Email)
	if isNotFound(err) {
		acc = p.member.Account
		return acc, tx.InsertAccount(account.Account{ID: acc, Email: p.member.Email, Name: p.member.Name, Created: p.now})
	}
	if err != nil {
		return acc, err
	}
	in, err := tx.InTeam(acc, p.member.Team)
	if err == nil && in {
		err = fault.New(fault.Conflict, "error.email.used")
	}
	return acc, err
}

// Members lists the members of the actor's team.
func (s *Service) Members(ctx context.Context, a account.Actor) ([]account.Member, error) {
	line := audit.By(a, audit.RouteRefused, audit.ObjPage, uuid.Nil).For(audit.PurposeManage, "members")
	if err := s.Log.Require(ctx, a, account.SeeTeam, line); err != nil {
		return nil, err
	}
	return s.Store.Members(ctx, a.Team)
}
