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
	"zat/pseudonym/guard"
)

// InboxState is what became of a signal without a case.
type InboxState string

const (
	InboxNew      InboxState = "new"
	InboxTied     InboxState = "tied"
	InboxDeclined InboxState = "declined"
)

// InboxSignal is a signal about a youngster for whom the writer knows no case.
// It is sealed to the coordinators and to its writer.
type InboxSignal struct {
	Item
	State    InboxState
	JudgedAt time.Time
	JudgedBy uuid.UUID
	Reply    seal.Sealed // a word back, sealed to the writer and the coordinators
}

// Judgement is what a coordinator decides about one.
type Judgement struct {
	Item  uuid.UUID
	State InboxState
	Case  uuid.UUID
	By    uuid.UUID
	At    time.Time
	Reply seal.Sealed
}

// InboxQuery asks for signals of a team: all of one state, or all of one
// author.
type InboxQuery struct {
	Team   uuid.UUID
	State  InboxState
	Author uuid.UUID
	All    bool // else the newest 200
}

// SendToInbox sends a signal to the coordinators, name and all.
func (s *Service) SendToInbox(ctx context.Context, a account.Actor, in NewSignal) error {
	line := audit.By(a, audit.InboxAdded, audit.ObjSignal, in.Once).For(audit.PurposeSignal, part(InboxItem, in.Domain))
	if err := s.Log.Require(ctx, a, account.SendSignal, line); err != nil {
		return err
	}
	p, err := s.parseSignal(ctx, a, in, InboxItem)
	if err != nil {
		return err
	}
	plain, err := p.plain()
	if err != nil {
		return err
	}
	v, err := s.Store.TeamVault(ctx, a.Team, grant.Inbox)
	if err != nil {
		return fmt.Errorf("reading inbox: %w", err)
	}
	return s.change(ctx, func(tx Tx) error {
		if err := s.put(tx, a, v, &p.item, plain, a.Key.Recipient()); err != nil {
			return err
		}
		if err := tx.InsertInbox(p.item.ID); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// Inbox lists the signals that wait for a coordinator, without opening them.
func (s *Service) Inbox(ctx context.Context, a account.Actor) ([]InboxSignal, error) {
	line := audit.By(a, audit.InboxListed, audit.ObjInbox, uuid.Nil).For(audit.PurposeSignal, "")
	if err := s.Log.Require(ctx, a, account.JudgeSignals, line); err != nil {
		return nil, err
	}
	return s.Store.Inbox(ctx, InboxQuery{Team: a.Team, State: InboxNew})
}

// OpenedSignal is an inbox signal with its text and the word back.
type OpenedSignal struct {
	InboxSignal
	Body  SignalBody
	Reply string
}

func replyHeader(it Item, by uuid.UUID) seal.Header {
	return seal.Header{Team: it.Team, Vault: it.Vault, Item: it.ID, Kind: "reply", Author: by}
}

// OwnSignals opens the signals that the actor himself sent to the inbox, with
// what became of them.
func (s *Service) OwnSignals(ctx context.Context, a account.Actor) ([]OpenedSignal, error) {
	line := audit.By(a, audit.InboxRead, audit.ObjInbox, uuid.Nil).For(audit.PurposeSignal, "own")
	if err := s.Log.Require(ctx, a, account.SendSignal, line); err != nil {
		return nil, err
	}
	list, err := s.Store.Inbox(ctx, InboxQuery{Team: a.Team, Author: a.Member})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	lines := make([]audit.Line, len(list))
	for i := range list {
		lines[i] = line
		lines[i].Kind, lines[i].Object = audit.ObjSignal, list[i].ID
	}
	receipts, err := s.Log.LookAll(ctx, a.Team, lines)
	if err != nil {
		return nil, err
	}
	out := make([]OpenedSignal, len(list))
	for i, it := range list {
		if out[i], err = openSignal(receipts[i], a.Key, it); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func openSignal(r audit.Receipt, key account.Key, it InboxSignal) (OpenedSignal, error) {
	text, err := seal.Open(r, key, it.header(), it.Sealed)
	if err != nil {
		return OpenedSignal{}, fmt.Errorf("opening signal %s: %w", it.ID, err)
	}
	out := OpenedSignal{InboxSignal: it, Body: Opened{Text: text}.Body()}
	if len(it.Reply) > 0 {
		reply, err := seal.Open(r, key, replyHeader(it.Item, it.JudgedBy), it.Reply)
		if err != nil {
			return OpenedSignal{}, fmt.Errorf("opening the reply to %s: %w", it.ID, err)
		}
		out.Reply = reply.Reveal()
	}
	return out, nil
}

// JudgeView opens one waiting signal for a coordinator.
func (s *Service) JudgeView(ctx context.Context, a account.Actor, id uuid.UUID) (OpenedSignal, error) {
	it, key, line, err := s.waiting(ctx, a, id, audit.InboxRead)
	if err != nil {
		return OpenedSignal{}, err
	}
	r, err := s.Log.Look(ctx, a.Team, line)
	if err != nil {
		return OpenedSignal{}, err
	}
	o, err := openSignal(r, key, it)
	return o, grant.Moved(ctx, s.Store, it.Vault, key.Recipient(), err)
}

func (s *Service) waiting(ctx context.Context, a account.Actor, id uuid.UUID, e audit.Event) (InboxSignal, account.Key, audit.Line, error) {
	line := audit.By(a, e, audit.ObjSignal, id).For(audit.PurposeSignal, "")
	if err := s.Log.Require(ctx, a, account.JudgeSignals, line); err != nil {
		return InboxSignal{}, nil, line, err
	}
	it, err := s.Store.InboxSignal(ctx, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return InboxSignal{}, nil, line, fmt.Errorf("reading signal: %w", err)
	}
	if err != nil || it.Team != a.Team {
		return InboxSignal{}, nil, line, s.Log.Deny(ctx, a.Team, line, "no-signal", fault.NotFound)
	}
	_, key, err := grant.Enter(ctx, s.Store, a, it.Vault, s.Now())
	if fault.Is(err, fault.NotFound) {
		return InboxSignal{}, nil, line, s.Log.Deny(ctx, a.Team, line, "no-grant", fault.NotFound)
	}
	if err == nil && it.State != InboxNew {
		err = fault.New(fault.Conflict, "error.inbox.judged")
	}
	return it, key, line, err
}

// TieSignal ties a waiting signal to a case: the coordinator's version of the
// text goes there under the writer's role. The name stays behind: the text
// passes the guard, and Who is never copied.
func (s *Service) TieSignal(ctx context.Context, a account.Actor, id, once, caseID uuid.UUID, text guard.Draft) error {
	it, key, line, err := s.waiting(ctx, a, id, audit.InboxTied)
	if err != nil {
		return err
	}
	if caseID == uuid.Nil {
		return fault.At("case", "error.choice")
	}
	if _, err := s.manage(ctx, a, caseID, line); err != nil {
		return err
	}
	clear, kept, err := s.Guard.Clear(ctx, a.Team, "text", text, 4000)
	if err != nil {
		return err
	}
	r, err := s.Log.Look(ctx, a.Team, audit.By(a, audit.InboxRead, audit.ObjSignal, id).For(audit.PurposeSignal, ""))
	if err != nil {
		return err
	}
	opened, err := openSignal(r, key, it)
	if err != nil {
		return grant.Moved(ctx, s.Store, it.Vault, key.Recipient(), err)
	}
	body := SignalBody{Text: clear, Opinion: opened.Body.Opinion}
	for _, f := range []struct{ in, out *string }{{&opened.Body.Area, &body.Area}, {&opened.Body.When, &body.When}} {
		if found, err := s.Guard.Check(ctx, a.Team, *f.in); err == nil && len(found) == 0 {
			*f.out = *f.in
		}
	}
	plain, err := parsedSignal{body: body}.plain()
	if err != nil {
		return err
	}
	copied := Item{ID: once, Kind: Signal, Author: it.Author, AuthorRole: it.AuthorRole, At: it.At, Domain: it.Domain, Tone: it.Tone, Knowing: it.Knowing, ThirdParty: it.ThirdParty}
	j := Judgement{Item: id, State: InboxTied, Case: caseID, By: a.Member, At: s.Now()}
	return s.contribute(ctx, a, caseID, line, func(tx Tx, c contribution) error {
		if err := s.put(tx, a, c.vault, &copied, plain); err != nil {
			return err
		}
		if err := s.judge(tx, j); err != nil {
			return err
		}
		line = line.On(caseID, c.relation)
		line.OnBehalf = it.Author
		return s.Log.Append(tx, a.Team, append(keptLines(a, kept, caseID), line)...)
	})
}

func (s *Service) judge(tx Tx, j Judgement) error {
	first, err := tx.JudgeInbox(j)
	if err == nil && !first {
		return fault.New(fault.Conflict, "error.inbox.judged")
	}
	return err
}

// DeclineSignal declines a waiting signal with a word back to its writer.
func (s *Service) DeclineSignal(ctx context.Context, a account.Actor, id uuid.UUID, reply guard.Draft) error {
	it, _, line, err := s.waiting(ctx, a, id, audit.InboxDeclined)
	if err != nil {
		return err
	}
	if strings.TrimSpace(reply.Text) == "" {
		return fault.At("reply", "error.required")
	}
	clear, kept, err := s.Guard.Clear(ctx, a.Team, "reply", reply, 1000)
	if err != nil {
		return err
	}
	v, err := s.Store.Vault(ctx, it.Vault)
	if err != nil {
		return fmt.Errorf("reading inbox: %w", err)
	}
	writer, err := s.Store.Member(ctx, it.Author)
	if err != nil {
		return fmt.Errorf("reading the writer: %w", err)
	}
	sealed, err := seal.Seal(replyHeader(it.Item, a.Member), seal.NewText(clear), v.Recipient, writer.Recipient)
	if err != nil {
		return err
	}
	j := Judgement{Item: id, State: InboxDeclined, By: a.Member, At: s.Now(), Reply: sealed}
	return s.change(ctx, func(tx Tx) error {
		if err := tx.Touch(v); err != nil {
			return err
		}
		if err := s.judge(tx, j); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, append(keptLines(a, kept, uuid.Nil), line)...)
	})
}
