// Package audit is the access log: lines, the receipts that follow from them,
// and the check that nobody rewrote them.
//
// It promises that content opens only after a line is durable: crypto/seal asks
// for a Receipt, and only this package can make one, after the commit. A line
// never holds content, a name or an address; a typed reason is in it only
// sealed. The caller has to say truly who acts and on what.
package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/account"
)

// PolicyVersion is the version of the table of roles and rules that decided.
const PolicyVersion = "1"

// Line is one event about one data subject. Its JSON is what the commitment in
// the tree is made over; keys are short and are never reused for another field.
type Line struct {
	Seq          uint64     `json:"n"`
	ID           uuid.UUID  `json:"id"`
	At           int64      `json:"t"` // UTC, milliseconds since 1970
	Event        Event      `json:"ev"`
	Action       Action     `json:"ac"`
	Outcome      Outcome    `json:"oc"`
	Purpose      Purpose    `json:"pu,omitempty"`
	Processing   string     `json:"pa"` // activity and version of the register of processing
	Actor        uuid.UUID  `json:"by"` // member; zero for somebody unknown
	Role         string     `json:"ro,omitempty"`
	Organisation uuid.UUID  `json:"or"`
	OnBehalf     uuid.UUID  `json:"ob"`
	Auth         string     `json:"au,omitempty"`
	Session      string     `json:"se,omitempty"`
	Kind         ObjectKind `json:"ok"`
	Object       uuid.UUID  `json:"oi"`
	Part         string     `json:"op,omitempty"` // a category or a range, never content
	Case         uuid.UUID  `json:"ca"`
	Meeting      uuid.UUID  `json:"me"`
	Relation     Relation   `json:"re,omitempty"`
	Basis        uuid.UUID  `json:"ba"`
	BreakGlass   bool       `json:"bg,omitempty"`
	Reason       []byte     `json:"rs,omitempty"` // sealed to the log's readers
	Policy       string     `json:"po"`
	Rule         string     `json:"ru,omitempty"`
	System       string     `json:"sy"`
	Trace        uuid.UUID  `json:"tr"` // of the request it was part of; shared with Logboek Dataverwerkingen
}

// By returns a successful line for what the actor does; the other fields are
// filled in by With functions or by hand.
func By(a account.Actor, e Event, kind ObjectKind, object uuid.UUID) Line {
	return Line{Event: e, Outcome: Success, Actor: a.Member, Role: string(a.Role), Organisation: a.Organisation,
		Auth: a.Auth, Session: a.Session, Trace: a.Trace, Kind: kind, Object: object}
}

// On returns the line with its case and what the actor is to it.
func (l Line) On(c uuid.UUID, r Relation) Line {
	l.Case, l.Relation = c, r
	return l
}

// In returns the line with the session (overleg) it belongs to.
func (l Line) In(meeting uuid.UUID) Line {
	l.Meeting = meeting
	return l
}

// For returns the line with its purpose and part.
func (l Line) For(p Purpose, part string) Line {
	l.Purpose, l.Part = p, part
	return l
}

// Refused returns the line as a denied attempt, with the rule that denied it.
func (l Line) Refused(rule string) Line {
	l.Outcome, l.Rule = Denied, rule
	return l
}

// Time returns the moment in UTC.
func (l Line) Time() time.Time { return time.UnixMilli(l.At).UTC() }

var errLine = errors.New("audit: line is incomplete")

func (l Line) check() error {
	if l.Event.Action() == "" || l.Outcome == "" || l.Kind == "" {
		return fmt.Errorf("%w: event %q, outcome %q, object %q", errLine, l.Event, l.Outcome, l.Kind)
	}
	for _, s := range []string{l.Part, l.Rule, l.Role, l.Auth} {
		if !closed(s) {
			return fmt.Errorf("%w: event %q holds what is in no closed set", errLine, l.Event)
		}
	}
	return nil
}

// maxWord is how long a part or rule may be.
const maxWord = 80

// closed reports whether a word has the form of the closed sets: small letters, digits and
// signs between them. What people type has capitals, accents or dots in it sooner or later,
// and is refused before it is written.
func closed(s string) bool {
	if len(s) > maxWord {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune(" -:,_.+", r) {
			return false
		}
	}
	return true
}

// ParseLine reads a line as it is stored: in the form in which lines are written, without
// the detours of JSON in general; in any other as JSON.
func ParseLine(b []byte) (Line, error) {
	if l, ok := parseFlat(b); ok {
		return l, nil
	}
	var l Line
	if err := json.Unmarshal(b, &l); err != nil {
		return Line{}, fmt.Errorf("reading line: %w", err)
	}
	return l, nil
}
