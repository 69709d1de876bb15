package signin

import (
	"context"
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
