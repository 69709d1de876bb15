package audit

import (
	"runtime"
	"sync"

	"zat/crypto/logtree"
)

// Ranged is a View that several goroutines read at once.
type Ranged interface {
	// Range calls fn for the entries from first to before last, in order. worker is below
	// the number of processors, and each has one call at a time. What fn gets holds until
	// it returns.
	Range(worker int, first, last uint64, fn func(Entry) error) error
	// Beyond reports whether there are entries after the last that was signed for.
	Beyond(size uint64) (bool, error)
}

// ranges checks a log in parts.
func (c *check) ranges(v Ranged) error {
	parts := int((c.head.Size + partSize - 1) / partSize)
	workers := min(runtime.GOMAXPROCS(0), max(parts, 1))
	done := make([]chan *part, workers) // in turn: part n comes from worker n % workers
	quit := make(chan struct{})
	var all sync.WaitGroup
	var failed sync.Map
	for w := range workers {
		done[w] = make(chan *part, 2)
		all.Go(func() {
			defer close(done[w])
			for n := w; n < parts; n += workers {
				p, err := c.readPart(v, w, uint64(n)*partSize)
				if err != nil {
					failed.Store(w, err)
					return
				}
				select {
				case done[w] <- p:
				case <-quit:
					return
				}
			}
		})
	}
	err := c.joinAll(parts, workers, done)
	close(quit)
	all.Wait()
	failed.Range(func(_, e any) bool { err = e.(error); return false })
	if err != nil {
		return err
	}
	more, err := v.Beyond(c.head.Size)
	if err == nil && more {
		err = c.stop(SizeDiffers, c.frontier.Size, true)
	}
	return err
}

func (c *check) joinAll(parts, workers int, done []chan *part) error {
	for n := range parts {
		p, ok := <-done[n%workers]
		if !ok {
			return nil // its worker failed, and says why
		}
		if err := c.join(p); err != nil {
			return err
		}
	}
	return nil
}

// readPart reads and checks one part. One that is shorter than it should be lacks an entry.
func (c *check) readPart(v Ranged, worker int, first uint64) (*part, error) {
	last := min(first+partSize, c.head.Size)
	p := &part{first: first, bare: c.bare, limit: c.head.Size, whole: true, leaves: make([]logtree.Hash, 0, partSize)}
	err := v.Range(worker, first, last, func(e Entry) error {
		if !p.see(e) {
			return errStop
		}
		return nil
	})
	if err != nil && err != errStop {
		return nil, err
	}
	if n := first + uint64(len(p.leaves)); p.problem == "" && n < last {
		if p.problem, p.bad = OutOfOrder, n; last == c.head.Size {
			p.problem = missing(v, worker, n, last)
		}
	}
	return p, nil
}

// missing says whether entries are missing from the end, or one among others.
func missing(v Ranged, worker int, n, last uint64) Problem {
	problem := SizeDiffers
	v.Range(worker, n, last, func(Entry) error { problem = OutOfOrder; return errStop })
	return problem
}
