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
)

// Founding is what a new team needs: its names, and the first coordinator, who
// makes the vaults and holds their keys.
type Founding struct {
	Team, School string
	Consent      account.ConsentRule
	Name, Email  string
	Password     string
	TOTPSecret   string
	Invite       []Invitee // the administrator and the officer, at least
}

func (Founding) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// Founded is what came of it.
type Founded struct {
	Team     account.Team
	Actor    account.Actor     // the first coordinator, with his opened key
	Recovery keys.RecoveryCode // his, to be printed
	Paper    *keys.Identity    // the team's recovery identity, to be printed
	Invited  []Invited
	Known    bool // the coordinator has an account already: password, phone and code stay
}

// vaultKinds are the vaults that every team has from the start.
var vaultKinds = []grant.Kind{grant.Register, grant.Inbox, grant.Team, grant.Reasons}

// Found sets up a team.
func (s *Service) Found(ctx context.Context, f Founding) (Founded, error) {
	p, all, err := s.parseFounding(f)
	if err != nil {
		return Founded{}, err
	}
	made, known, err := s.founderKeys(ctx, &p, f)
	if err != nil {
		return Founded{}, err
	}
	id := made.id
	p.member.Recipient = id.Recipient()
	paper, err := keys.Generate()
	if err != nil {
		return Founded{}, err
	}
	behind := grant.Backing{ID: uuid.New(), Recipient: paper.Recipient()}
	team := account.Team{ID: p.member.Team, Name: f.Team, School: f.School, ConsentRule: f.Consent, Policy: account.DefaultPolicy(), Created: s.Now()}
	actor := account.Actor{Account: p.member.Account, Member: p.member.ID, Team: team.ID, Organisation: p.member.Organisation,
		Role: account.Coordinator, Name: p.member.Name, Auth: "setup", Session: "setup", Key: id}
	err = s.Store.UpdateStaff(ctx, func(tx Tx) error { return s.insertTeam(tx, team, p, all, actor, made, known, behind) })
	if err != nil {
		return Founded{}, fmt.Errorf("setting up the team: %w", err)
	}
	out := Founded{Team: team, Actor: actor, Recovery: made.code, Paper: paper, Known: known}
	for _, q := range all {
		out.Invited = append(out.Invited, Invited{q.member, q.token})
	}
	return out, nil
}

// founderKeys returns the keys of the first coordinator: new ones, or those of the
// account that he has, opened with his password.
func (s *Service) founderKeys(ctx context.Context, p *prepared, f Founding) (made madeKeys, known bool, err error) {
	cred, err := s.Store.CredentialsByEmail(ctx, p.member.Email)
	if isNotFound(err) {
		made, err := s.makeKeys(ctx, p.member.Account, f.Password, f.TOTPSecret, keys.NewRecoveryCode())
		return made, false, err
	}
	if err != nil {
		return made, false, fmt.Errorf("looking up an account: %w", err)
	}
	leave, err := s.Line.Slot(ctx)
	if err != nil {
		return made, false, err
	}
	defer leave()
	id, totp, err := cred.Lock.Unlock(f.Password, cred.Account.ID.String())
	if err != nil {
		return made, false, fault.At("password", "error.current")
	}
	clear(totp)
	p.member.Account = cred.Account.ID
	return madeKeys{id: id}, true, nil
}

// KeepPaper records that the team's recovery identity is on paper: its end was typed
// back. It fails with fault.Invalid when something else was.
func (s *Service) KeepPaper(ctx context.Context, f Founded, typed string) error {
	if !keys.PaperEndsWith(f.Paper, typed) {
		return fault.At("typed", "error.recovery.typed")
	}
	return s.Store.UpdateStaff(ctx, func(tx Tx) error { return tx.KeepPaper(f.Team.ID) })
}

func (s *Service) parseFounding(f Founding) (prepared, []prepared, error) {
	var errs fault.List
	_, err := account.ParseName("team", f.Team)
	errs.Add(err)
	_, err = account.ParseName("school", f.School)
	errs.Add(err)
	errs.Add(signin.CheckPassword(f.Password, f.Name, f.Email, f.School))
	if f.Consent != account.ConsentStrict && f.Consent != account.ConsentSchool {
		errs.Add(fault.At("consent", "error.choice"))
	}
	team := uuid.New()
	first, err := s.prepare(team, Invitee{f.Name, f.Email, account.Coordinator, f.School, false}, nil)
	errs.Add(err)
	if err := errs.Err(); err != nil {
		return prepared{}, nil, err
	}
	orgs := []account.Organisation{*first.org}
	var all []prepared
	for _, in := range f.Invite {
		p, err := s.prepare(team, in, orgs)
		if err != nil {
			return prepared{}, nil, err
		}
		if p.org != nil {
			orgs = append(orgs, *p.org)
		}
		all = append(all, p)
	}
	return first, all, nil
}

