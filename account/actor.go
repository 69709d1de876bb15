package account

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// Key is an actor's opened age identity, as far as the lowest floor knows it.
// Only crypto/grant can open anything with it.
type Key interface {
	// Recipient returns the public half, "age1pq1…".
	Recipient() string
}

// Actor is somebody who does something, with all that a line in the access
// log says about him at that moment. Every use case takes it as an argument.
type Actor struct {
	Account      uuid.UUID
	Member       uuid.UUID
	Team         uuid.UUID
	Organisation uuid.UUID
	Role         Role
	Name         string
	Auth         string    // how he signed in: "password+totp"
	Session      string    // reference of the session; not usable as its token
	Key          Key       // nil when nothing may be opened
	Trace        uuid.UUID // of the request in which he acts: all its lines share it
}

// May reports whether the actor's role has the permission.
func (a Actor) May(p Permission) bool { return a.Role.May(p) }

// TwoFactors reports whether he signed in with two: a passkey that checks its owner counts
// as two (something he has, and something he knows or is).
func (a Actor) TwoFactors() bool {
	return strings.Contains(a.Auth, "+") || strings.Contains(a.Auth, "passkey")
}

// String never shows more than the role: an actor may end up in an error.
func (a Actor) String() string { return "actor(" + string(a.Role) + ")" }

// GoString keeps %#v from printing the fields.
func (a Actor) GoString() string { return a.String() }

// Account is a person who can sign in. The e-mail address is stored in lower
// case; it is personal data of a professional and stays out of the log.
type Account struct {
	ID        uuid.UUID
	Email     string
	Name      string
	Recipient string // public half of the age identity; empty until he joined
	Created   time.Time
}

// Team is one care team of one school.
type Team struct {
	ID          uuid.UUID
	Name        string
	School      string
	ConsentRule ConsentRule
	Policy      Policy
	LogYears    int // how long lines of its log are kept
	Created     time.Time
}

// ConsentRule says who gives consent at which age band.
type ConsentRule string

const (
	// ConsentStrict: under 12 the parents, 12 to 15 parents and pupil, from 16 the pupil.
	ConsentStrict ConsentRule = "strict"
	// ConsentSchool: under 16 the parents, from 16 the pupil.
	ConsentSchool ConsentRule = "school"
)

// Member is an account in a team. Ended is zero while it lasts.
type Member struct {
	ID           uuid.UUID
	Account      uuid.UUID
	Team         uuid.UUID
	Organisation uuid.UUID
	OrgName      string
	External     bool
	Role         Role
	Name         string
	Email        string
	Recipient    string // empty until he joined: then nothing can be granted to him
	Ended        time.Time
}

// Active reports whether the member joined and has not left.
func (m Member) Active() bool { return m.Joined() && m.Ended.IsZero() }

// Joined reports whether the member has keys, so that grants can be made.
func (m Member) Joined() bool { return m.Recipient != "" }
