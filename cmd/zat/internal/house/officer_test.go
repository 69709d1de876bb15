package house_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/audit/export"
	"zat/audit/review"
	"zat/fault"
	"zat/meeting"
)

// TestFindings: what deserves a look is found, by who did it, and what does not is not.
func TestFindings(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	officer, chair, youth := f.as(account.Officer), f.as(account.Coordinator), f.as(account.YouthWorker)
	begun := f.clock.Now()
	c := f.based()
	for range 5 {
		_, err := f.Meeting.ReadCase(f.ctx, youth, uuid.New())
		if !fault.Is(err, fault.NotFound) {
			t.Fatal("a case that is not there was opened")
		}
	}
	_, err := f.Register.Disclose(f.ctx, chair, c.ID, text("ouders bellen over het ziekbed"))
	must(t, err)
	for _, r := range f.cases() {
		_, err := f.Meeting.ReadCase(f.ctx, chair, r.ID)
		must(t, err)
	}
	list, err := f.Review.Findings(f.ctx, officer, begun.Add(-time.Minute), f.clock.Now().Add(time.Minute))
	must(t, err)
	seen := map[review.FindingKind][]review.Finding{}
	for _, x := range list {
		seen[x.Kind] = append(seen[x.Kind], x)
	}
	for kind, actor := range map[review.FindingKind]uuid.UUID{review.Uninvited: youth.Member, review.Refusals: youth.Member, review.Disclosures: chair.Member} {
		if !slices.ContainsFunc(seen[kind], func(x review.Finding) bool { return x.Actor == actor }) {
			t.Errorf("%s does not name who did it: %d findings", kind, len(seen[kind]))
		}
	}
	if n := len(f.cases()); n >= 10 && len(seen[review.ManyCases]) == 0 {
		t.Errorf("%d cases at once are no finding", n)
	}
	if len(seen[review.AfterClosing])+len(seen[review.AfterBasis]) > 0 {
		t.Error("looks at open cases count as after closing, or after their basis")
	}
	if _, err := f.Review.Findings(f.ctx, chair, begun, begun); !fault.Is(err, fault.Denied) {
		t.Errorf("a coordinator reads findings: %v", err)
	}
}

// TestLateLooks: a look at a closed case, and one on a basis that ended, are findings.
func TestLateLooks(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	chair, youth := f.as(account.Coordinator), f.as(account.YouthWorker)
	c := f.fresh(born(f.clock.Now().Year() - 17))
	must(t, f.record(c.ID, "consent", "pupil"))
	must(t, f.Meeting.AddParticipant(f.ctx, chair, c.ID, youth.Member))
	must(t, f.Meeting.CloseCase(f.ctx, chair, c.ID))
	f.clock.Set(f.clock.Now().Add(time.Minute))
	_, err := f.Meeting.ReadCase(f.ctx, chair, c.ID)
	must(t, err)
	list, err := f.Review.Findings(f.ctx, f.as(account.Officer), f.clock.Now().Add(-time.Hour), f.clock.Now().Add(time.Minute))
	must(t, err)
	if !slices.ContainsFunc(list, func(x review.Finding) bool { return x.Kind == review.AfterClosing && x.Actor == chair.Member }) {
		t.Error("a look after closing is no finding")
	}
}

// TestCaseReport: everyone who saw a case is in its report, with role, day and basis; names
// only where the officer asks for them; the report is a line.
func TestCaseReport(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	officer, youth := f.as(account.Officer), f.as(account.YouthWorker)
	c := f.based()
	f.talkAbout(c.ID)
	_, err := f.Meeting.ReadCase(f.ctx, youth, c.ID)
	must(t, err)
	r, err := f.Review.ByCase(f.ctx, officer, c.ID)
	must(t, err)
	if !slices.ContainsFunc(r.Seen, func(x review.Seen) bool {
		return x.Actor == youth.Member && x.Role == account.YouthWorker && x.Category == audit.Looked && x.Basis == "consent" && x.Name != ""
	}) {
		t.Errorf("the youth worker's look is not in it: %d rows", len(r.Seen))
	}
	page := f.client(base, account.Officer)
	path := "/logboek/casussen/" + c.ID.String()
	name := f.person(account.YouthWorker).Name
	before := f.count(string(audit.ReportMade))
	if a := page.post(path, "pagina", path); a.status != http.StatusOK || strings.Contains(a.body, name) || !strings.Contains(a.body, "artikel 15") {
		t.Errorf("the report without names: %d", a.status)
	}
	if a := page.post(path, "pagina", path, "namen", "1"); !strings.Contains(a.body, name) {
		t.Errorf("the report with names: %d", a.status)
	}
	if n := f.count(string(audit.ReportMade)) - before; n != 2 {
		t.Errorf("%d lines of two reports", n)
	}
	if a := page.get("/logboek/casussen/" + uuid.NewString()); a.status != http.StatusNotFound {
		t.Errorf("a case that is not there: %d", a.status)
	}
	a := page.post("/logboek", "casus", string(c.Pseudonym))
	if a.status != http.StatusSeeOther || strings.Contains(a.to, string(c.Pseudonym)) || !strings.Contains(a.to, c.ID.String()) {
		t.Errorf("the filter leads to %s", a.to)
	}
}

