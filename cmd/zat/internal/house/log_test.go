package house_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/audit/review"
	"zat/crypto/logtree"
)

// all returns the lines of the team's log.
func (f *fixture) all() []audit.Line { f.t.Helper(); return f.linesOf(f.as(account.Coordinator).Team) }

// linesOf returns the lines of a log; the zero id is the installation's own.
func (f *fixture) linesOf(log uuid.UUID) []audit.Line {
	f.t.Helper()
	var out []audit.Line
	must(f.t, f.Store.Entries(f.ctx, log, func(e audit.Entry) error {
		l, err := audit.ParseLine(e.Raw)
		out = append(out, l)
		return err
	}))
	return out
}

// insider opens the database as somebody with SQL access does.
func (f *fixture) insider(query string, args ...any) {
	f.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(f.dir, "zat.db")+"?_busy_timeout=5000")
	must(f.t, err)
	defer db.Close()
	res, err := db.Exec(query, args...)
	must(f.t, err)
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		f.t.Fatalf("the insider changed nothing: %v", err)
	}
}

// statement runs what returns no rows on a connection of its own.
func (f *fixture) statement(query string) {
	f.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(f.dir, "zat.db")+"?_busy_timeout=5000")
	must(f.t, err)
	defer db.Close()
	_, err = db.Exec(query)
	must(f.t, err)
}

// line100 is where the hundredth line of the log $1 is.
const (
	id100   = `((SELECT id FROM log_term WHERE term = $1) << 40) + 100`
	line100 = `id = ` + id100
)

// TestInsider plays somebody with SQL access. Each row says what he does and by
// which check he is caught.
func TestInsider(t *testing.T) {
	const bad = 100
	for name, c := range map[string]struct {
		query   string
		problem audit.Problem
		exact   bool
		first   uint64
	}{
		"edits a line": {`UPDATE log_entry SET raw = CAST(replace(CAST(raw AS TEXT), '"oc":"success"', '"oc":"denied"') AS BLOB) WHERE ` + line100, audit.LineChanged, true, bad},
		"edits a line and its commitment": {`UPDATE log_entry SET raw = CAST('{"n":100}' AS BLOB), nonce = x'00',
			commitment = x'6f05e2eae4b0d1f7f2ef9ddcd4a5a3cbb6a7cf5bdf3a3e4fd34bdd6ab5d8a6a0' WHERE ` + line100, audit.LineChanged, true, bad},
		"deletes a line":             {`DELETE FROM log_entry WHERE ` + line100, audit.OutOfOrder, true, bad},
		"cuts off the end":           {`DELETE FROM log_entry WHERE id >= ` + id100 + ` AND id < ` + id100 + ` + 1000000000`, audit.SizeDiffers, true, bad},
		"deletes all":                {`DELETE FROM log_entry WHERE id >> 40 = (SELECT id FROM log_term WHERE term = $1)`, audit.SizeDiffers, true, 0},
		"forges a head":              {`UPDATE log_head SET size = 100 WHERE log = $1`, audit.HeadInvalid, false, bad},
		"deletes the head":           {`DELETE FROM log_head WHERE log = $1`, audit.SizeDiffers, false, 0},
		"appends a line":             {`INSERT INTO log_entry SELECT id + 100000, at, event, outcome, actor, role, org, case_id, meeting, basis, visit, glass, commitment, nonce, raw FROM log_entry WHERE ` + line100, audit.SizeDiffers, true, 0},
		"hides a line from a filter": {`UPDATE log_entry SET actor = 5 WHERE ` + line100, audit.ColumnChanged, true, bad},
		"makes a refusal a success":  {`UPDATE log_entry SET outcome = 4 WHERE ` + line100, audit.ColumnChanged, true, bad},
		"empties a line":             {`UPDATE log_entry SET raw = NULL, nonce = NULL, at = 0, event = 1, outcome = 2, actor = 1, role = 1, org = 1, case_id = 1, meeting = 1, basis = 1, visit = 1 WHERE ` + line100, audit.LineGone, false, bad},
		"says another session":       {`UPDATE log_entry SET meeting = (SELECT max(id) FROM log_term) WHERE ` + line100, audit.ColumnChanged, true, bad},
		"renames a word":             {`UPDATE log_term SET term = 'case.opening' WHERE term = 'case.open' AND $1 <> ''`, audit.ColumnChanged, true, 0},
		"puts a word that is none":   {`UPDATE log_entry SET basis = 900000 WHERE ` + line100, audit.ColumnChanged, true, bad},
		"puts glass that is none":    {`UPDATE log_entry SET glass = 1 WHERE ` + line100, audit.ColumnChanged, true, bad},
		"keeps columns of nothing":   {`UPDATE log_entry SET raw = NULL, nonce = NULL WHERE ` + line100, audit.ColumnChanged, true, bad},
		"swaps in another line":      {`UPDATE log_entry SET (raw, nonce, commitment) = (SELECT raw, nonce, commitment FROM log_entry e WHERE e.id = ` + id100 + ` - 1) WHERE ` + line100, audit.OutOfOrder, true, bad},
	} {
		t.Run(name, func(t *testing.T) {
			f := furnished(t)
			team := f.as(account.Coordinator).Team
			if f.lines() < 150 {
				t.Fatalf("the log has %d lines; the test needs more", f.lines())
			}
			f.insider(c.query, team)
			r, err := f.Review.Check(f.ctx, team)
			must(t, err)
			if r.Problem != c.problem || (c.first > 0 && r.Bad != c.first) || (c.exact && !r.Exact) {
				t.Errorf("caught as %q at %d (exact %v), want %q at %d", r.Problem, r.Bad, r.Exact, c.problem, c.first)
			}
		})
	}
}

