// Package register is the sealed register of a school's pupils
// (sleutelregister): the only place that knows who is behind a pseudonym.
//
// It promises that only a coordinator with a grant opens it, that every search
// and every entry shown is a line, and that a name leaves it in two ways only:
// to a coordinator, with a reason, and to one participant of a case, on a basis
// and until a date. Nothing of it may be imported by web.
package register

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/seal"
	"zat/fault"
	"zat/pseudonym"
	"zat/pseudonym/guard"
)

// Entry is a pupil as the store keeps him.
type Entry struct {
	ID      uuid.UUID
	Team    uuid.UUID
	Version uint64
	By      uuid.UUID // who wrote this version
	Sealed  seal.Sealed
}

func (e Entry) header(vault uuid.UUID) seal.Header {
	return seal.Header{Team: e.Team, Vault: vault, Item: e.ID, Kind: "pupil", Author: e.By, Seq: e.Version}
}

// Link ties a case to a pupil; to which one is sealed.
type Link struct {
	Case      uuid.UUID
	Team      uuid.UUID
	By        uuid.UUID
	Pseudonym pseudonym.Name
	Sealed    seal.Sealed
}

func linkHeader(team, vault, c uuid.UUID) seal.Header {
	return seal.Header{Team: team, Vault: vault, Item: c, Kind: "link"}
}

// Disclosure is a name disclosed to one member for one case.
type Disclosure struct {
	ID       uuid.UUID
	Team     uuid.UUID
	Case     uuid.UUID
	Member   uuid.UUID
	Basis    uuid.UUID
	By       uuid.UUID
	At       time.Time
	Until    time.Time
	Informed time.Time // when pupil or parents were told; zero: not yet
	Sealed   seal.Sealed
}

func (d Disclosure) header() seal.Header {
	return seal.Header{Team: d.Team, Vault: d.Case, Item: d.ID, Kind: "name", Author: d.By}
}

// Store keeps the register. It fails with fault.NotFound for what is not there.
type Store interface {
	grant.Source
	RollVersion(ctx context.Context, team uuid.UUID) (int64, error)
	PupilEntries(ctx context.Context, team uuid.UUID) ([]Entry, error)
	Links(ctx context.Context, team uuid.UUID) ([]Link, error)
	// AllLinks returns those of closed cases as well.
	AllLinks(ctx context.Context, team uuid.UUID) ([]Link, error)
	Link(ctx context.Context, c uuid.UUID) (Link, error)
	Member(ctx context.Context, id uuid.UUID) (account.Member, error)
	// Disclosures returns what was disclosed about a case; of one member if
	// member is not zero.
	Disclosures(ctx context.Context, c, member uuid.UUID) ([]Disclosure, error)
	UpdateRegister(ctx context.Context, fn func(Tx) error) error
}

// Tx changes it.
type Tx interface {
	audit.Tx
	// Touch counts a change of the register; it fails with fault.Busy when the
	// register has another key than v says.
	Touch(v grant.Vault) error
	InsertPupil(e Entry) error
	// UpdatePupil replaces version e.Version-1; it reports false when the entry
	// has another version by now.
	UpdatePupil(e Entry) (bool, error)
	// SetRoll replaces the tags of the team's roll and raises its version; it
	// reports false when that is not the given one any more.
	SetRoll(team uuid.UUID, version int64, tags []guard.Tag) (bool, error)
	// PutDisclosure stores a disclosure in the place of earlier ones to the member;
	// it reports false when its basis was withdrawn meanwhile.
	PutDisclosure(d Disclosure) (bool, error)
	// DropDisclosures deletes what is past its last day and returns it.
	DropDisclosures(now time.Time) ([]Disclosure, error)
}

// Grounds answers whether a basis of a case allows disclosing a name to a
// member, and until when at the most.
type Grounds interface {
	Allows(ctx context.Context, a account.Actor, c, basis, member uuid.UUID) (until time.Time, err error)
}

// Service is the use cases of the register.
type Service struct {
	Store   Store
	Log     *audit.Log
	Guard   *guard.Watch
	Grounds Grounds
	Now     func() time.Time
}

