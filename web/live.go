package web

import (
	"sync"
	"time"

	"github.com/google/uuid"
)

// live counts the streams that are open, and ends them when the server stops.
type live struct {
	mu    sync.Mutex
	open  map[uuid.UUID]int // streams of a member
	all   int
	once  sync.Once
	stop  chan struct{}
	begin sync.Once

	parked parked
	crew   crew
}

// enter counts a stream of a member; it reports false when he, or all together, have
// enough.
func (l *live) enter(member uuid.UUID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil {
		l.open = map[uuid.UUID]int{}
	}
	if l.all >= maxStreams || l.open[member] >= ownStreams {
		return false
	}
	l.all++
	l.open[member]++
	return true
}

func (l *live) leave(member uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.open[member]--; l.open[member] == 0 {
		delete(l.open, member)
	}
}

func (l *live) stopped() chan struct{} {
	l.begin.Do(func() { l.stop = make(chan struct{}) })
	return l.stop
}

// Stop ends all streams, so that the server can finish: a stream has no end of its own.
func (s *Server) Stop() {
	s.live.once.Do(func() { close(s.live.stopped()) })
	s.live.parked.sweep(0)
}

// Bounds of streams. A beat tells both ends that the other is there, and looks whether
// its reader still may follow.
const (
	maxStreams = 3000
	ownStreams = 300 // of one member: pages that he left stay for a beat
	beat       = 5 * time.Second
	firstBeat  = time.Second
	patience   = 15 * time.Second // for a slow line
)
