package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/google/uuid"

	"zat/audit"
	"zat/audit/tiles"
	"zat/cmd/zat/internal/house"
	"zat/crypto/logtree"
)

// runExport writes logs as static files that tools of others verify.
func runExport(ctx context.Context, args []string, c console) error {
	fs := flags("log export MAP", "Schrijft elk logboek als bestanden (C2SP tlog-tiles) in een eigen map onder MAP, die hulpmiddelen van anderen\ncontroleren. Tegels en bundels bevatten controlegetallen en niets persoonlijks.", c)
	data, secretsDir := whereabouts(fs)
	lines := fs.Bool("lines", false, "ook de regels zelf, met wat ze bewijst: alleen voor wie het logboek mag lezen")
	dir, rest := "", args
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		dir, rest = args[0], args[1:]
	}
	if err := parse(fs, rest, c); err != nil {
		return err
	}
	if dir == "" {
		return errors.New("geef de map: zat log export MAP --data …")
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
		if err := exportOne(ctx, h, l, filepath.Join(dir, l.id.String()), *lines, c); err != nil {
			return fmt.Errorf("logboek %s: %w", l.name, err)
		}
	}
	return nil
}

// exportOne exports one log, and writes in it that it did. An auditor who has no signing
// key cannot write, and exports only what is not personal.
func exportOne(ctx context.Context, h *house.House, l namedLog, dir string, lines bool, c console) error {
	key, err := h.Secrets.Public(l.id)
	if err != nil {
		return err
	}
	part := "tiles"
	if lines {
		part = "tiles and lines"
	}
	signs := h.Secrets.Signs(l.id)
	if lines && !signs {
		return errors.New("regels exporteren staat zelf in het logboek: daarvoor is zijn sleutel nodig")
	}
	if signs {
		line := audit.Line{Event: audit.LogExported, Outcome: audit.Success, Kind: audit.ObjLog, Object: l.id, Purpose: audit.PurposeControl, Part: part}
		if _, err := h.Log.Look(ctx, l.id, line); err != nil {
			return err
		}
	}
	n, err := tiles.Export(ctx, h.Store, l.id, key, dir, lines)
	if errors.Is(err, tiles.ErrNotEmpty) {
		return fmt.Errorf("de map %s is niet leeg", dir)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s: %d regels naar %s\n", l.name, n, dir)
	return nil
}

// verifyFolder checks an exported log.
func verifyFolder(ctx context.Context, dir, key string, earlier []string, c console) error {
	from := tiles.Folder(dir)
	if key == "" {
		var err error
		if key, err = from.Key(); err != nil {
			return err
		}
		fmt.Fprintln(c.out, "De sleutel komt uit de map zelf: dat zegt niets over wie hem ondertekende. Geef hem van elders met --key.")
	}
	v, err := logtree.ParseVerifier(key)
	if err != nil {
		return err
	}
	var with [][]byte
	for _, note := range earlier {
		if _, err := v.Open([]byte(note)); err != nil {
			fmt.Fprintln(c.out, "Een controlepunt is niet van dit logboek, of de handtekening klopt niet.")
			return errBroken
		}
		with = append(with, []byte(note))
	}
	r, err := audit.Verify(ctx, from, uuid.Nil, v, with...)
	if errors.Is(err, tiles.ErrTile) {
		fmt.Fprintf(c.out, "%s: KLOPT NIET: een tegel past niet bij de regels (%v)\n", dir, err)
		return errBroken
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s: %s\n", dir, verdict(r))
	if !r.OK() {
		return errBroken
	}
	return nil
}

// runWitness prints the key with which this installation signs checkpoints of others.
func runWitness(ctx context.Context, args []string, c console) error {
	fs := flags("log witness", "Drukt de openbare sleutel af waarmee deze installatie controlepunten van andere scholen ondertekent (zie --witness-for).", c)
	data, secretsDir := whereabouts(fs)
	if err := parse(fs, args, c); err != nil {
		return err
	}
	h, err := openLogs(ctx, *data, *secretsDir, c)
	if err != nil {
		return err
	}
	defer h.Store.Close()
	signer, err := h.Secrets.Witness()
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out, signer.Verifier())
	return nil
}
