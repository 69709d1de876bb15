package meeting

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/seal"
	"zat/pseudonym"
)

// Access is a case with one member's way into it.
type Access struct {
	Case    Case
	Vault   grant.Vault
	Grant   grant.Grant
	Granted bool
}

// Way is what adding to a case asks for. Nothing of it opens anything.
type Way struct {
	Team      uuid.UUID
	Phase     Phase
	Revision  int64
	Recipient string
	Granted   bool
	From      time.Time // of the grant
	Until     time.Time
	Basis     uuid.UUID
}

// Participant is a member with a grant for a case.
type Participant struct {
	Member account.Member
	Until  time.Time
	Basis  uuid.UUID
	Why    string
}

// Store keeps what this package tells of. All of it fails with fault.NotFound
// for what is not there. Lists of items come newest first.
type Store interface {
	grant.BackingSource
	Team(ctx context.Context, id uuid.UUID) (account.Team, error)
	Member(ctx context.Context, id uuid.UUID) (account.Member, error)
	Members(ctx context.Context, team uuid.UUID) ([]account.Member, error)
	Organisations(ctx context.Context, team uuid.UUID) ([]account.Organisation, error)

	CaseAccess(ctx context.Context, id, member uuid.UUID) (Access, error)
	Cases(ctx context.Context, q CaseQuery) ([]CaseRow, error)
	PseudonymUsed(ctx context.Context, team uuid.UUID, n pseudonym.Name) (bool, error)
	// WordInUse reports whether an open case of the team has this word.
	WordInUse(ctx context.Context, team uuid.UUID, word string) (bool, error)
	Bases(ctx context.Context, c uuid.UUID) ([]Basis, error)
	Participants(ctx context.Context, vault uuid.UUID) ([]Participant, error)
	Due(ctx context.Context, team uuid.UUID, until time.Time) ([]Case, error)

	Items(ctx context.Context, vault uuid.UUID) ([]Item, error)
	Item(ctx context.Context, id uuid.UUID) (Item, error)
	// KindItems returns the items of a vault of some kinds.
	KindItems(ctx context.Context, vault uuid.UUID, kinds ...ItemKind) ([]Item, error)
	// OpenAgreements returns agreements not yet done in vaults for which the
	// member has a grant, soonest first; only his own with mine.
	OpenAgreements(ctx context.Context, team, member uuid.UUID, mine bool, now time.Time) ([]Item, error)
	DomainCounts(ctx context.Context, team uuid.UUID, from, until time.Time) (map[Domain]int, error)

	Inbox(ctx context.Context, q InboxQuery) ([]InboxSignal, error)
	InboxSignal(ctx context.Context, id uuid.UUID) (InboxSignal, error)

	Questions(ctx context.Context, q QuestionQuery) ([]RecognitionRow, error)

	Session(ctx context.Context, id uuid.UUID) (Session, error)
	Sessions(ctx context.Context, q SessionQuery) ([]Session, error)
	Points(ctx context.Context, session uuid.UUID) ([]Point, error)
	Attendees(ctx context.Context, session uuid.UUID) ([]Attendee, error)
	// Hands returns who wants to speak, in order.
	Hands(ctx context.Context, session uuid.UUID) ([]Hand, error)
	// Without returns who is left out of the points of a session, by point.
	Without(ctx context.Context, session uuid.UUID) (map[uuid.UUID]map[uuid.UUID]bool, error)
	// Candidates returns the open cases with what may bring them on an agenda.
	Candidates(ctx context.Context, team uuid.UUID, today time.Time) ([]Candidate, error)
	Holidays(ctx context.Context, team uuid.UUID) ([]Holiday, error)
	// ToConfirm returns closed sessions whose draft minutes wait for a member, newest first.
	ToConfirm(ctx context.Context, team, member uuid.UUID) ([]Session, error)
	// Confirmations returns when members confirmed their part of the minutes.
	Confirmations(ctx context.Context, session uuid.UUID) (map[uuid.UUID]time.Time, error)
	// Keepers returns the public halves of members' keys for files.
	Keepers(ctx context.Context, team uuid.UUID) (map[uuid.UUID]string, error)
	// Numbers counts what happened in a team from one day until another.
	Numbers(ctx context.Context, team uuid.UUID, from, until, today time.Time) (Numbers, error)
	// Digests returns who is to hear what waits for him, with how much.
	Digests(ctx context.Context, before, now time.Time) ([]Digest, error)
	WantsDigest(ctx context.Context, member uuid.UUID) (bool, error)
	// LogHead returns the newest signed checkpoint of the team's log.
	LogHead(ctx context.Context, team uuid.UUID) ([]byte, error)

	UpdateMeeting(ctx context.Context, fn func(Tx) error) error
}