// TestWhoSaw: a coordinator sees who saw her case, by role; nobody else does.
func TestWhoSaw(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	c := f.based()
	f.talkAbout(c.ID)
	_, err := f.Meeting.ReadCase(f.ctx, f.as(account.Doctor), c.ID)
	must(t, err)
	path := "/casussen/" + c.ID.String() + "/gezien"
	a := f.client(base, account.Coordinator).get(path)
	if a.status != http.StatusOK || !strings.Contains(a.body, "jeugdarts") || strings.Contains(a.body, f.person(account.Doctor).Name) {
		t.Errorf("the coordinator: %d", a.status)
	}
	if a := f.client(base, account.Doctor).get(path); a.status != http.StatusForbidden {
		t.Errorf("a member: %d", a.status)
	}
	if n := f.count(string(audit.WhoSawRead)); n != 1 {
		t.Errorf("%d lines", n)
	}
}

// TestReviewOfLog: a sample is drawn from the period only, signing off asks for all of it
// and a verdict, and then nothing changes any more. What the officer wrote is sealed.
func TestReviewOfLog(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	officer := f.as(account.Officer)
	from, until := f.clock.Now().AddDate(0, -2, 0), f.clock.Now().Add(time.Minute)
	once := uuid.New()
	r, err := f.Review.Draw(f.ctx, officer, once, from, until, 20)
	must(t, err)
	_, err = f.Review.Draw(f.ctx, officer, once, from, until, 20) // the same form
	must(t, err)
	if len(r.Sample) != 20 || !slices.IsSorted(r.Sample) || len(slices.Compact(slices.Clone(r.Sample))) != 20 || r.Total < 100 {
		t.Fatalf("a sample of %d of %d", len(r.Sample), r.Total)
	}
	list, _, err := f.Review.Reviews(f.ctx, officer)
	must(t, err)
	if len(list) != 1 || !slices.Equal(list[0].Sample, r.Sample) {
		t.Error("the same form drew twice")
	}
	o, err := f.Review.ReadReview(f.ctx, officer, once)
	must(t, err)
	for _, l := range o.Lines {
		if l.Actor == officer.Member {
			t.Errorf("line %d is the reviewer's own", l.Seq)
		}
		if l.Time().Before(from) || !l.Time().Before(until) {
			t.Errorf("line %d is of another period", l.Seq)
		}
	}
	next := meeting.Today(f.clock.Now()).AddDate(0, 3, 0)
	write := review.Outcome{Looked: r.Sample[:19], Finding: text("alles verklaarbaar"), Verdict: "nothing", Next: next, Sign: true, Revision: 1}
	if err := f.Review.WriteReview(f.ctx, officer, once, write); field(err) != "looked error.review.looked" {
		t.Errorf("signed off with one line unseen: %v", err)
	}
	write.Looked = r.Sample
	write.Revision = 0
	if err := f.Review.WriteReview(f.ctx, officer, once, write); !fault.Is(err, fault.Conflict) {
		t.Errorf("written over what another officer wrote: %v", err)
	}
	write.Revision = 1
	must(t, f.Review.WriteReview(f.ctx, officer, once, write))
	if err := f.Review.WriteReview(f.ctx, officer, once, write); !fault.Is(err, fault.Conflict) {
		t.Errorf("changed after signing off: %v", err)
	}
	o, err = f.Review.ReadReview(f.ctx, officer, once)
	must(t, err)
	if o.FindingText.Reveal() != "alles verklaarbaar" || o.Open() {
		t.Error("the finding is not readable, or the review is open")
	}
	if bytes.Contains(o.Finding, []byte("verklaarbaar")) {
		t.Error("the finding is stored in the clear")
	}
	due, err := f.Review.Due(f.ctx, officer)
	must(t, err)
	if !due.Equal(next) {
		t.Errorf("the next is due on %v", due)
	}
	for _, n := range []int{0, 4, 201} {
		if _, err := f.Review.Draw(f.ctx, officer, uuid.New(), from, until, n); field(err) != "count error.sample" {
			t.Errorf("a sample of %d: %v", n, err)
		}
	}
}

