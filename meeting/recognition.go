package meeting

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/seal"
	"zat/fault"
	"zat/pseudonym"
)

// Recognition is the question "ken je deze jongere?" to one youth worker.
type Recognition struct {
	ID       uuid.UUID
	Team     uuid.UUID
	Case     uuid.UUID
	AskedBy  uuid.UUID
	AskedOf  uuid.UUID // who is to answer now
	First    uuid.UUID // who was asked first
	At       time.Time
	Answered time.Time
	By       uuid.UUID
	Sealed   seal.Sealed // the answer, for the coordinators alone
}

// RecognitionRow is a question with what its reader may know of the case.
type RecognitionRow struct {
	Recognition
	Pseudonym pseudonym.Name
	Band      pseudonym.AgeBand
	Domains   []Domain
	Disclosed bool   // the name was disclosed to whom it was asked
	Answer    Answer // opened for a coordinator only
}

// Answer is what a youth worker says.
type Answer string

const (
	KnowsWell   Answer = "yes"
	KnowsByFace Answer = "group"
	KnowsNot    Answer = "no"
)

// Answers lists the answers.
func Answers() []Answer { return []Answer{KnowsWell, KnowsByFace, KnowsNot} }

// QuestionQuery asks for open questions to a member, or all about a case.
type QuestionQuery struct {
	Team   uuid.UUID
	Of     uuid.UUID
	Case   uuid.UUID
	ID     uuid.UUID
	Now    time.Time
	Opened bool // only those without an answer
}

