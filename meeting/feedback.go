package meeting

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/seal"
	"zat/fault"
	"zat/pseudonym/guard"
)

// Audience is whom somebody tells what came of a talk (terugkoppeling).
type Audience string

const (
	ToMentor  Audience = "mentor"
	ToPupil   Audience = "pupil"
	ToParents Audience = "parents"
)

// Audiences lists them.
func Audiences() []Audience { return []Audience{ToMentor, ToPupil, ToParents} }

// FeedbackBody is the sealed half of a feedback: whom, and just what.
type FeedbackBody struct {
	To   Audience `json:"to"`
	Text string   `json:"text"`
}

func (FeedbackBody) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// NewFeedback is who tells whom what, by when. The text is all that is told: the
// coordinator releases it by writing it here.
type NewFeedback struct {
	Once        uuid.UUID
	Case        uuid.UUID
	To          string
	Text        guard.Draft
	Responsible uuid.UUID
	Due         string
}

// AddFeedback adds a feedback to a case. It is ticked off as an agreement is.
func (s *Service) AddFeedback(ctx context.Context, a account.Actor, in NewFeedback) error {
	line := audit.By(a, audit.AgreementMade, audit.ObjCase, in.Case).On(in.Case, audit.RelCoordinator).For(audit.PurposeCare, string(FeedbackItem))
	c, err := s.manage(ctx, a, in.Case, line)
	if err != nil {
		return err
	}
	var errs fault.List
	errs.Add(checkOnce(in.Once))
	body := FeedbackBody{}
	for _, x := range Audiences() {
		if string(x) == in.To {
			body.To = x
		}
	}
	if body.To == "" {
		errs.Add(fault.At("to", "error.choice"))
	}
	text, kept, err := s.Guard.Clear(ctx, a.Team, "text", in.Text, 2000)
	errs.Add(err)
	due, err := parseDue(in.Due, s.Now())
	errs.Add(err)
	errs.Add(s.checkResponsible(ctx, NewAgreement{Case: in.Case, Responsible: in.Responsible}))
	if err := errs.Err(); err != nil {
		return err
	}
	body.Text = text
	plain, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("writing feedback: %w", err)
	}
	it := Item{ID: in.Once, Kind: FeedbackItem, Responsible: in.Responsible, Due: due}
	return s.contribute(ctx, a, in.Case, line, func(tx Tx, at contribution) error {
		if err := s.put(tx, a, c.vault, &it, string(plain)); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, append(keptLines(a, kept, at.ID), line)...)
	})
}

// told reads a feedback's text and whom it is for; of anything else nothing changes.
func (o Opened) told() Opened {
	var b FeedbackBody
	if o.Kind != FeedbackItem || json.Unmarshal([]byte(o.Text.Reveal()), &b) != nil {
		return o
	}
	o.To, o.Text = b.To, seal.NewText(b.Text)
	return o
}

// ReadFeedback opens one feedback, to hand it over: just that, and nothing else of the
// case. It is an export, and its line says so.
func (s *Service) ReadFeedback(ctx context.Context, a account.Actor, c, id uuid.UUID) (Opened, error) {
	line := audit.By(a, audit.MinutesExported, audit.ObjCase, c).On(c, relationOf(a)).For(audit.PurposeCare, string(FeedbackItem))
	e, err := s.admit(ctx, a, c, account.SeeCases, line)
	if err != nil {
		return Opened{}, err
	}
	it, err := s.Store.Item(ctx, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Opened{}, fmt.Errorf("reading feedback: %w", err)
	}
	if err != nil || it.Vault != c || it.Kind != FeedbackItem || (it.Responsible != a.Member && a.Role != account.Coordinator) {
		return Opened{}, s.Log.Deny(ctx, a.Team, line, "no-feedback", fault.NotFound)
	}
	line.Part = span([]Item{it})
	opened, err := s.look(ctx, a, e, []Item{it}, line)
	if err != nil {
		return Opened{}, err
	}
	return opened[0].told(), nil
}
