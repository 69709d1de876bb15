package meeting

import (
	"context"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
)

// ShareAnswer tells those who take part in a case what was answered to a question about
// it, by whom. Until a coordinator does that, only coordinators know.
func (s *Service) ShareAnswer(ctx context.Context, a account.Actor, c, question uuid.UUID) error {
	line := audit.By(a, audit.QuestionShared, audit.ObjQuestion, question).On(c, audit.RelCoordinator).For(audit.PurposeCare, "answer")
	if err := s.Log.Require(ctx, a, account.ManageCases, line); err != nil {
		return err
	}
	cs, err := s.manage(ctx, a, c, line)
	if err != nil {
		return err
	}
	rows, err := s.Recognitions(ctx, a, c)
	if err != nil {
		return err
	}
	for _, q := range rows {
		if q.ID != question || q.Answered.IsZero() {
			continue
		}
		it := Item{ID: sharedAs(q.ID), Kind: Recognised, Responsible: q.By}
		return s.contribute(ctx, a, c, line, func(tx Tx, _ contribution) error {
			if err := s.put(tx, a, cs.vault, &it, string(q.Answer)); err != nil {
				return err
			}
			return s.Log.Append(tx, a.Team, line)
		})
	}
	return s.Log.Deny(ctx, a.Team, line, "no-answer", fault.NotFound)
}

// sharedAs is the id of the item that tells the answer to a question: it is told once.
func sharedAs(question uuid.UUID) uuid.UUID { return derived(question, 1) }

// SharedIn reports whether the answer to the question is among the items of its case.
func (q Recognition) SharedIn(items []Opened) bool {
	for _, o := range items {
		if o.ID == sharedAs(q.ID) {
			return true
		}
	}
	return false
}

// Answer is what an item tells of who knows the youngster.
func (o Opened) Answer() Answer { return Answer(o.Text.Reveal()) }
