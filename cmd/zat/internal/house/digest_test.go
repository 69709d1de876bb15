package house_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/meeting"
)

// TestDigest: who asked for it hears on Monday, once, how much is open, and nothing of it.
func TestDigest(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	c := f.based()
	youth := f.as(account.YouthWorker)
	must(t, f.Meeting.AddAgreement(f.ctx, youth, meeting.NewAgreement{Once: uuid.New(), Case: c.ID, What: text("belt de club"), Responsible: youth.Member, Due: f.day(3)}))
	var sent []meeting.Digest
	send := func() {
		must(t, f.Meeting.SendDigests(f.ctx, func(_ context.Context, d meeting.Digest) error { sent = append(sent, d); return nil }))
	}
	if send(); len(sent) != 0 {
		t.Fatalf("%d digests that nobody asked for", len(sent))
	}
	if a := f.client(base, account.YouthWorker).post("/afspraken/bericht", "digest", "1"); a.status != http.StatusSeeOther {
		t.Fatalf("asking for it: %d", a.status)
	}
	send()
	send()
	if len(sent) != 1 || sent[0].Member != youth.Member || sent[0].Open < 1 {
		t.Errorf("sent: %d", len(sent))
	}
	f.clock.Set(f.clock.Now().AddDate(0, 0, 7))
	if send(); len(sent) != 2 {
		t.Errorf("a week later: %d", len(sent))
	}
	for now, want := range map[string]string{"2026-11-25T10:00:00Z": "2026-11-23T06:00:00Z", "2026-11-23T05:59:00Z": "2026-11-16T06:00:00Z", "2026-11-23T06:00:00Z": "2026-11-23T06:00:00Z", "2026-11-29T23:30:00Z": "2026-11-23T06:00:00Z"} {
		at, err := time.Parse(time.RFC3339, now)
		must(t, err)
		if got := meeting.LastDigest(at).UTC().Format(time.RFC3339); got != want {
			t.Errorf("at %s the last was %s, want %s", now, got, want)
		}
	}
}
