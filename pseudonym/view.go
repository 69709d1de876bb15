package pseudonym

import (
	"time"

	"github.com/google/uuid"

	"zat/fault"
)

// What follows is what a page about the register may show. It stands on this
// floor so that web can show it without being able to import the register.

// Row is a pupil in a list, with his case if there is one.
type Row struct {
	Pupil     Pupil
	Case      uuid.UUID
	Pseudonym Name
}

// Page is one page of a search.
type Page struct {
	Rows  []Row
	Total int // that fit the search
	All   int // in the register
}

// PageSize is how many pupils a page shows: each is a line in the log.
const PageSize = 25

// Change is what an import would do with one row of a file.
type Change struct {
	Line   int
	Pupil  Pupil
	Fields []string       // of a changed pupil: what differs
	Why    []*fault.Error // of a refused row
	Raw    RawPupil
}

// Preview is what an import would do. Nothing of it is stored: Blob holds the
// rows, sealed in the register's vault, and comes back with the confirmation.
type Preview struct {
	New, Changed, Refused []Change
	Same                  int
	Missing               int // in the register and not in the file: they stay
	Blob                  string
}

// Suggestion says which pseudonym can stand for a name found in a text.
type Suggestion struct {
	Start, End int
	Pseudonym  Name // empty: in the register, without a case
}

// Disclosed is a name disclosed to one member.
type Disclosed struct {
	Member, Basis, By uuid.UUID
	At, Until         time.Time
	Informed          time.Time
}
