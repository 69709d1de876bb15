package account

import (
	"regexp"
	"strings"

	"github.com/google/uuid"

	"zat/fault"
)

// Organisation is an employer of members. An external one is a partner of the
// school; for it a case needs a basis (rules, "Basis for discussing a case").
type Organisation struct {
	ID       uuid.UUID
	Team     uuid.UUID
	Name     string
	External bool
	// Controller and Convenant stand for a partner only.
	Controller Controller
	Convenant  string // where the agreement with the partner can be found
}

// Controller is what an organisation is under the AVG for what it learns here.
type Controller string

const (
	ControllerUnknown  Controller = ""          // nobody has said
	ControllerSeparate Controller = "separate"  // decides for itself
	ControllerJoint    Controller = "joint"     // decides with the school
	ControllerProcess  Controller = "processor" // works for the school
)

// Controllers lists every role but the unknown one.
func Controllers() []Controller {
	return []Controller{ControllerSeparate, ControllerJoint, ControllerProcess}
}

// ParseController returns the role with this name; an empty name is the unknown one.
func ParseController(s string) (Controller, error) {
	if s == "" {
		return ControllerUnknown, nil
	}
	for _, c := range Controllers() {
		if string(c) == s {
			return c, nil
		}
	}
	return "", fault.At("controller", "error.choose")
}

// A reference is no free text: what could hold a sentence about somebody is refused.
var reference = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}./_:\-]*( [\p{L}\p{N}./_:\-]+){0,5}$`)

// ParseReference returns a reference to a document: at most sixty characters, six words.
// It may be empty.
func ParseReference(field, s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	if len([]rune(s)) > 60 {
		return "", fault.At(field, "error.toolong", 60)
	}
	if !reference.MatchString(s) {
		return "", fault.At(field, "error.reference")
	}
	return s, nil
}
