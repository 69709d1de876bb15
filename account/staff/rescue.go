package staff

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/keys"
	"zat/crypto/seal"
	"zat/fault"
	"zat/pseudonym/guard"
)

// RescueState is how far a recovery by two is.
type RescueState string

const (
	RescueAsked     RescueState = "asked"     // the member has a link
	RescueTaken     RescueState = "taken"     // he made new keys, which open nothing yet
	RescueConfirmed RescueState = "confirmed" // a second person saw him; the paper is still to be typed
	RescueDone      RescueState = "done"
	RescueStopped   RescueState = "stopped"
)

// Rescue is a recovery by two of a member who lost every way in: one asks, the
// member makes new keys, another confirms that it was he, and one of the two types
// the team's recovery identity from paper. Nothing changes before all of that, and
// neither of the two gets to see what the member reads.
type Rescue struct {
	ID          uuid.UUID
	Team        uuid.UUID
	Member      uuid.UUID
	State       RescueState
	AskedBy     uuid.UUID
	ConfirmedBy uuid.UUID
	At          time.Time
	Done        time.Time
	Link        []byte // hash of the member's link
	Until       time.Time
	Recipient   string // of the new keys
	Lock        keys.PasswordLock
	Code        keys.CodeLock
}

// Open reports whether it still goes on.
func (r Rescue) Open(now time.Time) bool {
	return (r.State == RescueAsked || r.State == RescueTaken || r.State == RescueConfirmed) && now.Before(r.Until)
}

// Life of a rescue: the link as an invitation, the rest of it as long again.
const rescueLife = 2 * InvitationLife

// CheckCode returns the twelve digits by which two people compare new keys by voice.
// Each costs a run of Argon2id: finding other keys with the same digits takes
// thousands of years of computing.
func CheckCode(recipient string, cost keys.Cost) string {
	n := binary.BigEndian.Uint64(keys.Digest("zat/v1/check/"+recipient, cost)) % 1_000_000_000_000
	return fmt.Sprintf("%03d %03d %03d %03d", n/1_000_000_000, n/1_000_000%1000, n/1000%1000, n%1000)
}