// Tx changes it, in one durable transaction.
type Tx interface {
	audit.Tx
	grant.Writer
	// Way returns what a member needs to add to a case, as this transaction sees
	// it: nothing can be revoked between the look and the change.
	Way(c, member uuid.UUID) (Way, error)
	// AdvanceCase counts a settlement about an open case; it reports false when
	// its revision is not the given one any more.
	AdvanceCase(c uuid.UUID, revision int64) (bool, error)
	InsertCase(c Case) error
	InsertLink(c, team uuid.UUID, sealed seal.Sealed) error
	// TakePseudonym marks a name as used for ever; it reports false when it was.
	TakePseudonym(team uuid.UUID, n pseudonym.Name) (bool, error)
	SetPhase(c uuid.UUID, p Phase) error
	SetDomains(c uuid.UUID, d []Domain) error
	SetLead(c, member uuid.UUID, evaluateOn time.Time) error
	CloseCase(c uuid.UUID, at time.Time) error
	InsertBasis(b Basis) error
	WithdrawBasis(id uuid.UUID, at time.Time) error
	// EndDisclosures deletes the disclosures of a case on a basis and to a member,
	// where uuid.Nil means any, and returns to whom they were.
	EndDisclosures(c, basis, member uuid.UUID) ([]uuid.UUID, error)
	// DropGrants deletes the grants that ended before now and returns them.
	DropGrants(now time.Time) ([]grant.Grant, error)

	// StoredItem returns the item with this id, if there is one.
	StoredItem(id uuid.UUID) (it Item, found bool, err error)
	// InsertItem stores an item; it reports false when its id is in use.
	InsertItem(it Item) (bool, error)
	// NewestItem returns the id of the newest item of a kind at a point, uuid.Nil
	// for none.
	NewestItem(vault, point uuid.UUID, k ItemKind) (uuid.UUID, error)
	// NextSeq takes the next sequence number of a vault; like Touch it fails when
	// the vault has another key than v says.
	NextSeq(v grant.Vault) (uint64, error)
	// FinishAgreement marks an agreement as done; it reports false when it was.
	FinishAgreement(id, by uuid.UUID, at time.Time) (bool, error)
	// DropAgreement marks one as withdrawn; it reports false when it was done with.
	DropAgreement(id, by uuid.UUID, at time.Time) (bool, error)

	InsertInbox(item uuid.UUID) error
	// JudgeInbox settles a new signal; it reports false when somebody else did.
	JudgeInbox(j Judgement) (bool, error)

	// InsertQuestion stores a question; it reports false when it was there.
	InsertQuestion(q Recognition) (bool, error)
	AnswerQuestion(id uuid.UUID, by uuid.UUID, sealed seal.Sealed, at time.Time) (bool, error)
	PassQuestion(id, from, to uuid.UUID) (bool, error)

	Session(id uuid.UUID) (Session, error)
	Points(session uuid.UUID) ([]Point, error)
	InsertSession(s Session) error
	PutAttendee(t Attendee) error
	// DropAttendee takes somebody off the list of those invited.
	DropAttendee(session, member uuid.UUID) error
	SetScribe(session, member uuid.UUID) error
	// CancelSession calls a planned session off; it reports false when it is not planned.
	CancelSession(id uuid.UUID) (bool, error)
	// Arrive marks somebody invited as present; it reports false when the chair said
	// otherwise.
	Arrive(session, member uuid.UUID) (bool, error)
	// RaiseHand keeps that somebody wants to speak.
	RaiseHand(session, member uuid.UUID, at time.Time) error
	// LowerHand takes a hand down; uuid.Nil means all of the session.
	LowerHand(session, member uuid.UUID) error
	// InsertPoint stores a point; it reports false when its id is in use.
	InsertPoint(p Point) (bool, error)
	// DeletePoint deletes a point that did not start; it reports false when it did.
	DeletePoint(id uuid.UUID) (bool, error)
	// DeletePlanned deletes the points of a case that did not start, on every
	// agenda of a session that is not closed, and returns those sessions.
	DeletePlanned(c uuid.UUID) ([]uuid.UUID, error)
	UpdatePoint(p Point) error
	// AdvanceSession stores the session if its revision is still the given one;
	// it reports false when somebody else changed it first.
	AdvanceSession(s Session, revision int64) (bool, error)
	// MoveSession gives a planned session another time; it reports false when it
	// started.
	MoveSession(id uuid.UUID, starts, ends time.Time) (bool, error)
	// LeaveOut keeps a member out of a point.
	LeaveOut(p Point, member uuid.UUID) error
	LetBack(p Point, member uuid.UUID) error
	InsertHoliday(h Holiday) (bool, error)
	DeleteHoliday(team, id uuid.UUID) (bool, error)
	Confirm(session, member uuid.UUID, at time.Time) error
	Unconfirm(session uuid.UUID) error
	// FixMinutes fixes the minutes of a closed session; it reports false when they were.
	FixMinutes(session, by uuid.UUID, at time.Time) (bool, error)
	// KeepRoles keeps the roles in which those invited attended.
	KeepRoles(session uuid.UUID) error
	SetKeeper(member uuid.UUID, recipient string) error
	SetDigest(member uuid.UUID, on bool) error
	SetDigested(member uuid.UUID, at time.Time) error
	SetCheckpoint(session uuid.UUID, note []byte) error
	InsertCheckpoint(team uuid.UUID, note []byte, at time.Time) error
}
