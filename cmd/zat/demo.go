package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"zat/account/signin"
	"zat/cmd/zat/internal/demo"
	"zat/cmd/zat/internal/house"
	"zat/crypto/keys"
	"zat/fault"
	"zat/store"
	"zat/web"
)

func runDemo(ctx context.Context, args []string, c console) error {
	fs := flags("demo", "Start de demo: een verzonnen team met leerlingen, casussen en overleggen, in een\nnieuwe map die alleen jij kunt lezen.", c)
	addr := fs.String("addr", "127.0.0.1:8420", "adres en poort om op te luisteren; alleen op het eigen apparaat")
	data := fs.String("data", "", "map voor de database; moet leeg zijn (standaard: een nieuwe tijdelijke map)")
	ready := fs.String("ready", "", "bestand dat na de start wordt geschreven: JSON met adres en mensen, voor scripts")
	if err := parse(fs, args, c); err != nil {
		return err
	}
	dir, err := demoFolder(*data)
	if err != nil {
		return err
	}
	thrifty()
	logger := slog.New(slog.NewTextHandler(c.err, nil))
	ln, err := door{addr: *addr}.listen()
	if err != nil {
		return err
	}
	clock := &demo.Clock{}
	h, err := house.Open(ctx, house.Options{Version: version, Data: dir, Now: clock.Now, Cost: keys.Standard, Logger: logger})
	if err != nil {
		ln.Close()
		return err
	}
	people, err := demo.Fill(ctx, demo.House{SignIn: h.SignIn, Staff: h.Staff, Meeting: h.Meeting, Register: h.Register, Clock: clock})
	if err != nil {
		ln.Close()
		h.Store.Close()
		return err
	}
	h.Server.Demo = &demoDoor{h.Store, people}
	url := "http://" + ln.Addr().String()
	if err := tell(c, url, dir, *ready, people); err != nil {
		ln.Close()
		h.Store.Close()
		return err
	}
	return h.Run(ctx, ln, logger)
}

// demoFolder returns an empty folder: the demo never fills a team that exists.
func demoFolder(dir string) (string, error) {
	if dir == "" {
		dir, err := os.MkdirTemp("", "zat-demo-")
		if err != nil {
			return "", fmt.Errorf("map maken: %w", err)
		}
		return dir, nil
	}
	if _, err := os.Stat(filepath.Join(dir, "zat.db")); err == nil {
		return "", fmt.Errorf("in %s staat al een database; de demo begint in een lege map", dir)
	} else if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	return dir, nil
}

type readyFile struct {
	URL    string        `json:"url"`
	People []demo.Person `json:"people"`
}

// tell says how to get in, to a person and to a script.
func tell(c console, url, dir, ready string, people []demo.Person) error {
	fmt.Fprintf(c.out, "\nDe Zorgtafel draait op %s\n\n  Kies een persoon op:  %s/demo\n  Of meld je aan op:    %s/aanmelden\n  Wachtwoord:           %s\n  De code van zes cijfers maakt een authenticator-app uit de tweede kolom.\n\n", url, url, url, demo.Password)
	for _, p := range people {
		fmt.Fprintf(c.out, "  %-34s %-34s %s\n", p.Email, p.TOTPSecret, p.Role)
	}
	fmt.Fprintf(c.out, "\n  Herstelblad van het team, om herstel door twee mensen te proberen:\n  %s\n", people[0].Paper)
	fmt.Fprintf(c.out, "\nAlle mensen en leerlingen zijn verzonnen. Gegevens: %s\nStoppen: Ctrl-C.\n", dir)
	if ready == "" {
		return nil
	}
	b, err := json.Marshal(readyFile{url, people})
	if err != nil {
		return fmt.Errorf("schrijven van %s: %w", ready, err)
	}
	tmp := ready + ".tmp"
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("schrijven van %s: %w", ready, err)
	}
	return os.Rename(tmp, ready)
}

// demoDoor signs in a person of the demo: it types his password and code, and
// the rest is as everybody's.
type demoDoor struct {
	store  *store.Store
	people []demo.Person
}

func (d *demoDoor) People() []web.DemoPerson {
	var out []web.DemoPerson
	for _, p := range d.people {
		out = append(out, web.DemoPerson{Name: p.Name, Organisation: p.Organisation, Email: p.Email, Role: p.Role})
	}
	return out
}

// typing is how long a code has to stay good: the password is checked first.
const typing = 5 * time.Second

func (d *demoDoor) Attempt(email string) (signin.Attempt, error) {
	for _, p := range d.people {
		if p.Email != email {
			continue
		}
		cred, err := d.store.CredentialsByEmail(context.Background(), email)
		if err != nil {
			return signin.Attempt{}, err
		}
		now, soon := signin.TOTPStep(time.Now()), signin.TOTPStep(time.Now().Add(typing))
		step := max(cred.LastStep+1, soon-1) // a code works once
		if step > now+1 {
			return signin.Attempt{}, fault.New(fault.Busy, "demo.wait")
		}
		code, err := signin.TOTPCode(p.TOTPSecret, step)
		return signin.Attempt{Email: p.Email, Password: p.Password, Code: code}, err
	}
	return signin.Attempt{}, fault.New(fault.NotFound, "error.notfound")
}
