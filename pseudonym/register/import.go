package register

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/encoding/charmap"

	"zat/account"
	"zat/audit"
	"zat/crypto/seal"
	"zat/fault"
	"zat/pseudonym"
)

// MaxRows is the most pupils one file may hold; a Dutch school location has
// fewer than 3,000.
const MaxRows = 5000

// FileRow is one row of a file, with its line number in the file.
type FileRow struct {
	Line int
	Raw  pseudonym.RawPupil
}

var columns = map[string]func(*pseudonym.RawPupil) *string{
	"leerlingnummer": func(r *pseudonym.RawPupil) *string { return &r.Number },
	"roepnaam":       func(r *pseudonym.RawPupil) *string { return &r.First },
	"tussenvoegsel":  func(r *pseudonym.RawPupil) *string { return &r.Infix },
	"achternaam":     func(r *pseudonym.RawPupil) *string { return &r.Last },
	"geboortedatum":  func(r *pseudonym.RawPupil) *string { return &r.Born },
	"klas":           func(r *pseudonym.RawPupil) *string { return &r.Class },
	"mentor":         func(r *pseudonym.RawPupil) *string { return &r.Mentor },
}

var required = []string{"leerlingnummer", "roepnaam", "achternaam", "geboortedatum", "klas"}

// ParseFile reads a CSV file as school systems export it: comma or semicolon,
// UTF-8 or Windows-1252, with or without byte order mark, columns in any order.
// Columns it does not know are passed over. Failures are at the field "file".
func ParseFile(b []byte) ([]FileRow, error) {
	text, err := decode(b)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = separator(text)
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, fault.At("file", "error.csv.empty")
	}
	if err != nil {
		return nil, csvFault(err)
	}
	fields, err := header(head)
	if err != nil {
		return nil, err
	}
	return rows(r, fields)
}

func decode(b []byte) (string, error) {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(b)) == 0 {
		return "", fault.At("file", "error.csv.empty")
	}
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) || bytes.HasPrefix(b, []byte("PK\x03\x04")) || bytes.IndexByte(b, 0) >= 0 {
		return "", fault.At("file", "error.csv.notcsv")
	}
	if utf8.Valid(b) {
		return string(b), nil
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return "", fault.At("file", "error.csv.encoding")
	}
	return string(text), nil
}

func separator(text string) rune {
	first, _, _ := strings.Cut(text, "\n")
	if strings.Count(first, ";") >= strings.Count(first, ",") {
		return ';'
	}
	return ','
}

func header(head []string) ([]func(*pseudonym.RawPupil) *string, error) {
	fields := make([]func(*pseudonym.RawPupil) *string, len(head))
	seen := map[string]bool{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(name))
		if f := columns[name]; f != nil {
			if seen[name] {
				return nil, fault.At("file", "error.csv.column.twice", name)
			}
			fields[i], seen[name] = f, true
		}
	}
	for _, name := range required {
		if !seen[name] {
			return nil, fault.At("file", "error.csv.column", name)
		}
	}
	return fields, nil
}

func rows(r *csv.Reader, fields []func(*pseudonym.RawPupil) *string) ([]FileRow, error) {
	var out []FileRow
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, csvFault(err)
		}
		line, _ := r.FieldPos(0)
		row := FileRow{Line: line}
		for i, v := range rec {
			if i < len(fields) && fields[i] != nil {
				*fields[i](&row.Raw) = v
			}
		}
		if row.Raw == (pseudonym.RawPupil{}) {
			continue
		}
		if out = append(out, row); len(out) > MaxRows {
			return nil, fault.At("file", "error.csv.rows", MaxRows)
		}
	}
	if len(out) == 0 {
		return nil, fault.At("file", "error.csv.empty")
	}
	return out, nil
}

func csvFault(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fault.At("file", "error.csv.line", p.Line)
	}
	return fault.At("file", "error.csv.notcsv")
}

const importKind = "import"

// Preview reads a file and says what an import of it would do.
func (s *Service) Preview(ctx context.Context, a account.Actor, file []byte) (pseudonym.Preview, error) {
	line := audit.By(a, audit.RegisterSearch, audit.ObjRegister, uuid.Nil).For(audit.PurposeRegister, "import")
	o, err := s.open(ctx, a, line)
	if err != nil {
		return pseudonym.Preview{}, err
	}
	rows, err := ParseFile(file)
	if err != nil {
		return pseudonym.Preview{}, err
	}
	p := s.compare(o, rows)
	plain, err := json.Marshal(accepted(p))
	if err != nil {
		return pseudonym.Preview{}, fmt.Errorf("keeping the import: %w", err)
	}
	sealed, err := seal.Seal(importHeader(a, o), seal.NewText(string(plain)), o.vault.Recipient)
	if err != nil {
		return pseudonym.Preview{}, err
	}
	p.Blob = base64.StdEncoding.EncodeToString(sealed)
	return p, nil
}

// importHeader binds a preview to the register as it was: after a change it has
// to be made anew.
func importHeader(a account.Actor, o opened) seal.Header {
	return seal.Header{Team: a.Team, Vault: o.vault.ID, Item: o.vault.ID, Kind: importKind, Author: a.Member, Seq: uint64(o.version)}
}

