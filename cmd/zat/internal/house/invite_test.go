package house_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"zat/account"
	"zat/fault"
	"zat/meeting"
)

// TestReinvite: who is invited later sees the session and the cases whose bases cover
// him, and is left out of the others; who is taken off sees it no more.
func TestReinvite(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	chair, youth, doctor := f.as(account.Coordinator), f.as(account.YouthWorker), f.as(account.Doctor)
	inside, open := f.fresh(born(f.clock.Now().Year()-17)), f.based()
	must(t, f.record(inside.ID, "internal"))
	ses, err := f.Meeting.PlanSession(f.ctx, chair, meeting.NewSession{Once: uuid.New(), Day: f.day(1), From: "9", Until: "10", Place: text("lokaal 4"), Members: f.members(account.Doctor)})
	must(t, err)
	points := map[uuid.UUID]uuid.UUID{inside.ID: uuid.New(), open.ID: uuid.New()}
	for c, p := range points {
		must(t, f.Meeting.AddPoint(f.ctx, chair, ses.ID, meeting.NewPoint{Once: p, Kind: "case", Case: c, Minutes: 10, Without: true}))
	}
	if _, err := f.Meeting.ReadSession(f.ctx, youth, ses.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("before: %v", err)
	}
	must(t, f.Meeting.SetInvited(f.ctx, chair, ses.ID, []uuid.UUID{youth.Member}, nil))
	v, err := f.Meeting.ReadSession(f.ctx, youth, ses.ID)
	must(t, err)
	if p, _ := v.Find(points[open.ID]); p.Hidden {
		t.Error("he does not see the case whose basis covers him")
	}
	if p, _ := v.Find(points[inside.ID]); !p.Hidden {
		t.Error("he sees the case that is for the school alone")
	}
	if _, err := f.Meeting.ReadCase(f.ctx, youth, inside.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("he reads that case: %v", err)
	}
	if _, err := f.Meeting.ReadSession(f.ctx, doctor, ses.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("taken off, the doctor reads it: %v", err)
	}
	if err := f.Meeting.SetInvited(f.ctx, chair, ses.ID, nil, nil); field(err) != "members error.session.alone" {
		t.Errorf("nobody invited: %v", err)
	}
	must(t, f.record(inside.ID, "consent", "parents", "pupil")) // now a basis covers him
	must(t, f.Meeting.SetInvited(f.ctx, chair, ses.ID, []uuid.UUID{doctor.Member}, nil))
	must(t, f.Meeting.SetInvited(f.ctx, chair, ses.ID, []uuid.UUID{youth.Member}, nil))
	v, err = f.Meeting.ReadSession(f.ctx, youth, ses.ID)
	must(t, err)
	if p, _ := v.Find(points[inside.ID]); p.Hidden {
		t.Error("invited anew and covered, he is still left out")
	}
	must(t, f.Meeting.StartSession(f.ctx, chair, ses.ID, f.revision(ses.ID)))
	if err := f.Meeting.SetInvited(f.ctx, chair, ses.ID, []uuid.UUID{doctor.Member}, nil); !fault.Is(err, fault.Conflict) {
		t.Errorf("while it runs: %v", err)
	}
}

// TestCallOff: a planned session is called off, those invited hear of it, nothing of it
// can be changed any more, and its cases are free.
func TestCallOff(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	box := &outbox{}
	f.Server.Mail = box
	chair := f.as(account.Coordinator)
	c := f.based()
	ses, err := f.Meeting.PlanSession(f.ctx, chair, meeting.NewSession{Once: uuid.New(), Day: f.day(1), From: "9", Until: "10", Place: text("lokaal 4"), Members: f.members(account.Doctor)})
	must(t, err)
	must(t, f.Meeting.AddPoint(f.ctx, chair, ses.ID, meeting.NewPoint{Once: uuid.New(), Kind: "case", Case: c.ID, Minutes: 10}))
	path := "/overleggen/" + ses.ID.String()
	page := f.client(base, account.Coordinator)
	if a := page.get(path); !strings.Contains(a.body, "Ja, nu beginnen") {
		t.Error("starting before its day is not asked about")
	}
	a := page.post(path+"/afzeggen", "pagina", path)
	if b := page.get(a.to).body; !strings.Contains(b, "Dit overleg is afgezegd") || strings.Contains(b, path+"/start") || len(box.sent()) != 1 {
		t.Errorf("called off: %d, told %d", a.status, len(box.sent()))
	}
	if a := f.client(base, account.Doctor).get(path); !strings.Contains(a.body, "afgezegd") {
		t.Errorf("the doctor does not see it: %d", a.status)
	}
	for name, do := range map[string]func() error{
		"start":  func() error { return f.Meeting.StartSession(f.ctx, chair, ses.ID, f.revision(ses.ID)) },
		"move":   func() error { return f.Meeting.Reschedule(f.ctx, chair, ses.ID, f.day(3), "9", "10") },
		"again":  func() error { _, err := f.Meeting.CancelSession(f.ctx, chair, ses.ID); return err },
		"invite": func() error { return f.Meeting.SetInvited(f.ctx, chair, ses.ID, f.members(account.Police), nil) },
		"point": func() error {
			return f.Meeting.AddPoint(f.ctx, chair, ses.ID, meeting.NewPoint{Once: uuid.New(), Kind: "trends", Minutes: 5})
		},
	} {
		if err := do(); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s afterwards: %v", name, err)
		}
	}
	other, err := f.Meeting.PlanSession(f.ctx, chair, meeting.NewSession{Once: uuid.New(), Day: f.day(2), From: "9", Until: "10", Place: text("lokaal 4"), Members: f.members(account.Doctor)})
	must(t, err)
	must(t, f.Meeting.AddPoint(f.ctx, chair, other.ID, meeting.NewPoint{Once: uuid.New(), Kind: "case", Case: c.ID, Minutes: 10}))
}
