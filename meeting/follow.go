package meeting

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/seal"
	"zat/fault"
)

// Scene is a running session as one follower may see it.
type Scene struct {
	Session    Session
	Place      string
	Points     []PointView
	Point      PointView // in hand
	HasPoint   bool
	Number     int // of the point, from 1
	Question   seal.Text
	Agreements []Opened // of the case, not done yet, newest first
	Signals    []Opened // for the chair's screen only
	Attendees  []Attendee
	Present    int
	Hands      []Attendee // who wants to speak, in order
	MyHand     bool
	Chairing   bool
	Noting     bool       // he takes notes
	Doers      []Attendee // who can take on an agreement about the case in hand; for who notes
	Same       bool       // as the follower saw it last: there is nothing to send
}

// Following is one follower's way along a session. It keeps the keys that its member
// opened and the texts that he was shown, for as long as it is open. It is for one
// goroutine.
type Following struct {
	Tap *Tap

	s      *Service
	a      account.Actor
	id     uuid.UUID
	full   bool // the chair's screen: signals as well
	room   *room
	keys   map[uuid.UUID]account.Key
	texts  map[uuid.UUID]Opened
	vault  uuid.UUID   // of the case in hand
	ahead  []uuid.UUID // cases of the agenda in which he takes part
	closed bool

	last   *roomState // what he saw last, and which points were hidden then
	hidden string
}

// Follow begins to follow a session to which the actor is invited. Who follows a
// running session is there: a line tells so. The caller has to close it.
func (s *Service) Follow(ctx context.Context, a account.Actor, id uuid.UUID, full bool) (*Following, error) {
	line := audit.By(a, audit.SessionRead, audit.ObjSession, id).In(id).For(audit.PurposeSession, "follow")
	ses, key, err := s.enterSession(ctx, a, id, line)
	if err != nil {
		return nil, err
	}
	if err := s.arrive(ctx, a, ses); err != nil {
		return nil, err
	}
	f := &Following{s: s, a: a, id: id, full: full && a.May(account.ChairSessions), keys: map[uuid.UUID]account.Key{}, texts: map[uuid.UUID]Opened{}}
	f.room, f.Tap = s.rooms.enter(id), s.Feed.Listen(id)
	f.keys[id] = f.room.keep(key)
	return f, nil
}

// Session returns what is followed.
func (f *Following) Session() uuid.UUID { return f.id }

// Shown says that the follower was shown these already, on the page that he follows from.
func (f *Following) Shown(list ...Opened) {
	for _, o := range list {
		f.texts[o.ID] = o
	}
}

// Close ends it and forgets keys and texts.
func (f *Following) Close() {
	if f.closed {
		return
	}
	f.closed = true
	f.Tap.Close()
	f.s.rooms.leave(f.id)
	clear(f.keys)
	clear(f.texts)
}

// arrive marks somebody invited as present. Whom the chair marked absent stays so
// until she lets him in: the basis of the case in hand is looked at then.
func (s *Service) arrive(ctx context.Context, a account.Actor, ses Session) error {
	if ses.State != Running {
		return nil
	}
	list, err := s.Store.Attendees(ctx, ses.ID)
	if err != nil {
		return fmt.Errorf("reading those invited: %w", err)
	}
	for _, t := range list {
		if t.Member != a.Member || t.Attendance != Invited {
			continue
		}
		line := audit.By(a, audit.SessionChanged, audit.ObjSession, ses.ID).In(ses.ID).For(audit.PurposeSession, "arrived")
		return s.steer(ctx, ses.ID, func(tx Tx, _ Session) error {
			if first, err := tx.Arrive(ses.ID, a.Member); err != nil || !first {
				return err
			}
			return s.Log.Append(tx, a.Team, line)
		})
	}
	return nil
}

// Scene returns what there is to see now. Texts that the follower was not shown yet
// are opened, under a line of his own. It fails with fault.NotFound when he may not
// follow any more.
func (f *Following) Scene(ctx context.Context) (Scene, error) {
	st, err := f.s.lookInto(ctx, f.room, f.id)
	if err != nil {
		return Scene{}, err
	}
	g, err := f.s.Store.Grant(ctx, f.id, f.a.Member)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Scene{}, fmt.Errorf("reading grant: %w", err)
	}
	if err != nil || !g.Live(f.s.Now()) {
		return Scene{}, fault.New(fault.NotFound, "error.notfound")
	}
	if err := f.openTitles(ctx, st); err != nil {
		return Scene{}, err
	}
	v := f.frame(st)
	mask := hiddenMask(v.Points)
	if v.Same = st == f.last && mask == f.hidden; v.Same {
		return v, nil
	}
	f.last, f.hidden = nil, mask // until it was shown
	if err := f.show(ctx, st, &v); err != nil {
		return v, err
	}
	f.last = st
	return v, nil
}

// hiddenMask tells which points are hidden: it changes when access ends by its date.
func hiddenMask(points []PointView) string {
	b := make([]byte, len(points))
	for i, p := range points {
		if b[i] = '0'; p.Hidden {
			b[i] = '1'
		}
	}
	return string(b)
}

// show opens what is to be seen of the point in hand.
func (f *Following) show(ctx context.Context, st *roomState, v *Scene) error {
	if !v.HasPoint || v.Point.Hidden || v.Point.Case == uuid.Nil {
		f.atCase(uuid.Nil)
		return nil
	}
	f.atCase(v.Point.Case)
	return f.fill(ctx, st, v)
}

// Warm opens the keys of cases that come later on the agenda, one at a time: when the
// chair goes on, nobody waits for that. It opens no text.
func (f *Following) Warm(ctx context.Context) {
	for _, c := range f.ahead {
		if f.keys[c] != nil {
			continue
		}
		if _, key, err := grant.Enter(ctx, f.s.Store, f.a, c, f.s.Now()); err == nil {
			f.keys[c] = f.room.keep(key)
		}
		return // a failure shows when the key is needed
	}
}

