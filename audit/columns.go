package audit

import (
	"bytes"
	"strconv"
)

// Columns are what the store says of a line beside the line itself, so that a filter
// finds it without reading it. Verify compares them with the line.
type Columns struct {
	At                                                            int64
	Event, Outcome, Actor, Role, Org, Case, Meeting, Basis, Visit string
	Glass                                                         bool
}

// Columns returns what the store has to say of the line.
func (l Line) Columns() Columns {
	return Columns{At: l.At, Event: string(l.Event), Outcome: string(l.Outcome), Actor: l.Actor.String(), Role: l.Role, Org: l.Organisation.String(), Case: l.Case.String(),
		Meeting: l.Meeting.String(), Basis: l.Basis.String(), Visit: l.Session, Glass: l.BreakGlass}
}

// matches reports whether a stored line says of itself what its columns say, and its
// sequence. A line in the form in which lines are written, whose columns are right, is seen
// to be so without being read as a whole; any other is read.
func (e Entry) matches() (seq uint64, same, ok bool) {
	if seq, ok = e.fits(); ok {
		return seq, true, true
	}
	l, err := ParseLine(e.Raw)
	if err != nil {
		return 0, false, false
	}
	return l.Seq, l.Columns() == e.Columns, true
}

// fits looks for each column where json.Marshal writes it. A value of a line holds no quote
// and no key comes twice, so that what is found is the field itself.
func (e Entry) fits() (seq uint64, ok bool) {
	c, b := &e.Columns, e.Raw
	if !bytes.HasPrefix(b, startOfLine) || bytes.IndexByte(b, '\\') >= 0 {
		return 0, false
	}
	b = b[len(startOfLine):]
	end := bytes.IndexByte(b, ',')
	if end < 0 {
		return 0, false
	}
	seq, err := strconv.ParseUint(string(b[:end]), 10, 64)
	if err != nil {
		return 0, false
	}
	var number [24]byte
	for _, f := range [...]struct {
		key, value string
		optional   bool
	}{
		{`"ev":"`, c.Event, false}, {`"oc":"`, c.Outcome, false}, {`"by":"`, c.Actor, false}, {`"ro":"`, c.Role, true}, {`"or":"`, c.Org, false}, {`"se":"`, c.Visit, true},
		{`"ca":"`, c.Case, false}, {`"me":"`, c.Meeting, false}, {`"ba":"`, c.Basis, false},
	} {
		if b, ok = after(b, f.key, f.value, f.optional); !ok {
			return 0, false
		}
	}
	at := append(append(number[:0], `,"t":`...), strconv.FormatInt(c.At, 10)...)
	i := bytes.Index(e.Raw, at)
	return seq, i >= 0 && e.Raw[i+len(at)] == ',' && bytes.Contains(b, breakGlass) == c.Glass
}

var (
	startOfLine = []byte(`{"n":`)
	breakGlass  = []byte(`"bg":true`)
)

// after returns what follows a field with this value; an empty optional one is not there.
func after(b []byte, key, value string, optional bool) (rest []byte, ok bool) {
	i := bytes.Index(b, []byte(key))
	if optional && value == "" {
		return b, i < 0
	}
	if i < 0 {
		return nil, false
	}
	b = b[i+len(key):]
	if len(b) <= len(value) || string(b[:len(value)]) != value || b[len(value)] != '"' {
		return nil, false
	}
	return b[len(value):], true
}

// flat calls fn for the pairs of a flat JSON object without blanks whose strings need no
// escapes; text says that a value is a string, which comes without its quotes. It reports
// false for any other form.
func flat(b []byte, fn func(key, value []byte, text bool) bool) bool {
	if len(b) < 2 || b[0] != '{' || b[len(b)-1] != '}' {
		return false
	}
	for b = b[1:]; len(b) > 1; {
		key, rest, ok := quoted(b)
		if !ok || len(rest) < 2 || rest[0] != ':' {
			return false
		}
		var value []byte
		text := rest[1] == '"'
		if rest = rest[1:]; text {
			if value, rest, ok = quoted(rest); !ok {
				return false
			}
		} else {
			n := 0
			for n < len(rest) && rest[n] != ',' && rest[n] != '}' {
				if rest[n] == '"' || rest[n] == '{' || rest[n] == '[' {
					return false
				}
				n++
			}
			value, rest = rest[:n], rest[n:]
		}
		if len(rest) == 0 || rest[0] != ',' && (rest[0] != '}' || len(rest) > 1) || !fn(key, value, text) {
			return false
		}
		b = rest[1:]
		if len(b) == 0 {
			return true
		}
	}
	return false
}

// quoted cuts a string without escapes off its front.
func quoted(b []byte) (text, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != '"' {
		return nil, nil, false
	}
	i := bytes.IndexByte(b[1:], '"')
	if i < 0 || bytes.IndexByte(b[1:1+i], '\\') >= 0 {
		return nil, nil, false
	}
	return b[1 : 1+i], b[2+i:], true
}
