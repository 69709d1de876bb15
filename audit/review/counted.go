package review

import (
	"context"

	"github.com/google/uuid"

	"zat/audit"
)

// counted counts what is read of a log.
type counted struct {
	audit.Source
	p *progress
}

func (c counted) Snapshot(ctx context.Context, log uuid.UUID, fn func(audit.View) error) error {
	return c.Source.Snapshot(ctx, log, func(v audit.View) error {
		view := countedView{View: v, p: c.p}
		if r, ok := v.(audit.Ranged); ok {
			return fn(countedRanges{view, r})
		}
		return fn(view)
	})
}

type countedView struct {
	audit.View
	p *progress
}

func (v countedView) Head() (uint64, []byte, error) {
	size, note, err := v.View.Head()
	v.p.mu.Lock()
	v.p.size = size
	v.p.mu.Unlock()
	return size, note, err
}

// step is after how many lines progress shows.
const step = 1024

func (p *progress) add(n uint64) {
	p.mu.Lock()
	p.done += n
	p.mu.Unlock()
}

func (v countedView) Entries(fn func(audit.Entry) error) error {
	n := 0
	return v.View.Entries(func(e audit.Entry) error {
		if n++; n%step == 0 {
			v.p.add(step)
		}
		return fn(e)
	})
}

// countedRanges is a counted view that several goroutines read at once.
type countedRanges struct {
	countedView
	audit.Ranged
}

func (v countedRanges) Range(worker int, first, last uint64, fn func(audit.Entry) error) error {
	err := v.Ranged.Range(worker, first, last, fn)
	v.p.add(last - first)
	return err
}