func (s *Service) insertTeam(tx Tx, team account.Team, first prepared, all []prepared, a account.Actor, made madeKeys, known bool, behind grant.Backing) error {
	if err := tx.InsertTeam(team); err != nil {
		return err
	}
	if err := tx.InsertOrganisation(*first.org); err != nil {
		return err
	}
	if !known {
		if err := tx.InsertAccount(account.Account{ID: a.Account, Email: first.member.Email, Name: first.member.Name, Created: s.Now()}); err != nil {
			return err
		}
		if err := made.insert(tx, a.Account, s.Now()); err != nil {
			return err
		}
	}
	if err := tx.InsertMember(first.member); err != nil {
		return err
	}
	if err := tx.SetJoined(first.member.ID, s.Now()); err != nil {
		return err
	}
	lines := []audit.Line{audit.By(a, audit.TeamCreated, audit.ObjTeam, team.ID).For(audit.PurposeManage, "")}
	for _, k := range vaultKinds {
		l, err := s.insertVault(tx, a, k, behind)
		if err != nil {
			return err
		}
		lines = append(lines, l)
	}
	if err := tx.PutPaper(grant.Paper{Team: team.ID, ID: behind.ID, Made: s.Now(), MadeBy: a.Member}); err != nil {
		return err
	}
	lines = append(lines, audit.By(a, audit.PaperMade, audit.ObjTeam, team.ID).For(audit.PurposeManage, ""))
	for _, p := range all {
		if err := p.insert(tx); err != nil {
			return err
		}
		lines = append(lines, audit.By(a, audit.MemberInvited, audit.ObjMember, p.member.ID).For(audit.PurposeManage, string(p.member.Role)))
	}
	// The installation's own log begins here too: from now on it is never empty.
	if err := s.Log.Append(tx, uuid.Nil, audit.By(account.Actor{}, audit.TeamCreated, audit.ObjTeam, team.ID).For(audit.PurposeManage, "")); err != nil {
		return err
	}
	return s.Log.Append(tx, team.ID, lines...)
}

func (s *Service) insertVault(tx Tx, a account.Actor, k grant.Kind, behind grant.Backing) (audit.Line, error) {
	v, key, err := grant.NewVault(a.Team, k, s.Now())
	if err != nil {
		return audit.Line{}, err
	}
	g, err := grant.Give(v, key, grant.Grant{Member: a.Member, By: a.Member, Why: "role", From: s.Now()}, a.Key.Recipient())
	if err != nil {
		return audit.Line{}, err
	}
	back, err := behind.Back(v, key, a.Member, s.Now())
	if err != nil {
		return audit.Line{}, err
	}
	if err := tx.InsertVault(v); err != nil {
		return audit.Line{}, err
	}
	if err := tx.PutBacking(back); err != nil {
		return audit.Line{}, err
	}
	return audit.By(a, audit.KeyMade, audit.ObjVault, v.ID).For(audit.PurposeManage, string(k)), tx.PutGrant(g)
}

// madeKeys is a new identity with the two ways to it.
type madeKeys struct {
	id       *keys.Identity
	lock     keys.PasswordLock
	code     keys.RecoveryCode
	recovery keys.CodeLock
}

func (k madeKeys) insert(tx Tx, acc uuid.UUID, now time.Time) error {
	if err := tx.SetCredentials(acc, k.id.Recipient(), k.lock); err != nil {
		return err
	}
	return tx.PutRecovery(acc, k.recovery, now)
}

// makeKeys makes an identity and locks it with the password, in its turn, and with
// the recovery code.
func (s *Service) makeKeys(ctx context.Context, acc uuid.UUID, password, totp string, code keys.RecoveryCode) (madeKeys, error) {
	leave, err := s.Line.Slot(ctx)
	if err != nil {
		return madeKeys{}, err
	}
	defer leave()
	k := madeKeys{code: code}
	if k.id, err = keys.Generate(); err != nil {
		return k, err
	}
	if k.lock, err = keys.LockWithPassword(password, acc.String(), s.Cost, k.id, []byte(totp)); err != nil {
		return k, err
	}
	k.recovery, err = keys.LockWithCode(code, acc.String(), k.id, []byte(totp))
	return k, err
}

// Joining is what a newcomer gives.
type Joining struct {
	Token      string
	Password   string
	Again      string
	TOTPSecret string
	Code       string
	Recovery   string // his recovery code, as the page showed it
	Typed      string // its last group, typed back
	Device     string // device cookie of the browser, if it has one
	// Passkey is one that he made in the place of password and phone; without a
	// credential there is none.
	Passkey signin.Enrolment
}

// byPasskey reports whether somebody joins with a passkey and no password.
func (j Joining) byPasskey() bool { return len(j.Passkey.Credential) > 0 && j.Password == "" }

