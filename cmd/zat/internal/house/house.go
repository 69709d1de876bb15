// Package house joins everything: the one place where web and store meet.
package house

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"zat/account/keyring"
	"zat/account/signin"
	"zat/account/staff"
	"zat/audit"
	"zat/audit/review"
	"zat/audit/witness"
	"zat/crypto/keys"
	"zat/crypto/secrets"
	"zat/meeting"
	"zat/pseudonym/guard"
	"zat/pseudonym/register"
	"zat/store"
	"zat/web"
)

// House is everything joined.
type House struct {
	Store    *store.Store
	Secrets  *secrets.Folder
	SignIn   *signin.Service
	Staff    *staff.Service
	Meeting  *meeting.Service
	Register *register.Service
	Review   *review.Service
	Keeper   *witness.Keeper
	Log      *audit.Log
	Guard    *guard.Watch
	Keys     *keyring.Service
	Server   *web.Server

	retained time.Time // when lines whose term is over went last
}

// Close lets the work that runs beside requests finish, and closes the database.
func (h *House) Close() error {
	h.Keys.Close()
	h.Review.Wait()
	return h.Store.Close()
}

// Options is what differs between a real house, the demo and a test.
type Options struct {
	Data    string
	Secrets string // empty: the folder "secrets" in Data
	Auditor bool   // only the logs are looked at: the public halves of their keys are enough
	Version string
	Now     func() time.Time
	Cost    keys.Cost
	Logger  *slog.Logger
}

// slots is how many runs of Argon2id go at a time: each takes 64 MiB.
const slots = 2

// Open opens a data folder, making it when it is not there.
func Open(ctx context.Context, o Options) (*House, error) {
	if err := privateFolder(o.Data); err != nil {
		return nil, err
	}
	if o.Secrets == "" {
		o.Secrets = filepath.Join(o.Data, "secrets")
	}
	file := filepath.Join(o.Data, "zat.db")
	open := secrets.Open
	if _, err := os.Stat(file); err == nil && !o.Auditor {
		open = secrets.Existing
	}
	sec, err := open(o.Secrets)
	if errors.Is(err, secrets.ErrNone) {
		return nil, fmt.Errorf("de geheimen van deze installatie staan niet in %s: wijs hun map aan met --secrets", o.Secrets)
	}
	if err != nil {
		return nil, err
	}
	var guardKey []byte
	if !o.Auditor {
		if guardKey, err = sec.GuardKey(); err != nil {
			return nil, err
		}
	}
	st, err := store.Open(ctx, file, sec.SignHead)
	if err != nil {
		return nil, err
	}
	return join(o, st, sec, guard.NewKey(guardKey)), nil
}

// CheckSecrets refuses to go on with secrets of another installation: a log
// signed with another key would not verify, and a guard with another key would
// let every name through.
func (h *House) CheckSecrets(ctx context.Context) error {
	same, err := h.Store.SameMark(ctx, "guard", h.Guard.Key.Mark())
	if err != nil {
		return fmt.Errorf("geheimen controleren: %w", err)
	}
	if !same {
		return errors.New("guard.key in de map met geheimen hoort bij een andere database")
	}
	logs, err := h.Store.Logs(ctx)
	if err != nil {
		return fmt.Errorf("geheimen controleren: %w", err)
	}
	for _, log := range logs {
		_, note, err := h.Store.Head(ctx, log)
		if err != nil {
			return fmt.Errorf("geheimen controleren: %w", err)
		}
		v, err := h.Secrets.Verifier(log)
		if err == nil {
			_, err = v.Open(note)
		}
		if err != nil {
			return fmt.Errorf("de sleutel van logboek %s past niet bij de database; draai ‘zat log verify’: %w", log, err)
		}
	}
	return nil
}