// AskRescue begins a recovery of a member who lost every way in, and returns the
// link with which he makes new keys. One that was begun before stops.
func (s *Service) AskRescue(ctx context.Context, a account.Actor, member uuid.UUID, reason guard.Draft) (Invited, error) {
	line := audit.By(a, audit.RescueAsked, audit.ObjMember, member).For(audit.PurposeManage, "")
	m, err := s.rescuable(ctx, a, member, line)
	if err != nil {
		return Invited{}, err
	}
	if line.Reason, err = s.reason(ctx, a, member, reason); err != nil {
		return Invited{}, err
	}
	token, now := keys.NewToken(), s.Now()
	r := Rescue{ID: uuid.New(), Team: a.Team, Member: m.ID, State: RescueAsked, AskedBy: a.Member, At: now, Link: token.Hash(), Until: now.Add(rescueLife)}
	err = s.Store.UpdateStaff(ctx, func(tx Tx) error {
		if err := tx.StopRescues(m.ID); err != nil {
			return err
		}
		if err := tx.InsertRescue(r); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
	return Invited{m, token}, err
}

// rescuable returns the member, if the actor may begin a recovery of him.
func (s *Service) rescuable(ctx context.Context, a account.Actor, member uuid.UUID, line audit.Line) (account.Member, error) {
	if err := s.Log.Require(ctx, a, account.Rescue, line); err != nil {
		return account.Member{}, err
	}
	if err := s.atTable(ctx, a, line); err != nil {
		return account.Member{}, err
	}
	m, err := s.Store.Member(ctx, member)
	if err != nil && !isNotFound(err) {
		return m, fmt.Errorf("reading member: %w", err)
	}
	if err != nil || m.Team != a.Team || !m.Active() || m.Account == a.Account {
		return m, s.Log.Deny(ctx, a.Team, line, "no-member", fault.NotFound)
	}
	return m, nil
}

// Colleagues lists those of whom the actor can begin a recovery.
func (s *Service) Colleagues(ctx context.Context, a account.Actor) ([]account.Member, error) {
	line := audit.By(a, audit.RouteRefused, audit.ObjPage, uuid.Nil).For(audit.PurposeManage, "rescue")
	if err := s.Log.Require(ctx, a, account.Rescue, line); err != nil {
		return nil, err
	}
	members, err := s.Store.Members(ctx, a.Team)
	if err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	var out []account.Member
	for _, m := range members {
		if m.Active() && m.Account != a.Account {
			out = append(out, m)
		}
	}
	return out, nil
}

// reason clears a typed reason and seals it to the readers of reasons.
func (s *Service) reason(ctx context.Context, a account.Actor, object uuid.UUID, d guard.Draft) (seal.Sealed, error) {
	text, _, err := s.Guard.Clear(ctx, a.Team, "reason", d, 500)
	if err != nil {
		return nil, err
	}
	v, err := s.Store.TeamVault(ctx, a.Team, grant.Reasons)
	if err != nil {
		return nil, fmt.Errorf("reading vault: %w", err)
	}
	return seal.Seal(seal.ReasonHeader(a.Team, v.ID, object, a.Member), seal.NewText(text), v.Recipient)
}

// RescueOf returns whom a link lets make new keys. It fails with fault.NotFound for
// a link that is unknown, used or too old.
func (s *Service) RescueOf(ctx context.Context, token string) (Rescue, account.Member, error) {
	gone := fault.New(fault.NotFound, "error.invitation")
	t, err := keys.ParseToken(token)
	if err != nil {
		return Rescue{}, account.Member{}, gone
	}
	r, err := s.Store.RescueByLink(ctx, t.Hash())
	if isNotFound(err) || (err == nil && (r.State != RescueAsked || s.Now().After(r.At.Add(InvitationLife)))) {
		return r, account.Member{}, gone
	}
	if err != nil {
		return r, account.Member{}, fmt.Errorf("reading recovery: %w", err)
	}
	m, err := s.Store.Member(ctx, r.Member)
	if err == nil && !m.Active() {
		err = gone
	}
	return r, m, err
}

// TakeRescue makes the member's new keys, and returns the digits that he tells the
// one who confirms. They open nothing yet, and what he had goes on until then.
func (s *Service) TakeRescue(ctx context.Context, j Joining) (check string, err error) {
	r, m, err := s.RescueOf(ctx, j.Token)
	if err != nil {
		return "", err
	}
	j.Passkey = signin.Enrolment{} // new keys by password and phone; passkeys can follow
	code, err := s.checkJoining(j, m)
	if err != nil {
		return "", err
	}
	made, err := s.makeKeys(ctx, m.Account, j.Password, j.TOTPSecret, code)
	if err != nil {
		return "", err
	}
	r.Recipient, r.Lock, r.Code, r.State = made.id.Recipient(), made.lock, made.recovery, RescueTaken
	a := account.Actor{Account: m.Account, Member: m.ID, Team: m.Team, Organisation: m.Organisation, Role: m.Role, Auth: "invitation"}
	err = s.Store.UpdateStaff(ctx, func(tx Tx) error {
		moved, err := tx.MoveRescue(r, RescueAsked)
		if err != nil {
			return err
		}
		if !moved {
			return fault.New(fault.NotFound, "error.invitation")
		}
		return s.Log.Append(tx, m.Team, audit.By(a, audit.RescueTaken, audit.ObjMember, m.ID).For(audit.PurposeManage, ""))
	})
	if err != nil {
		return "", err
	}
	return s.digits(ctx, r.Recipient)
}

// digits returns the digits of a key, in its turn for Argon2id.
func (s *Service) digits(ctx context.Context, recipient string) (string, error) {
	leave, err := s.Line.Slot(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return CheckCode(recipient, s.Cost), nil
}

// atTable refuses who has a role at the table and was never given its access: whoever
// invites people must not be able to make the two who recover a third.
func (s *Service) atTable(ctx context.Context, a account.Actor, line audit.Line) error {
	_, _, err := grant.EnterTeam(ctx, s.Store, a, grant.Team, s.Now())
	if isNotFound(err) {
		return s.Log.Deny(ctx, a.Team, line, "no-access", fault.Denied)
	}
	return err
}

// pair checks, in the change that rests on it, that the two who recover are two people
// of the team, still in it, and neither is the member himself.
func pair(tx Tx, r Rescue, m account.Member, confirmer uuid.UUID) error {
	gone := fault.New(fault.Conflict, "error.rescue.gone")
	first, err := tx.Member(r.AskedBy)
	if err != nil {
		return err
	}
	second, err := tx.Member(confirmer)
	if err != nil {
		return err
	}
	for _, x := range []account.Member{first, second} {
		if !x.Active() || x.Team != r.Team || x.Account == m.Account || !x.Role.May(account.Rescue) {
			return gone
		}
	}
	if first.Account == second.Account {
		return gone
	}
	return nil
}

// RescueRow is a rescue with the people in it.
type RescueRow struct {
	Rescue
	Person, Asker, Confirmer string
}

// noticeFor is how long the whole team sees that somebody's access was recovered.
const noticeFor = 14 * 24 * time.Hour

// Rescues lists the recoveries of the actor's team that go on or were done in the
// last two weeks, newest first. Everybody in the team may know of them.
func (s *Service) Rescues(ctx context.Context, a account.Actor) ([]RescueRow, error) {
	list, err := s.Store.RescuesOf(ctx, a.Team, s.Now().Add(-noticeFor))
	if err != nil {
		return nil, fmt.Errorf("reading recoveries: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	members, err := s.Store.Members(ctx, a.Team)
	if err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	name := map[uuid.UUID]string{}
	for _, m := range members {
		name[m.ID] = m.Name
	}
	var out []RescueRow
	for _, r := range list {
		if r.Open(s.Now()) || r.State == RescueDone {
			r.Lock, r.Code = keys.PasswordLock{}, keys.CodeLock{}
			out = append(out, RescueRow{r, name[r.Member], name[r.AskedBy], name[r.ConfirmedBy]})
		}
	}
	return out, nil
}

// RescueIn returns one recovery of the actor's team that goes on.
func (s *Service) RescueIn(ctx context.Context, a account.Actor, id uuid.UUID) (RescueRow, error) {
	line := audit.By(a, audit.RescueConfirmed, audit.ObjMember, uuid.Nil).For(audit.PurposeManage, "")
	if err := s.Log.Require(ctx, a, account.Rescue, line); err != nil {
		return RescueRow{}, err
	}
	list, err := s.Rescues(ctx, a)
	if err != nil {
		return RescueRow{}, err
	}
	for _, r := range list {
		if r.ID == id && r.Open(s.Now()) {
			return r, nil
		}
	}
	return RescueRow{}, s.Log.Deny(ctx, a.Team, line, "no-rescue", fault.NotFound)
}

// StopRescue ends a recovery before it is done: the member himself, who still has a
// way in, or one who could confirm it.
func (s *Service) StopRescue(ctx context.Context, a account.Actor, id uuid.UUID) error {
	line := audit.By(a, audit.RescueStopped, audit.ObjMember, uuid.Nil).For(audit.PurposeManage, "")
	r, err := s.Store.Rescue(ctx, id)
	if err != nil && !isNotFound(err) {
		return fmt.Errorf("reading recovery: %w", err)
	}
	if err != nil || r.Team != a.Team || (r.Member != a.Member && !a.May(account.Rescue)) {
		return s.Log.Deny(ctx, a.Team, line, "no-rescue", fault.NotFound)
	}
	line.Object = r.Member
	return s.Store.UpdateStaff(ctx, func(tx Tx) error {
		if err := tx.StopRescues(r.Member); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

func sameCode(typed, code string) bool {
	return strings.ReplaceAll(typed, " ", "") == strings.ReplaceAll(code, " ", "")
}
