package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/audit"
	"zat/cmd/zat/internal/house"
	"zat/crypto/keys"
)

var errBroken = errors.New("the log does not verify")

const logUsage = `Gebruik: zat log <verify|export|checkpoint|witness|rotate> [vlaggen]

  verify      controleer elke regel, de boom en de handtekening; zegt waar het breekt.
              Exit 0: alles klopt. Exit 3: het logboek klopt niet.
              Met --from van een export, met --against ook tegen een eerder controlepunt.
  export      schrijf de logboeken als bestanden die hulpmiddelen van anderen controleren
  checkpoint  druk het nieuwste ondertekende controlepunt af, om buiten te bewaren
  witness     druk de sleutel af waarmee deze installatie getuige is voor andere
  rotate      geef elk logboek een nieuwe sleutel; mag terwijl de server draait

`

func runLog(ctx context.Context, args []string, c console) error {
	if len(args) == 0 || args[0] == "--help" || args[0] == "-h" || args[0] == "help" {
		fmt.Fprint(c.out, logUsage)
		if len(args) == 0 {
			return errUsage
		}
		return nil
	}
	switch args[0] {
	case "verify":
		return runVerify(ctx, args[1:], c)
	case "export":
		return runExport(ctx, args[1:], c)
	case "witness":
		return runWitness(ctx, args[1:], c)
	case "rotate":
		return runRotate(ctx, args[1:], c)
	case "checkpoint":
		return runCheckpoint(ctx, args[1:], c)
	}
	fmt.Fprintf(c.err, "zat log: onbekende opdracht %q\n\n%s", args[0], logUsage)
	return errUsage
}

// openLogs opens a data folder for a command on its logs.
func openLogs(ctx context.Context, data, secretsDir string, c console) (*house.House, error) {
	if data == "" {
		return nil, errors.New("geef de map met --data")
	}
	if _, err := os.Stat(filepath.Join(data, "zat.db")); err != nil {
		return nil, fmt.Errorf("in %s staat geen database", data)
	}
	if secretsDir != "" {
		if _, err := os.Stat(secretsDir); err != nil {
			return nil, fmt.Errorf("de map met sleutels is er niet: %s", secretsDir)
		}
	}
	return house.Open(ctx, house.Options{Auditor: true, Version: version, Data: data, Secrets: secretsDir, Now: time.Now, Cost: keys.Standard, Logger: slog.New(slog.NewTextHandler(c.err, nil))})
}

func runVerify(ctx context.Context, args []string, c console) error {
	fs := flags("log verify", "Controleert alle logboeken van een installatie. Mag terwijl de server draait.", c)
	data, secretsDir := whereabouts(fs)
	against := fs.String("against", "", "bestand met eerdere controlepunten: bewijst dat het logboek sindsdien niet is herschreven")
	from := fs.String("from", "", "map van een export (van één logboek), in plaats van --data")
	key := fs.String("key", "", "openbare sleutel van het logboek, bij --from")
	if err := parse(fs, args, c); err != nil {
		return err
	}
	var earlier []string
	if *against != "" {
		file, err := os.ReadFile(*against)
		if err != nil {
			return fmt.Errorf("controlepunt lezen: %w", err)
		}
		earlier = splitNotes(string(file))
	}
	if *from != "" {
		return verifyFolder(ctx, *from, *key, earlier, c)
	}
	h, err := openLogs(ctx, *data, *secretsDir, c)
	if err != nil {
		return err
	}
	defer h.Store.Close()
	return verifyAll(ctx, h, earlier, c)
}

// splitNotes cuts a file with checkpoints into its notes: a note ends with the
// last of its signatures. It returns at least one.
func splitNotes(file string) []string {
	var notes []string
	signed := false
	start, at := 0, 0
	for line := range strings.Lines(file) {
		isSignature := strings.HasPrefix(line, "— ")
		if signed && !isSignature {
			notes, start = append(notes, file[start:at]), at
		}
		signed = isSignature
		at += len(line)
	}
	return append(notes, file[start:])
}

