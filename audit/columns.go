package audit

import "strconv"

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
// sequence. It reads the line's own form without making anything; one in another form is
// read as JSON.
func (e Entry) matches() (seq uint64, same, ok bool) {
	seq, same, ok = e.scan()
	if ok {
		return seq, same, true
	}
	l, err := ParseLine(e.Raw)
	if err != nil {
		return 0, false, false
	}
	return l.Seq, l.Columns() == e.Columns, true
}

// scan is matches for a line as json.Marshal writes it.
func (e Entry) scan() (seq uint64, same, ok bool) {
	c := &e.Columns
	glass, fields := false, 0
	same = true
	ok = flat(e.Raw, func(key, value []byte) bool {
		want := ""
		switch string(key) {
		case "n":
			n, err := strconv.ParseUint(string(value), 10, 64)
			seq = n
			return err == nil
		case "t":
			n, err := strconv.ParseInt(string(value), 10, 64)
			same = same && n == c.At
			return err == nil
		case "bg":
			glass = string(value) == "true"
			return true
		case "ev":
			want = c.Event
		case "oc":
			want = c.Outcome
		case "by":
			want = c.Actor
		case "ro":
			want = c.Role
		case "or":
			want = c.Org
		case "ca":
			want = c.Case
		case "me":
			want = c.Meeting
		case "ba":
			want = c.Basis
		case "se":
			want = c.Visit
		default:
			return true
		}
		fields++
		same = same && string(value) == want
		return true
	})
	// Role and visit are left out of the line when they are empty.
	for _, absent := range []bool{c.Role == "", c.Visit == ""} {
		if absent {
			fields++
		}
	}
	return seq, same && glass == c.Glass && fields == 9, ok
}

// flat calls fn for the pairs of a flat JSON object without blanks whose strings need no
// escapes; strings come without their quotes. It reports false for any other form.
func flat(b []byte, fn func(key, value []byte) bool) bool {
	if len(b) < 2 || b[0] != '{' || b[len(b)-1] != '}' {
		return false
	}
	for b = b[1:]; len(b) > 1; {
		key, rest, ok := quoted(b)
		if !ok || len(rest) < 2 || rest[0] != ':' {
			return false
		}
		var value []byte
		if rest = rest[1:]; rest[0] == '"' {
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
		if len(rest) == 0 || rest[0] != ',' && (rest[0] != '}' || len(rest) > 1) || !fn(key, value) {
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
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			return nil, nil, false
		case '"':
			return b[1:i], b[i+1:], true
		}
	}
	return nil, nil, false
}
