package meeting

import (
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/crypto/seal"
	"zat/fault"
)

// ItemKind is what sort of sealed text it is.
type ItemKind string

const (
	Question     ItemKind = "question"  // hulpvraag; the newest counts
	Note         ItemKind = "note"      // notitie
	Signal       ItemKind = "signal"    // signaal
	Agreement    ItemKind = "agreement" // afspraak
	Notes        ItemKind = "notes"     // aantekeningen of a point; the newest counts
	Outcome      ItemKind = "outcome"   // what the minutes say of a point
	Remark       ItemKind = "remark"    // on draft minutes
	FeedbackItem ItemKind = "feedback"  // terugkoppeling to mentor, pupil or parents
	Addendum     ItemKind = "addendum"  // to fixed minutes
	Recognised   ItemKind = "known"     // whether a youth worker knows the youngster, told to those of the case
	Trend        ItemKind = "trend"     // a signal without a pupil
	InboxItem    ItemKind = "inbox"     // a signal for which no case is known
	Place        ItemKind = "place"     // where a session is held
	Title        ItemKind = "title"     // what a point without a case is about
	BasisItem    ItemKind = "basis"     // what is recorded about a basis
)

// Tone says whether a signal tells of a concern or a strength.
type Tone string

const (
	Concern  Tone = "concern"
	Strength Tone = "strength"
)

// Knowing says how the writer knows what he tells.
type Knowing string

const (
	Seen    Knowing = "seen"    // zelf gezien
	Told    Knowing = "told"    // van de jongere gehoord
	Hearsay Knowing = "hearsay" // van anderen gehoord
)

// Knowings lists the ways of knowing.
func Knowings() []Knowing { return []Knowing{Seen, Told, Hearsay} }

// SourceClass sets police and medical contributions apart: they never leave in
// an export to other partners (rules.md, "A neighbourhood signal").
type SourceClass string

const (
	Ordinary SourceClass = ""
	Policing SourceClass = "police"
	Medical  SourceClass = "medical"
)

func classOf(r account.Role) SourceClass {
	switch r {
	case account.Police:
		return Policing
	case account.Doctor:
		return Medical
	}
	return Ordinary
}

// Item is one sealed text with what the database says of it in the clear.
type Item struct {
	ID          uuid.UUID
	Team        uuid.UUID
	Vault       uuid.UUID
	Seq         uint64
	Kind        ItemKind
	Author      uuid.UUID
	AuthorRole  account.Role
	Class       SourceClass
	At          time.Time
	Domain      Domain
	Tone        Tone
	Knowing     Knowing
	ThirdParty  bool      // third parties or offences: more sensitive
	Session     uuid.UUID // the overleg in which it was made
	Point       uuid.UUID
	Responsible uuid.UUID // of an agreement
	Due         time.Time
	Done        time.Time
	DoneBy      uuid.UUID
	Dropped     bool // it was withdrawn, at Done
	Sealed      seal.Sealed
}

func (it Item) header() seal.Header {
	return seal.Header{Team: it.Team, Vault: it.Vault, Item: it.ID, Kind: string(it.Kind), Author: it.Author, Seq: it.Seq}
}

// Opened is an item with its text.
type Opened struct {
	Item
	Text            seal.Text
	ResponsibleRole account.Role
	ResponsibleName string
	To              Audience // of a feedback
	Pseudonym       string   // of the case, in lists over several cases
}

// Overdue reports whether an agreement is open past its day.
func (it Item) Overdue(now time.Time) bool { return it.Done.IsZero() && it.Due.Before(Today(now)) }

func parseTone(s string) (Tone, error) {
	if t := Tone(s); t == Concern || t == Strength {
		return t, nil
	}
	return "", fault.At("tone", "error.tone")
}

func parseKnowing(s string) (Knowing, error) {
	for _, k := range Knowings() {
		if string(k) == s {
			return k, nil
		}
	}
	return "", fault.At("knowing", "error.knowing")
}
