package meeting

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
	"zat/pseudonym/guard"
)

// NewSignal is a signal as somebody sends it. With a case it goes there; a
// trend is without a pupil; else it goes to the coordinators' inbox, and then
// Who may hold the name.
type NewSignal struct {
	Once       uuid.UUID
	Case       uuid.UUID
	Domain     string
	Tone       string
	Knowing    string
	Opinion    bool
	ThirdParty bool
	Area       guard.Draft // wijk, never street
	When       guard.Draft // period in words, "deze week"
	Text       guard.Draft
	Who        string    // inbox only
	Session    uuid.UUID // the overleg in which it was said
	Point      uuid.UUID
}

// SignalBody is the sealed half of a signal.
type SignalBody struct {
	Text    string `json:"text"`
	Area    string `json:"area,omitempty"`
	When    string `json:"when,omitempty"`
	Opinion bool   `json:"opinion,omitempty"`
	Who     string `json:"who,omitempty"` // inbox only: never copied to a case
}

func (SignalBody) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// Body reads what was sealed of a signal, trend or inbox signal.
func (o Opened) Body() SignalBody {
	var b SignalBody
	if json.Unmarshal([]byte(o.Text.Reveal()), &b) != nil {
		b.Text = o.Text.Reveal()
	}
	return b
}

type parsedSignal struct {
	item Item
	body SignalBody
	kept []guard.Kind
}

func (p parsedSignal) plain() (string, error) {
	b, err := json.Marshal(p.body)
	if err != nil {
		return "", fmt.Errorf("writing signal: %w", err)
	}
	return string(b), nil
}

// parseSignal checks all fields. In the inbox a name may stand in the text: the
// coordinator takes it out before it goes to a case. A BSN may stand nowhere.
func (s *Service) parseSignal(ctx context.Context, a account.Actor, in NewSignal, kind ItemKind) (parsedSignal, error) {
	reader, err := s.Guard.Reader(ctx, a.Team)
	if err != nil {
		return parsedSignal{}, err
	}
	var errs fault.List
	p := parsedSignal{item: Item{ID: in.Once, Kind: kind, ThirdParty: in.ThirdParty}, body: SignalBody{Opinion: in.Opinion}}
	p.item.Session, p.item.Point = in.Session, in.Point
	errs.Add(checkOnce(in.Once))
	p.item.Domain, err = ParseDomain("domain", in.Domain)
	errs.Add(err)
	if kind != Trend {
		p.item.Tone, err = parseTone(in.Tone)
		errs.Add(err)
		p.item.Knowing, err = parseKnowing(in.Knowing)
		errs.Add(err)
	}
	for _, f := range []struct {
		name  string
		draft guard.Draft
		out   *string
		limit int
	}{{"text", in.Text, &p.body.Text, 4000}, {"area", in.Area, &p.body.Area, 60}, {"when", in.When, &p.body.When, 60}} {
		if f.name != "text" && strings.TrimSpace(f.draft.Text) == "" {
			continue
		}
		var kept []guard.Kind
		if *f.out, kept, err = clearSignal(reader, f.name, f.draft, f.limit, kind); err != nil {
			errs.Add(err)
		}
		p.kept = append(p.kept, kept...)
	}
	if kind == InboxItem && strings.TrimSpace(in.Who) != "" {
		p.body.Who, _, err = clearSignal(reader, "who", guard.Draft{Text: in.Who}, 120, kind)
		errs.Add(err)
	}
	return p, errs.Err()
}

func clearSignal(r guard.Reader, field string, d guard.Draft, limit int, kind ItemKind) (string, []guard.Kind, error) {
	if kind != InboxItem {
		return r.Clear(field, d, limit)
	}
	text, err := guard.Tidy(field, d.Text, limit)
	if err != nil {
		return "", nil, err
	}
	for _, f := range r.Check(text) {
		if f.Kind == guard.BSN {
			return "", nil, fault.At(field, "error.guard", &guard.Refusal{Findings: []guard.Finding{f}})
		}
	}
	return text, nil, nil
}

