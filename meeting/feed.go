package meeting

import (
	"sync"

	"github.com/google/uuid"
)

// Feed tells those who follow a session or a case that it changed. It carries ids
// and nothing else: what changed each of them reads for himself, with his own key
// and his own line. The zero value is ready.
type Feed struct {
	mu   sync.Mutex
	taps map[uuid.UUID]map[*Tap]struct{}
	told uint64
	last map[uuid.UUID]uint64 // of what is followed: the number of its last change
}

// Tap is one follower's end of the feed. C holds at most one notice: who is slow
// gets one for all that he missed.
type Tap struct {
	C    <-chan struct{}
	c    chan struct{}
	feed *Feed
	ids  map[uuid.UUID]bool
}

// Listen returns a tap for changes of these.
func (f *Feed) Listen(ids ...uuid.UUID) *Tap {
	c := make(chan struct{}, 1)
	t := &Tap{C: c, c: c, feed: f, ids: map[uuid.UUID]bool{}}
	for _, id := range ids {
		t.Also(id)
	}
	return t
}

// Also follows one more.
func (t *Tap) Also(id uuid.UUID) {
	f := t.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.taps == nil {
		f.taps, f.last = map[uuid.UUID]map[*Tap]struct{}{}, map[uuid.UUID]uint64{}
	}
	if f.taps[id] == nil {
		f.taps[id] = map[*Tap]struct{}{}
	}
	f.taps[id][t], t.ids[id] = struct{}{}, true
}

// Leave follows one less.
func (t *Tap) Leave(id uuid.UUID) {
	f := t.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(t.ids, id)
	if delete(f.taps[id], t); len(f.taps[id]) == 0 {
		delete(f.taps, id)
		delete(f.last, id)
	}
}

// Close follows nothing any more.
func (t *Tap) Close() {
	for id := range t.ids {
		t.Leave(id)
	}
}

// Tell says that something changed, once it is stored.
func (f *Feed) Tell(id uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.taps[id]) == 0 {
		return
	}
	f.told++
	f.last[id] = f.told
	for t := range f.taps[id] {
		select {
		case t.c <- struct{}{}:
		default: // he has a notice that he did not read yet
		}
	}
}

// changes returns the last change of a session and of a case.
func (f *Feed) changes(session, c uuid.UUID) [2]uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return [2]uint64{f.last[session], f.last[c]}
}