func (Joining) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// Invitation returns the member that a link invites. It fails with
// fault.NotFound for a link that is unknown, used or too old.
func (s *Service) Invitation(ctx context.Context, token string) (account.Member, error) {
	gone := fault.New(fault.NotFound, "error.invitation")
	t, err := keys.ParseToken(token)
	if err != nil {
		return account.Member{}, gone
	}
	inv, err := s.Store.Invitation(ctx, t.Hash())
	if fault.Is(err, fault.NotFound) || (err == nil && s.Now().After(inv.Until)) {
		return account.Member{}, gone
	}
	if err != nil {
		return account.Member{}, fmt.Errorf("reading invitation: %w", err)
	}
	m, err := s.Store.Member(ctx, inv.Member)
	if err == nil && (m.Joined() || !m.Ended.IsZero()) {
		err = gone
	}
	return m, err
}

// Known reports whether whom a link invites has keys already, of another team: then
// he takes the invitation by signing in.
func (s *Service) Known(ctx context.Context, m account.Member) (bool, error) {
	return s.Store.HasKeys(ctx, m.Account)
}

// checkJoining checks what somebody gives to make keys, and returns his recovery code.
func (s *Service) checkJoining(j Joining, m account.Member) (keys.RecoveryCode, error) {
	var errs fault.List
	if !j.byPasskey() {
		errs.Add(signin.CheckPassword(j.Password, m.Name, m.Email))
		if j.Password != j.Again {
			errs.Add(fault.At("again", "error.password.again"))
		}
		if len(j.TOTPSecret) != 32 || !signin.CheckTOTP(j.TOTPSecret, j.Code, s.Now()) {
			errs.Add(fault.At("code", "error.totp"))
		}
	}
	code, err := signin.TypedBack(j.Recovery, j.Typed)
	errs.Add(err)
	return code, errs.Err()
}

// newcomerKeys makes the newcomer's identity, locked with his password and code, or
// with the passkey that he made.
func (s *Service) newcomerKeys(ctx context.Context, j Joining, m account.Member, code keys.RecoveryCode) (madeKeys, []signin.Passkey, error) {
	if !j.byPasskey() {
		made, err := s.makeKeys(ctx, m.Account, j.Password, j.TOTPSecret, code)
		return made, nil, err
	}
	id, err := keys.Generate()
	if err != nil {
		return madeKeys{}, nil, err
	}
	made := madeKeys{id: id, code: code, lock: keys.NoPassword(s.Cost)}
	if made.recovery, err = keys.LockWithCode(code, m.Account.String(), id, nil); err != nil {
		return made, nil, err
	}
	k, err := s.Passkeys.First(ctx, account.Account{ID: m.Account, Email: m.Email, Name: m.Name}, j.Passkey, id)
	return made, []signin.Passkey{k}, err
}

// BeginPasskey returns what the browser of somebody who was invited needs to make a
// passkey.
func (s *Service) BeginPasskey(ctx context.Context, token string, site signin.Site) ([]byte, error) {
	m, err := s.Invitation(ctx, token)
	if err != nil {
		return nil, err
	}
	return s.Passkeys.BeginFirst(ctx, account.Account{ID: m.Account, Email: m.Email, Name: m.Name}, site)
}

// Join makes the newcomer's keys. After it he can sign in, and still opens
// nothing until a coordinator gives him access. The browser is known from now on.
func (s *Service) Join(ctx context.Context, j Joining) (signin.Devices, error) {
	m, err := s.Invitation(ctx, j.Token)
	if err != nil {
		return nil, err
	}
	code, err := s.checkJoining(j, m)
	if err != nil {
		return nil, err
	}
	t, err := keys.ParseToken(j.Token)
	if err != nil {
		return nil, err
	}
	made, passkey, err := s.newcomerKeys(ctx, j, m, code)
	if err != nil {
		return nil, err
	}
	device := signin.NewDevice(j.Device)
	a := account.Actor{Account: m.Account, Member: m.ID, Team: m.Team, Organisation: m.Organisation, Role: m.Role, Auth: "invitation"}
	return device, s.Store.UpdateStaff(ctx, func(tx Tx) error {
		taken, err := tx.TakeInvitation(t.Hash())
		if err != nil {
			return err
		}
		if !taken {
			return fault.New(fault.NotFound, "error.invitation")
		}
		has, err := tx.HasKeys(m.Account)
		if err != nil {
			return err
		}
		if has { // he signs in with those to take the invitation
			return fault.New(fault.Conflict, "error.invitation.keys")
		}
		if err := made.insert(tx, m.Account, s.Now()); err != nil {
			return err
		}
		for _, k := range passkey {
			if err := tx.InsertPasskey(k); err != nil {
				return err
			}
		}
		if err := tx.SetJoined(m.ID, s.Now()); err != nil {
			return err
		}
		if err := tx.PutDevice(m.Account, device.Newest().Hash(), s.Now()); err != nil {
			return err
		}
		return s.Log.Append(tx, m.Team, audit.By(a, audit.MemberJoined, audit.ObjMember, m.ID).For(audit.PurposeManage, ""))
	})
}
