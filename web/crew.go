package web

import (
	"runtime"
	"sync"
)

// crew is a few goroutines that do the work of many streams. Opening a text and filling
// a page need deep stacks, and a goroutine keeps the stack that it once needed: with
// one for each stream a thousand followers take tens of megabytes more (measured).
type crew struct {
	once sync.Once
	jobs chan func()
}

// do runs f on one of the crew and returns when it is done. Once stop is closed it runs
// where it is.
func (c *crew) do(stop chan struct{}, f func()) {
	c.once.Do(func() { c.hire(stop) })
	done := make(chan struct{})
	select {
	case c.jobs <- func() { defer close(done); defer quiet(); f() }:
		<-done
	case <-stop:
		defer quiet()
		f()
	}
}

// quiet ends a panic without its value, as recovered does for requests.
func quiet() { _ = recover() }

func (c *crew) hire(stop chan struct{}) {
	c.jobs = make(chan func())
	for range 4 * runtime.GOMAXPROCS(0) { // more than processors: some of them wait for the disk
		go func() {
			for {
				select {
				case job := <-c.jobs:
					job()
				case <-stop:
					return
				}
			}
		}()
	}
}
