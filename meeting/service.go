// Package meeting holds the rules of the work: cases and their bases, signals,
// notes and agreements, the inbox, trends, and the sessions of the team.
//
// Every use case is one function that takes the actor: it authorises, writes
// the line, and acts, in one transaction. Content goes out only as seal.Text,
// opened against a receipt. The package knows pupils only by pseudonym; who is
// behind one is known to pseudonym/register, which it cannot import.
package meeting

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/seal"
	"zat/fault"
	"zat/pseudonym/guard"
)

// Service is the use cases of the work.
type Service struct {
	Store     Store
	Log       *audit.Log
	Guard     *guard.Watch
	Registrar Registrar
	Now       func() time.Time
	Feed      Feed // of what is followed

	recipients known
	rooms      rooms
}

// known remembers the recipients of vaults that were written to lately: public
// keys, so that sealing can begin before the vault is read.
type known struct {
	mu sync.Mutex
	of map[uuid.UUID]string
}

const maxKnown = 512

func (k *known) get(vault uuid.UUID) (string, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, ok := k.of[vault]
	return r, ok
}

func (k *known) put(v grant.Vault) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil || len(k.of) >= maxKnown {
		k.of = map[uuid.UUID]string{}
	}
	k.of[v.ID] = v.Recipient
}

// beginSealing starts sealing for a vault, if its recipient is known. put checks that it
// still is the vault's when it stores the text.
func (s *Service) beginSealing(vault uuid.UUID) *seal.Pending {
	if r, ok := s.recipients.get(vault); ok {
		return seal.Begin(r)
	}
	return nil
}

// caseEntry is a case into which the actor was let.
type caseEntry struct {
	Case
	vault    grant.Vault
	grant    grant.Grant
	relation audit.Relation
}

// admit lets the actor in to a case of his team for which he has a live grant.
// All else answers as not found, with the line of the refusal.
func (s *Service) admit(ctx context.Context, a account.Actor, id uuid.UUID, p account.Permission, line audit.Line) (caseEntry, error) {
	if err := s.Log.Require(ctx, a, p, line); err != nil {
		return caseEntry{}, err
	}
	acc, err := s.Store.CaseAccess(ctx, id, a.Member)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return caseEntry{}, fmt.Errorf("reading case: %w", err)
	}
	if rule := s.keptOut(a, err == nil, acc.Case.Team, acc.Granted, acc.Grant); rule != "" {
		return caseEntry{}, s.Log.Deny(ctx, a.Team, line.On(id, audit.RelNone), rule, fault.NotFound)
	}
	return caseEntry{acc.Case, acc.Vault, acc.Grant, relationOf(a)}, nil
}

// on returns the line with the case, and on which basis the actor takes part in it.
func (c caseEntry) on(l audit.Line) audit.Line {
	l = l.On(c.ID, c.relation)
	l.Basis = c.grant.Basis
	return l
}

// keptOut says by which rule the actor may not enter a case; "" lets him in.
func (s *Service) keptOut(a account.Actor, found bool, team uuid.UUID, granted bool, g grant.Grant) (rule string) {
	switch {
	case !found || team != a.Team:
		return "no-case"
	case !granted || !g.Live(s.Now()):
		return "no-grant"
	}
	return ""
}

// manage is admit for what only a coordinator does with an open case.
func (s *Service) manage(ctx context.Context, a account.Actor, id uuid.UUID, line audit.Line) (caseEntry, error) {
	c, err := s.admit(ctx, a, id, account.ManageCases, line)
	if err == nil && !c.Open() {
		return c, fault.New(fault.Conflict, "error.case.closed")
	}
	return c, err
}

func relationOf(a account.Actor) audit.Relation {
	if a.Role == account.Coordinator {
		return audit.RelCoordinator
	}
	return audit.RelParticipant
}

// key opens the case's identity with the actor's own.
func (s *Service) key(ctx context.Context, a account.Actor, c caseEntry) (account.Key, error) {
	k, err := grant.Open(c.vault, c.grant, a.Key, s.Now())
	if err != nil {
		return nil, grant.Moved(ctx, s.Store, c.ID, c.vault.Recipient, fmt.Errorf("opening case %s: %w", c.ID, err))
	}
	return k, nil
}

// put seals a text to the vault and stores it as the vault's next item. It fails
// with errSent when the same writer stored an item with this id before.
func (s *Service) put(tx Tx, a account.Actor, v grant.Vault, it *Item, text string, also ...string) error {
	return s.putBegun(tx, a, v, nil, it, text, also...)
}

