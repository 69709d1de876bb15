package meeting

import (
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/fault"
	"zat/pseudonym"
)

// Phase is where a case is in its life (rules.md, "Case life cycle").
type Phase string

const (
	Intake     Phase = "intake"    // aanmelding
	Grounded   Phase = "basis"     // grondslag
	Preparing  Phase = "prepare"   // voorbereiding
	Discussing Phase = "discuss"   // bespreking
	Decided    Phase = "decide"    // besluit
	Feedback   Phase = "feedback"  // terugkoppeling
	Executing  Phase = "execute"   // uitvoering
	Evaluating Phase = "evaluate"  // evaluatie
	Escalated  Phase = "escalated" // opgeschaald, Meldcode
	Closed     Phase = "closed"    // afgesloten
)

// Phases lists the phases in order; Escalated may follow any open one.
func Phases() []Phase {
	return []Phase{Intake, Grounded, Preparing, Discussing, Decided, Feedback, Executing, Evaluating, Escalated, Closed}
}

// moves says which phase may follow which. The server holds to it whatever a
// page offers. From every phase with a basis a case can return to an agenda.
var moves = map[Phase][]Phase{
	Intake:     {Grounded, Closed},
	Grounded:   {Preparing, Escalated, Closed},
	Preparing:  {Discussing, Grounded, Escalated, Closed},
	Discussing: {Decided, Preparing, Escalated},
	Decided:    {Feedback, Preparing, Discussing, Escalated},
	Feedback:   {Executing, Preparing, Escalated},
	Executing:  {Evaluating, Preparing, Escalated},
	Evaluating: {Closed, Preparing, Executing, Escalated},
	Escalated:  {Preparing, Executing, Closed},
}

// MayFollow reports whether a case in phase p may go to next.
func (p Phase) MayFollow(next Phase) bool {
	for _, m := range moves[p] {
		if m == next {
			return true
		}
	}
	return false
}

// Next lists the phases to which a coordinator may move a case by hand:
// grounded, preparing, discussing and decided follow from what is done.
func (p Phase) Next() []Phase {
	var out []Phase
	for _, m := range moves[p] {
		switch m {
		case Feedback, Executing, Evaluating, Escalated:
			out = append(out, m)
		}
	}
	return out
}

// Domain is a life domain (leefgebied).
type Domain string

const (
	Home    Domain = "home"
	School  Domain = "school"
	Leisure Domain = "leisure"
	Health  Domain = "health"
	Safety  Domain = "safety"
	Money   Domain = "money"
)

// Domains lists the life domains in the order of the pages.
func Domains() []Domain { return []Domain{Home, School, Leisure, Health, Safety, Money} }

// ParseDomain returns the domain with this name.
func ParseDomain(field, s string) (Domain, error) {
	for _, d := range Domains() {
		if string(d) == s {
			return d, nil
		}
	}
	return "", fault.At(field, "error.domain")
}

// ParseDomains returns one or more domains.
func ParseDomains(field string, list []string) ([]Domain, error) {
	var out []Domain
	for _, s := range list {
		d, err := ParseDomain(field, s)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	if len(out) == 0 {
		return nil, fault.At(field, "error.domain")
	}
	return out, nil
}

// Case is what the database says in the clear of a case (casus). Its id is the
// id of its vault as well; what it is about is sealed in that vault.
type Case struct {
	ID         uuid.UUID
	Team       uuid.UUID
	Pseudonym  pseudonym.Name
	Phase      Phase
	Domains    []Domain
	Band       pseudonym.AgeBand
	Lead       uuid.UUID // who has the casusregie; zero: nobody yet
	EvaluateOn time.Time // zero: not planned
	Opened     time.Time
	OpenedBy   uuid.UUID
	Closed     time.Time
	LastAt     time.Time // of the newest contribution
	Revision   int64
}

// Open reports whether anything may still be added.
func (c Case) Open() bool { return c.Phase != Closed }

// CaseRow is a case in a list. Nothing of it is sealed, so a list opens
// nothing.
type CaseRow struct {
	Case
	BasisUntil     time.Time // end of the latest valid basis
	HasBasis       bool
	OpenAgreements int
	LeadRole       account.Role
}

// CaseQuery asks for a page of cases, last touched first.
type CaseQuery struct {
	Team   uuid.UUID
	Member uuid.UUID // with All false: only cases for which he has a grant
	All    bool
	Closed bool
	Search pseudonym.Name
	Now    time.Time
	Before time.Time // cursor: LastAt and ID of the row before; zero for the first page
	After  uuid.UUID
	Limit  int
}
