package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"
)

// version and commit are set by the Makefile.
var version, commit = "dev", ""

const usage = `zat – de Zorgtafel: het zorgoverleg van een school, onder pseudoniem

Gebruik: zat <opdracht> [vlaggen]

  demo      start de demo met een verzonnen team, in een nieuwe map
  init      richt een leeg team in
  serve     draai een ingericht team
  keys      toon welke sleutels er zijn, sinds wanneer en bij hoeveel mensen
  log       controleer het logboek (verify), exporteer het (export) of druk een controlepunt af
  version   toon versie en commit
  help      toon deze tekst

‘zat <opdracht> --help’ toont de vlaggen van een opdracht.
`

// console is where a command reads and writes.
type console struct {
	in       io.Reader
	out, err io.Writer
}

type command func(ctx context.Context, args []string, c console) error

var commands = map[string]command{"demo": runDemo, "init": runInit, "serve": runServe, "keys": runKeys, "log": runLog, "version": runVersion}

var errUsage = errors.New("usage")

// run runs a command and returns the exit code: 0, 1 for a failure, 2 for words
// that make no command, 3 for a log that does not verify.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	c := console{in, out, errOut}
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		fmt.Fprint(out, usage)
		if len(args) == 0 {
			return 2
		}
		return 0
	}
	cmd := commands[args[0]]
	if cmd == nil {
		fmt.Fprintf(errOut, "zat: onbekende opdracht %q\n\n%s", args[0], usage)
		return 2
	}
	err := cmd(ctx, args[1:], c)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return 2
	case errors.Is(err, errBroken):
		return 3
	}
	fmt.Fprintf(errOut, "zat: %v\n", err)
	return 1
}

// flags returns a flag set whose help is complete.
func flags(name, about string, c console) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(c.err)
	fs.Usage = func() {
		fs.SetOutput(c.out)
		fmt.Fprintf(c.out, "Gebruik: zat %s [vlaggen]\n\n%s\n\nVlaggen:\n", name, about)
		fs.PrintDefaults()
	}
	return fs
}

// whereabouts are the flags that say where an installation lies.
func whereabouts(fs *flag.FlagSet) (data, secretsDir *string) {
	return fs.String("data", "", "map met de database (verplicht)"), fs.String("secrets", "", "map met de geheimen van de installatie (standaard: ‘secrets’ in --data)")
}

// parse reads the flags; what is left over is a mistake.
func parse(fs *flag.FlagSet, args []string, c console) error {
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	if fs.NArg() > 0 {
		fmt.Fprintf(c.err, "zat %s: %q hoort hier niet\n", fs.Name(), fs.Arg(0))
		return errUsage
	}
	return nil
}

func runVersion(_ context.Context, args []string, c console) error {
	if err := parse(flags("version", "Toont versie en commit.", c), args, c); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "zat %s %s\n", version, revision())
	return nil
}

// revision is the commit that the program was built from.
func revision() string {
	if commit != "" {
		return commit
	}
	info, ok := debug.ReadBuildInfo()
	if ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "onbekend"
}
