package review

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/seal"
	"zat/fault"
	"zat/pseudonym"
)

// Line is a line with what helps to read it.
type Line struct {
	audit.Line
	Commitment string // short form
	Whole      string // in full
	Org        string
	BasisKind  string
	Name       string // of the actor, as a member is called now
	OnBehalfOf string
	Pseudonym  pseudonym.Name
	Reason     string
	Unreadable bool // there is a reason, and it does not open
	Broken     bool // it does not fit its commitment: somebody changed it
}

// Page is one page of lines.
type Page struct {
	Lines   []Line
	Next    uint64 // cursor of the next page; 0 when there is none
	Partial bool   // the search stopped before the page was full: Next goes on with it
	Members []account.Member
	Looks   []LookCount // who looked at the case, when one is asked for
}

// PageSize is how many lines a page shows.
const PageSize = 50

// Read returns a page of lines to an officer.
func (s *Service) Read(ctx context.Context, a account.Actor, f Filter) (Page, error) {
	line := audit.By(a, audit.LogRead, audit.ObjLog, a.Team).For(audit.PurposeControl, "")
	if f.Case != uuid.Nil {
		line = line.On(f.Case, audit.RelNone)
	}
	if err := s.admit(ctx, a, line); err != nil {
		return Page{}, err
	}
	if f.Pseudonym != "" {
		id, err := s.Store.CaseByPseudonym(ctx, a.Team, f.Pseudonym)
		if fault.Is(err, fault.NotFound) {
			return Page{}, fault.At("pseudonym", "error.pseudonym.unknown")
		}
		if err != nil {
			return Page{}, fmt.Errorf("looking up a pseudonym: %w", err)
		}
		f.Case, line.Case, line.Relation = id, id, audit.RelNone
	}
	log := a.Team
	if f.Own {
		log = uuid.Nil
	}
	f.Limit = PageSize + 1
	// The reading is a line before anything is read, so it comes first in sight.
	if _, err := s.Log.Look(ctx, a.Team, line); err != nil {
		return Page{}, err
	}
	entries, rest, err := s.Store.LogLines(ctx, log, f)
	if err != nil {
		return Page{}, fmt.Errorf("reading lines: %w", err)
	}
	return s.page(ctx, a, f, log, entries, rest)
}

func (s *Service) page(ctx context.Context, a account.Actor, f Filter, log uuid.UUID, entries []audit.Entry, rest uint64) (Page, error) {
	out := Page{Next: rest, Partial: rest > 0}
	var err error
	if len(entries) > PageSize {
		entries = entries[:PageSize]
		out.Next = entries[PageSize-1].Seq
	}
	if out.Members, err = s.Store.Members(ctx, a.Team); err != nil {
		return out, fmt.Errorf("reading members: %w", err)
	}
	if out.Lines, err = s.lines(ctx, a, entries); err != nil {
		return out, err
	}
	if f.Case != uuid.Nil {
		if out.Looks, err = s.Store.LooksAt(ctx, log, f.Case); err != nil {
			return out, fmt.Errorf("counting looks: %w", err)
		}
	}
	return out, nil
}

func (s *Service) lines(ctx context.Context, a account.Actor, entries []audit.Entry) ([]Line, error) {
	n, err := s.names(ctx, a.Team)
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, func(e audit.Entry) bool { return e.Raw == nil }) // their term is over
	out := make([]Line, len(entries))
	var cases []uuid.UUID
	reasons := false
	for i, e := range entries {
		l, err := audit.ParseLine(e.Raw)
		if err != nil {
			return nil, err
		}
		_, broken := e.Line()
		out[i] = Line{Line: l, Broken: broken != nil, Commitment: fmt.Sprintf("%x…%x", e.Commitment[:2], e.Commitment[30:]), Whole: fmt.Sprintf("%x", e.Commitment), Name: n.members[l.Actor].Name, OnBehalfOf: n.members[l.OnBehalf].Name,
			Org: n.orgs[l.Organisation], BasisKind: n.bases[l.Basis]}
		if l.Case != uuid.Nil {
			cases = append(cases, l.Case)
		}
		reasons = reasons || len(l.Reason) > 0
	}
	known, err := s.Store.Pseudonyms(ctx, a.Team, cases)
	if err != nil {
		return nil, fmt.Errorf("reading pseudonyms: %w", err)
	}
	for i := range out {
		out[i].Pseudonym = known[out[i].Case]
	}
	if reasons {
		return out, s.openReasons(ctx, a, out)
	}
	return out, nil
}

// openReasons opens the typed reasons of lines. An officer who was not given
// access yet sees the lines without them.
func (s *Service) openReasons(ctx context.Context, a account.Actor, lines []Line) error {
	o, err := s.openTexts(ctx, a)
	if err != nil || o == nil {
		return err
	}
	for i, l := range lines {
		if len(l.Line.Reason) == 0 {
			continue
		}
		text, err := openWithAny(o.receipt, o.keys, seal.ReasonHeader(a.Team, o.vault, about(l.Line), l.Actor), l.Line.Reason)
		if err != nil {
			err = grant.Moved(ctx, s.Store, o.vault, o.recipient, err)
			if fault.Is(err, fault.Busy) {
				return err
			}
			lines[i].Unreadable = true // one that was tampered with hides no other line
			continue
		}
		lines[i].Reason = text.Reveal()
	}
	return nil
}

// about returns what the reason in a line was given for: the case, or else the object.
func about(l audit.Line) uuid.UUID {
	if l.Case != uuid.Nil {
		return l.Case
	}
	return l.Object
}

// openWithAny opens a reason with the key that was the vault's when it was typed.
func openWithAny(r audit.Receipt, keys []account.Key, h seal.Header, s seal.Sealed) (text seal.Text, err error) {
	for _, key := range keys {
		if text, err = seal.Open(r, key, h, s); err == nil {
			return text, nil
		}
	}
	return text, err
}

// ReadLine opens one line in full.
func (s *Service) ReadLine(ctx context.Context, a account.Actor, own bool, seq uint64) (Line, error) {
	line := audit.By(a, audit.LogRead, audit.ObjLog, a.Team).For(audit.PurposeControl, "line "+strconv.FormatUint(seq, 10))
	if err := s.look(ctx, a, line); err != nil {
		return Line{}, err
	}
	log := a.Team
	if own {
		log = uuid.Nil
	}
	e, err := s.Store.LogLine(ctx, log, seq)
	if err != nil {
		return Line{}, err
	}
	list, err := s.lines(ctx, a, []audit.Entry{e})
	if err != nil {
		return Line{}, err
	}
	if len(list) == 0 {
		return Line{}, fault.New(fault.NotFound, "error.line.gone")
	}
	return list[0], nil
}
