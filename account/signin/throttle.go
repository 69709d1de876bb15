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
// always gets in. Failures are counted for address and network together, or
// for address and device where the browser signed in before, so that nobody
// slows a colleague on his own device. They are kept in the store, so that a
// restart forgives nothing.
const (
	freeFailures  = 5
	failureWindow = 15 * time.Minute
	firstDelay    = 250 * time.Millisecond
	maxDelay      = 2 * time.Second
	maxWaiting    = 6 // for one key; more at once get "busy"
)

// throttleKey returns the key under which failures of this attempt count. It
// is a hash: the table of failures holds no addresses.
func (s *Service) throttleKey(ctx context.Context, email string, acc uuid.UUID, a Attempt) ([]byte, error) {
	where := "net/" + network(a.Network)
	if t, err := keys.ParseToken(a.Device); err == nil && acc != uuid.Nil {
		known, err := s.Store.KnownDevice(ctx, acc, t.Hash())
		if err != nil {
			return nil, err
		}
		if known {
			where = "dev/" + string(t.Hash())
		}
	}
	h := sha256.Sum256([]byte("zat/v1/throttle/" + email + "\x00" + where))
	return h[:], nil
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

// wait lets attempts through: after many failures each waits its turn, and
// never more than two run Argon2id at a time.
func (s *Service) wait(ctx context.Context, key []byte) (leave func(), err error) {
	n, err := s.Store.Failures(ctx, key, s.Now().Add(-failureWindow))
	if err != nil {
		return nil, err
	}
	return s.Line.enter(ctx, string(key), delay(n))
}

func delay(failures int) time.Duration {
	if failures < freeFailures {
		return 0
	}
	return min(maxDelay, firstDelay<<min(failures-freeFailures, 8))
}

// Line is the queue before Argon2id: at most slots runs at a time, and within
// one key one after the other, so that a flood for one address does not keep
// the others waiting.
type Line struct {
	slots   chan struct{}
	mu      sync.Mutex
	perKey  map[string]chan struct{}
	waiting map[string]int
}

// NewLine returns a queue with this many runs at a time.
func NewLine(slots int) *Line {
	return &Line{slots: make(chan struct{}, slots), perKey: map[string]chan struct{}{}, waiting: map[string]int{}}
}

// Slot waits for a run of Argon2id outside signing in, as in joining.
func (l *Line) Slot(ctx context.Context) (leave func(), err error) { return l.enter(ctx, "", 0) }

func (l *Line) enter(ctx context.Context, key string, delay time.Duration) (func(), error) {
	turn, err := l.join(key)
	if err != nil {
		return nil, err
	}
	quit := func() { l.quit(key) }
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		quit()
		return nil, ctx.Err()
	}
	back := func() { <-turn; quit() }
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		back()
		return nil, ctx.Err()
	}
	select {
	case l.slots <- struct{}{}:
		return func() { <-l.slots; back() }, nil
	case <-ctx.Done():
		back()
		return nil, ctx.Err()
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
