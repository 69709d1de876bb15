package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/account/staff"
	"zat/audit"
	"zat/crypto/keys"
	"zat/fault"
)

// UpdateSignIn runs a change of signing in.
func (s *Store) UpdateSignIn(ctx context.Context, fn func(signin.Tx) error) error {
	return s.update(ctx, func(tx *Tx) error { return fn(tx) })
}

// UpdateStaff runs a change of teams and members.
func (s *Store) UpdateStaff(ctx context.Context, fn func(staff.Tx) error) error {
	return s.update(ctx, func(tx *Tx) error { return fn(tx) })
}

// UpdateLog runs a change that only appends lines.
func (s *Store) UpdateLog(ctx context.Context, fn func(audit.Tx) error) error {
	return s.update(ctx, func(tx *Tx) error { return fn(tx) })
}

// Team returns a team.
func (s *Store) Team(ctx context.Context, id uuid.UUID) (account.Team, error) {
	return one(ctx, s, scanTeam, teamSelect+`WHERE id = $1`, id)
}

// Teams returns all teams of the installation.
func (s *Store) Teams(ctx context.Context) ([]account.Team, error) {
	return many(ctx, s, scanTeam, teamSelect+`ORDER BY created, id`)
}

const teamSelect = `SELECT id, name, school, consent_rule, passkey, idle, length, log_years, created FROM team `

func scanTeam(r scanner) (t account.Team, err error) {
	return t, r.Scan(&t.ID, &t.Name, &t.School, &t.ConsentRule, &t.Policy.Passkey, in{&t.Policy.Idle, time.Minute}, in{&t.Policy.Length, time.Hour}, &t.LogYears, at{&t.Created})
}

// in reads a whole number of units as a duration.
type in struct {
	d    *time.Duration
	unit time.Duration
}

func (i in) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a duration of type %T", v)
	}
	*i.d = time.Duration(n) * i.unit
	return nil
}

// UpdateTeam changes what a team is called and its settings.
func (t *Tx) UpdateTeam(v account.Team) error {
	return t.run(`UPDATE team SET name = $2, school = $3, consent_rule = $4, passkey = $5, idle = $6, length = $7, log_years = $8 WHERE id = $1`,
		v.ID, v.Name, v.School, string(v.ConsentRule), v.Policy.Passkey, int64(v.Policy.Idle/time.Minute), int64(v.Policy.Length/time.Hour), v.LogYears)
}

// UpdateOrganisation changes what is known of an organisation; whether it is a
// partner stays.
func (t *Tx) UpdateOrganisation(o account.Organisation) error {
	return t.run(`UPDATE organisation SET name = $3, controller = $4, convenant = $5 WHERE id = $1 AND team = $2`, o.ID, o.Team, o.Name, string(o.Controller), o.Convenant)
}

// Organisations returns the organisations of a team by name.
func (s *Store) Organisations(ctx context.Context, team uuid.UUID) ([]account.Organisation, error) {
	return many(ctx, s, func(r scanner) (o account.Organisation, err error) {
		return o, r.Scan(&o.ID, &o.Team, &o.Name, &o.External, &o.Controller, &o.Convenant)
	}, `SELECT id, team, name, external, controller, convenant FROM organisation WHERE team = $1 ORDER BY external, name`, team)
}

// ownRecipient is a member's recipient, once he took his invitation.
const ownRecipient = `CASE WHEN m.joined > 0 THEN a.recipient ELSE '' END`

// ownName is a member's name, once he took his invitation. Until then an account that
// others know shows no more than the address that somebody typed: inviting an
// address must not tell whose it is.
const ownName = `CASE WHEN m.joined = 0 AND a.recipient <> '' THEN a.email ELSE a.name END`

const memberSelect = `SELECT m.id, m.account, m.team, m.organisation, o.name, o.external, m.role, ` + ownName + `, a.email, ` + ownRecipient + `, m.ended
	FROM member m JOIN account a ON a.id = m.account JOIN organisation o ON o.id = m.organisation `

func scanMember(r scanner) (m account.Member, err error) {
	return m, r.Scan(&m.ID, &m.Account, &m.Team, &m.Organisation, &m.OrgName, &m.External, &m.Role, &m.Name, &m.Email, &m.Recipient, at{&m.Ended})
}