// TestInstallationLogEmptied: the installation's own log begins with its founding
// too, so that an empty one is a broken one.
func TestInstallationLogEmptied(t *testing.T) {
	f := furnished(t)
	r, err := f.Review.Check(f.ctx, uuid.Nil)
	must(t, err)
	if !r.OK() {
		t.Fatalf("before: %s", r.Problem)
	}
	f.insider(`DELETE FROM log_entry WHERE id >> 40 = (SELECT id FROM log_term WHERE term = $1)`, uuid.Nil)
	f.insider(`DELETE FROM log_head WHERE log = $1`, uuid.Nil)
	r, err = f.Review.Check(f.ctx, uuid.Nil)
	must(t, err)
	if r.Problem != audit.SizeDiffers {
		t.Errorf("an emptied log: %q, want %q", r.Problem, audit.SizeDiffers)
	}
}

// TestForgedHead: nothing is signed on top of a head that the log's own key did not sign,
// and no log that has lines begins anew.
func TestForgedHead(t *testing.T) {
	for name, query := range map[string]string{
		"edges":     `UPDATE log_head SET edges = randomblob(length(edges)) WHERE log = $1`,
		"signature": `UPDATE log_head SET edges = randomblob(length(edges)), note = CAST('?' AS BLOB) WHERE log = $1`,
		"none":      `DELETE FROM log_head WHERE log = $1`,
	} {
		t.Run(name, func(t *testing.T) {
			f := furnished(t)
			chair := f.as(account.Coordinator)
			c := f.based()
			lines := len(f.all())
			f.insider(query, chair.Team)
			if _, err := f.Meeting.ReadCase(f.ctx, chair, c.ID); err == nil {
				t.Error("content was shown under a head that nobody signed")
			}
			if n := len(f.all()); n != lines {
				t.Errorf("%d lines were written on top of it", n-lines)
			}
		})
	}
}

// TestRewrittenAndSigned rewrites a line with all that follows from it and signs
// anew with a stolen key: only an earlier checkpoint catches that.
func TestRewrittenAndSigned(t *testing.T) {
	f := furnished(t)
	team := f.as(account.Coordinator).Team
	earlier, err := f.Store.LogHead(f.ctx, team)
	must(t, err)
	f.insider(`DELETE FROM log_checkpoint WHERE log = $1`, team)
	f.resign(team, 100)
	r, err := f.Review.Check(f.ctx, team)
	must(t, err)
	if !r.OK() {
		t.Fatalf("the forgery is not even whole: %s at %d", r.Problem, r.Bad)
	}
	r, err = f.Review.Check(f.ctx, team, earlier)
	must(t, err)
	if r.Problem != audit.HistoryRewriten {
		t.Errorf("against the earlier checkpoint: %q, want %q", r.Problem, audit.HistoryRewriten)
	}
}

// resign changes line n in full and computes everything after it.
func (f *fixture) resign(team uuid.UUID, n uint64) {
	f.t.Helper()
	var frontier logtree.Frontier
	var changed audit.Entry
	must(f.t, f.Store.Entries(f.ctx, team, func(e audit.Entry) error {
		if e.Seq == n {
			e.Raw = []byte(strings.Replace(string(e.Raw), `"oc":"success"`, `"oc":"denied"`, 1))
			e.Commitment = audit.Commit(e.Nonce, e.Raw)
			changed = e
		}
		frontier = frontier.Append(e.Commitment)
		return nil
	}))
	note, err := f.Secrets.SignHead(team, frontier.Size, frontier.Root())
	must(f.t, err)
	f.insider(`UPDATE log_entry SET raw = ?3, commitment = ?4, outcome = 3 WHERE id = ((SELECT id FROM log_term WHERE term = ?1) << 40) + ?2`, team, int64(n), changed.Raw, changed.Commitment[:])
	f.insider(`UPDATE log_head SET edges = ?2, note = ?3 WHERE log = ?1`, team, frontier.Marshal(), note)
}