// accepted lists the rows that an import would store.
func accepted(p pseudonym.Preview) []jsonRow {
	out := []jsonRow{}
	for _, list := range [][]pseudonym.Change{p.New, p.Changed} {
		for _, c := range list {
			r := c.Raw
			out = append(out, jsonRow{c.Line, r.Number, r.First, r.Infix, r.Last, r.Born, r.Class, r.Mentor})
		}
	}
	return out
}

// jsonRow is a FileRow without the redaction.
type jsonRow struct {
	Line                                            int
	Number, First, Infix, Last, Born, Class, Mentor string
}

func (s *Service) compare(o opened, rows []FileRow) pseudonym.Preview {
	byNumber := map[string]pseudonym.Pupil{}
	for _, p := range o.pupils {
		byNumber[p.Number] = p
	}
	var out pseudonym.Preview
	seen := map[string]int{}
	for _, row := range rows {
		p, err := pseudonym.ParsePupil(row.Raw, s.Now())
		c := pseudonym.Change{Line: row.Line, Pupil: p, Raw: row.Raw}
		if err != nil {
			c.Why = fault.Fields(err)
		} else if first := seen[p.Number]; first != 0 {
			c.Why = []*fault.Error{fault.At("number", "error.csv.twice", first)}
		}
		if len(c.Why) > 0 {
			out.Refused = append(out.Refused, c)
			continue
		}
		seen[p.Number] = row.Line
		old, exists := byNumber[p.Number]
		switch {
		case !exists:
			c.Pupil.ID = uuid.New()
			out.New = append(out.New, c)
		case len(differences(old, p)) > 0:
			c.Pupil.ID, c.Fields = old.ID, differences(old, p)
			out.Changed = append(out.Changed, c)
		default:
			out.Same++
		}
	}
	for _, p := range o.pupils {
		if seen[p.Number] == 0 {
			out.Missing++
		}
	}
	return out
}

func differences(a, b pseudonym.Pupil) []string {
	var out []string
	for _, f := range []struct{ name, a, b string }{{"first", a.First, b.First}, {"infix", a.Infix, b.Infix}, {"last", a.Last, b.Last},
		{"born", a.BornText(), b.BornText()}, {"class", a.Class, b.Class}, {"mentor", a.Mentor, b.Mentor}} {
		if f.a != f.b {
			out = append(out, f.name)
		}
	}
	return out
}

// Import stores what a preview showed, in one transaction, with a line for each
// pupil. When the register changed since the preview it is refused.
func (s *Service) Import(ctx context.Context, a account.Actor, blob string) (added, changed int, err error) {
	line := audit.By(a, audit.RegisterSearch, audit.ObjRegister, uuid.Nil).For(audit.PurposeRegister, "import")
	o, err := s.open(ctx, a, line)
	if err != nil {
		return 0, 0, err
	}
	rows, err := s.openBlob(a, o, blob)
	if err != nil {
		return 0, 0, err
	}
	p := s.compare(o, rows)
	pupils := map[uuid.UUID]pseudonym.Pupil{}
	for _, q := range o.pupils {
		pupils[q.ID] = q
	}
	var entries []Entry
	var lines []audit.Line
	for _, c := range append(append([]pseudonym.Change{}, p.New...), p.Changed...) {
		old := o.entries[c.Pupil.ID]
		e, err := s.seal(a, o.vault, c.Pupil, old.Version+1)
		if err != nil {
			return 0, 0, err
		}
		entries = append(entries, e)
		event := audit.RegisterAdd
		if old.Version > 0 {
			event = audit.RegisterChange
		}
		lines = append(lines, audit.By(a, event, audit.ObjPupil, e.ID).For(audit.PurposeRegister, "import"))
		pupils[e.ID] = c.Pupil
	}
	roll := s.roll(slices.Collect(maps.Values(pupils)))
	lines = append(lines, audit.By(a, audit.RegisterImport, audit.ObjRegister, o.vault.ID).For(audit.PurposeRegister, fmt.Sprintf("%d new, %d changed", len(p.New), len(p.Changed))))
	err = s.Store.UpdateRegister(ctx, func(tx Tx) error {
		if err := tx.Touch(o.vault); err != nil {
			return err
		}
		for _, e := range entries {
			if err := write(tx, e, e.Version > 1); err != nil {
				return err
			}
		}
		if err := setRoll(tx, a.Team, o.version, roll); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, lines...)
	})
	return len(p.New), len(p.Changed), err
}

func (s *Service) openBlob(a account.Actor, o opened, blob string) ([]FileRow, error) {
	stale := fault.New(fault.Invalid, "error.import.stale")
	sealed, err := base64.StdEncoding.DecodeString(blob)
	if err != nil {
		return nil, stale
	}
	text, err := seal.Open(o.receipt, o.key, importHeader(a, o), sealed)
	if err != nil {
		return nil, stale
	}
	var list []jsonRow
	if err := json.Unmarshal([]byte(text.Reveal()), &list); err != nil {
		return nil, stale
	}
	var rows []FileRow
	for _, r := range list {
		rows = append(rows, FileRow{r.Line, pseudonym.RawPupil{Number: r.Number, First: r.First, Infix: r.Infix, Last: r.Last, Born: r.Born, Class: r.Class, Mentor: r.Mentor}})
	}
	return rows, nil
}
