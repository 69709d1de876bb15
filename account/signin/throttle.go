package signin

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"

	"github.com/google/uuid"

	"zat/crypto/keys"
	"zat/fault"
)

// Throttling slows, and never locks: with the right password and code a person
// gets in, if need be after waiting. Failures are counted for address and network
// together, or for address and device where the browser signed in before, so that
// nobody slows a colleague on his own device. Wrong codes after the right
// password are counted for the address alone as well: who knows a password
// already cannot try codes from many networks at once. All are kept in the store,
// so that a restart forgives nothing.
const (
	freeFailures  = 5
	failureWindow = 15 * time.Minute
	firstDelay    = 250 * time.Millisecond
	maxDelay      = 2 * time.Second
	maxWaiting    = 6 // for one key; more at once get "busy"

	freeCodes  = 10
	codeWindow = 24 * time.Hour
	codeDelay  = 30 * time.Second
)

// throttle is under which keys an attempt counts. They are hashes: the table of
// failures holds no addresses.
type throttle struct {
	place []byte // address with network or device
	codes []byte // address alone
	known bool   // the device signed in before
}

func (s *Service) throttleOf(ctx context.Context, email string, acc uuid.UUID, a Attempt) (t throttle, err error) {
	where := "net/" + network(a.Network)
	if d, err := keys.ParseToken(a.Device); err == nil && acc != uuid.Nil {
		if t.known, err = s.Store.KnownDevice(ctx, acc, d.Hash()); err != nil {
			return t, err
		}
		if t.known {
			where = "dev/" + string(d.Hash())
		}
	}
	t.place, t.codes = counter(email, where), counter(email, "code")
	return t, nil
}

func counter(email, where string) []byte {
	h := sha256.Sum256([]byte("zat/v1/throttle/" + email + "\x00" + where))
	return h[:]
}

// network returns the network of an address: /24 for IPv4, /64 for IPv6.
func network(addr string) string {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return "?"
	}
	bits := 64
	if ip = ip.Unmap(); ip.Is4() {
		bits = 24
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return "?"
	}
	return p.String()
}

// wait lets attempts through: after many failures each waits its turn.
func (s *Service) wait(ctx context.Context, t throttle) (leave func(), err error) {
	n, err := s.Store.Failures(ctx, t.place, s.Now().Add(-failureWindow))
	if err != nil {
		return nil, err
	}
	if t.known {
		return s.Line.enter(ctx, string(t.place), delay(n), true)
	}
	codes, err := s.Store.Failures(ctx, t.codes, s.Now().Add(-codeWindow))
	if err != nil {
		return nil, err
	}
	if codes >= freeCodes {
		return s.Line.enter(ctx, string(t.codes), codeDelay, false)
	}
	return s.Line.enter(ctx, string(t.place), delay(n), false)
}

func delay(failures int) time.Duration {
	if failures < freeFailures {
		return 0
	}
	return min(maxDelay, firstDelay<<min(failures-freeFailures, 8))
}

// Line is the queue before Argon2id: at most slots runs at a time, and within
// one key one after the other, so that a flood for one address does not keep
// the others waiting. Strange devices together leave one run free, so that a
// flood of addresses does not keep those waiting who signed in here before.
type Line struct {
	slots   chan struct{}
	strange chan struct{}
	mu      sync.Mutex
	perKey  map[string]chan struct{}
	waiting map[string]int
}

// NewLine returns a queue with this many runs at a time.
func NewLine(slots int) *Line {
	return &Line{slots: make(chan struct{}, slots), strange: make(chan struct{}, max(1, slots-1)), perKey: map[string]chan struct{}{}, waiting: map[string]int{}}
}

// Slot waits for a run of Argon2id outside signing in, as in joining.
func (l *Line) Slot(ctx context.Context) (leave func(), err error) {
	return l.enter(ctx, "", 0, false)
}

func (l *Line) enter(ctx context.Context, key string, delay time.Duration, known bool) (func(), error) {
	turn, err := l.join(key)
	if err != nil {
		return nil, err
	}
	held := []func(){func() { l.quit(key) }}
	leave := func() {
		for i := len(held) - 1; i >= 0; i-- {
			held[i]()
		}
	}
	take := func(gate chan struct{}) bool {
		select {
		case gate <- struct{}{}:
			held = append(held, func() { <-gate })
			return true
		case <-ctx.Done():
			return false
		}
	}
	if !take(turn) || !pause(ctx, delay) || (!known && !take(l.strange)) || !take(l.slots) {
		leave()
		return nil, ctx.Err()
	}
	return leave, nil
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

func (l *Line) join(key string) (chan struct{}, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if key != "" && l.waiting[key] >= maxWaiting {
		return nil, fault.New(fault.Busy, "error.signin.busy")
	}
	l.waiting[key]++
	if l.perKey[key] == nil {
		size := 1
		if key == "" {
			size = cap(l.slots)
		}
		l.perKey[key] = make(chan struct{}, size)
	}
	return l.perKey[key], nil
}

func (l *Line) quit(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting[key]--; l.waiting[key] == 0 {
		delete(l.waiting, key)
		delete(l.perKey, key)
	}
}