// opened is the register opened for one look.
type opened struct {
	vault   grant.Vault
	key     account.Key
	receipt audit.Receipt
	pupils  []pseudonym.Pupil
	entries map[uuid.UUID]Entry
	version int64 // of the roll, when it was opened
}

// open opens the whole register against one line: a search. What is then shown
// of it gets a line for each pupil.
func (s *Service) open(ctx context.Context, a account.Actor, line audit.Line) (opened, error) {
	v, key, err := s.enter(ctx, a, line)
	if err != nil {
		return opened{}, err
	}
	line.Object = v.ID
	r, err := s.Log.Look(ctx, a.Team, line)
	if err != nil {
		return opened{}, err
	}
	version, err := s.Store.RollVersion(ctx, a.Team) // before the entries: a change in between is noticed
	if err != nil {
		return opened{}, fmt.Errorf("reading register: %w", err)
	}
	entries, err := s.Store.PupilEntries(ctx, a.Team)
	if err != nil {
		return opened{}, fmt.Errorf("reading register: %w", err)
	}
	o := opened{vault: v, key: key, receipt: r, entries: map[uuid.UUID]Entry{}, version: version}
	for _, e := range entries {
		p, err := openEntry(r, key, v.ID, e)
		if err != nil {
			return opened{}, grant.Moved(ctx, s.Store, v.ID, v.Recipient, err)
		}
		o.pupils = append(o.pupils, p)
		o.entries[e.ID] = e
	}
	sort.Slice(o.pupils, func(i, j int) bool { return sortKey(o.pupils[i]) < sortKey(o.pupils[j]) })
	return o, nil
}

func sortKey(p pseudonym.Pupil) string {
	return strings.ToLower(p.Last + "\x00" + p.First + "\x00" + p.Number)
}

func openEntry(r audit.Receipt, key account.Key, vault uuid.UUID, e Entry) (pseudonym.Pupil, error) {
	text, err := seal.Open(r, key, e.header(vault), e.Sealed)
	if err != nil {
		return pseudonym.Pupil{}, fmt.Errorf("opening register entry %s: %w", e.ID, err)
	}
	return pseudonym.FromPlain(e.ID, text.Reveal())
}

// enter lets a coordinator with a grant into the register.
func (s *Service) enter(ctx context.Context, a account.Actor, line audit.Line) (grant.Vault, account.Key, error) {
	if err := s.Log.Require(ctx, a, account.UseRegister, line); err != nil {
		return grant.Vault{}, nil, err
	}
	v, key, err := grant.EnterTeam(ctx, s.Store, a, grant.Register, s.Now())
	if fault.Is(err, fault.NotFound) {
		return grant.Vault{}, nil, s.Log.Deny(ctx, a.Team, line, "no-grant", fault.Denied)
	}
	return v, key, err
}

// Search returns pupils whose name, number or class holds all words of query.
// The line says that a search was done, never for what.
func (s *Service) Search(ctx context.Context, a account.Actor, query string, page int) (pseudonym.Page, error) {
	o, err := s.open(ctx, a, audit.By(a, audit.RegisterSearch, audit.ObjRegister, uuid.Nil).For(audit.PurposeRegister, ""))
	if err != nil {
		return pseudonym.Page{}, err
	}
	out := pseudonym.Page{All: len(o.pupils)}
	var hits []pseudonym.Pupil
	for _, p := range o.pupils {
		if fits(p, query) {
			hits = append(hits, p)
		}
	}
	out.Total = len(hits)
	from := min(max(page, 0), len(hits)/pseudonym.PageSize) * pseudonym.PageSize
	hits = hits[from:min(from+pseudonym.PageSize, len(hits))]
	if err := s.shown(ctx, a, hits); err != nil {
		return pseudonym.Page{}, err
	}
	cases, err := s.cases(ctx, a, o)
	if err != nil {
		return pseudonym.Page{}, err
	}
	for _, p := range hits {
		l := cases[p.ID]
		out.Rows = append(out.Rows, pseudonym.Row{Pupil: p, Case: l.Case, Pseudonym: l.Pseudonym})
	}
	return out, nil
}