// Member returns a member.
func (s *Store) Member(ctx context.Context, id uuid.UUID) (account.Member, error) {
	return one(ctx, s, scanMember, memberSelect+`WHERE m.id = $1`, id)
}

// Members returns the members of a team, by name.
func (s *Store) Members(ctx context.Context, team uuid.UUID) ([]account.Member, error) {
	return many(ctx, s, scanMember, memberSelect+`WHERE m.team = $1 ORDER BY a.name, m.id`, team)
}

// MembersOf returns the memberships of an account that it took and that have not
// ended, earliest first.
func (s *Store) MembersOf(ctx context.Context, acc uuid.UUID) ([]account.Member, error) {
	return many(ctx, s, scanMember, memberSelect+`WHERE m.account = $1 AND m.ended = 0 AND m.joined > 0 ORDER BY m.joined, m.id`, acc)
}

// CredentialsByEmail returns what checks a password, for an account with keys.
func (s *Store) CredentialsByEmail(ctx context.Context, email string) (signin.Credentials, error) {
	return one(ctx, s, scanCredentials, credentialsSelect+`WHERE email = $1 AND recipient <> ''`, email)
}

// CredentialsOf is CredentialsByEmail by the account itself.
func (s *Store) CredentialsOf(ctx context.Context, acc uuid.UUID) (signin.Credentials, error) {
	return one(ctx, s, scanCredentials, credentialsSelect+`WHERE id = $1 AND recipient <> ''`, acc)
}

const credentialsSelect = `SELECT id, email, name, recipient, salt, memory, passes, threads, verifier, identity, totp, last_step, created FROM account `

func scanCredentials(r scanner) (c signin.Credentials, err error) {
	a, l := &c.Account, &c.Lock
	return c, r.Scan(&a.ID, &a.Email, &a.Name, &a.Recipient, &l.Salt, &l.Cost.MemoryKiB, &l.Cost.Time, &l.Cost.Threads, &l.Verifier, &l.Identity, &l.TOTP, &c.LastStep, at{&a.Created})
}

// Visit returns a session by the hash of its token.
func (s *Store) Visit(ctx context.Context, hash []byte) (signin.Session, error) {
	return one(ctx, s, scanVisit, visitSelect+`WHERE v.hash = $1`, hash)
}

const visitSelect = `SELECT v.hash, v.ref, v.account, v.member, v.box, v.csrf, v.auth, v.agent, v.created, v.seen, v.proved, v.ended, v.covered, v.touched, v.pin IS NOT NULL, t.passkey, t.idle, t.length
	FROM visit v JOIN member m ON m.id = v.member JOIN team t ON t.id = m.team `

func scanVisit(r scanner) (v signin.Session, err error) {
	return v, r.Scan(&v.Hash, &v.Ref, &v.Account, &v.Member, &v.Box, &v.CSRF, &v.Auth, &v.Agent, at{&v.Created}, at{&v.Seen}, at{&v.Proved}, &v.Ended, &v.Covered, at{&v.Touched}, &v.HasPIN,
		&v.Policy.Passkey, in{&v.Policy.Idle, time.Minute}, in{&v.Policy.Length, time.Hour})
}

// VisitsOf returns the sessions of an account that were not ended.
func (s *Store) VisitsOf(ctx context.Context, acc uuid.UUID) ([]signin.Session, error) {
	return many(ctx, s, scanVisit, visitSelect+`WHERE v.account = $1 AND v.ended = 0 ORDER BY v.created DESC, v.ref`, acc)
}

// HadToken reports whether a session of the member has or had this form token.
func (s *Store) HadToken(ctx context.Context, member uuid.UUID, csrf string) (bool, error) {
	n, err := one(ctx, s, scanInt, `SELECT count(*) FROM visit WHERE member = $1 AND csrf = $2`, member, csrf)
	return n > 0, err
}

// KnownDevice reports whether this device signed in to the account before.
func (s *Store) KnownDevice(ctx context.Context, acc uuid.UUID, hash []byte) (bool, error) {
	n, err := one(ctx, s, scanInt, `SELECT count(*) FROM device WHERE account = $1 AND hash = $2`, acc, hash)
	return n > 0, err
}

