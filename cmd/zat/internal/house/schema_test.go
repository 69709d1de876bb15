package house_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/fhir/go/fhirversion"
	"github.com/google/fhir/go/jsonformat"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"zat/audit/export"
)

// schemas are the published schemas of the formats that are JSON.
var schemas = map[export.Format]string{export.JSON: "access-log-line", export.LDV: "ldv-line", export.Proof: "access-log-proof"}

// validate checks every line of an export: against our published schema, or for FHIR by
// reading it with somebody else's validating reader of R4.
func (f *fixture) validate(format export.Format, body string) {
	f.t.Helper()
	check := jsonValidator(f.t, format)
	if format == export.FHIR {
		check = fhirValidator(f.t)
	}
	n := 0
	for line := range strings.Lines(body) {
		n++
		if err := check(line); err != nil {
			f.t.Fatalf("line %d of %s: %v", n, format, err)
		}
	}
	if n == 0 {
		f.t.Errorf("%s is empty", format)
	}
}

func jsonValidator(t testing.TB, format export.Format) func(string) error {
	t.Helper()
	if schemas[format] == "" {
		return nil
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(filepath.Join("..", "..", "..", "..", "docs", "schemas", schemas[format]+".schema.json"))
	must(t, err)
	return func(line string) error {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			return err
		}
		return s.Validate(v)
	}
}

func fhirValidator(t testing.TB) func(string) error {
	t.Helper()
	u, err := jsonformat.NewUnmarshaller("UTC", fhirversion.R4)
	must(t, err)
	return func(line string) error {
		_, err := u.Unmarshal([]byte(line))
		return err
	}
}

// TestValidators: the validators of the exports refuse what is wrong.
func TestValidators(t *testing.T) {
	t.Parallel()
	for format, bad := range map[export.Format][]string{
		export.JSON:  {`{}`, `{"sequence":-1}`},
		export.LDV:   {`{"trace_id":"x"}`},
		export.Proof: {`{"n":1,"nonce":"zz","line":"{}"}`},
	} {
		check := jsonValidator(t, format)
		for _, line := range bad {
			if check(line) == nil {
				t.Errorf("%s takes %s", format, line)
			}
		}
	}
	check := fhirValidator(t)
	for _, line := range []string{
		`{"resourceType":"AuditEvent"}`,
		`{"resourceType":"AuditEvent","type":{"code":"x"},"recorded":"gisteren","agent":[{"requestor":true}],"source":{"observer":{"display":"x"}}}`,
		`{"resourceType":"AuditEvent","type":{"code":"x"},"action":"Z","recorded":"2026-01-01T00:00:00Z","agent":[{"requestor":true}],"source":{"observer":{"display":"x"}}}`,
	} {
		if check(line) == nil {
			t.Errorf("FHIR takes %s", line)
		}
	}
}