// TestBreach: the scope counts what somebody opened, the clock runs from when it was known,
// and a closed entry does not change.
func TestBreach(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	officer, youth := f.as(account.Officer), f.as(account.YouthWorker)
	c := f.based()
	f.talkAbout(c.ID)
	from := f.clock.Now()
	_, err := f.Meeting.ReadCase(f.ctx, youth, c.ID)
	must(t, err)
	scope := review.Scope{Actor: youth.Member, Visit: youth.Session, From: from.Add(-time.Second), Until: f.clock.Now().Add(time.Minute)}
	h, err := f.Review.Assess(f.ctx, officer, scope)
	must(t, err)
	if h.People != 1 || len(h.Cases) != 1 || h.Cases[0].Case != c.ID || h.Cases[0].Looks != 1 || h.Texts == 0 {
		t.Errorf("the extent: %d people, %d cases, %d texts", h.People, len(h.Cases), h.Texts)
	}
	scope.Visit = "another"
	if _, err = f.Review.Assess(f.ctx, officer, scope); field(err) != "visit error.visit" {
		t.Errorf("of a sign-in that is in no line: %v", err)
	}
	scope.Visit = officer.Session
	if h, err = f.Review.Assess(f.ctx, officer, scope); err != nil || h.People != 0 {
		t.Errorf("of another sign-in: %d people, %v", h.People, err)
	}
	scope.Visit = ""
	in := review.NewBreach{Once: uuid.New(), Known: f.clock.Now().Add(-time.Hour), Kind: "device", Scope: scope, Facts: text("telefoon kwijt in de trein")}
	must(t, f.Review.AddBreach(f.ctx, officer, in))
	must(t, f.Review.AddBreach(f.ctx, officer, in))
	list, err := f.Review.Breaches(f.ctx, officer)
	must(t, err)
	if len(list) != 1 || list[0].Number != 1 || !list[0].Deadline().Equal(list[0].Known.Add(72*time.Hour)) {
		t.Fatalf("%d entries", len(list))
	}
	change := review.NewBreach{Facts: text("telefoon kwijt in de trein, vergrendeld"), Report: "open", Revision: list[0].Revision, Close: true}
	if err := f.Review.WriteBreach(f.ctx, officer, in.Once, change); field(err) != "report error.choice" {
		t.Errorf("closed undecided: %v", err)
	}
	change.Report, change.Reported = "reported", f.clock.Now().AddDate(0, 0, 1)
	if err := f.Review.WriteBreach(f.ctx, officer, in.Once, change); !strings.Contains(field(err), "reported") {
		t.Errorf("reported tomorrow: %v", err)
	}
	change.Reported = time.Time{}
	change.Report, change.Effects, change.Measures = "unlikely", text("geen"), text("toegang beëindigd")
	must(t, f.Review.WriteBreach(f.ctx, officer, in.Once, change))
	if err := f.Review.WriteBreach(f.ctx, officer, in.Once, change); !fault.Is(err, fault.Conflict) {
		t.Errorf("changed after closing: %v", err)
	}
	b, err := f.Review.ReadBreach(f.ctx, officer, in.Once)
	must(t, err)
	if b.FactsText.Reveal() != "telefoon kwijt in de trein, vergrendeld" || b.Closed.IsZero() {
		t.Error("the entry does not read back")
	}
	chair, admin := f.elsewhere()
	_ = admin
	for name, a := range map[string]account.Actor{"a coordinator": f.as(account.Coordinator), "another team": chair} {
		if _, err := f.Review.ReadBreach(f.ctx, a, in.Once); err == nil {
			t.Errorf("%s reads the register of breaches", name)
		}
	}
}

