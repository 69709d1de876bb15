package signin

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"zat/crypto/keys"
)

// Throttling slows, and locks nobody out on a device where he signed in before:
// there only that device's failures count. Elsewhere they count for address and
// network together; for the address from all networks, so that many networks guess
// no faster than one; and for the network with all addresses, so that trying one
// password on many goes slowly. What was wrong, the password or the code, makes no
// difference, or else the waiting would tell. All are kept in the store, so that a
// restart forgives nothing.
const (
	freeFailures  = 5
	failureWindow = 15 * time.Minute
	firstDelay    = 250 * time.Millisecond
	maxDelay      = 2 * time.Second

	dayWindow = 24 * time.Hour
	manyADay  = 30
	manyDelay = 10 * time.Second
	floodADay = 300
	// floodDelay leaves who knows a password at most some 3,100 codes a day, each
	// right with a chance of three in a million.
	floodDelay = 30 * time.Second

	manyNetwork  = 100 // in a day, from one network for whatever address
	networkDelay = 2 * time.Second
)

// throttle is under which keys an attempt counts. They are hashes: the table of
// failures holds no addresses.
type throttle struct {
	place   []byte      // address with network or device
	address []byte      // address alone; nil on a device that signed in before
	network []byte      // network alone; the same
	device  *keys.Token // by which it is known
}

func (t throttle) known() bool { return t.address == nil }

// keys returns what a failure counts for.
func (t throttle) keys() [][]byte {
	if t.known() {
		return [][]byte{t.place}
	}
	return [][]byte{t.place, t.address, t.network}
}

func (s *Service) throttleOf(ctx context.Context, email string, acc uuid.UUID, a Attempt) (throttle, error) {
	for _, d := range parseDevices(a.Device) {
		if acc == uuid.Nil {
			break
		}
		known, err := s.Store.KnownDevice(ctx, acc, d.Hash())
		if err != nil {
			return throttle{}, err
		}
		if known {
			return throttle{place: counter(email, "dev/"+string(d.Hash())), device: &d}, nil
		}
	}
	where := "net/" + network(a.Network)
	return throttle{place: counter(email, where), address: counter(email, ""), network: counter("", where)}, nil
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

// wait lets attempts through one by one, each after the pause that the failures
// before it ask for. They are counted when it is its turn: those who waited
// along may have failed meanwhile.
func (s *Service) wait(ctx context.Context, t throttle) (*place, error) {
	p, err := s.Line.enter(ctx, t.known())
	if err != nil {
		return nil, err
	}
	if err := s.waitAt(p, t); err != nil {
		p.leave()
		return nil, err
	}
	return p, nil
}

func (s *Service) waitAt(p *place, t throttle) error {
	if !t.known() {
		if _, err := p.stand(string(t.network), maxNetwork); err != nil {
			return err
		}
	}
	if err := p.turn(string(t.place), maxPlace); err != nil {
		return err
	}
	if !t.known() {
		if err := p.turn(string(t.address), maxAddress); err != nil {
			return err
		}
		if err := s.sprayed(p, t); err != nil {
			return err
		}
	}
	d, err := s.delay(p.ctx, t)
	if err != nil {
		return err
	}
	if err := p.pause(d); err != nil {
		return err
	}
	return p.run(t.known())
}

// sprayed makes attempts from a network that failed often wait for each other,
// whatever their addresses.
func (s *Service) sprayed(p *place, t throttle) error {
	n, err := s.Store.Failures(p.ctx, t.network, s.Now().Add(-dayWindow))
	if err != nil || n < manyNetwork {
		return err
	}
	if err := p.turn("one/"+string(t.network), maxNetwork); err != nil {
		return err
	}
	return p.pause(networkDelay)
}

// delay returns how long an attempt waits.
func (s *Service) delay(ctx context.Context, t throttle) (time.Duration, error) {
	now := s.Now()
	recent, err := s.Store.Failures(ctx, t.place, now.Add(-failureWindow))
	if err != nil {
		return 0, err
	}
	d := pauseAfter(recent)
	for _, key := range t.keys()[:min(2, len(t.keys()))] {
		day, err := s.Store.Failures(ctx, key, now.Add(-dayWindow))
		if err != nil {
			return 0, err
		}
		d = max(d, pauseInADay(day))
	}
	return d, nil
}

func pauseAfter(failures int) time.Duration {
	if failures < freeFailures {
		return 0
	}
	return min(maxDelay, firstDelay<<min(failures-freeFailures, 8))
}

func pauseInADay(failures int) time.Duration {
	switch {
	case failures >= floodADay:
		return floodDelay
	case failures >= manyADay:
		return manyDelay
	}
	return 0
}
