package house_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/fault"
	"zat/meeting"
	"zat/pseudonym/guard"
)

// second signs in the second coordinator.
func (f *fixture) second() account.Actor {
	f.t.Helper()
	n := 0
	for _, p := range f.people {
		if p.Role != account.Coordinator {
			continue
		}
		if n++; n == 2 {
			e, err := f.SignIn.SignIn(f.ctx, signin.Attempt{Email: p.Email, Password: p.Password, Code: f.later(p.TOTPSecret), Network: "192.0.2.9"})
			must(f.t, err)
			return e.Actor
		}
	}
	f.t.Fatal("there is no second coordinator")
	return account.Actor{}
}

// TestStates lets two chairs do anything in any order, with what their pages last showed,
// and looks after each step whether the session is in a state that the rules allow.
func TestStates(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	chairs := []account.Actor{f.as(account.Coordinator), f.second()}
	all := map[string]int{}
	for seed := range uint64(6) {
		w := &stateWalk{f: f, t: t, rng: rand.New(rand.NewPCG(seed, 7)), chairs: chairs}
		w.plan()
		for _, next := range []string{"start", "close", "fix", ""} { // each state gets its share of chance
			for range 30 {
				w.step()
				w.check()
			}
			w.reach(next)
			w.check()
			if t.Failed() {
				t.Fatalf("seed %d, before %q, after %v", seed, next, w.did)
			}
		}
		for name, n := range w.did {
			all[name] += n
		}
	}
	for _, name := range []string{"start", "goto", "add", "drop", "park", "notes", "outcome", "confirm", "amend", "addendum", "order", "reschedule"} {
		if all[name] == 0 {
			t.Errorf("%s never succeeded: this test shows less than it says", name)
		}
	}
}

// reach brings the session a state further, where chance did not.
func (w *stateWalk) reach(next string) {
	ses, err := w.f.Store.Session(w.f.ctx, w.session)
	must(w.t, err)
	m, a := w.f.Meeting, w.chairs[0]
	switch {
	case next == "start" && ses.State == meeting.Planned:
		err = m.StartSession(w.f.ctx, a, w.session, ses.Revision)
	case next == "close" && ses.State == meeting.Running:
		err = m.CloseSession(w.f.ctx, a, w.session, ses.Revision)
	case next == "fix" && ses.Fixed.IsZero():
		err = m.FixMinutes(w.f.ctx, a, w.session)
	}
	if err != nil {
		w.t.Errorf("%s: %v", next, err)
	}
}

type stateWalk struct {
	f        *fixture
	t        *testing.T
	rng      *rand.Rand
	chairs   []account.Actor
	session  uuid.UUID
	seen     [2]int64 // revisions that the chairs' pages show
	was      meeting.State
	closed   []meeting.Point
	fixed    string
	did      map[string]int
	noteBase map[uuid.UUID]uuid.UUID
}

func (w *stateWalk) plan() {
	ses, err := w.f.Meeting.PlanSession(w.f.ctx, w.chairs[0], meeting.NewSession{Once: uuid.New(), Day: w.f.day(1), From: "9", Until: "11", Place: text("lokaal 4"), Members: w.f.members(account.YouthWorker, account.Doctor)})
	must(w.t, err)
	w.session, w.was, w.closed, w.fixed, w.did, w.noteBase = ses.ID, meeting.Planned, nil, "", map[string]int{}, map[uuid.UUID]uuid.UUID{}
}

func (w *stateWalk) points() []meeting.Point {
	list, err := w.f.Store.Points(w.f.ctx, w.session)
	must(w.t, err)
	return list
}

