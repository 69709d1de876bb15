// Command zat serves the care teams of schools: pupils are discussed under a
// pseudonym, every text is encrypted to the people of its case, and every look
// leaves a line in a log that nobody can alter.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a bare machine has no time zones
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
