package house_test

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
	"zat/meeting"
	"zat/pseudonym/guard"
)

// held is a session on a case that was decided and closed.
func (f *fixture) held() (session, point uuid.UUID, c meeting.CaseRow) {
	f.t.Helper()
	c = f.based()
	session, point = f.talkAbout(c.ID)
	a := f.as(account.Coordinator)
	must(f.t, f.Meeting.Attend(f.ctx, a, session, f.members(account.Coordinator, account.YouthWorker)))
	must(f.t, f.Meeting.SaveNotes(f.ctx, a, session, point, uuid.New(), uuid.Nil, text("er is een plek bij de werkplaats")))
	must(f.t, f.Meeting.SaveOutcome(f.ctx, a, session, point, meeting.NewOutcome{Once: uuid.New(), Lead: a.Member, EvaluateOn: f.day(40), Texts: map[string]guard.Draft{"decision": text("stage van twee dagen")}}))
	must(f.t, f.Meeting.AddPointAgreement(f.ctx, a, session, point, meeting.NewAgreement{Once: uuid.New(), What: text("gaat mee kijken"), Responsible: f.as(account.YouthWorker).Member, Due: f.day(9)}))
	must(f.t, f.Meeting.CloseSession(f.ctx, a, session, f.revision(session)))
	return session, point, c
}

// TestMinutesLive: a draft is confirmed and remarked on, amending asks for confirming
// again, and fixed minutes do not change by anything that happens afterwards.
func TestMinutesLive(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	session, point, c := f.held()
	chair, youth := f.client(base, account.Coordinator), f.client(base, account.YouthWorker)
	path := "/overleggen/" + session.String() + "/verslag"
	read := strconv.FormatInt(f.revision(session), 10)
	if a := youth.post(path+"/akkoord", "revision", read); a.status != http.StatusSeeOther {
		t.Fatalf("confirming: %d", a.status)
	}
	if err := f.Meeting.ConfirmMinutes(f.ctx, f.second(), session, f.revision(session)); !fault.Is(err, fault.Conflict) {
		t.Errorf("confirming by somebody who was not there: %v", err)
	}
	if a := youth.post(path+"/"+point.String()+"/opmerking", "text", "het waren drie dagen"); a.status != http.StatusSeeOther {
		t.Fatalf("remarking: %d", a.status)
	}
	if a := chair.get(path); !strings.Contains(a.body, "het waren drie dagen") || !strings.Contains(a.body, "Akkoord: 1 van 2") {
		t.Error("the chair does not see remark and confirmation")
	}
	if a := chair.post(path+"/"+point.String()+"/aanvulling", "text", "te vroeg"); a.status != http.StatusConflict {
		t.Errorf("an addendum to a draft: %d", a.status)
	}
	newest, err := f.Store.KindItems(f.ctx, c.ID, meeting.Notes)
	must(t, err)
	if a := chair.post(path+"/"+point.String()+"/aantekeningen", "text", "van een ander", "base", uuid.NewString()); a.status != http.StatusUnprocessableEntity {
		t.Errorf("amending what somebody else amended: %d", a.status)
	}
	if a := chair.post(path+"/"+point.String()+"/aantekeningen", "text", "er is een plek voor drie dagen", "base", newest[0].ID.String()); a.status != http.StatusSeeOther {
		t.Fatalf("amending: %d", a.status)
	}
	if a := chair.get(path); !strings.Contains(a.body, "Akkoord: 0 van 2") || !strings.Contains(a.body, "drie dagen") {
		t.Error("after amending it counts as confirmed")
	}
	if a := youth.post(path+"/akkoord", "revision", read); a.status != http.StatusConflict || !strings.Contains(a.body, "Lees het nog eens") {
		t.Errorf("confirming what was on an older page: %d", a.status)
	}
	if a := youth.post(path + "/vaststellen"); a.status != http.StatusForbidden {
		t.Errorf("fixing as a member: %d", a.status)
	}
	if a := chair.post(path + "/vaststellen"); a.status != http.StatusSeeOther {
		t.Fatalf("fixing: %d", a.status)
	}
	before := f.minutesText(session)
	for name, a := range map[string]answer{"confirming": youth.post(path + "/akkoord"), "remarking": youth.post(path+"/"+point.String()+"/opmerking", "text", "nog iets"), "amending": chair.post(path+"/"+point.String()+"/aantekeningen", "text", "anders"), "fixing": chair.post(path + "/vaststellen")} {
		if a.status != http.StatusConflict {
			t.Errorf("%s of fixed minutes: %d", name, a.status)
		}
	}
	a := f.as(account.Coordinator)
	other, at := f.talkAbout(c.ID)
	must(t, f.Meeting.SaveOutcome(f.ctx, a, other, at, meeting.NewOutcome{Once: uuid.New(), Lead: f.as(account.YouthWorker).Member, EvaluateOn: f.day(80), Texts: map[string]guard.Draft{"decision": text("anders besloten")}}))
	if after := f.minutesText(session); after != before {
		t.Errorf("fixed minutes changed:\n%s\n%s", before, after)
	}
	if a := chair.post(path+"/"+point.String()+"/aanvulling", "text", "de stage begon een week later"); a.status != http.StatusSeeOther {
		t.Fatalf("adding: %d", a.status)
	}
	if got := f.minutesText(session); !strings.Contains(got, "de stage begon een week later") || !strings.Contains(got, "stage van twee dagen") {
		t.Error("the addendum is not in the minutes")
	}
}