// TestLinesHoldNoContent looks in every line for content, names and addresses.
func TestLinesHoldNoContent(t *testing.T) {
	f := furnished(t)
	f.mark(f.serve())
	words := append(markers(t), "Kwispelmarkering", "@", "Marijke", "Amrani", "stuwdam")
	n := 0
	must(t, f.Store.Entries(f.ctx, f.as(account.Coordinator).Team, func(e audit.Entry) error {
		n++
		for i, w := range words {
			if strings.Contains(string(e.Raw), w) {
				t.Errorf("line %d holds word %d", e.Seq, i)
			}
		}
		return nil
	}))
	if n < 200 {
		t.Fatalf("only %d lines were looked at", n)
	}
}

// TestOfficer filters the log as the privacy officer does.
func TestOfficer(t *testing.T) {
	f := furnished(t)
	officer, youth, c := f.as(account.Officer), f.as(account.YouthWorker), f.based()
	_, err := f.Meeting.ReadCase(f.ctx, youth, c.ID)
	must(t, err)
	_, err = f.Meeting.ReadCase(f.ctx, youth, uuid.New())
	if err == nil {
		t.Fatal("a case that is not there was opened")
	}
	for name, x := range map[string]struct {
		filter review.Filter
		good   func(review.Line) bool
	}{
		"person":    {review.Filter{Actor: youth.Member}, func(l review.Line) bool { return l.Actor == youth.Member }},
		"pseudonym": {review.Filter{Pseudonym: c.Pseudonym}, func(l review.Line) bool { return l.Pseudonym == c.Pseudonym }},
		"event":     {review.Filter{Event: audit.CaseRead}, func(l review.Line) bool { return l.Event == audit.CaseRead }},
		"refused":   {review.Filter{Outcome: audit.Denied}, func(l review.Line) bool { return l.Outcome == audit.Denied }},
		"period":    {review.Filter{Until: f.clock.Now().AddDate(0, 0, -30)}, func(l review.Line) bool { return l.Time().Before(f.clock.Now().AddDate(0, 0, -30)) }},
	} {
		page, err := f.Review.Read(f.ctx, officer, x.filter)
		must(t, err)
		if len(page.Lines) == 0 {
			t.Errorf("filter by %s finds nothing", name)
		}
		for _, l := range page.Lines {
			if !x.good(l) {
				t.Errorf("filter by %s shows line %d", name, l.Seq)
			}
		}
	}
	seen := map[uint64]bool{}
	filter := review.Filter{}
	for {
		page, err := f.Review.Read(f.ctx, officer, filter)
		must(t, err)
		for _, l := range page.Lines {
			if seen[l.Seq] {
				t.Fatalf("line %d is on two pages", l.Seq)
			}
			seen[l.Seq] = true
		}
		if filter.Before = page.Next; page.Next == 0 {
			break
		}
	}
	if !seen[0] {
		t.Error("paging does not reach the first line")
	}
}

// TestReasonIsReadable shows the officer the reason that was typed, and nobody
// finds it in the line itself.
func TestReasonIsReadable(t *testing.T) {
	f := furnished(t)
	c := f.based()
	_, err := f.Register.Disclose(f.ctx, f.as(account.Coordinator), c.ID, text("ouders bellen over het ziekbed"))
	must(t, err)
	page, err := f.Review.Read(f.ctx, f.as(account.Officer), review.Filter{Event: audit.IdentityOpened})
	must(t, err)
	if len(page.Lines) == 0 || page.Lines[0].Reason != "ouders bellen over het ziekbed" {
		t.Errorf("the officer does not read the reason")
	}
}

// TestRestored puts back an earlier database, whole as it was: only a checkpoint from
// outside that is newer catches that.
func TestRestored(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	team := f.as(account.Coordinator).Team
	backup := filepath.Join(f.dir, "last-week.db")
	f.statement(`VACUUM INTO '` + backup + `'`)
	for range 5 {
		_, err := f.Meeting.ReadCase(f.ctx, f.as(account.Coordinator), f.based().ID)
		must(t, err)
	}
	later, err := f.Store.LogHead(f.ctx, team)
	must(t, err)
	must(t, f.Store.Close())
	for _, end := range []string{"-wal", "-shm"} {
		os.Remove(filepath.Join(f.dir, "zat.db"+end))
	}
	must(t, os.Rename(backup, filepath.Join(f.dir, "zat.db")))
	must(t, os.Chmod(filepath.Join(f.dir, "zat.db"), 0o600))
	old := open(t, f.dir, f.clock, f.log)
	defer old.Store.Close()
	r, err := old.Review.Check(f.ctx, team)
	must(t, err)
	if !r.OK() {
		t.Fatalf("the old database is not even whole: %s", r.Problem)
	}
	if r, err = old.Review.Check(f.ctx, team, later); err != nil || r.Problem != audit.SizeDiffers {
		t.Errorf("against a newer checkpoint: %q, %v", r.Problem, err)
	}
}
