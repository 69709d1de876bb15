package signin

import (
	"context"
	"encoding/json"
	"time"
)

// Stand takes a place in the line, waits its turn under the key, and stands
// there until leave is called.
func Stand(ctx context.Context, l *Line, key string, room int, known bool) (leave func(), err error) {
	p, err := l.enter(ctx, known)
	if err != nil {
		return nil, err
	}
	if err = p.turn(key, room); err == nil {
		err = p.run(known)
	}
	if err != nil {
		p.leave()
		return nil, err
	}
	return p.leave, nil
}

// Note is what decides whether the log hears of somebody turned away.
func Note(l *Line, key string, now time.Time) bool { return l.note(key, now) }

// Waiting returns how many places and keys the line holds.
func Waiting(l *Line) (places, keys int) { return l.all, len(l.turns) }

// Student reports whether claims of a provider say that this is a pupil or student.
func Student(token []byte) (bool, error) {
	var c claims
	err := json.Unmarshal(token, &c)
	return c.student(), err
}

// ParseDevices reads the cookie by which a browser is known.
func ParseDevices(cookie string) Devices { return parseDevices(cookie) }
