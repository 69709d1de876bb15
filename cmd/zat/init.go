package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"zat/account"
	"zat/account/signin"
	"zat/account/staff"
	"zat/cmd/zat/internal/house"
	"zat/crypto/keys"
	"zat/fault"
)

type initFlags struct {
	data, secrets, url        string
	team, school, consent     string
	name, email               string
	adminName, adminEmail     string
	officerName, officerEmail string
}

func runInit(ctx context.Context, args []string, c console) error {
	var f initFlags
	fs := flags("init", "Richt een leeg team in, ook naast een team dat er al is: de eerste zorgcoördinator met wachtwoord en tweede stap, en\nuitnodigingen voor de functioneel beheerder en de privacyfunctionaris. Wat niet als vlag\nis gegeven, wordt gevraagd. Het wachtwoord wordt altijd gevraagd of van de invoer gelezen.", c)
	fs.StringVar(&f.data, "data", "", "map voor de database (verplicht)")
	fs.StringVar(&f.secrets, "secrets", "", "map voor de geheimen van de installatie (standaard: ‘secrets’ in --data)")
	fs.StringVar(&f.url, "url", "http://127.0.0.1:8420", "adres waarop mensen de Zorgtafel openen, voor de uitnodigingen")
	fs.StringVar(&f.team, "team", "", "naam van het team")
	fs.StringVar(&f.school, "school", "", "naam van de school")
	fs.StringVar(&f.consent, "consent", "strict", "wie toestemming geeft: strict (12–15 jaar: ouders en leerling) of school (onder 16: ouders)")
	fs.StringVar(&f.name, "name", "", "naam van de eerste zorgcoördinator")
	fs.StringVar(&f.email, "email", "", "e-mailadres van de eerste zorgcoördinator")
	fs.StringVar(&f.adminName, "admin-name", "", "naam van de functioneel beheerder")
	fs.StringVar(&f.adminEmail, "admin-email", "", "e-mailadres van de functioneel beheerder")
	fs.StringVar(&f.officerName, "officer-name", "", "naam van de privacyfunctionaris")
	fs.StringVar(&f.officerEmail, "officer-email", "", "e-mailadres van de privacyfunctionaris")
	if err := parse(fs, args, c); err != nil {
		return err
	}
	if f.data == "" {
		return errors.New("geef de map met --data")
	}
	in := bufio.NewReader(c.in)
	password, err := f.ask(c, in)
	if err != nil {
		return err
	}
	h, err := house.Open(ctx, house.Options{Version: version, Data: f.data, Secrets: f.secrets, Now: time.Now, Cost: keys.Standard, Logger: slog.New(slog.NewTextHandler(c.err, nil))})
	if err != nil {
		return err
	}
	defer h.Store.Close()
	if err := h.CheckSecrets(ctx); err != nil {
		return err
	}
	return f.found(ctx, h, password, c, in)
}

// ask asks for what no flag gave.
func (f *initFlags) ask(c console, in *bufio.Reader) (password string, err error) {
	for _, q := range []struct {
		value *string
		text  string
	}{{&f.team, "Naam van het team"}, {&f.school, "Naam van de school"}, {&f.name, "Naam van de eerste zorgcoördinator"}, {&f.email, "E-mailadres van de zorgcoördinator"},
		{&f.adminName, "Naam van de functioneel beheerder"}, {&f.adminEmail, "E-mailadres van de beheerder"},
		{&f.officerName, "Naam van de privacyfunctionaris"}, {&f.officerEmail, "E-mailadres van de privacyfunctionaris"}} {
		if *q.value != "" {
			continue
		}
		fmt.Fprintf(c.out, "%s: ", q.text)
		if *q.value, err = readLine(in); err != nil {
			return "", fmt.Errorf("geen antwoord op ‘%s’", q.text)
		}
	}
	fmt.Fprintf(c.out, "Wachtwoord van de zorgcoördinator (ten minste %d tekens): ", signin.MinPassword)
	if file, ok := c.in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		b, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(c.out)
		return string(b), err
	}
	password, err = readLine(in)
	if err != nil {
		return "", errors.New("geen wachtwoord gelezen")
	}
	return password, nil
}

func readLine(in *bufio.Reader) (string, error) {
	s, err := in.ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || s == "") {
		return "", err
	}
	return strings.TrimRight(s, "\r\n"), nil
}