// Failures counts failed attempts under a key since a moment.
func (s *Store) Failures(ctx context.Context, key []byte, since time.Time) (int, error) {
	n, err := one(ctx, s, scanInt, `SELECT count(*) FROM failure WHERE key = $1 AND at > $2`, key, ms(since))
	return int(n), err
}

func scanDraft(r scanner) (d signin.Draft, err error) {
	return d, r.Scan(&d.ID, &d.Team, &d.Member, &d.Path, &d.Sealed, at{&d.At})
}

// Draft returns a member's own draft.
func (s *Store) Draft(ctx context.Context, id, member uuid.UUID) (signin.Draft, error) {
	return one(ctx, s, scanDraft, `SELECT id, team, member, path, sealed, at FROM draft WHERE id = $1 AND member = $2`, id, member)
}

// Drafts returns a member's drafts, newest first.
func (s *Store) Drafts(ctx context.Context, member uuid.UUID) ([]signin.Draft, error) {
	return many(ctx, s, scanDraft, `SELECT id, team, member, path, sealed, at FROM draft WHERE member = $1 ORDER BY at DESC, id`, member)
}

// Invitation returns an invitation by the hash of its link.
func (s *Store) Invitation(ctx context.Context, hash []byte) (staff.Invitation, error) {
	return one(ctx, s, func(r scanner) (i staff.Invitation, err error) {
		return i, r.Scan(&i.Hash, &i.Member, at{&i.Until})
	}, `SELECT hash, member, until FROM invitation WHERE hash = $1`, hash)
}

// UseStep marks a TOTP step as used.
func (t *Tx) UseStep(acc uuid.UUID, step int64) (bool, error) {
	return t.first(`UPDATE account SET last_step = $2 WHERE id = $1 AND last_step < $2`, acc, step)
}

// InsertVisit stores a session.
func (t *Tx) InsertVisit(v signin.Session) error {
	return t.run(`INSERT INTO visit (hash, ref, account, member, box, csrf, auth, agent, created, seen, proved, touched) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $10)`,
		v.Hash, v.Ref, v.Account, v.Member, v.Box, v.CSRF, v.Auth, v.Agent, ms(v.Created), ms(v.Seen), ms(v.Proved))
}

// TouchVisit records that a session was used.
func (t *Tx) TouchVisit(hash []byte, seen time.Time) error {
	return t.run(`UPDATE visit SET seen = $2 WHERE hash = $1 AND seen < $2`, hash, ms(seen))
}

// UseVisit records that somebody used his session himself.
func (t *Tx) UseVisit(hash []byte, when time.Time) error {
	return t.run(`UPDATE visit SET seen = $2, touched = $2 WHERE hash = $1 AND covered = 0`, hash, ms(when))
}

// CoverVisit locks a session, or lifts its cover.
func (t *Tx) CoverVisit(hash []byte, covered bool, when time.Time) error {
	return t.run(`UPDATE visit SET covered = $2, seen = CASE WHEN $2 THEN seen ELSE $3 END, touched = CASE WHEN $2 THEN touched ELSE $3 END, pin_tries = CASE WHEN $2 THEN pin_tries ELSE 0 END WHERE hash = $1`, hash, covered, ms(when))
}

// SetPIN stores the tag of a session's PIN.
func (t *Tx) SetPIN(hash, tag []byte) error {
	return t.run(`UPDATE visit SET pin = $2, pin_tries = 0 WHERE hash = $1 AND covered = 0`, hash, tag)
}

// TryPIN counts a try.
func (t *Tx) TryPIN(hash []byte) (tag []byte, tries int, err error) {
	err = t.row(`UPDATE visit SET pin_tries = pin_tries + 1 WHERE hash = $1 AND ended = 0 RETURNING pin, pin_tries`, hash).Scan(&tag, &tries)
	if none(err) {
		err = nil
	}
	return tag, tries, err
}

// EndVisit ends a session and wipes its sealed identity.
func (t *Tx) EndVisit(hash []byte) (bool, error) {
	return t.first(`UPDATE visit SET ended = 1, box = NULL WHERE hash = $1 AND ended = 0`, hash)
}