func join(o Options, st *store.Store, sec *secrets.Folder, key guard.Key) *House {
	log := &audit.Log{Store: st, Now: o.Now, System: "zat " + o.Version}
	line := signin.NewLine(slots)
	h := &House{Store: st, Secrets: sec, Log: log}
	st.Check(sec.CheckHead)
	h.Keeper = &witness.Keeper{Own: st, Verifier: sec.Verifier, Now: o.Now, Logger: o.Logger, Every: cosignEvery}
	h.Guard = &guard.Watch{Source: st, Key: key}
	h.SignIn = &signin.Service{Store: st, Log: log, Now: o.Now, Cost: o.Cost, Line: line}
	h.Staff = &staff.Service{Store: st, Log: log, Guard: h.Guard, Passkeys: h.SignIn, Now: o.Now, Cost: o.Cost, Line: line}
	h.Register = &register.Service{Store: st, Log: log, Guard: h.Guard, Now: o.Now}
	h.Meeting = &meeting.Service{Store: st, Log: log, Guard: h.Guard, Registrar: h.Register, Now: o.Now}
	h.Register.Grounds = h.Meeting
	h.Keys = &keyring.Service{Store: st, Log: log, Now: o.Now, Sources: []keyring.Source{h.Meeting, h.Register}}
	h.Review = &review.Service{Store: st, Log: log, Verifier: sec.Verifier, Guard: h.Guard, Now: o.Now, Failed: func(err error) {
		o.Logger.Error("checking a log failed", "error", err.Error())
	}}
	h.Server = &web.Server{SignIn: h.SignIn, Staff: h.Staff, Keys: h.Keys, Meeting: h.Meeting, Review: h.Review, Guard: h.Guard, Register: h.Register,
		Discloser: h.Register, Teams: st, Logger: o.Logger, Now: o.Now}
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
func (h *House) sweep(ctx context.Context, logger *slog.Logger) {
	var all sync.WaitGroup
	defer all.Wait()
	for name, f := range map[string]func(context.Context) error{"witnesses": h.Keeper.Round, "terms": h.retain, "checks": h.Review.CheckDaily} {
		all.Go(func() { every(ctx, logger, chores{name: f}) }) // each may take long, and keeps nothing else waiting
	}
	every(ctx, logger, chores{"digests": h.digests, "sessions": h.SignIn.Sweep, "grants": h.Meeting.Sweep, "disclosures": h.Register.Sweep})
}

// chores are what is done again and again, by name.
type chores map[string]func(context.Context) error

func every(ctx context.Context, logger *slog.Logger, list chores) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		for name, f := range list {
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

// cosignEvery is how long a log may grow before witnesses sign it again.
const cosignEvery = 15 * time.Minute

// retain ends the term of lines, once an hour.
func (h *House) retain(ctx context.Context) error {
	if now := h.Log.Now(); now.Sub(h.retained) >= time.Hour {
		h.retained = now
		return h.Log.Retain(ctx, h.Store)
	}
	return nil
}

// digests sends on Mondays what waits for those who asked to hear it, where there is a mail
// server and an address to link to.
func (h *House) digests(ctx context.Context) error {
	if h.Server.Mail == nil || h.Server.URL == "" {
		return nil
	}
	return h.Meeting.SendDigests(ctx, func(ctx context.Context, d meeting.Digest) error {
		return h.Server.Mail.Digest(ctx, d.Email, d.School, d.Open, d.Late, h.Server.URL+"/afspraken")
	})
}

// Run serves until ctx ends, then closes in order: requests, sweeper, store.
func (h *House) Run(ctx context.Context, ln net.Listener, logger *slog.Logger) error {
	app, err := h.Server.App()
	if err != nil {
		return err
	}
	inner, stop := context.WithCancel(context.Background())
	swept := make(chan struct{})
	go func() { h.sweep(inner, logger); close(swept) }()
	err = h.Server.Serve(ctx, app, ln)
	stop()
	<-swept
	if cerr := h.Close(); err == nil {
		err = cerr
	}
	return err
}