func (f *initFlags) found(ctx context.Context, h *house.House, password string, c console, in *bufio.Reader) error {
	secret := signin.NewTOTPSecret()
	out, err := h.Staff.Found(ctx, staff.Founding{Team: f.team, School: f.school, Consent: account.ConsentRule(f.consent), Name: f.name, Email: f.email,
		Password: password, TOTPSecret: secret, Invite: []staff.Invitee{
			{Name: f.adminName, Email: f.adminEmail, Role: account.Admin, Organisation: f.school},
			{Name: f.officerName, Email: f.officerEmail, Role: account.Officer, Organisation: f.school}}})
	if err != nil {
		return plain(err)
	}
	email, _ := account.ParseEmail(f.email)
	fmt.Fprintf(c.out, "\nHet team ‘%s’ is ingericht.\n", f.team)
	if out.Known {
		fmt.Fprintln(c.out, "\nDe zorgcoördinator heeft al een account: wachtwoord, tweede stap en herstelcode blijven gelijk.")
	} else {
		fmt.Fprintf(c.out, "\nTweede stap van de zorgcoördinator, voor een authenticator-app. Dit wordt één keer getoond:\n  %s\n  %s\n\nHerstelcode van de zorgcoördinator, voor wie zijn wachtwoord of telefoon kwijt is. Schrijf hem nu over en bewaar hem achter slot:\n  %s\n",
			secret, signin.TOTPLink(secret, email), out.Recovery.Secret())
	}
	fmt.Fprint(c.out, "\nUitnodigingen (24 uur geldig, werken één keer; geef ze persoonlijk door):\n")
	for _, i := range out.Invited {
		fmt.Fprintf(c.out, "  %s (%s): %s/welkom/%s\n", i.Member.Name, i.Member.Role, strings.TrimSuffix(f.url, "/"), i.Token.Secret())
	}
	if err := f.keepPaper(ctx, h, out, c, in); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "\nStart met: zat serve --data %s\n", f.data)
	return nil
}

// typingTries is how often the end of the paper is asked for.
const typingTries = 3

// keepPaper shows the team's recovery identity once, and asks for its end back.
func (f *initFlags) keepPaper(ctx context.Context, h *house.House, out staff.Founded, c console, in *bufio.Reader) error {
	fmt.Fprintf(c.out, "\nHerstelblad van het team. Wie alles kwijt is, krijgt hiermee weer toegang, als twee collega's dat samen doen.\nSchrijf het nu over en bewaar het in de kluis van de school; het staat nergens anders:\n  %s\n\n", keys.PaperOf(out.Paper))
	for range typingTries {
		fmt.Fprint(c.out, "Typ de laatste zes tekens over: ")
		typed, err := readLine(in)
		if err != nil {
			break
		}
		err = h.Staff.KeepPaper(ctx, out, typed)
		if err == nil {
			fmt.Fprintln(c.out, "Goed, het herstelblad is bewaard.")
			return nil
		}
		if !fault.Is(err, fault.Invalid) {
			return err
		}
		fmt.Fprintln(c.out, "Dat klopt niet.")
	}
	fmt.Fprintln(c.out, "\nNiet overgetypt: maak na het aanmelden een nieuw herstelblad op de pagina Team.")
	return nil
}

var fieldNames = map[string]string{"team": "de naam van het team", "school": "de naam van de school", "name": "een naam", "email": "een e-mailadres",
	"password": "het wachtwoord", "consent": "--consent", "organisation": "de naam van de school"}

// plain says at a terminal what a page would say at a field.
func plain(err error) error {
	list := fault.Fields(err)
	if len(list) == 0 {
		if fault.Is(err, fault.Conflict) {
			return errors.New("dit e-mailadres is al in gebruik")
		}
		return err
	}
	var parts []string
	for _, e := range list {
		name := fieldNames[e.Field]
		if e.Key == "error.password.common" {
			parts = append(parts, "het wachtwoord is te makkelijk te raden")
			continue
		}
		if e.Key == "error.current" {
			parts = append(parts, "dit e-mailadres heeft al een account, met een ander wachtwoord")
			continue
		}
		if e.Key == "error.password.short" {
			parts = append(parts, fmt.Sprintf("het wachtwoord is te kort: ten minste %d tekens", signin.MinPassword))
			continue
		}
		parts = append(parts, name+" klopt niet of ontbreekt")
	}
	return errors.New(strings.Join(parts, "; "))
}