// verifyAll checks every log, each with the earlier checkpoints that are its own.
func verifyAll(ctx context.Context, h *house.House, earlier []string, c console) error {
	logs, err := logsOf(ctx, h)
	if err != nil {
		return err
	}
	broken, used := false, 0
	for _, l := range logs {
		v, err := h.Secrets.Verifier(l.id)
		if errors.Is(err, os.ErrNotExist) {
			fmt.Fprintf(c.out, "%s: NIET TE CONTROLEREN: de sleutel van dit logboek ligt niet in de map met geheimen\n", l.name)
			broken = true
			continue
		}
		if err != nil {
			return fmt.Errorf("sleutel van logboek %s: %w", l.name, err)
		}
		var with [][]byte
		for _, note := range earlier {
			if _, err := v.Open([]byte(note)); err == nil {
				with, used = append(with, []byte(note)), used+1
			}
		}
		r, err := h.Review.Check(ctx, l.id, with...)
		if err != nil {
			return fmt.Errorf("logboek %s: %w", l.name, err)
		}
		fmt.Fprintf(c.out, "%s: %s\n", l.name, verdict(r))
		broken = broken || !r.OK()
	}
	if used < len(earlier) {
		fmt.Fprintln(c.out, "Een controlepunt is van geen van deze logboeken, of de handtekening klopt niet.")
		return errBroken
	}
	if broken {
		return errBroken
	}
	return nil
}

type namedLog struct {
	id   uuid.UUID
	name string
}

// logsOf lists the installation's own log and each team's. A team's log that is
// gone altogether is checked as well, and found missing.
func logsOf(ctx context.Context, h *house.House) ([]namedLog, error) {
	teams, err := h.Store.Teams(ctx)
	if err != nil {
		return nil, fmt.Errorf("teams lezen: %w", err)
	}
	var out []namedLog
	for _, t := range teams {
		out = append(out, namedLog{t.ID, t.Name})
	}
	return append(out, namedLog{uuid.Nil, "installatie"}), nil
}

var problems = map[audit.Problem]string{
	audit.LineChanged:     "een regel past niet bij zijn controlegetal",
	audit.LineGone:        "een regel is leeggemaakt terwijl zijn bewaartermijn niet om is",
	audit.OutOfOrder:      "een regel ontbreekt, is verplaatst of verdubbeld",
	audit.ColumnChanged:   "de zoekkolommen zeggen iets anders dan de regel zelf",
	audit.HeadInvalid:     "het nieuwste controlepunt is niet met de sleutel van dit logboek ondertekend",
	audit.TreeDiffers:     "de regels geven niet de ondertekende wortel",
	audit.SizeDiffers:     "er zijn minder of meer regels dan ondertekend",
	audit.HistoryRewriten: "een eerder controlepunt past niet bij het logboek",
}

func verdict(r audit.Report) string {
	if r.OK() {
		return fmt.Sprintf("klopt, %d regels, wortel %s", r.Verified, r.Root)
	}
	where := fmt.Sprintf("bij regel %d", r.Bad)
	if !r.Exact {
		where = fmt.Sprintf("bij of voor regel %d, na regel %d", r.Bad, r.Verified)
	}
	return fmt.Sprintf("KLOPT NIET %s: %s. De eerste %d regels zijn in orde.", where, problems[r.Problem], r.Verified)
}

func runCheckpoint(ctx context.Context, args []string, c console) error {
	fs := flags("log checkpoint", "Drukt van elk logboek het nieuwste ondertekende controlepunt af.", c)
	data, secretsDir := whereabouts(fs)
	if err := parse(fs, args, c); err != nil {
		return err
	}
	h, err := openLogs(ctx, *data, *secretsDir, c)
	if err != nil {
		return err
	}
	defer h.Store.Close()
	logs, err := logsOf(ctx, h)
	if err != nil {
		return err
	}
	for _, l := range logs {
		note, err := h.Store.LogHead(ctx, l.id)
		if err != nil {
			return fmt.Errorf("controlepunt lezen: %w", err)
		}
		c.out.Write(note)
	}
	return nil
}
