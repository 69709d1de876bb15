package main

import (
	"os"
	"runtime/debug"
)

// enough is how much memory the server takes before it cleans up more often. It is no
// bound: what is needed is taken.
const enough = 120 << 20

// thrifty sets that, unless the environment says otherwise: signing in takes 64 MiB at a
// time, and without it what it leaves stays for long.
func thrifty() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(enough)
	}
}
