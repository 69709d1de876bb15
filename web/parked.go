package web

import (
	"crypto/subtle"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/meeting"
)

// parked are followings that a page began and that its stream goes on with: what the
// page showed is then not opened, and not logged, a second time. Each waits for the
// same session of the same browser, for a minute at most.
type parked struct {
	mu   sync.Mutex
	list map[string]waiting
}

type waiting struct {
	follow *meeting.Following
	token  string
	page   string
	since  time.Time
}

const (
	parkLife  = time.Minute
	maxParked = 2000
)

// put keeps a following and returns the name under which its stream finds it.
func (p *parked) put(c *fiber.Ctx, f *meeting.Following, page string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reap(parkLife)
	if len(p.list) >= maxParked {
		f.Close()
		return ""
	}
	if p.list == nil {
		p.list = map[string]waiting{}
	}
	name := uuid.NewString()
	p.list[name] = waiting{f, c.Cookies(sessionCookie), page, time.Now()}
	time.AfterFunc(parkLife+time.Second, func() { p.sweep(parkLife) })
	return name
}

// take returns what a page parked, or nil.
func (p *parked) take(c *fiber.Ctx, name, page string) *meeting.Following {
	p.mu.Lock()
	defer p.mu.Unlock()
	w, found := p.list[name]
	if !found || w.page != page || subtle.ConstantTimeCompare([]byte(w.token), []byte(c.Cookies(sessionCookie))) != 1 {
		return nil
	}
	delete(p.list, name)
	if time.Since(w.since) > parkLife {
		w.follow.Close()
		return nil
	}
	return w.follow
}

// reap closes what waited longer than this; the caller holds the lock.
func (p *parked) reap(life time.Duration) {
	for name, w := range p.list {
		if time.Since(w.since) > life {
			w.follow.Close()
			delete(p.list, name)
		}
	}
}

// sweep forgets what no stream came for. It runs with the beats of streams and at the
// end of the server.
func (p *parked) sweep(life time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reap(life)
}