// atCase follows the case in hand and forgets what belongs to the one before.
func (f *Following) atCase(c uuid.UUID) {
	if f.vault == c {
		return
	}
	if f.vault != uuid.Nil {
		f.Tap.Leave(f.vault)
		for id, o := range f.texts {
			if o.Vault == f.vault {
				delete(f.texts, id)
			}
		}
	}
	if f.vault = c; c != uuid.Nil {
		f.Tap.Also(c)
	}
}

// frame is what the database says in the clear, as this follower may see it.
func (f *Following) frame(st *roomState) Scene {
	now := f.s.Now()
	f.ahead = f.ahead[:0]
	v := Scene{Session: st.session, Attendees: st.attendees, Chairing: f.a.May(account.ChairSessions), Noting: st.session.Scribe == f.a.Member, Points: make([]PointView, len(st.points))}
	for i, p := range st.points {
		x := PointView{Point: p, Current: p.ID == st.session.Current && st.session.State == Running}
		if p.Kind == PointCase && (!st.mayEnter(p.Case, f.a.Member, now) || st.without[p.ID][f.a.Member]) {
			x.Hidden, x.Pseudonym, x.Case = true, "", uuid.Nil
		}
		if x.Case != uuid.Nil {
			f.ahead = append(f.ahead, x.Case)
		}
		for _, it := range st.titles {
			if it.Kind == Title && it.Point == p.ID {
				x.Title = f.texts[it.ID].Text.Reveal()
			}
		}
		v.Points[i] = x
		if x.Current {
			v.Point, v.HasPoint, v.Number = x, true, i+1
		}
	}
	if v.Noting && v.Point.Case != uuid.Nil {
		for _, t := range st.attendees {
			if st.mayEnter(v.Point.Case, t.Member, now) {
				v.Doers = append(v.Doers, t)
			}
		}
	}
	for _, it := range st.titles {
		if it.Kind == Place {
			v.Place = f.texts[it.ID].Text.Reveal()
		}
	}
	f.people(st, &v)
	return v
}

func (f *Following) people(st *roomState, v *Scene) {
	for _, t := range st.attendees {
		if t.Attendance == Present {
			v.Present++
		}
	}
	for _, h := range st.hands {
		v.MyHand = v.MyHand || h.Member == f.a.Member
		for _, t := range st.attendees {
			if t.Member == h.Member {
				v.Hands = append(v.Hands, t)
			}
		}
	}
}

func (f *Following) openTitles(ctx context.Context, st *roomState) error {
	line := audit.By(f.a, audit.SessionRead, audit.ObjSession, f.id).In(f.id).For(audit.PurposeSession, "")
	return f.open(ctx, f.id, st.titles, line)
}

// fill opens what the follower sees of the case in hand.
func (f *Following) fill(ctx context.Context, st *roomState, v *Scene) error {
	var show []Item
	asked := false
	for _, it := range st.items {
		switch {
		case it.Kind == Question && !asked:
			asked = true
			show = append(show, it)
		case it.Kind == Agreement && it.Done.IsZero(), it.Kind == Signal && f.full:
			show = append(show, it)
		}
	}
	line := audit.By(f.a, audit.CaseRead, audit.ObjCase, f.vault).In(f.id).On(f.vault, relationOf(f.a)).For(audit.PurposeSession, "")
	line.Basis = st.grounds[f.vault][f.a.Member]
	if err := f.open(ctx, f.vault, show, line); err != nil {
		return err
	}
	for _, it := range show {
		o := f.texts[it.ID]
		o.Item = it
		switch it.Kind {
		case Question:
			v.Question = o.Text
		case Agreement:
			if m, ok := memberIn(st.members, it.Responsible); ok {
				o.ResponsibleRole, o.ResponsibleName = m.Role, m.Name
			}
			v.Agreements = append(v.Agreements, o)
		case Signal:
			v.Signals = append(v.Signals, o)
		}
	}
	return nil
}

// open opens the texts that the follower was not shown yet, under one line.
func (f *Following) open(ctx context.Context, vault uuid.UUID, items []Item, line audit.Line) error {
	var fresh []Item
	for _, it := range items {
		if _, shown := f.texts[it.ID]; !shown {
			fresh = append(fresh, it)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	if f.keys[vault] == nil {
		_, key, err := grant.Enter(ctx, f.s.Store, f.a, vault, f.s.Now())
		if err != nil {
			return fmt.Errorf("entering a vault: %w", err)
		}
		f.keys[vault] = f.room.keep(key)
	}
	line.Part = span(fresh)
	r, err := f.s.Log.Look(ctx, f.a.Team, line)
	if err != nil {
		return err
	}
	lent := f.room.opened(vault, fresh, r, f.keys[vault])
	for id, o := range lent {
		f.texts[id] = o
	}
	fresh = slices.DeleteFunc(fresh, func(it Item) bool { _, ok := lent[it.ID]; return ok })
	if len(fresh) == 0 {
		return nil
	}
	opened, err := f.s.openAll(ctx, r, f.keys[vault], fresh)
	if fault.Is(err, fault.Busy) { // the vault got another key: the old one is of no use any more
		_, key, kerr := grant.Enter(ctx, f.s.Store, f.a, vault, f.s.Now())
		if kerr != nil {
			return kerr
		}
		f.keys[vault] = f.room.keep(key)
		opened, err = f.s.openAll(ctx, r, key, fresh)
	}
	if err != nil {
		return err
	}
	for _, o := range opened {
		f.texts[o.ID] = o
	}
	if vault != f.id {
		f.room.lend(vault, opened)
	}
	return nil
}