// EndVisits ends all sessions of an account.
func (t *Tx) EndVisits(acc uuid.UUID) error {
	return t.run(`UPDATE visit SET ended = 1, box = NULL WHERE account = $1 AND ended = 0`, acc)
}

// EndVisitsBut ends the sessions of an account but one.
func (t *Tx) EndVisitsBut(acc uuid.UUID, hash []byte) error {
	return t.run(`UPDATE visit SET ended = 1, box = NULL WHERE account = $1 AND ended = 0 AND hash <> $2`, acc, hash)
}

// EndVisitOf ends a session of an account by its reference.
func (t *Tx) EndVisitOf(acc uuid.UUID, ref string) (bool, error) {
	return t.first(`UPDATE visit SET ended = 1, box = NULL WHERE account = $1 AND ref = $2 AND ended = 0`, acc, ref)
}

// keepEnded is how long a session that ended is remembered, for drafts.
const keepEnded = 24 * time.Hour

// EndIdleVisits wipes sessions that are over and forgets old ones and old
// failures.
func (t *Tx) EndIdleVisits(now time.Time) error {
	if err := t.run(`UPDATE visit SET ended = 1, box = NULL WHERE ended = 0 AND EXISTS (SELECT 1 FROM member m JOIN team t ON t.id = m.team
		WHERE m.id = visit.member AND (visit.seen < $1 - t.idle * 60000 OR visit.created < $1 - t.length * 3600000))`, ms(now)); err != nil {
		return err
	}
	if err := t.run(`DELETE FROM failure WHERE at < $1`, ms(now.Add(-keepEnded))); err != nil {
		return err
	}
	return t.run(`DELETE FROM visit WHERE ended = 1 AND seen < $1`, ms(now.Add(-keepEnded)))
}

// PutDevice remembers a device; of one account the ten last used are kept.
func (t *Tx) PutDevice(acc uuid.UUID, hash []byte, when time.Time) error {
	if err := t.run(`INSERT INTO device (account, hash, at) VALUES ($1, $2, $3)`, acc, hash, ms(when)); err != nil {
		return err
	}
	return t.run(`DELETE FROM device WHERE account = $1 AND hash NOT IN (SELECT hash FROM device WHERE account = $1 ORDER BY at DESC LIMIT 10)`, acc)
}

// DropDevice forgets a device.
func (t *Tx) DropDevice(acc uuid.UUID, hash []byte) error {
	return t.run(`DELETE FROM device WHERE account = $1 AND hash = $2`, acc, hash)
}

// AddFailure counts a failed attempt.
func (t *Tx) AddFailure(key []byte, when time.Time) error {
	return t.run(`INSERT INTO failure (key, at) VALUES ($1, $2)`, key, ms(when))
}

// ClearFailures forgets the failed attempts under a key.
func (t *Tx) ClearFailures(key []byte) error { return t.run(`DELETE FROM failure WHERE key = $1`, key) }

// InsertDraft stores a draft.
func (t *Tx) InsertDraft(d signin.Draft) error {
	return t.run(`INSERT INTO draft (id, team, member, path, sealed, at) VALUES ($1, $2, $3, $4, $5, $6)`, d.ID, d.Team, d.Member, d.Path, []byte(d.Sealed), ms(d.At))
}

// DeleteDraft deletes a member's own draft.
func (t *Tx) DeleteDraft(id, member uuid.UUID) (bool, error) {
	return t.first(`DELETE FROM draft WHERE id = $1 AND member = $2`, id, member)
}

