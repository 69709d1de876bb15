package demo

import (
	"sync"
	"time"
)

// Clock is a clock that can be set back while history is written, and runs with
// the real time afterwards.
type Clock struct {
	mu   sync.Mutex
	set  time.Time
	slow bool
}

// Now returns the time of the history, or the real time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.set.IsZero() {
		return time.Now()
	}
	step := 7 * time.Second // things take time
	if c.slow {
		step = 10 * time.Millisecond
	}
	c.set = c.set.Add(step)
	return c.set
}

// Set sets the clock; the zero time lets it run with the real one.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set = t
}

// Slow lets a clock that was set go on slowly: whoever uses the house after its history is
// filled in does many things in a minute.
func (c *Clock) Slow() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slow = true
}
