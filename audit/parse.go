package audit

import (
	"encoding/base64"
	"strconv"

	"github.com/google/uuid"
)

// parseFlat reads a line in the form in which json.Marshal writes one. It reports false for
// any other, and for a field that it does not know.
func parseFlat(b []byte) (l Line, ok bool) {
	ok = flat(b, func(key, value []byte, text bool) bool {
		number := string(key) == "n" || string(key) == "t" || string(key) == "bg"
		return text != number && plainText(value) && l.set(string(key), value)
	})
	return l, ok
}

// set fills one field.
func (l *Line) set(key string, value []byte) (ok bool) {
	if id := l.idField(key); id != nil {
		return readID(id, value)
	}
	var err error
	switch s := string(value); key {
	case "n":
		l.Seq, err = strconv.ParseUint(s, 10, 64)
	case "t":
		l.At, err = strconv.ParseInt(s, 10, 64)
	case "ev":
		l.Event = Event(s)
	case "ac":
		l.Action = Action(s)
	case "oc":
		l.Outcome = Outcome(s)
	case "pu":
		l.Purpose = Purpose(s)
	case "pa":
		l.Processing = s
	case "ro":
		l.Role = s
	case "au":
		l.Auth = s
	case "se":
		l.Session = s
	case "ok":
		l.Kind = ObjectKind(s)
	case "op":
		l.Part = s
	case "re":
		l.Relation = Relation(s)
	case "bg":
		l.BreakGlass = s == "true"
		return s == "true" || s == "false"
	case "rs":
		l.Reason, err = base64.StdEncoding.DecodeString(s)
	case "po":
		l.Policy = s
	case "ru":
		l.Rule = s
	case "sy":
		l.System = s
	default:
		return false
	}
	return err == nil
}

// idField is the field of an id; nil for another.
func (l *Line) idField(key string) *uuid.UUID {
	switch key {
	case "id":
		return &l.ID
	case "by":
		return &l.Actor
	case "or":
		return &l.Organisation
	case "ob":
		return &l.OnBehalf
	case "oi":
		return &l.Object
	case "ca":
		return &l.Case
	case "me":
		return &l.Meeting
	case "ba":
		return &l.Basis
	case "tr":
		return &l.Trace
	}
	return nil
}

// plainText reports whether a string is of the characters that closed sets have: for
// others JSON has rules of its own.
func plainText(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

func readID(id *uuid.UUID, value []byte) bool {
	if len(value) != 36 {
		return false
	}
	var err error
	*id, err = uuid.ParseBytes(value)
	return err == nil
}
