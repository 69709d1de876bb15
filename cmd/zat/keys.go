package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"zat/account/keyring"
	"zat/cmd/zat/internal/house"
	"zat/crypto/grant"
)

// runKeys says which keys an installation has, since when, and how many people
// hold them. It opens nothing and shows no key.
func runKeys(ctx context.Context, args []string, c console) error {
	fs := flags("keys", "Toont welke sleutels er zijn, sinds wanneer, wie ze heeft en welke op vernieuwing wachten. Toont geen sleutel.", c)
	data, secretsDir := whereabouts(fs)
	if err := parse(fs, args, c); err != nil {
		return err
	}
	h, err := openLogs(ctx, *data, *secretsDir, c)
	if err != nil {
		return err
	}
	defer h.Close()
	if *secretsDir == "" {
		*secretsDir = filepath.Join(*data, "secrets")
	}
	if err := printSecrets(*secretsDir, c); err != nil {
		return err
	}
	return printVaults(ctx, h, c)
}

// printSecrets lists the files with secrets of the installation.
func printSecrets(dir string, c console) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("map met geheimen lezen: %w", err)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "BESTAND\tSINDS\tWAARVOOR")
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Name(), day(info.ModTime()), purposeOf(f.Name()))
	}
	fmt.Fprintln(w)
	return w.Flush()
}

func purposeOf(name string) string {
	switch {
	case name == "guard.key":
		return "tekstcontrole: welke namen op school bekend zijn"
	case strings.HasSuffix(name, ".past"):
		return "eerdere sleutels van een logboek, om te controleren; mag naar buiten"
	case strings.HasSuffix(name, ".pub"):
		return "controleert een logboek; mag naar buiten"
	case strings.HasPrefix(name, "log-"):
		return "ondertekent een logboek"
	}
	return "onbekend"
}

func day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.Format("02-01-2006")
}

var kindNames = map[grant.Kind]string{grant.Case: "casus", grant.Register: "sleutelregister", grant.Inbox: "postvak", grant.Team: "trends",
	grant.Session: "overleg", grant.Reasons: "redenen in het logboek"}

// printVaults lists the vaults of every team.
func printVaults(ctx context.Context, h *house.House, c console) error {
	teams, err := h.Store.Teams(ctx)
	if err != nil {
		return fmt.Errorf("teams lezen: %w", err)
	}
	for _, t := range teams {
		list, err := h.Store.Inventory(ctx, t.ID, time.Now())
		if err != nil {
			return fmt.Errorf("sleutels lezen: %w", err)
		}
		w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		fmt.Fprintf(w, "Team %s, %s\nSOORT\tNAAM\tSINDS\tBIJ\tSTAND\n", t.Name, t.School)
		for _, v := range list {
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", kindNames[v.Kind], v.Pseudonym, day(v.Keyed), v.Holders, state(v))
		}
		fmt.Fprintln(w)
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func state(v keyring.Held) string {
	switch {
	case !v.Waiting.IsZero():
		return "wacht op een nieuwe sleutel sinds " + day(v.Waiting)
	case v.Holders == 0:
		return "niemand kan er meer bij"
	case v.Holders < keyring.Safe:
		return "staat bij één persoon"
	}
	return "in orde"
}