// minutesText is all that the minutes say.
func (f *fixture) minutesText(session uuid.UUID) string {
	f.t.Helper()
	v, err := f.Meeting.ReadMinutes(f.ctx, f.as(account.Coordinator), session)
	must(f.t, err)
	var b strings.Builder
	for _, t := range v.Attendees {
		b.WriteString(string(t.Role) + " " + string(t.Attendance) + "\n")
	}
	for _, p := range v.Parts {
		b.WriteString(string(p.Point.Pseudonym) + " " + p.Question.Reveal() + " " + string(p.Lead) + " " + p.EvaluateOn.String() + "\n")
		if p.Notes != nil {
			b.WriteString(p.Notes.Text.Reveal() + "\n")
		}
		if p.Outcome != nil {
			b.WriteString(p.Outcome.Decision + "\n")
		}
		for _, o := range append(p.Agreements, p.Addenda...) {
			b.WriteString(o.Text.Reveal() + " " + string(o.ResponsibleRole) + "\n")
		}
	}
	return b.String()
}

// TestKeptMinutes: the file opens with the stock age command and the key of one for whom
// it was made, and with no other; what he may not read is not in it.
func TestKeptMinutes(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	session, _, c := f.held()
	chair, youth := f.client(base, account.Coordinator), f.client(base, account.YouthWorker)
	path := "/overleggen/" + session.String() + "/verslag/bewaren"
	member := f.as(account.YouthWorker).Member.String()
	if a := chair.post(path, "members", member); a.status != http.StatusUnprocessableEntity {
		t.Errorf("for somebody without a key: %d", a.status)
	}
	key := youth.post("/account/bewaarsleutel")
	if key.status != http.StatusOK || !strings.Contains(key.body, "AGE-SECRET-KEY-1") {
		t.Fatalf("making a key: %d", key.status)
	}
	kept := chair.do("POST", path, url.Values{"members": {member}})
	if kept.status != http.StatusOK || !strings.HasPrefix(kept.body, "age-encryption.org/v1") {
		t.Fatalf("keeping: %d", kept.status)
	}
	html := string(decrypted(t, key.body, kept.body))
	for _, want := range []string{string(c.Pseudonym), "stage van twee dagen", "gaat mee kijken", "<!doctype html>"} {
		if !strings.Contains(html, want) {
			t.Errorf("the file lacks %q", want)
		}
	}
	for _, no := range []string{"<script", "src=", "href=\"/", "csrf"} {
		if strings.Contains(html, no) {
			t.Errorf("the file does not stand alone: %s", no)
		}
	}
	other, err := age.GenerateX25519Identity()
	must(t, err)
	if _, err := age.Decrypt(strings.NewReader(kept.body), other); err == nil {
		t.Error("another key opens it")
	}
	lines := 0
	for _, l := range f.all() {
		if l.Event == audit.MinutesExported && l.OnBehalf == f.as(account.YouthWorker).Member {
			lines++
		}
	}
	if lines != 1 {
		t.Errorf("%d lines of a file for the youth worker", lines)
	}
	must(t, f.Meeting.RemoveParticipant(f.ctx, f.as(account.Coordinator), c.ID, f.as(account.YouthWorker).Member))
	kept = chair.do("POST", path, url.Values{"members": {member}})
	if html := string(decrypted(t, key.body, kept.body)); strings.Contains(html, string(c.Pseudonym)) || strings.Contains(html, "stage van twee dagen") {
		t.Error("the file holds a case in which he takes no part any more")
	}
}

// decrypted opens a file with the stock age command.
func decrypted(t *testing.T, key, file string) []byte {
	t.Helper()
	dir := t.TempDir()
	tool := filepath.Join(dir, "age")
	if out, err := exec.Command("go", "build", "-o", tool, "filippo.io/age/cmd/age").CombinedOutput(); err != nil {
		t.Fatalf("building age: %v %s", err, out)
	}
	must(t, os.WriteFile(filepath.Join(dir, "key"), []byte(key), 0o600))
	cmd := exec.Command(tool, "-d", "-i", filepath.Join(dir, "key"))
	cmd.Stdin = strings.NewReader(file)
	var out, bad bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &bad
	if err := cmd.Run(); err != nil {
		t.Fatalf("age: %v %s", err, bad.String())
	}
	return out.Bytes()
}
