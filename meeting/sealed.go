package meeting

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zat/account"
	"zat/crypto/grant"
	"zat/crypto/seal"
)

// SealedIn lists what this package sealed for a vault's key, for whoever seals it
// anew. Nothing is opened.
func (s *Service) SealedIn(ctx context.Context, v grant.Vault) ([]seal.Placed, error) {
	items, err := s.Store.Items(ctx, v.ID)
	if err != nil {
		return nil, fmt.Errorf("reading texts: %w", err)
	}
	writers, err := s.writers(ctx, v.Team)
	if err != nil {
		return nil, err
	}
	var out []seal.Placed
	for _, it := range items {
		p := seal.Placed{Place: seal.InItem, Header: it.header(), Sealed: it.Sealed}
		if it.Kind == InboxItem { // its writer keeps reading what he sent
			p.Also = writers[it.Author]
		}
		out = append(out, p)
	}
	if v.Kind != grant.Inbox {
		return out, nil
	}
	replies, err := s.sealedReplies(ctx, v, writers)
	if err != nil {
		return nil, err
	}
	answers, err := s.sealedAnswers(ctx, v)
	return append(append(out, replies...), answers...), err
}

// writers returns the recipients of the members who have not left.
func (s *Service) writers(ctx context.Context, team uuid.UUID) (map[uuid.UUID][]string, error) {
	members, err := s.Store.Members(ctx, team)
	if err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	out := map[uuid.UUID][]string{}
	for _, m := range members {
		if m.Joined() && m.Ended.IsZero() && m.Role != account.Admin {
			out[m.ID] = []string{m.Recipient}
		}
	}
	return out, nil
}

func (s *Service) sealedReplies(ctx context.Context, v grant.Vault, writers map[uuid.UUID][]string) ([]seal.Placed, error) {
	list, err := s.Store.Inbox(ctx, InboxQuery{Team: v.Team, All: true})
	if err != nil {
		return nil, fmt.Errorf("reading inbox: %w", err)
	}
	var out []seal.Placed
	for _, it := range list {
		if len(it.Reply) > 0 {
			out = append(out, seal.Placed{Place: seal.InReply, Header: replyHeader(it.Item, it.JudgedBy), Also: writers[it.Author], Sealed: it.Reply})
		}
	}
	return out, nil
}

func (s *Service) sealedAnswers(ctx context.Context, v grant.Vault) ([]seal.Placed, error) {
	rows, err := s.Store.Questions(ctx, QuestionQuery{Team: v.Team, Now: s.Now()})
	if err != nil {
		return nil, fmt.Errorf("reading questions: %w", err)
	}
	var out []seal.Placed
	for _, q := range rows {
		if !q.Answered.IsZero() {
			out = append(out, seal.Placed{Place: seal.InAnswer, Header: answerHeader(q.Recognition, v.ID, q.By), Sealed: q.Sealed})
		}
	}
	return out, nil
}
