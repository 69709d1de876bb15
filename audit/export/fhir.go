package export

import "zat/audit"

// fhirWriter writes AuditEvent resources of FHIR R4 (http://hl7.org/fhir/R4/auditevent.html),
// one a line. Ids are those of the log; names stand in none of them.
type fhirWriter struct{ jsonLines }

type coding struct {
	System  string `json:"system"`
	Code    string `json:"code"`
	Display string `json:"display,omitempty"`
}

type concept struct {
	Coding []coding `json:"coding"`
}

type identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type reference struct {
	Identifier identifier `json:"identifier"`
}

type agent struct {
	Role      []concept  `json:"role,omitempty"`
	Who       *reference `json:"who,omitempty"`
	Requestor bool       `json:"requestor"`
	Policy    []string   `json:"policy,omitempty"`
}

type source struct {
	Observer reference `json:"observer"`
	Type     []coding  `json:"type"`
}

type detail struct {
	Type  string `json:"type"`
	Value string `json:"valueString"`
}

type entity struct {
	What   *reference `json:"what,omitempty"`
	Type   *coding    `json:"type,omitempty"`
	Detail []detail   `json:"detail,omitempty"`
}

type auditEvent struct {
	ResourceType string    `json:"resourceType"`
	ID           string    `json:"id"`
	Type         coding    `json:"type"`
	Subtype      []coding  `json:"subtype"`
	Action       string    `json:"action"`
	Recorded     string    `json:"recorded"`
	Outcome      string    `json:"outcome"`
	Purpose      []concept `json:"purposeOfEvent,omitempty"`
	Agent        []agent   `json:"agent"`
	Source       source    `json:"source"`
	Entity       []entity  `json:"entity,omitempty"`
}

const (
	dicom      = "http://dicom.nema.org/resources/ontology/DCM"
	sourceType = "http://terminology.hl7.org/CodeSystem/security-source-type"
	ours       = "urn:zat:"
)

func (w fhirWriter) Write(r Row) error {
	e := auditEvent{ResourceType: "AuditEvent", ID: r.ID.String(), Type: typeOf(r.Event), Subtype: []coding{{ours + "event", string(r.Event), ""}}, Action: string(r.Action),
		Recorded: r.Time().Format(timeForm), Outcome: outcomeOf(r.Outcome), Agent: agents(r), Entity: entities(r),
		Source: source{reference{identifier{ours + "system", r.System}}, []coding{{sourceType, "4", "Application Server"}}}}
	if r.Purpose != "" {
		e.Purpose = []concept{{[]coding{{ours + "purpose", string(r.Purpose), ""}}}}
	}
	return w.enc.Encode(e)
}

// typeOf is the family of an event, in DICOM's words.
func typeOf(e audit.Event) coding {
	code, display := "110110", "Patient Record"
	switch e {
	case audit.SignedIn, audit.SignedOut, audit.SignedOutAll, audit.Confirmed, audit.ScreenLocked:
		code, display = "110114", "User Authentication"
	case audit.MinutesExported, audit.LogExported, audit.ReportMade, audit.Printed:
		code, display = "110106", "Export"
	case audit.RegisterImport:
		code, display = "110107", "Import"
	case audit.RegisterSearch, audit.CaseListed, audit.GuardLookup, audit.InboxListed:
		code, display = "110112", "Query"
	case audit.LogRead, audit.LogVerified, audit.LogRetained, audit.LogReviewed:
		code, display = "110101", "Audit Log Used"
	case audit.RouteRefused, audit.BreachWritten:
		code, display = "110113", "Security Alert"
	case audit.RoleChanged, audit.MemberEnded, audit.AccessGiven, audit.AccessEnded, audit.AccessExpired:
		code, display = "110136", "Security Roles Changed"
	}
	return coding{dicom, code, display}
}

// outcomeOf is the outcome as FHIR counts it: a refusal is a minor failure.
func outcomeOf(o audit.Outcome) string {
	switch o {
	case audit.Success:
		return "0"
	case audit.Denied:
		return "4"
	}
	return "8"
}

func agents(r Row) []agent {
	a := agent{Requestor: true, Policy: []string{ours + "policy:" + r.Policy}}
	if r.Rule != "" {
		a.Policy = append(a.Policy, ours+"rule:"+r.Rule)
	}
	if r.Role != "" {
		a.Role = []concept{{[]coding{{ours + "role", r.Role, ""}}}}
	}
	a.Who = &reference{identifier{ours + "member", "unknown"}}
	if id := given(r.Actor); id != "" {
		a.Who = &reference{identifier{ours + "member", id}}
	}
	out := []agent{a}
	if id := given(r.Organisation); id != "" {
		out = append(out, agent{Who: &reference{identifier{ours + "organisation", id}}})
	}
	if id := given(r.OnBehalf); id != "" {
		out = append(out, agent{Who: &reference{identifier{ours + "member", id}}})
	}
	return out
}

func entities(r Row) []entity {
	object := entity{Type: &coding{ours + "object", string(r.Kind), ""}}
	if id := given(r.Object); id != "" {
		object.What = &reference{identifier{ours + "object", id}}
	}
	for _, d := range []detail{{"part", r.Part}, {"processing", r.Processing}, {"trace", given(r.Trace)}, {"authentication", r.Auth}, {"visit", r.Session}} {
		if d.Value != "" {
			object.Detail = append(object.Detail, d)
		}
	}
	out := []entity{object}
	if id := given(r.Case); id != "" {
		c := entity{What: &reference{identifier{ours + "case", id}}, Type: &coding{ours + "object", "case", ""}}
		for _, d := range []detail{{"relation", string(r.Relation)}, {"basis", given(r.Line.Basis)}, {"basis-kind", r.Basis}} {
			if d.Value != "" {
				c.Detail = append(c.Detail, d)
			}
		}
		out = append(out, c)
	}
	if id := given(r.Meeting); id != "" {
		out = append(out, entity{What: &reference{identifier{ours + "session", id}}, Type: &coding{ours + "object", "session", ""}})
	}
	if r.BreakGlass {
		out = append(out, entity{Type: &coding{ours + "object", "break-glass", ""}, Detail: []detail{{"break-glass", "true"}}})
	}
	return out
}