// InsertTeam stores a team.
func (t *Tx) InsertTeam(v account.Team) error {
	return t.run(`INSERT INTO team (id, name, school, consent_rule, passkey, idle, length, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		v.ID, v.Name, v.School, string(v.ConsentRule), v.Policy.Passkey, int64(v.Policy.Idle/time.Minute), int64(v.Policy.Length/time.Hour), ms(v.Created))
}

// InsertOrganisation stores an organisation.
func (t *Tx) InsertOrganisation(o account.Organisation) error {
	return t.run(`INSERT INTO organisation (id, team, name, external) VALUES ($1, $2, $3, $4)`, o.ID, o.Team, o.Name, o.External)
}

// InsertAccount stores an account without keys.
func (t *Tx) InsertAccount(a account.Account) error {
	_, err := t.exec(`INSERT INTO account (id, email, name, created) VALUES ($1, $2, $3, $4)`, a.ID, a.Email, a.Name, ms(a.Created))
	if err != nil && strings.Contains(err.Error(), "UNIQUE") {
		return fault.New(fault.Conflict, "error.email.used")
	}
	return err
}

// SetCredentials stores an account's keys.
func (t *Tx) SetCredentials(acc uuid.UUID, recipient string, l keys.PasswordLock) error {
	return t.run(`UPDATE account SET keep = CASE WHEN recipient = $2 THEN keep ELSE '' END, recipient = $2, salt = $3, memory = $4, passes = $5, threads = $6, verifier = $7, identity = $8, totp = $9 WHERE id = $1`,
		acc, recipient, l.Salt, l.Cost.MemoryKiB, l.Cost.Time, l.Cost.Threads, l.Verifier, l.Identity, l.TOTP)
}

// SameKeys reports whether an account still has the keys and the password that were read.
func (t *Tx) SameKeys(c signin.Credentials) (bool, error) {
	n := 0
	err := t.row(`SELECT count(*) FROM account WHERE id = $1 AND recipient = $2 AND coalesce(verifier, x'') = coalesce($3, x'')`,
		c.Account.ID, c.Account.Recipient, c.Lock.Verifier).Scan(&n)
	return n > 0, err
}

// InsertMember stores a membership.
func (t *Tx) InsertMember(m account.Member) error {
	return t.run(`INSERT INTO member (id, account, team, organisation, role) VALUES ($1, $2, $3, $4, $5)`, m.ID, m.Account, m.Team, m.Organisation, string(m.Role))
}

// SetJoined records that the owner of an account took an invitation.
func (t *Tx) SetJoined(member uuid.UUID, when time.Time) error {
	return t.run(`UPDATE member SET joined = $2 WHERE id = $1 AND joined = 0`, member, ms(when))
}

// AccountByEmail returns the account with this address.
func (t *Tx) AccountByEmail(email string) (id uuid.UUID, err error) {
	err = t.row(`SELECT id FROM account WHERE email = $1`, email).Scan(&id)
	if none(err) {
		err = fault.New(fault.NotFound, "error.notfound")
	}
	return id, err
}

// HasKeys reports whether an account has keys.
func (s *Store) HasKeys(ctx context.Context, acc uuid.UUID) (bool, error) {
	n, err := one(ctx, s, scanInt, hasKeysSelect, acc)
	return n > 0, err
}

// HasKeys is Store.HasKeys as this change sees it.
func (t *Tx) HasKeys(acc uuid.UUID) (bool, error) {
	n := 0
	err := t.row(hasKeysSelect, acc).Scan(&n)
	return n > 0, err
}

const hasKeysSelect = `SELECT count(*) FROM account WHERE id = $1 AND recipient <> ''`

// Invited returns the member whom a link invites, and until when.
func (s *Store) Invited(ctx context.Context, hash []byte) (account.Member, time.Time, error) {
	i, err := s.Invitation(ctx, hash)
	if err != nil {
		return account.Member{}, time.Time{}, err
	}
	m, err := s.Member(ctx, i.Member)
	return m, i.Until, err
}

// InTeam reports whether an account has a membership of a team that has not ended,
// taken or not.
func (t *Tx) InTeam(acc, team uuid.UUID) (bool, error) {
	n := 0
	err := t.row(`SELECT count(*) FROM member WHERE account = $1 AND team = $2 AND ended = 0`, acc, team).Scan(&n)
	return n > 0, err
}

// InsertInvitation stores an invitation.
func (t *Tx) InsertInvitation(i staff.Invitation) error {
	return t.run(`INSERT INTO invitation (hash, member, until) VALUES ($1, $2, $3)`, i.Hash, i.Member, ms(i.Until))
}

// DropInvitations deletes the invitations of a member.
func (t *Tx) DropInvitations(member uuid.UUID) error {
	return t.run(`DELETE FROM invitation WHERE member = $1`, member)
}

// TakeInvitation deletes an invitation; false when it was gone.
func (t *Tx) TakeInvitation(hash []byte) (bool, error) {
	return t.first(`DELETE FROM invitation WHERE hash = $1`, hash)
}
