package export

import (
	"bufio"
	"encoding/csv"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"zat/account"
)

func idText(id [16]byte) string { return uuid.UUID(id).String() }

// bom tells Excel that a file is UTF-8.
const bom = "\ufeff"

// csvWriter writes CSV as Dutch Excel opens it: semicolons, and a mark that says UTF-8.
type csvWriter struct {
	b    *bufio.Writer
	w    *csv.Writer
	o    Options
	head bool
}

func newCSV(b *bufio.Writer, o Options) *csvWriter {
	w := csv.NewWriter(b)
	w.Comma, w.UseCRLF = ';', true
	return &csvWriter{b: b, w: w, o: o}
}

// columns are the headings, as keys of words.
var columns = []string{"line", "time", "event", "action", "outcome", "who", "role", "organisation", "pseudonym", "category", "purpose", "processing", "relation", "basis", "glass", "rule",
	"auth", "visit", "object", "part", "case", "meeting", "policy", "system", "trace", "commitment"}

// Columns lists the columns of the CSV, as their headings are called among the words.
func Columns() []string { return append([]string{"yes"}, columns...) }

func (c *csvWriter) Write(r Row) error {
	if err := c.begin(); err != nil {
		return err
	}
	word := func(prefix, s string) string {
		if s == "" {
			return ""
		}
		return c.o.Words(prefix + s)
	}
	who := given(r.Actor)
	if c.o.Names && r.Name != "" {
		who = r.Name
	}
	glass := ""
	if r.BreakGlass {
		glass = c.o.Words("csv.yes")
	}
	cells := []string{strconv.FormatUint(r.Seq, 10), r.Time().In(account.Amsterdam).Format("02-01-2006 15:04:05.000"), word("event.", string(r.Event)), string(r.Action), word("outcome.is.", string(r.Outcome)), who,
		word("role.", r.Role), r.Org, r.Pseudonym, word("category.", string(r.Event.Category())), word("purpose.", string(r.Purpose)), r.Processing, word("relation.", string(r.Relation)), word("basiskind.", r.Basis),
		glass, r.Rule, r.Auth, r.Session, string(r.Kind), r.Part, given(r.Case), given(r.Meeting), r.Policy, r.System, given(r.Trace), hex.EncodeToString(r.Commitment[:])}
	for i := range cells {
		cells[i] = harmless(cells[i])
	}
	return c.w.Write(cells)
}

func (c *csvWriter) begin() error {
	if c.head {
		return nil
	}
	c.head = true
	if _, err := c.b.WriteString(bom); err != nil {
		return err
	}
	names := make([]string, len(columns))
	for i, k := range columns {
		names[i] = c.o.Words("csv." + k)
	}
	return c.w.Write(names)
}

// harmless keeps a cell from being read as a formula (OWASP, "CSV injection").
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func (c *csvWriter) End() error {
	if err := c.begin(); err != nil {
		return err
	}
	if c.w.Flush(); c.w.Error() != nil {
		return c.w.Error()
	}
	return c.b.Flush()
}