func (w *stateWalk) step() {
	f, m, id := w.f, w.f.Meeting, w.session
	i := w.rng.IntN(2)
	a, points := w.chairs[i], w.points()
	pick := uuid.New()
	if len(points) > 0 {
		pick = points[w.rng.IntN(len(points))].ID
	}
	if w.rng.IntN(3) > 0 { // else the page is stale
		w.seen[i] = f.revision(id)
	}
	rows := f.cases()
	actions := map[string]func() error{
		"start": func() error { return m.StartSession(f.ctx, a, id, w.seen[i]) },
		"goto":  func() error { return m.GoTo(f.ctx, a, id, pick, w.seen[i]) },
		"add": func() error {
			return m.AddPoint(f.ctx, a, id, meeting.NewPoint{Once: uuid.New(), Kind: "case", Case: rows[w.rng.IntN(len(rows))].ID, Minutes: 5, Without: w.rng.IntN(2) == 0})
		},
		"trends": func() error {
			return m.AddPoint(f.ctx, a, id, meeting.NewPoint{Once: uuid.New(), Kind: "trends", Minutes: 5})
		},
		"drop":    func() error { return m.DropPoint(f.ctx, a, id, pick) },
		"move":    func() error { return m.MovePoint(f.ctx, a, id, pick, w.rng.IntN(2) == 0) },
		"order":   func() error { return m.OrderPoints(f.ctx, a, id, []uuid.UUID{pick}) },
		"minutes": func() error { return m.SetMinutes(f.ctx, a, id, pick, 1+w.rng.IntN(30)) },
		"park":    func() error { return m.ParkPoint(f.ctx, a, id, pick, w.rng.IntN(2) == 0) },
		"attend": func() error {
			return m.Attend(f.ctx, a, id, f.members(account.Coordinator, account.YouthWorker)[w.rng.IntN(2):])
		},
		"hand":       func() error { return m.RaiseHand(f.ctx, f.as(account.YouthWorker), id, w.rng.IntN(2) == 0) },
		"reschedule": func() error { return m.Reschedule(f.ctx, a, id, f.day(2), "10", "11") },
		"notes": func() error {
			return m.SaveNotes(f.ctx, a, id, pick, uuid.New(), w.noteBase[pick], text("aantekening"))
		},
		"outcome": func() error {
			return m.SaveOutcome(f.ctx, a, id, pick, meeting.NewOutcome{Once: uuid.New(), Lead: a.Member, EvaluateOn: f.day(30), Texts: map[string]guard.Draft{"decision": text("besluit")}})
		},
		"confirm":  func() error { return m.ConfirmMinutes(f.ctx, f.as(account.YouthWorker), id, f.revision(id)) },
		"amend":    func() error { return m.AmendNotes(f.ctx, a, id, pick, uuid.New(), w.noteBase[pick], text("anders")) },
		"addendum": func() error { return m.Addendum(f.ctx, a, id, pick, uuid.New(), text("aanvulling")) },
	}
	if w.rng.IntN(25) == 0 {
		actions = map[string]func() error{"close": func() error { return m.CloseSession(f.ctx, a, id, w.seen[i]) }, "fix": func() error { return m.FixMinutes(f.ctx, a, id) }}
	}
	names := make([]string, 0, len(actions))
	for name := range actions {
		names = append(names, name)
	}
	slices.Sort(names) // a seed does the same each time
	name := names[w.rng.IntN(len(names))]
	err := actions[name]()
	switch {
	case err == nil:
		w.did[name]++
	case fault.KindOf(err) == fault.Internal:
		w.t.Errorf("%s: %v", name, err)
	}
}

func (w *stateWalk) check() {
	ses, err := w.f.Store.Session(w.f.ctx, w.session)
	must(w.t, err)
	points := w.points()
	order := map[meeting.State]int{meeting.Planned: 0, meeting.Running: 1, meeting.Finished: 2}
	if order[ses.State] < order[w.was] {
		w.t.Errorf("from %s back to %s", w.was, ses.State)
	}
	open := 0
	for _, p := range points {
		inHand := p.ID == ses.Current && ses.State == meeting.Running
		switch {
		case ses.State == meeting.Planned && !p.Started.IsZero():
			w.t.Error("a point of a planned session began")
		case inHand && (p.Parked || p.Started.IsZero() || !p.Done.IsZero()):
			w.t.Errorf("the point in hand is parked %v, began %v, ended %v", p.Parked, p.Started, p.Done)
		case !inHand && !p.Started.IsZero() && p.Done.IsZero():
			open++
		}
		if inHand && p.Case != uuid.Nil {
			bases, err := w.f.Store.Bases(w.f.ctx, p.Case)
			must(w.t, err)
			held := false
			for _, b := range bases {
				held = held || b.Valid(meeting.Today(w.f.clock.Now()))
			}
			if !held {
				w.t.Error("a case without a basis is in hand")
			}
		}
	}
	if open > 0 {
		w.t.Errorf("%d points that are not in hand are open", open)
	}
	if ses.State == meeting.Running && len(points) > 0 && ses.Current == uuid.Nil {
		w.t.Error("nothing is in hand")
	}
	if !ses.Fixed.IsZero() && ses.State != meeting.Finished {
		w.t.Error("minutes of a session that runs are fixed")
	}
	w.checkClosed(ses, points)
	w.was = ses.State
}

// checkClosed: an agenda does not change once it is closed, and minutes do not once they
// are fixed, but for addenda.
func (w *stateWalk) checkClosed(ses meeting.Session, points []meeting.Point) {
	if ses.State != meeting.Finished {
		return
	}
	if w.closed == nil {
		w.closed = points
	}
	for i, p := range points {
		if p != w.closed[i] {
			w.t.Errorf("a point of a closed session changed: %+v, was %+v", p, w.closed[i])
		}
	}
	if ses.Fixed.IsZero() {
		return
	}
	v, err := w.f.Meeting.ReadMinutes(w.f.ctx, w.chairs[0], w.session)
	must(w.t, err)
	said := ""
	for _, p := range v.Parts {
		if p.Notes != nil {
			said += p.Notes.Text.Reveal()
		}
		if p.Outcome != nil {
			said += p.Outcome.Decision
		}
		said += "/"
	}
	if w.fixed == "" {
		w.fixed = said
	}
	if said != w.fixed {
		w.t.Errorf("fixed minutes changed from %q to %q", w.fixed, said)
	}
}