func fits(p pseudonym.Pupil, query string) bool {
	hay := strings.ToLower(p.FullName() + " " + p.Number + " " + p.Class + " " + p.Mentor)
	for _, w := range strings.Fields(strings.ToLower(query)) {
		if !strings.Contains(hay, w) {
			return false
		}
	}
	return true
}

// shown writes a line for each pupil that a page shows.
func (s *Service) shown(ctx context.Context, a account.Actor, pupils []pseudonym.Pupil) error {
	lines := make([]audit.Line, len(pupils))
	for i, p := range pupils {
		lines[i] = audit.By(a, audit.RegisterRead, audit.ObjPupil, p.ID).For(audit.PurposeRegister, "")
	}
	_, err := s.Log.LookAll(ctx, a.Team, lines)
	return err
}

// cases returns the newest case of each pupil.
func (s *Service) cases(ctx context.Context, a account.Actor, o opened) (map[uuid.UUID]Link, error) {
	links, err := s.Store.Links(ctx, a.Team)
	if err != nil {
		return nil, fmt.Errorf("reading links: %w", err)
	}
	out := map[uuid.UUID]Link{}
	for _, l := range links {
		id, err := openLink(o, l)
		if err != nil {
			return nil, grant.Moved(ctx, s.Store, o.vault.ID, o.vault.Recipient, err)
		}
		if _, ok := out[id]; !ok {
			out[id] = l
		}
	}
	return out, nil
}

func openLink(o opened, l Link) (uuid.UUID, error) {
	text, err := seal.Open(o.receipt, o.key, linkHeader(l.Team, o.vault.ID, l.Case), l.Sealed)
	if err != nil {
		return uuid.Nil, fmt.Errorf("opening the link of case %s: %w", l.Case, err)
	}
	id, err := uuid.Parse(text.Reveal())
	if err != nil {
		return uuid.Nil, fmt.Errorf("the link of case %s is damaged", l.Case)
	}
	return id, nil
}

// Pupil opens one entry.
func (s *Service) Pupil(ctx context.Context, a account.Actor, id uuid.UUID) (pseudonym.Row, error) {
	line := audit.By(a, audit.RegisterRead, audit.ObjRegister, uuid.Nil).For(audit.PurposeRegister, "entry")
	o, err := s.open(ctx, a, line)
	if err != nil {
		return pseudonym.Row{}, err
	}
	for _, p := range o.pupils {
		if p.ID != id {
			continue
		}
		if err := s.shown(ctx, a, []pseudonym.Pupil{p}); err != nil {
			return pseudonym.Row{}, err
		}
		cases, err := s.cases(ctx, a, o)
		return pseudonym.Row{Pupil: p, Case: cases[id].Case, Pseudonym: cases[id].Pseudonym}, err
	}
	line.Kind, line.Object = audit.ObjPupil, id
	return pseudonym.Row{}, s.Log.Deny(ctx, a.Team, line, "no-entry", fault.NotFound)
}

// Save adds a pupil (with a zero id) or changes one.
func (s *Service) Save(ctx context.Context, a account.Actor, id uuid.UUID, raw pseudonym.RawPupil) (uuid.UUID, error) {
	event := audit.RegisterChange
	if id == uuid.Nil {
		event = audit.RegisterAdd
	}
	p, perr := pseudonym.ParsePupil(raw, s.Now())
	o, err := s.open(ctx, a, audit.By(a, audit.RegisterSearch, audit.ObjRegister, uuid.Nil).For(audit.PurposeRegister, "change"))
	if err != nil {
		return uuid.Nil, err
	}
	if perr != nil {
		return uuid.Nil, perr
	}
	old, exists := o.entries[id]
	if id != uuid.Nil && !exists {
		return uuid.Nil, s.Log.Deny(ctx, a.Team, audit.By(a, event, audit.ObjPupil, id), "no-entry", fault.NotFound)
	}
	for _, q := range o.pupils {
		if q.Number == p.Number && q.ID != id {
			return uuid.Nil, fault.At("number", "error.pupil.number.used")
		}
	}
	if p.ID = id; !exists {
		p.ID = uuid.New()
	}
	e, err := s.seal(a, o.vault, p, old.Version+1)
	if err != nil {
		return uuid.Nil, err
	}
	roll := s.roll(append(replaced(o.pupils, p), p))
	return p.ID, s.Store.UpdateRegister(ctx, func(tx Tx) error {
		if err := tx.Touch(o.vault); err != nil {
			return err
		}
		if err := write(tx, e, exists); err != nil {
			return err
		}
		if err := setRoll(tx, a.Team, o.version, roll); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, audit.By(a, event, audit.ObjPupil, p.ID).For(audit.PurposeRegister, ""))
	})
}

