package meeting

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
)

// room is what all who follow one session share: what the database says of it in
// the clear, read once for each change. Texts are in it sealed only.
type room struct {
	mu      sync.Mutex
	seen    [2]uint64 // of the feed, when it was read
	read    time.Time
	state   *roomState
	keys    map[string]account.Key // of vaults, by recipient: each opened by its own grant, kept once
	vault   uuid.UUID              // of the case in hand
	texts   map[uuid.UUID]Opened   // of that case, opened by the first who was let in
	members int                    // who follows, under the rooms' lock
}

// roomState is never changed once it is made.
type roomState struct {
	session   Session
	points    []Point
	attendees []Attendee
	members   []account.Member
	hands     []Hand
	without   map[uuid.UUID]map[uuid.UUID]bool      // by point
	invited   map[uuid.UUID]map[uuid.UUID]time.Time // by case, until when a member has access; zero: without an end
	grounds   map[uuid.UUID]map[uuid.UUID]uuid.UUID // by case, on which basis a member takes part
	items     []Item                                // of the case in hand
	titles    []Item                                // place and titles of the session
}

// roomLife is how old a state may be when nothing told that it changed: what another
// process did is seen by then.
const roomLife = 5 * time.Second

func (st *roomState) current() (Point, bool) {
	i := indexOf(st.points, st.session.Current)
	if i < 0 || st.session.State != Running {
		return Point{}, false
	}
	return st.points[i], true
}

// mayEnter reports whether a member has access to a case of the agenda.
func (st *roomState) mayEnter(c, member uuid.UUID, now time.Time) bool {
	until, in := st.invited[c][member]
	return in && (until.IsZero() || now.Before(until))
}

// rooms are the sessions that somebody follows.
type rooms struct {
	mu sync.Mutex
	of map[uuid.UUID]*room
}

func (r *rooms) enter(session uuid.UUID) *room {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of == nil {
		r.of = map[uuid.UUID]*room{}
	}
	if r.of[session] == nil {
		r.of[session] = &room{}
	}
	r.of[session].members++
	return r.of[session]
}

func (r *rooms) leave(session uuid.UUID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if rm := r.of[session]; rm != nil {
		if rm.members--; rm.members == 0 {
			delete(r.of, session)
		}
	}
}

// keep returns the key that another follower opened for the same recipient, or keeps
// this one: twenty people hold the same key, and it need not be there twenty times.
// Whoever brings it has proved that he can open it.
func (rm *room) keep(k account.Key) account.Key {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	if have := rm.keys[k.Recipient()]; have != nil {
		return have
	}
	if rm.keys == nil {
		rm.keys = map[string]account.Key{}
	}
	rm.keys[k.Recipient()] = k
	return k
}

// opened returns which of these texts another follower opened already. It is for who has
// the key himself and a receipt of his own: without either there is nothing for him.
func (rm *room) opened(vault uuid.UUID, items []Item, r audit.Receipt, k account.Key) map[uuid.UUID]Opened {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	out := map[uuid.UUID]Opened{}
	if rm.vault != vault || rm.keys[k.Recipient()] == nil {
		return out
	}
	for _, it := range items {
		if o, ok := rm.texts[it.ID]; ok && r.Covers(it.Team, it.Vault, it.ID) {
			out[it.ID] = o
		}
	}
	return out
}

// lend lets others who may read them have texts of a case without opening them again,
// until another case is in hand.
func (rm *room) lend(vault uuid.UUID, list []Opened) {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	if rm.vault != vault {
		rm.vault, rm.texts = vault, map[uuid.UUID]Opened{}
	}
	for _, o := range list {
		rm.texts[o.ID] = o
	}
}

// lookInto returns the state of a room, read anew when something changed since.
func (s *Service) lookInto(ctx context.Context, rm *room, session uuid.UUID) (*roomState, error) {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	now := s.Now()
	current := uuid.Nil
	if rm.state != nil {
		if p, ok := rm.state.current(); ok {
			current = p.Case
		}
		if s.Feed.changes(session, current) == rm.seen && now.Sub(rm.read) < roomLife {
			return rm.state, nil
		}
	}
	seen := s.Feed.changes(session, current) // before reading: what comes during it is read once more
	st, err := s.readRoom(ctx, session)
	if err != nil {
		return nil, err
	}
	if p, ok := st.current(); ok && p.Case != current {
		seen = [2]uint64{} // of another case: count from the next look
	}
	if rm.state != nil && reflect.DeepEqual(rm.state, st) { // followers see by the pointer that it is the same
		st = rm.state
	}
	rm.state, rm.seen, rm.read = st, seen, now
	return st, nil
}

func (s *Service) readRoom(ctx context.Context, session uuid.UUID) (*roomState, error) {
	st := &roomState{invited: map[uuid.UUID]map[uuid.UUID]time.Time{}, grounds: map[uuid.UUID]map[uuid.UUID]uuid.UUID{}}
	var err error
	if st.session, err = s.Store.Session(ctx, session); err != nil {
		return nil, fmt.Errorf("reading session: %w", err)
	}
	if st.points, err = s.Store.Points(ctx, session); err != nil {
		return nil, fmt.Errorf("reading agenda: %w", err)
	}
	if st.attendees, err = s.Store.Attendees(ctx, session); err != nil {
		return nil, fmt.Errorf("reading those invited: %w", err)
	}
	if st.members, err = s.Store.Members(ctx, st.session.Team); err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	if st.hands, err = s.Store.Hands(ctx, session); err != nil {
		return nil, fmt.Errorf("reading hands: %w", err)
	}
	if st.without, err = s.Store.Without(ctx, session); err != nil {
		return nil, fmt.Errorf("reading who is left out: %w", err)
	}
	if st.titles, err = s.Store.KindItems(ctx, session, Place, Title); err != nil {
		return nil, fmt.Errorf("reading agenda: %w", err)
	}
	for _, p := range st.points {
		if p.Case == uuid.Nil {
			continue
		}
		ps, err := s.Store.Participants(ctx, p.Case)
		if err != nil {
			return nil, fmt.Errorf("reading participants: %w", err)
		}
		in, on := map[uuid.UUID]time.Time{}, map[uuid.UUID]uuid.UUID{}
		for _, x := range ps {
			in[x.Member.ID], on[x.Member.ID] = x.Until, x.Basis
		}
		st.invited[p.Case], st.grounds[p.Case] = in, on
	}
	if p, ok := st.current(); ok && p.Case != uuid.Nil {
		if st.items, err = s.Store.KindItems(ctx, p.Case, Question, Agreement, Signal); err != nil {
			return nil, fmt.Errorf("reading texts: %w", err)
		}
	}
	return st, nil
}
