package signin

import (
	"context"
	"sync"
	"time"

	"zat/fault"
)

// How many may wait, and how long.
const (
	maxPlace   = 6   // from one network or device, for one address
	maxAddress = 60  // for one address, from whatever network
	maxNetwork = 60  // from one network, for whatever address
	maxAll     = 500 // strange devices together
	patience   = time.Minute
)

// Line is the queue before Argon2id: at most slots runs at a time, and one after
// the other under one key, so that a flood for one address does not keep the
// others waiting. Strange devices together leave one run free, so that a flood
// of addresses does not keep those waiting who signed in here before; for these
// there is always room. Whoever finds no room, or no turn within a minute, is told
// to come back.
type Line struct {
	slots   chan struct{}
	strange chan struct{}
	mu      sync.Mutex
	turns   map[string]*turn
	all     int // strange devices in the line
	noted   map[string]time.Time
}

// turn lets those under one key pass one by one.
type turn struct {
	gate    chan struct{}
	waiting int
}

// NewLine returns a queue with this many runs at a time.
func NewLine(slots int) *Line {
	return &Line{slots: make(chan struct{}, slots), strange: make(chan struct{}, max(1, slots-1)), turns: map[string]*turn{}, noted: map[string]time.Time{}}
}

// Slot waits for a run of Argon2id outside signing in, as in joining.
func (l *Line) Slot(ctx context.Context) (leave func(), err error) {
	p, err := l.enter(ctx, false)
	if err != nil {
		return nil, err
	}
	if err := p.run(false); err != nil {
		p.leave()
		return nil, err
	}
	return p.leave, nil
}

// place is somebody's place in the line, with what he holds of it.
type place struct {
	line *Line
	ctx  context.Context // ends when he is out of patience
	from context.Context // ends when he goes away
	held []func()
	runs []func() // of held, what is only for the time of the run
}

// enter gives a place in the line; leave gives it back.
func (l *Line) enter(ctx context.Context, known bool) (*place, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !known && l.all >= maxAll {
		return nil, busy()
	}
	wait, stop := context.WithTimeout(ctx, patience)
	p := &place{line: l, ctx: wait, from: ctx, held: []func(){stop}}
	if !known {
		l.all++
		p.held = append(p.held, func() { l.mu.Lock(); l.all--; l.mu.Unlock() })
	}
	return p, nil
}

func busy() error { return fault.New(fault.Busy, "error.signin.busy") }

// ran gives back the run of Argon2id and keeps the place: what is stored after it
// needs no run, and those behind it need not wait for the disk.
func (p *place) ran() {
	for _, free := range p.runs {
		free()
	}
	p.runs = nil
}

func (p *place) leave() {
	p.ran()
	for i := len(p.held) - 1; i >= 0; i-- {
		p.held[i]()
	}
	p.held = nil
}

// turn waits for a turn under a key for which at most room may wait.
func (p *place) turn(key string, room int) error {
	t, err := p.stand(key, room)
	if err != nil {
		return err
	}
	return p.pass(t.gate, &p.held)
}

// stand counts among those under a key, of whom there may be so many.
func (p *place) stand(key string, room int) (*turn, error) {
	l := p.line
	l.mu.Lock()
	t := l.turns[key]
	if t == nil {
		t = &turn{gate: make(chan struct{}, 1)}
		l.turns[key] = t
	}
	if t.waiting >= room {
		l.mu.Unlock()
		return nil, busy()
	}
	t.waiting++
	l.mu.Unlock()
	p.held = append(p.held, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if t.waiting--; t.waiting == 0 {
			delete(l.turns, key)
		}
	})
	return t, nil
}

// run waits for a run of Argon2id.
func (p *place) run(known bool) error {
	if !known {
		if err := p.pass(p.line.strange, &p.runs); err != nil {
			return err
		}
	}
	return p.pass(p.line.slots, &p.runs)
}

// pass waits for a gate and adds to held what opens it again.
func (p *place) pass(gate chan struct{}, held *[]func()) error {
	select {
	case gate <- struct{}{}:
		*held = append(*held, func() { <-gate })
		return nil
	case <-p.ctx.Done():
		return p.over()
	}
}

// pause waits out what his own failures ask for; patience is for other people.
func (p *place) pause(d time.Duration) error {
	select {
	case <-time.After(d):
		wait, stop := context.WithTimeout(p.from, patience)
		p.ctx, p.held = wait, append(p.held, stop)
		return nil
	case <-p.from.Done():
		return p.from.Err()
	}
}

// over tells somebody who went away from somebody out of patience.
func (p *place) over() error {
	if err := p.from.Err(); err != nil {
		return err
	}
	return busy()
}

// noteEvery is how often the log is told that there was no room for an account,
// or for addresses that nobody has.
const noteEvery = time.Minute

// note reports whether the log is to hear that somebody was turned away under
// this key: once a minute, so that a flood neither fills the log nor keeps the
// disk busy. There are as many keys as accounts, and one for all else.
func (l *Line) note(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k, at := range l.noted {
		if now.Sub(at) >= noteEvery {
			delete(l.noted, k)
		}
	}
	if _, noted := l.noted[key]; noted {
		return false
	}
	l.noted[key] = now
	return true
}