// setRoll stores the tags of the register as it was read: with another version
// they would forget somebody's name.
func setRoll(tx Tx, team uuid.UUID, version int64, roll []guard.Tag) error {
	same, err := tx.SetRoll(team, version, roll)
	if err == nil && !same {
		err = fault.New(fault.Conflict, "error.register.changed")
	}
	return err
}

func write(tx Tx, e Entry, exists bool) error {
	if !exists {
		return tx.InsertPupil(e)
	}
	first, err := tx.UpdatePupil(e)
	if err == nil && !first {
		return fault.New(fault.Conflict, "error.register.changed")
	}
	return err
}

// replaced returns the pupils without the one that p replaces.
func replaced(list []pseudonym.Pupil, p pseudonym.Pupil) []pseudonym.Pupil {
	var out []pseudonym.Pupil
	for _, q := range list {
		if q.ID != p.ID {
			out = append(out, q)
		}
	}
	return out
}

func (s *Service) seal(a account.Actor, v grant.Vault, p pseudonym.Pupil, version uint64) (Entry, error) {
	plain, err := p.Plain()
	if err != nil {
		return Entry{}, err
	}
	e := Entry{ID: p.ID, Team: a.Team, Version: version, By: a.Member}
	e.Sealed, err = seal.Seal(e.header(v.ID), seal.NewText(plain), v.Recipient)
	return e, err
}

// roll returns the tags of all pupils, for writers who may not open the
// register.
func (s *Service) roll(pupils []pseudonym.Pupil) []guard.Tag {
	var out []guard.Tag
	for _, p := range pupils {
		out = append(out, guard.TagsOf(s.Guard.Key, p.First, p.Infix, p.Last)...)
	}
	return out
}

// Suggest returns the pseudonyms for registered names in a text of a
// coordinator. Without such a name the register stays closed.
func (s *Service) Suggest(ctx context.Context, a account.Actor, text string, found []guard.Finding) ([]pseudonym.Suggestion, error) {
	var names []guard.Finding
	for _, f := range found {
		if f.Kind == guard.Registered || f.Kind == guard.Maybe {
			names = append(names, f)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	if !a.May(account.UseRegister) { // he learns that the name is registered, and that is a line
		_, err := s.Log.Look(ctx, a.Team, audit.By(a, audit.GuardLookup, audit.ObjTeam, a.Team).For(audit.PurposeRegister, "writer"))
		return nil, err
	}
	o, err := s.open(ctx, a, audit.By(a, audit.GuardLookup, audit.ObjRegister, uuid.Nil).For(audit.PurposeRegister, ""))
	if err != nil {
		return nil, err
	}
	cases, err := s.cases(ctx, a, o)
	if err != nil {
		return nil, err
	}
	var out []pseudonym.Suggestion
	for _, f := range names {
		out = append(out, pseudonym.Suggestion{Start: f.Start, End: f.End, Pseudonym: pseudonymFor(text[f.Start:f.End], o.pupils, cases)})
	}
	return out, nil
}

// pseudonymFor returns the pseudonym when all pupils of that name who have a
// case have the same one: with two it is the writer who knows.
func pseudonymFor(name string, pupils []pseudonym.Pupil, cases map[uuid.UUID]Link) pseudonym.Name {
	var out pseudonym.Name
	for _, p := range pupils {
		l, ok := cases[p.ID]
		if !ok || !guard.Names(name, p.First, p.Infix, p.Last) {
			continue
		}
		if out != "" && out != l.Pseudonym {
			return ""
		}
		out = l.Pseudonym
	}
	return out
}