// AddSignal adds a signal to a case in which the actor takes part. He needs
// only the case's recipient: adding opens nothing.
func (s *Service) AddSignal(ctx context.Context, a account.Actor, in NewSignal) error {
	line := audit.By(a, audit.ItemAdded, audit.ObjCase, in.Case).In(in.Session).For(audit.PurposeSignal, part(Signal, in.Domain))
	if err := s.Log.Require(ctx, a, account.Contribute, line); err != nil {
		return err
	}
	begun := s.beginSealing(in.Case)
	p, perr := s.parseSignal(ctx, a, in, Signal)
	plain, err := p.plain()
	if err != nil {
		return err
	}
	return s.contribute(ctx, a, in.Case, line, func(tx Tx, c contribution) error {
		if perr != nil {
			return perr
		}
		if err := stillRunning(tx, in.Session); err != nil {
			return err
		}
		if err := s.putBegun(tx, a, c.vault, begun, &p.item, plain); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, append(keptLines(a, p.kept, c.ID), c.on(line))...)
	})
}

// AddContribution adds what somebody says at a point of a running session: to its
// case, when he takes part in it.
func (s *Service) AddContribution(ctx context.Context, a account.Actor, session, point uuid.UUID, in NewSignal) error {
	line := audit.By(a, audit.ItemAdded, audit.ObjSession, session).In(session).For(audit.PurposeSession, string(Signal))
	ses, _, err := s.enterSession(ctx, a, session, line)
	if err != nil {
		return err
	}
	if ses.State != Running {
		return fault.New(fault.Conflict, "error.session.notrunning")
	}
	p, err := s.point(ctx, a, ses, point, line)
	if err != nil {
		return err
	}
	if p.Kind != PointCase {
		return fault.At("text", "error.contribution.nocase")
	}
	in.Case, in.Session, in.Point = p.Case, session, point
	return s.AddSignal(ctx, a, in)
}

// AddNote adds a note to a case in which the actor takes part.
func (s *Service) AddNote(ctx context.Context, a account.Actor, id, once uuid.UUID, text guard.Draft) error {
	line := audit.By(a, audit.ItemAdded, audit.ObjCase, id).For(audit.PurposeCare, string(Note))
	if err := s.Log.Require(ctx, a, account.Contribute, line); err != nil {
		return err
	}
	begun := s.beginSealing(id)
	clear, kept, cerr := s.Guard.Clear(ctx, a.Team, "text", text, guard.LongText)
	return s.contribute(ctx, a, id, line, func(tx Tx, c contribution) error {
		if cerr != nil {
			return cerr
		}
		if err := s.putBegun(tx, a, c.vault, begun, &Item{ID: once, Kind: Note}, clear); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, append(keptLines(a, kept, c.ID), c.on(line))...)
	})
}

// part is what a line says of a contribution: its kind and, when it is one, its
// life domain. What somebody typed instead stays out of the log.
func part(k ItemKind, domain string) string {
	if d, err := ParseDomain("domain", domain); err == nil {
		return string(k) + " " + string(d)
	}
	return string(k)
}

// AddTrend tells of the neighbourhood without a pupil, to all at the table.
func (s *Service) AddTrend(ctx context.Context, a account.Actor, in NewSignal) error {
	line := audit.By(a, audit.TrendAdded, audit.ObjTrends, uuid.Nil).For(audit.PurposeSignal, part(Trend, in.Domain))
	if err := s.Log.Require(ctx, a, account.SendSignal, line); err != nil {
		return err
	}
	p, err := s.parseSignal(ctx, a, in, Trend)
	if err != nil {
		return err
	}
	v, err := s.Store.TeamVault(ctx, a.Team, grant.Team)
	if err != nil {
		return fmt.Errorf("reading vault: %w", err)
	}
	plain, err := p.plain()
	if err != nil {
		return err
	}
	line.Object = v.ID
	return s.change(ctx, func(tx Tx) error {
		if err := s.put(tx, a, v, &p.item, plain); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, append(keptLines(a, p.kept, uuid.Nil), line)...)
	})
}
