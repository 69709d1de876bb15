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

	"zat/cmd/zat/internal/house"
	"zat/crypto/keys"
)

func runServe(ctx context.Context, args []string, c console) error {
	fs := flags("serve", "Draait een team dat met ‘zat init’ is ingericht, tot Ctrl-C of SIGTERM.", c)
	data, secretsDir := whereabouts(fs)
	var d door
	fs.StringVar(&d.addr, "addr", "127.0.0.1:8420", "adres en poort om op te luisteren")
	fs.StringVar(&d.cert, "tls-cert", "", "bestand met het TLS-certificaat")
	fs.StringVar(&d.key, "tls-key", "", "bestand met de TLS-sleutel")
	fs.BoolVar(&d.behindProxy, "behind-proxy", false, "een vertrouwde proxy handelt TLS af en zet X-Forwarded-For")
	address := fs.String("url", "", "adres waarop mensen de Zorgtafel openen, voor uitnodigingen (standaard: zoals de browser het noemt)")
	var o outside
	o.flags(fs)
	if err := parse(fs, args, c); err != nil {
		return err
	}
	if *data == "" {
		return errors.New("geef de map met --data")
	}
	if _, err := os.Stat(filepath.Join(*data, "zat.db")); err != nil {
		return fmt.Errorf("in %s staat geen team: draai eerst ‘zat init --data %s’", *data, *data)
	}
	thrifty()
	logger := slog.New(slog.NewTextHandler(c.err, nil))
	ln, err := d.listen()
	if err != nil {
		return err
	}
	h, err := house.Open(ctx, house.Options{Version: version, Data: *data, Secrets: *secretsDir, Now: time.Now, Cost: keys.Standard, Logger: logger})
	if err != nil {
		ln.Close()
		return err
	}
	if err := h.CheckSecrets(ctx); err != nil {
		ln.Close()
		h.Store.Close()
		return err
	}
	h.Server.Proxy, h.Server.URL = d.behindProxy, strings.TrimSuffix(*address, "/")
	if err := o.join(h); err != nil {
		ln.Close()
		h.Store.Close()
		return err
	}
	fmt.Fprintf(c.out, "Zorgtafel draait op %s\n", d.url(ln))
	return h.Run(ctx, ln, logger)
}
