package signin_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"zat/account/signin"
	"zat/fault"
)

// TestLine: one at a time under a key, room for so many and no more, nobody
// longer than his patience, and nothing left behind.
func TestLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := signin.NewLine(2)
		leave, err := signin.Stand(t.Context(), l, "a", 3, false)
		if err != nil {
			t.Fatal(err)
		}
		start, out := time.Now(), make(chan error, 3)
		for range 2 {
			go func() { _, err := signin.Stand(t.Context(), l, "a", 3, false); out <- err }()
		}
		synctest.Wait()
		if _, err := signin.Stand(t.Context(), l, "a", 3, false); !fault.Is(err, fault.Busy) {
			t.Errorf("a fourth under one key: %v, want busy", err)
		}
		ctx, stop := context.WithCancel(t.Context())
		go func() { _, err := signin.Stand(ctx, l, "b", 3, false); out <- err }()
		synctest.Wait()
		stop()
		if err := <-out; !errors.Is(err, context.Canceled) {
			t.Errorf("somebody who went away: %v", err)
		}
		for range 2 {
			if err := <-out; !fault.Is(err, fault.Busy) {
				t.Errorf("out of patience: %v, want busy", err)
			}
		}
		if waited := time.Since(start); waited != time.Minute {
			t.Errorf("patience ended after %v", waited)
		}
		leave()
		if places, keys := signin.Waiting(l); places != 0 || keys != 0 {
			t.Errorf("%d places and %d keys are left in an empty line", places, keys)
		}
	})
}

// TestStrangersLeaveARun: however many strange devices wait, a known one does
// not.
func TestStrangersLeaveARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := signin.NewLine(2)
		ctx, stop := context.WithCancel(t.Context())
		for i := range 20 {
			go signin.Stand(ctx, l, fmt.Sprint(i), 6, false) // and does not leave
		}
		synctest.Wait()
		start := time.Now()
		if _, err := signin.Stand(t.Context(), l, "known", 6, true); err != nil || time.Since(start) != 0 {
			t.Errorf("a known device: %v after %v", err, time.Since(start))
		}
		stop()
		synctest.Wait()
	})
}

// TestLineIsBounded: past five hundred strange devices, every other one is told to
// come back; for a known one there is room.
func TestLineIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := signin.NewLine(2)
		ctx, stop := context.WithCancel(t.Context())
		for i := range 500 {
			go signin.Stand(ctx, l, fmt.Sprint(i), 6, false)
		}
		synctest.Wait()
		if _, err := signin.Stand(t.Context(), l, "one more", 6, false); !fault.Is(err, fault.Busy) {
			t.Errorf("the 501st: %v, want busy", err)
		}
		if _, err := signin.Stand(t.Context(), l, "known", 6, true); err != nil {
			t.Errorf("a known device: %v, want a run", err)
		}
		stop()
		synctest.Wait()
	})
}

// TestNote: the log hears of a key once a minute, whatever others do.
func TestNote(t *testing.T) {
	l, now, noted := signin.NewLine(2), time.Unix(1_800_000_000, 0), 0
	for i := range 1000 {
		if signin.Note(l, fmt.Sprint(i%150), now) {
			noted++
		}
	}
	if noted != 150 {
		t.Errorf("%d notes in a minute, want 150", noted)
	}
	if !signin.Note(l, "0", now.Add(time.Minute)) {
		t.Error("a minute later it is not noted again")
	}
}
