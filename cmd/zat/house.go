package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"zat/account/signin"
	"zat/account/staff"
	"zat/audit"
	"zat/audit/review"
	"zat/crypto/keys"
	"zat/crypto/secrets"
	"zat/meeting"
	"zat/pseudonym/guard"
	"zat/pseudonym/register"
	"zat/store"
	"zat/web"
)

// house is everything joined: the one place where web and store meet.
type house struct {
	store    *store.Store
	secrets  *secrets.Folder
	signin   *signin.Service
	staff    *staff.Service
	meeting  *meeting.Service
	register *register.Service
	review   *review.Service
	guard    *guard.Watch
	server   *web.Server
}

// options is what differs between a real house, the demo and a test.
type options struct {
	data    string
	secrets string // empty: the folder "secrets" in data
	now     func() time.Time
	cost    keys.Cost
	logger  *slog.Logger
}

// slots is how many runs of Argon2id go at a time: each takes 64 MiB.
const slots = 2

// openHouse opens a data folder, making it when it is not there.
func openHouse(ctx context.Context, o options) (*house, error) {
	if err := privateFolder(o.data); err != nil {
		return nil, err
	}
	if o.secrets == "" {
		o.secrets = filepath.Join(o.data, "secrets")
	}
	sec, err := secrets.Open(o.secrets)
	if err != nil {
		return nil, err
	}
	guardKey, err := sec.GuardKey()
	if err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, filepath.Join(o.data, "zat.db"), sec.SignHead)
	if err != nil {
		return nil, err
	}
	return join(o, st, sec, guard.NewKey(guardKey)), nil
}

func join(o options, st *store.Store, sec *secrets.Folder, key guard.Key) *house {
	log := &audit.Log{Store: st, Now: o.now, System: "zat " + version}
	line := signin.NewLine(slots)
	h := &house{store: st, secrets: sec}
	h.guard = &guard.Watch{Source: st, Key: key}
	h.signin = &signin.Service{Store: st, Log: log, Now: o.now, Cost: o.cost, Line: line}
	h.staff = &staff.Service{Store: st, Log: log, Now: o.now, Cost: o.cost, Line: line}
	h.register = &register.Service{Store: st, Log: log, Guard: h.guard, Now: o.now}
	h.meeting = &meeting.Service{Store: st, Log: log, Guard: h.guard, Registrar: h.register, Now: o.now}
	h.register.Grounds = h.meeting
	h.review = &review.Service{Store: st, Log: log, Verifier: sec.Verifier, Now: o.now}
	h.server = &web.Server{SignIn: h.signin, Staff: h.staff, Meeting: h.meeting, Review: h.review, Guard: h.guard, Register: h.register,
		Discloser: h.register, Teams: st, Logger: o.logger, Now: o.now}
	return h
}

// privateFolder makes a folder that only its owner can read.
func privateFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("map maken: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("map bekijken: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("de map %s is ook voor anderen leesbaar: draai ‘chmod 700 %s’", dir, dir)
	}
	return nil
}

// sweepEvery is how often what has ended is wiped.
const sweepEvery = time.Minute

// sweep wipes sessions, grants and disclosures that ended, at start and every
// minute.
func (h *house) sweep(ctx context.Context, logger *slog.Logger) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		for name, f := range map[string]func(context.Context) error{"sessions": h.signin.Sweep, "grants": h.meeting.Sweep, "disclosures": h.register.Sweep} {
			if err := f(ctx); err != nil && ctx.Err() == nil {
				logger.Error("sweeping failed", "what", name, "error", err.Error())
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// door is how the server is reached.
type door struct {
	addr, cert, key string
	behindProxy     bool
}

var errOpenDoor = errors.New("zonder TLS luistert zat alleen op het eigen apparaat (127.0.0.1). " +
	"Geef --tls-cert en --tls-key, of --behind-proxy als een vertrouwde proxy TLS afhandelt")

// listen opens the door, or refuses to: plain HTTP is for the loopback address
// and for a trusted proxy only.
func (d door) listen() (net.Listener, error) {
	if (d.cert == "") != (d.key == "") {
		return nil, errors.New("--tls-cert en --tls-key horen bij elkaar")
	}
	if d.cert == "" && !d.behindProxy {
		host, _, err := net.SplitHostPort(d.addr)
		if err != nil {
			return nil, fmt.Errorf("adres %q: %w", d.addr, err)
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return nil, errOpenDoor
		}
	}
	ln, err := net.Listen("tcp", d.addr)
	if err != nil {
		return nil, fmt.Errorf("luisteren: %w", err)
	}
	if d.cert == "" {
		return ln, nil
	}
	pair, err := tls.LoadX509KeyPair(d.cert, d.key)
	if err != nil {
		ln.Close()
		return nil, fmt.Errorf("certificaat lezen: %w", err)
	}
	return tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}), nil
}

func (d door) url(ln net.Listener) string {
	scheme := "http"
	if d.cert != "" {
		scheme = "https"
	}
	return scheme + "://" + ln.Addr().String()
}

// run serves until ctx ends, then closes in order: requests, sweeper, store.
func (h *house) run(ctx context.Context, ln net.Listener, logger *slog.Logger) error {
	app, err := h.server.App()
	if err != nil {
		return err
	}
	inner, stop := context.WithCancel(context.Background())
	swept := make(chan struct{})
	go func() { h.sweep(inner, logger); close(swept) }()
	err = web.Serve(ctx, app, ln)
	stop()
	<-swept
	if cerr := h.store.Close(); err == nil {
		err = cerr
	}
	return err
}