// AskRecognition asks a youth worker whether he knows the youngster. He learns
// the pseudonym, age band and life domains; a name only by a disclosure.
func (s *Service) AskRecognition(ctx context.Context, a account.Actor, c, once, member uuid.UUID) error {
	line := audit.By(a, audit.QuestionAsked, audit.ObjQuestion, once).On(c, audit.RelCoordinator).For(audit.PurposeCare, "")
	line.OnBehalf = member
	e, err := s.manage(ctx, a, c, line)
	if err != nil {
		return err
	}
	if err := checkOnce(once); err != nil {
		return err
	}
	m, err := s.Store.Member(ctx, member)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err != nil || m.Team != a.Team || !m.Role.May(account.AnswerQuestions) || !m.Joined() {
		return fault.At("member", "error.member")
	}
	missing, held, _, err := s.missing(ctx, c, []account.Member{m})
	if err != nil {
		return err
	}
	if !held || len(missing) > 0 {
		return fault.At("member", "error.uncovered", m.OrgName)
	}
	q := Recognition{ID: once, Team: a.Team, Case: e.ID, AskedBy: a.Member, AskedOf: m.ID, First: m.ID, At: s.Now()}
	return s.settle(ctx, a, e, line, func(tx Tx) error {
		if fresh, err := tx.InsertQuestion(q); err != nil {
			return err
		} else if !fresh {
			return errSent
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// MyQuestions lists the open questions to the actor. Reading them is a line for
// each case, since a question tells that a youngster is discussed.
func (s *Service) MyQuestions(ctx context.Context, a account.Actor) ([]RecognitionRow, error) {
	line := audit.By(a, audit.QuestionRead, audit.ObjQuestion, uuid.Nil).For(audit.PurposeCare, "")
	if err := s.Log.Require(ctx, a, account.AnswerQuestions, line); err != nil {
		return nil, err
	}
	rows, err := s.Store.Questions(ctx, QuestionQuery{Team: a.Team, Of: a.Member, Opened: true, Now: s.Now()})
	if err != nil {
		return nil, fmt.Errorf("reading questions: %w", err)
	}
	lines := make([]audit.Line, len(rows))
	for i, q := range rows {
		lines[i] = audit.By(a, audit.QuestionRead, audit.ObjQuestion, q.ID).On(q.Case, audit.RelAsked).For(audit.PurposeCare, "")
	}
	_, err = s.Log.LookAll(ctx, a.Team, lines)
	return rows, err
}

// CountQuestions counts the open questions to the actor, without reading them.
func (s *Service) CountQuestions(ctx context.Context, a account.Actor) (int, error) {
	if !a.May(account.AnswerQuestions) {
		return 0, nil
	}
	rows, err := s.Store.Questions(ctx, QuestionQuery{Team: a.Team, Of: a.Member, Opened: true, Now: s.Now()})
	return len(rows), err
}

func (s *Service) asked(ctx context.Context, a account.Actor, id uuid.UUID, e audit.Event) (RecognitionRow, audit.Line, error) {
	line := audit.By(a, e, audit.ObjQuestion, id).For(audit.PurposeCare, "")
	if err := s.Log.Require(ctx, a, account.AnswerQuestions, line); err != nil {
		return RecognitionRow{}, line, err
	}
	rows, err := s.Store.Questions(ctx, QuestionQuery{Team: a.Team, Of: a.Member, ID: id, Now: s.Now()})
	if err != nil {
		return RecognitionRow{}, line, fmt.Errorf("reading question: %w", err)
	}
	if len(rows) == 0 {
		return RecognitionRow{}, line, s.Log.Deny(ctx, a.Team, line, "not-asked", fault.NotFound)
	}
	if !rows[0].Answered.IsZero() {
		return rows[0], line, fault.New(fault.Conflict, "error.question.answered")
	}
	return rows[0], line.On(rows[0].Case, audit.RelAsked), nil
}

func answerHeader(q Recognition, vault, by uuid.UUID) seal.Header {
	return seal.Header{Team: q.Team, Vault: vault, Item: q.ID, Kind: "answer", Author: by}
}

// AnswerRecognition answers a question; only the coordinators learn the answer.
func (s *Service) AnswerRecognition(ctx context.Context, a account.Actor, id uuid.UUID, answer string) error {
	q, line, err := s.asked(ctx, a, id, audit.QuestionReplied)
	if err != nil {
		return err
	}
	ok := false
	for _, k := range Answers() {
		ok = ok || string(k) == answer
	}
	if !ok {
		return fault.At("answer", "error.choice")
	}
	v, err := s.Store.TeamVault(ctx, a.Team, grant.Inbox)
	if err != nil {
		return fmt.Errorf("reading inbox: %w", err)
	}
	// All answers have the same length when sealed, so that sizes tell nothing.
	sealed, err := seal.Seal(answerHeader(q.Recognition, v.ID, a.Member), seal.NewText(fmt.Sprintf("%-8s", answer)), v.Recipient)
	if err != nil {
		return err
	}
	return s.change(ctx, func(tx Tx) error {
		if err := tx.Touch(v); err != nil {
			return err
		}
		first, err := tx.AnswerQuestion(id, a.Member, sealed, s.Now())
		if err != nil {
			return err
		}
		if !first {
			return fault.New(fault.Conflict, "error.question.answered")
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// PassRecognition passes a question to a colleague of the same organisation,
// who answers in the actor's stead and does not join the session. He sees the name where
// it was disclosed to the actor, under the same disclosure.
func (s *Service) PassRecognition(ctx context.Context, a account.Actor, id, colleague uuid.UUID) error {
	q, line, err := s.asked(ctx, a, id, audit.QuestionPassed)
	if err != nil {
		return err
	}
	m, err := s.Store.Member(ctx, colleague)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err != nil || m.Team != a.Team || m.Organisation != a.Organisation || m.ID == a.Member || !m.Role.May(account.AnswerQuestions) || !m.Joined() || !m.Ended.IsZero() {
		return fault.At("colleague", "error.member")
	}
	line.OnBehalf = m.ID
	err = s.change(ctx, func(tx Tx) error {
		first, err := tx.PassQuestion(id, a.Member, m.ID)
		if err != nil {
			return err
		}
		if !first {
			return fault.New(fault.Conflict, "error.question.answered")
		}
		return s.Log.Append(tx, a.Team, line)
	})
	if err != nil {
		return err
	}
	return s.Registrar.PassOn(ctx, a, q.Case, m.ID)
}

// Colleagues lists the members to whom the actor can pass a question.
func (s *Service) Colleagues(ctx context.Context, a account.Actor) ([]account.Member, error) {
	members, err := s.Store.Members(ctx, a.Team)
	if err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	var out []account.Member
	for _, m := range members {
		if m.Organisation == a.Organisation && m.ID != a.Member && m.Role.May(account.AnswerQuestions) && m.Joined() && m.Ended.IsZero() {
			out = append(out, m)
		}
	}
	return out, nil
}

// Recognitions opens the answers about a case for a coordinator.
func (s *Service) Recognitions(ctx context.Context, a account.Actor, c uuid.UUID) ([]RecognitionRow, error) {
	if !a.May(account.JudgeSignals) {
		return nil, nil
	}
	rows, err := s.Store.Questions(ctx, QuestionQuery{Team: a.Team, Case: c, Now: s.Now()})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	v, key, err := grant.EnterTeam(ctx, s.Store, a, grant.Inbox, s.Now())
	if err != nil {
		return nil, err
	}
	lines := make([]audit.Line, len(rows))
	for i, q := range rows {
		lines[i] = audit.By(a, audit.QuestionRead, audit.ObjQuestion, q.ID).On(c, audit.RelCoordinator).For(audit.PurposeCare, "answer")
	}
	receipts, err := s.Log.LookAll(ctx, a.Team, lines)
	if err != nil {
		return nil, err
	}
	for i, q := range rows {
		if q.Answered.IsZero() {
			continue
		}
		text, err := seal.Open(receipts[i], key, answerHeader(q.Recognition, v.ID, q.By), q.Sealed)
		if err != nil {
			return nil, grant.Moved(ctx, s.Store, v.ID, key.Recipient(), fmt.Errorf("opening answer %s: %w", q.ID, err))
		}
		rows[i].Answer = Answer(strings.TrimSpace(text.Reveal()))
	}
	return rows, nil
}