// putBegun is put with a sealing that was begun before.
func (s *Service) putBegun(tx Tx, a account.Actor, v grant.Vault, begun *seal.Pending, it *Item, text string, also ...string) error {
	if it.ID == uuid.Nil {
		return fault.New(fault.Invalid, "error.form")
	}
	if it.Author == uuid.Nil {
		it.Author, it.AuthorRole = a.Member, a.Role
	}
	it.Team, it.Vault, it.Class = v.Team, v.ID, classOf(it.AuthorRole)
	if it.At.IsZero() {
		it.At = s.Now()
	}
	var err error
	if it.Seq, err = tx.NextSeq(v); err != nil {
		return err
	}
	if begun.To(v.Recipient) && len(also) == 0 {
		it.Sealed, err = begun.Finish(it.header(), seal.NewText(text))
	} else {
		it.Sealed, err = seal.Seal(it.header(), seal.NewText(text), append(also, v.Recipient)...)
	}
	if err != nil {
		return err
	}
	s.recipients.put(v)
	first, err := tx.InsertItem(*it)
	if err != nil || first {
		return err
	}
	return sentBefore(tx, *it)
}

// sentBefore tells a form that is sent again from an id that is another's.
func sentBefore(tx Tx, it Item) error {
	was, _, err := tx.StoredItem(it.ID)
	if err != nil {
		return err
	}
	if was.Author != it.Author || was.Vault != it.Vault || was.Kind != it.Kind {
		return fault.New(fault.Conflict, "error.form")
	}
	return errSent
}

// openAll opens items of one vault. It fails with fault.Busy when the vault got
// another key since the actor's was opened.
func (s *Service) openAll(ctx context.Context, r audit.Receipt, key account.Key, items []Item) ([]Opened, error) {
	out, err := openItems(r, key, items)
	if err != nil {
		return nil, grant.Moved(ctx, s.Store, items[0].Vault, key.Recipient(), err)
	}
	return out, nil
}

// openItems opens items on all processors: opening is mostly arithmetic. The
// receipt has to cover them all.
func openItems(r audit.Receipt, key account.Key, items []Item) ([]Opened, error) {
	out := make([]Opened, len(items))
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, runtime.GOMAXPROCS(0))
	for w := range min(len(errs), max(1, len(items)/4)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(items) {
					return
				}
				text, err := seal.Open(r, key, items[i].header(), items[i].Sealed)
				if err != nil {
					errs[w] = fmt.Errorf("opening item %s: %w", items[i].ID, err)
					return
				}
				out[i] = Opened{Item: items[i], Text: text}
			}
		})
	}
	wg.Wait()
	return out, errors.Join(errs...)
}

// span says which texts of a vault a look showed: enough to tell later what
// was open to whom, without a word of it.
func span(items []Item) string {
	if len(items) == 0 {
		return "texts 0"
	}
	lo, hi := items[0].Seq, items[0].Seq
	for _, it := range items {
		lo, hi = min(lo, it.Seq), max(hi, it.Seq)
	}
	return fmt.Sprintf("texts %d: %d-%d", len(items), lo, hi)
}

// keptLines is the line of a writer's choice to keep likely personal data: the
// kinds, never the text.
func keptLines(a account.Actor, kept []guard.Kind, c uuid.UUID) []audit.Line {
	if len(kept) == 0 {
		return nil
	}
	seen := map[guard.Kind]bool{}
	var names []string
	for _, k := range kept {
		if !seen[k] {
			seen[k] = true
			names = append(names, string(k))
		}
	}
	line := audit.By(a, audit.GuardKept, audit.ObjTeam, a.Team).For(audit.PurposeCare, strings.Join(names, ","))
	if c != uuid.Nil {
		line = line.On(c, relationOf(a))
	}
	return []audit.Line{line}
}

// stored returns the vault that the same form made when it was sent before.
func stored(tx Tx, a account.Actor, once uuid.UUID, k ItemKind) (vault uuid.UUID, found bool, err error) {
	it, found, err := tx.StoredItem(once)
	if found && (it.Author != a.Member || it.Kind != k) {
		err = fault.New(fault.Conflict, "error.form")
	}
	return it.Vault, found, err
}

// checkOnce refuses a form without the id by which it is stored only once.
func checkOnce(id uuid.UUID) error {
	if id == uuid.Nil || id.Version() != 4 {
		return fault.New(fault.Invalid, "error.form")
	}
	return nil
}
