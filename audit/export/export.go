// Package export writes lines of the access log for tools of others: CSV for Dutch Excel,
// JSON Lines, FHIR R4 AuditEvent, and Logboek Dataverwerkingen.
//
// Each format is streamed; what a line holds is in none of them more than in the log.
package export

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"io"

	"zat/audit"
)

// Format is a format of an export.
type Format string

const (
	CSV   Format = "csv"
	JSON  Format = "json lines"
	FHIR  Format = "fhir"
	LDV   Format = "ldv"
	Proof Format = "proof" // lines with what proves them against the tree (package tiles)
)

// Formats lists the formats.
func Formats() []Format { return []Format{CSV, JSON, FHIR, LDV, Proof} }

// Known reports whether the format is one of them.
func (f Format) Known() bool {
	for _, x := range Formats() {
		if f == x {
			return true
		}
	}
	return false
}

// Row is a line with what its ids are called now. Names and pseudonyms are empty where they
// are not known, or not to be told.
type Row struct {
	audit.Line
	Commitment [32]byte
	Name       string
	Org        string
	Pseudonym  string
	Basis      string // kind
}

// Options is what a format needs to know.
type Options struct {
	Words func(key string) string // of the language of headings and events, for CSV
	Names bool                    // of colleagues, for CSV and JSON Lines
	Base  string                  // address under which the register of processing is found; empty: a URN
}

// Writer writes rows.
type Writer interface {
	Write(Row) error
	// End writes what is left.
	End() error
}

// New begins an export.
func New(w io.Writer, f Format, o Options) Writer {
	b := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	lines := jsonLines{b, enc, o}
	switch f {
	case CSV:
		return newCSV(b, o)
	case FHIR:
		return fhirWriter{lines}
	case LDV:
		return ldvWriter{lines}
	}
	return lines
}

// jsonLines writes one JSON object a line.
type jsonLines struct {
	b   *bufio.Writer
	enc *json.Encoder
	o   Options
}

func (w jsonLines) End() error { return w.b.Flush() }

// plain is a line in JSON Lines: docs/schemas/access-log-line.schema.json.
type plain struct {
	Sequence     uint64 `json:"sequence"`
	ID           string `json:"id"`
	Time         string `json:"time"`
	Event        string `json:"event"`
	Action       string `json:"action"`
	Outcome      string `json:"outcome"`
	Purpose      string `json:"purpose,omitempty"`
	Processing   string `json:"processing,omitempty"`
	Actor        string `json:"actor,omitempty"`
	ActorName    string `json:"actorName,omitempty"`
	Role         string `json:"role,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	OrgName      string `json:"organisationName,omitempty"`
	OnBehalfOf   string `json:"onBehalfOf,omitempty"`
	Auth         string `json:"authentication,omitempty"`
	Visit        string `json:"visit,omitempty"`
	Object       string `json:"object"`
	ObjectID     string `json:"objectId,omitempty"`
	Part         string `json:"part,omitempty"`
	Case         string `json:"case,omitempty"`
	Pseudonym    string `json:"pseudonym,omitempty"`
	Meeting      string `json:"meeting,omitempty"`
	Relation     string `json:"relation,omitempty"`
	Basis        string `json:"basis,omitempty"`
	BasisKind    string `json:"basisKind,omitempty"`
	BreakGlass   bool   `json:"breakGlass"`
	HasReason    bool   `json:"hasReason"`
	Policy       string `json:"policy"`
	Rule         string `json:"rule,omitempty"`
	System       string `json:"system"`
	Trace        string `json:"trace,omitempty"`
	Commitment   string `json:"commitment"`
}

const timeForm = "2006-01-02T15:04:05.000Z"

func (w jsonLines) Write(r Row) error {
	p := plain{Sequence: r.Seq, ID: r.ID.String(), Time: r.Time().Format(timeForm), Event: string(r.Event), Action: string(r.Action), Outcome: string(r.Outcome), Purpose: string(r.Purpose),
		Processing: r.Processing, Actor: given(r.Actor), Role: r.Role, Organisation: given(r.Organisation), OrgName: r.Org, OnBehalfOf: given(r.OnBehalf), Auth: r.Auth, Visit: r.Session,
		Object: string(r.Kind), ObjectID: given(r.Object), Part: r.Part, Case: given(r.Case), Pseudonym: r.Pseudonym, Meeting: given(r.Meeting), Relation: string(r.Relation),
		Basis: given(r.Line.Basis), BasisKind: r.Basis, BreakGlass: r.BreakGlass, HasReason: len(r.Reason) > 0, Policy: r.Policy, Rule: r.Rule, System: r.System, Trace: given(r.Trace),
		Commitment: hex.EncodeToString(r.Commitment[:])}
	if w.o.Names {
		p.ActorName = r.Name
	}
	return w.enc.Encode(p)
}

// given is an id, or nothing for none.
func given(id [16]byte) string {
	if id == [16]byte{} {
		return ""
	}
	return idText(id)
}
