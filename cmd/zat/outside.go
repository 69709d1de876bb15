package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"zat/account/signin"
	"zat/audit/witness"
	"zat/cmd/zat/internal/house"
	"zat/cmd/zat/internal/post"
)

// outside is what a server may speak to: a mail server, and the sign-in of an
// organisation. Without these flags it speaks to nobody.
type outside struct {
	smtp, from, smtpUser, smtpFile      string
	issuer, client, secretFile, orgName string
	witnesses                           list
	witnessFor                          string
}

func (o *outside) flags(fs *flag.FlagSet) {
	fs.StringVar(&o.smtp, "smtp", "", "mailserver voor uitnodigingen, host:poort (standaard: geen; links geef je zelf door)")
	fs.StringVar(&o.from, "smtp-from", "", "afzender van de uitnodigingen")
	fs.StringVar(&o.smtpUser, "smtp-user", "", "gebruiker bij de mailserver")
	fs.StringVar(&o.smtpFile, "smtp-password-file", "", "bestand met zijn wachtwoord")
	fs.StringVar(&o.issuer, "oidc-issuer", "", "adres van de aanmelding van een organisatie (OpenID Connect), zoals Entra ID of SURFconext")
	fs.StringVar(&o.client, "oidc-client", "", "ons kenmerk bij die organisatie (client id)")
	fs.StringVar(&o.secretFile, "oidc-secret-file", "", "bestand met ons geheim bij die organisatie")
	fs.Var(&o.witnesses, "witness", "getuige voor onze logboeken: ADRES,SLEUTEL (mag vaker; spreekt C2SP tlog-witness)")
	fs.StringVar(&o.witnessFor, "witness-for", "", "bestand met openbare sleutels van logboeken waarvoor wij getuige zijn, op ADRES/getuige")
	fs.StringVar(&o.orgName, "oidc-name", "", "naam van die organisatie op de aanmeldknop")
}

// join gives the house what it may speak to.
func (o *outside) join(h *house.House) error {
	if o.smtp != "" {
		if o.from == "" {
			return errors.New("geef met --smtp ook --smtp-from")
		}
		password, err := secretIn(o.smtpFile)
		if err != nil {
			return err
		}
		h.Server.Mail = post.Box{Addr: o.smtp, From: o.from, User: o.smtpUser, Password: password}
	}
	if err := o.watch(h); err != nil {
		return err
	}
	if o.issuer == "" {
		return nil
	}
	if o.client == "" || o.secretFile == "" || h.Server.URL == "" {
		return errors.New("geef met --oidc-issuer ook --oidc-client, --oidc-secret-file en --url")
	}
	secret, err := secretIn(o.secretFile)
	if err != nil {
		return err
	}
	name := o.orgName
	if name == "" {
		name = "organisatieaccount"
	}
	h.SignIn.Federation = &signin.Federation{Name: name, Issuer: o.issuer, ClientID: o.client, Secret: secret, Redirect: h.Server.URL + "/aanmelden/organisatie/terug"}
	return nil
}

// list is a flag that may be given more than once.
type list []string

func (l *list) String() string { return strings.Join(*l, " ") }

func (l *list) Set(v string) error {
	*l = append(*l, v)
	return nil
}

// watch sets up witnesses: those of our logs, and ourselves for others.
func (o *outside) watch(h *house.House) error {
	for _, text := range o.witnesses {
		r, err := witness.ParseRemote(text)
		if err != nil {
			return fmt.Errorf("--witness: %w", err)
		}
		h.Keeper.Remotes = append(h.Keeper.Remotes, r)
	}
	if o.witnessFor == "" {
		return nil
	}
	b, err := os.ReadFile(o.witnessFor)
	if err != nil {
		return fmt.Errorf("--witness-for: %w", err)
	}
	logs, err := witness.ParseLogs(string(b))
	if err != nil {
		return fmt.Errorf("--witness-for: %w", err)
	}
	signer, err := h.Secrets.Witness()
	if err != nil {
		return err
	}
	h.Server.Witness = &witness.Witness{Store: h.Store, Signer: signer, Logs: logs}
	return nil
}

// secretIn reads a secret from a file: on the command line others would see it.
func secretIn(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("geheim lezen: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}
