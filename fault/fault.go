// Package fault is the closed set of ways in which a use case can fail.
//
// Every package of zat returns its foreseeable failures as *Error (or wraps
// one), so that exactly one place in web has to turn them into a status and a
// sentence. A fault carries a catalogue key and arguments, never a sentence,
// and never a name, a text or any other content: what is in it may be shown
// to the person who made the request.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of failure it is. There are no others.
type Kind int

const (
	Internal Kind = iota // our own doing; details go to the server log only
	Invalid              // something typed cannot be accepted as it is
	Denied               // the role may not do this
	NotFound             // it is not there, or not there for this person
	Conflict             // somebody else was first
	Signed               // nobody is signed in, or not any more
	Busy                 // try again in a moment
	TooLarge             // more than the tool takes
)

var kindNames = [...]string{"internal", "invalid", "denied", "not found", "conflict", "not signed in", "busy", "too large"}

func (k Kind) String() string { return kindNames[k] }

// Error is one failure. Field is the form field it belongs to, or empty when
// it concerns the whole request.
type Error struct {
	Kind  Kind
	Key   string
	Field string
	Args  []any
	cause error
}

func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Kind, e.Key, e.cause)
	}
	return fmt.Sprintf("%s: %s", e.Kind, e.Key)
}

func (e *Error) Unwrap() error { return e.cause }

// New returns a failure that concerns the whole request.
func New(k Kind, key string, args ...any) *Error { return &Error{Kind: k, Key: key, Args: args} }

// At returns an Invalid failure at one form field.
func At(field, key string, args ...any) *Error {
	return &Error{Kind: Invalid, Key: key, Field: field, Args: args}
}

// Wrap returns a failure with an inner cause that only the server log shows.
func Wrap(k Kind, key string, cause error) *Error { return &Error{Kind: k, Key: key, cause: cause} }

// KindOf returns the kind of err: Internal for everything that is not a fault.
func KindOf(err error) Kind {
	var list List
	if errors.As(err, &list) {
		return Invalid
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is a failure of kind k.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }

// List is several failures of one form, each at its field.
type List []*Error

func (l List) Error() string { return fmt.Sprintf("invalid: %d fields", len(l)) }

// Add appends err when it is not nil. An error that is not a fault is kept as
// Internal, so that a broken database never looks like a typing mistake.
func (l *List) Add(err error) {
	if err == nil {
		return
	}
	var inner List
	if errors.As(err, &inner) {
		*l = append(*l, inner...)
		return
	}
	var e *Error
	if !errors.As(err, &e) {
		e = Wrap(Internal, "error.internal", err)
	}
	*l = append(*l, e)
}

// Err returns nil for an empty list, the inner failure when one of them is not
// Invalid, and else the list.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	for _, e := range l {
		if e.Kind != Invalid {
			return e
		}
	}
	return l
}

// Fields returns the failures at fields that err holds.
func Fields(err error) []*Error {
	var list List
	if errors.As(err, &list) {
		return list
	}
	var e *Error
	if errors.As(err, &e) && e.Kind == Invalid {
		return []*Error{e}
	}
	return nil
}
