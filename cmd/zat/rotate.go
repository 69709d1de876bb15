package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"zat/account"
	"zat/audit"
	"zat/cmd/zat/internal/house"
	"zat/crypto/keys"
)

// runRotate gives every log a new signing key. Nobody writes to a log while its key is
// replaced, and the first line after it tells of it, signed with the new one.
func runRotate(ctx context.Context, args []string, c console) error {
	fs := flags("log rotate", "Geeft elk logboek een nieuwe sleutel om mee te ondertekenen. Mag terwijl de server draait.\nWat de oude sleutel tot nu toe ondertekende, blijft geldig; wat hij later ondertekent niet.", c)
	data, secretsDir := whereabouts(fs)
	if err := parse(fs, args, c); err != nil {
		return err
	}
	if *data == "" {
		return errors.New("geef de map met --data")
	}
	if _, err := os.Stat(filepath.Join(*data, "zat.db")); err != nil {
		return fmt.Errorf("in %s staat geen database", *data)
	}
	h, err := house.Open(ctx, house.Options{Version: version, Data: *data, Secrets: *secretsDir, Now: time.Now, Cost: keys.Standard, Logger: slog.New(slog.NewTextHandler(c.err, nil))})
	if err != nil {
		return err
	}
	defer h.Close()
	if err := h.CheckSecrets(ctx); err != nil {
		return err
	}
	logs, err := logsOf(ctx, h)
	if err != nil {
		return err
	}
	for _, l := range logs {
		err := h.Store.UpdateLog(ctx, func(tx audit.Tx) error {
			f, err := tx.LogFrontier(l.id)
			if err != nil {
				return err
			}
			if err := h.Secrets.RenewLogKey(l.id, f.Size); err != nil {
				return err
			}
			return h.SignIn.Log.Append(tx, l.id, audit.By(account.Actor{}, audit.KeyRenewed, audit.ObjLog, l.id).For(audit.PurposeManage, "log"))
		})
		if err != nil {
			return fmt.Errorf("sleutel van logboek %s: %w", l.name, err)
		}
		fmt.Fprintf(c.out, "%s: nieuwe sleutel\n", l.name)
	}
	return nil
}