// TestProcessing: a new version is cited by lines from then on; of two writers one is told.
func TestProcessing(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	officer := f.as(account.Officer)
	d := review.Described{Purpose: "x", Ground: "x", Subjects: "x", Data: "x", Recipients: "x", Term: "x", Security: "x"}
	list := map[audit.Activity]review.Described{}
	for _, a := range audit.Activities() {
		list[a] = d
	}
	must(t, f.Review.SetProcessing(f.ctx, officer, 1, list))
	if err := f.Review.SetProcessing(f.ctx, officer, 1, list); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second writer: %v", err)
	}
	delete(list, audit.CareActivity)
	if err := f.Review.SetProcessing(f.ctx, officer, 2, list); !fault.Is(err, fault.Invalid) {
		t.Errorf("an activity is missing: %v", err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		_, err := f.Meeting.ReadCase(f.ctx, f.as(account.Coordinator), f.based().ID)
		must(t, err)
		all := f.all()
		if p := all[len(all)-1].Processing; p == "zorgoverleg/2" {
			return
		} else if time.Now().After(deadline) {
			t.Fatalf("lines cite %s", p)
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// TestExports: each format holds every line of the period once, and nothing of who acted
// where it must not.
func TestExports(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	page := f.client(base, account.Officer)
	want := len(f.all())
	names := []string{f.person(account.Coordinator).Name, f.person(account.YouthWorker).Name}
	for _, format := range export.Formats() {
		a := page.post("/logboek/uitvoer", "format", string(format))
		if a.status != http.StatusOK {
			t.Fatalf("%s: %d", format, a.status)
		}
		for _, n := range append(names, "@") {
			if strings.Contains(a.body, n) {
				t.Errorf("%s names somebody", format)
			}
		}
		rows := strings.Count(a.body, "\n")
		if format == export.CSV {
			rows--
			f.readCSV(a.body, want)
		}
		if format != export.LDV && rows < want {
			t.Errorf("%s has %d rows of %d", format, rows, want)
		}
		if format != export.CSV {
			f.validate(format, a.body)
		}
	}
	if a := page.post("/logboek/uitvoer", "format", "csv", "names", "1"); !strings.Contains(a.body, names[0]) {
		t.Error("with names there are none")
	}
	if a := page.post("/logboek/uitvoer", "format", "xml"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown format: %d", a.status)
	}
	if a := page.post("/logboek/uitvoer", "format", "csv", "from", "ooit"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "ooit") {
		t.Errorf("a day that is none: %d", a.status)
	}
}

// readCSV reads it as Excel does.
func (f *fixture) readCSV(body string, want int) {
	f.t.Helper()
	rest, ok := strings.CutPrefix(body, "\ufeff")
	if !ok {
		f.t.Error("the CSV does not say that it is UTF-8")
	}
	r := csv.NewReader(strings.NewReader(rest))
	r.Comma = ';'
	rows, err := r.ReadAll()
	must(f.t, err)
	if len(rows) < want+1 || len(rows[0]) != len(export.Columns())-1 {
		f.t.Errorf("%d rows of %d columns", len(rows), len(rows[0]))
	}
	for _, row := range rows[1:] {
		if _, err := strconv.Atoi(row[0]); err != nil {
			f.t.Fatalf("a row begins with %q", row[0])
		}
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				f.t.Errorf("a cell is a formula")
			}
		}
	}
}

// TestCheckInBackground: the page begins a check, shows how far it is, and then what it
// found, which is kept.
func TestCheckInBackground(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	page := f.client(base, account.Officer)
	if a := page.get("/logboek/bewijs"); !strings.Contains(a.body, "nog niet gecontroleerd") {
		t.Error("before the first check the page says that there was one")
	}
	if a := page.post("/logboek/controleren"); a.status != http.StatusSeeOther {
		t.Fatalf("beginning: %d", a.status)
	}
	f.Review.Wait()
	if a := page.get("/logboek"); !strings.Contains(a.body, "De keten is ongebroken") {
		t.Error("the outcome is not in sight")
	}
	st, err := f.Review.State(f.ctx, f.as(account.Officer))
	must(t, err)
	if !st.Last.OK() || st.Last.Verified == 0 || st.Running {
		t.Errorf("kept: %d verified", st.Last.Verified)
	}
	f.insider(`UPDATE log_entry SET raw = CAST(replace(CAST(raw AS TEXT), '"oc":"success"', '"oc":"denied"') AS BLOB) WHERE `+line100, f.as(account.Officer).Team)
	must(t, f.Review.Begin(f.ctx, f.as(account.Officer)))
	f.Review.Wait()
	if a := page.get("/logboek"); !strings.Contains(a.body, "bij regel 100") {
		t.Error("a changed line is not in sight")
	}
}

// TestCompare: the officer's own earlier checkpoint catches a rewritten log, also in the
// page that asks by itself.
func TestCompare(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	page := f.client(base, account.Officer)
	team := f.as(account.Officer).Team
	early := page.get("/logboek/controlepunt").body
	for range 300 { // over the edge of a tile
		_, err := f.Meeting.ReadCase(f.ctx, f.as(account.Coordinator), f.based().ID)
		must(t, err)
	}
	if a := page.post("/logboek/vergelijken", "checkpoint", strings.ReplaceAll(early, "\n", "\r\n"), "pagina", "/logboek/bewijs"); !strings.Contains(a.body, "alleen gegroeid") {
		t.Errorf("an honest log: %d", a.status)
	}
	if a := page.post("/logboek/vergelijken", "checkpoint", "geen controlepunt", "pagina", "/logboek/bewijs"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "geen controlepunt") {
		t.Errorf("no checkpoint: %d", a.status)
	}
	f.insider(`DELETE FROM log_checkpoint WHERE log = $1 OR 1`, team)
	f.resign(team, 100)
	a := page.post("/logboek/vergelijken", "checkpoint", early, "pagina", "/logboek/bewijs")
	if !strings.Contains(a.body, "geschiedenis herschreven") {
		t.Errorf("a rewritten log: %d", a.status)
	}
}

// TestTerm: lines go after their term, the tree stands, and whoever empties a line before
// that is caught (TestInsider).
func TestTerm(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	team := f.as(account.Coordinator).Team
	earlier, err := f.Store.LogHead(f.ctx, team)
	must(t, err)
	before := len(f.all())
	now := f.clock.Now()
	log := &audit.Log{Store: f.Store, Now: func() time.Time { return now.AddDate(audit.TermYears, 0, -20) }, System: "zat test"}
	must(t, log.Retain(f.ctx, f.Store))
	gone := 0
	must(t, f.Store.Entries(f.ctx, team, func(e audit.Entry) error {
		if e.Raw == nil {
			gone++
		}
		return nil
	}))
	if gone == 0 || gone >= before {
		t.Fatalf("%d of %d lines went", gone, before)
	}
	r, err := f.Review.Check(f.ctx, team, earlier)
	must(t, err)
	if !r.OK() || r.Verified != uint64(before+1) {
		t.Errorf("afterwards: %s at %d, %d verified", r.Problem, r.Bad, r.Verified)
	}
	must(t, log.Retain(f.ctx, f.Store))
	if n := f.gone(team); n != gone {
		t.Errorf("a second run: %d went, %d before", n, gone)
	}
	if _, err := f.Review.ReadLine(f.ctx, f.as(account.Officer), false, 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("a line whose term is over opens: %v", err)
	}
	for name, query := range map[string]string{"nonce": `SELECT count(*) FROM log_entry WHERE raw IS NULL AND nonce IS NOT NULL`, "columns": `SELECT count(*) FROM log_entry WHERE raw IS NULL AND (actor <> 1 OR case_id <> 1 OR at <> 0)`} {
		if n := f.number(query); n != 0 {
			t.Errorf("%d lines keep their %s", n, name)
		}
	}
}

func (f *fixture) gone(log uuid.UUID) (n int) {
	f.t.Helper()
	must(f.t, f.Store.Entries(f.ctx, log, func(e audit.Entry) error {
		if e.Raw == nil {
			n++
		}
		return nil
	}))
	return n
}

// TestOneFactor: who signed in with one factor does not read the log.
func TestOneFactor(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	a := f.as(account.Officer)
	a.Auth = "password"
	if _, err := f.Review.Read(context.Background(), a, review.Filter{}); !fault.Is(err, fault.Denied) {
		t.Errorf("with one factor: %v", err)
	}
}

// number counts as somebody with SQL access does.
func (f *fixture) number(query string) (n int) {
	f.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(f.dir, "zat.db")+"?_busy_timeout=5000")
	must(f.t, err)
	defer db.Close()
	must(f.t, db.QueryRow(query).Scan(&n))
	return n
}
