// Package post sends e-mail: invitations. A message holds a link, a day and the name of a
// school, and never a pseudonym or anything of a pupil.
package post

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// Box is a mail server that takes our messages.
type Box struct {
	Addr           string // host:port
	From           string
	User, Password string // empty: it asks for none
}

const patience = 10 * time.Second

// Invite sends somebody the link with which he joins.
func (b Box) Invite(ctx context.Context, to, school, link string) error {
	return b.send(ctx, to, "Uitnodiging voor de Zorgtafel", fmt.Sprintf("Goedendag,\n\nU bent uitgenodigd voor de Zorgtafel van %s. Met deze link stelt u uw toegang in:\n\n%s\n\n"+
		"De link werkt één keer, 24 uur lang. Verwachtte u geen uitnodiging? Doe dan niets en vraag de school.\n", school, link), nil)
}

// Session tells somebody invited when a session is, with a calendar file.
func (b Box) Session(ctx context.Context, to, school, title, when, link string, file []byte) error {
	return b.send(ctx, to, title+" op "+when, fmt.Sprintf("Goedendag,\n\nU bent uitgenodigd: %s van %s, %s uur. De agenda staat in de Zorgtafel:\n\n%s\n\n"+
		"Over wie het gaat, staat alleen daar. Beantwoord dit bericht niet met namen van leerlingen.\n", title, school, when, link), file)
}

// Off tells somebody invited that a session does not take place.
func (b Box) Off(ctx context.Context, to, school, title, when string, file []byte) error {
	return b.send(ctx, to, "Gaat niet door: "+title+" op "+when, fmt.Sprintf("Goedendag,\n\n%s van %s, %s uur, gaat niet door.\n", title, school, when), file)
}

// Digest tells somebody how much waits for him.
func (b Box) Digest(ctx context.Context, to, school string, open, late int, link string) error {
	body := fmt.Sprintf("Goedendag,\n\nIn de Zorgtafel van %s staan nog %d afspraken voor u open", school, open)
	if late > 0 {
		body += fmt.Sprintf(", waarvan %d over de datum", late)
	}
	return b.send(ctx, to, "Uw afspraken in de Zorgtafel", body+":\n\n"+link+"\n\nOp die pagina zet u dit bericht ook uit.\n", nil)
}

// send sends one message. TLS is asked for, except of a server on this machine. No
// failure tells to whom it was.
func (b Box) send(ctx context.Context, to, subject, body string, calendar []byte) error {
	err := b.deliver(ctx, to, subject, body, calendar)
	if err != nil {
		return fmt.Errorf("sending mail: %s", strings.ReplaceAll(err.Error(), to, "…"))
	}
	return nil
}

func (b Box) deliver(ctx context.Context, to, subject, body string, calendar []byte) error {
	m := mail.NewMsg()
	if err := m.From(b.From); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	if err := m.To(to); err != nil {
		return fmt.Errorf("receiver: %w", err)
	}
	m.Subject(subject)
	m.SetBodyString(mail.TypeTextPlain, body)
	if calendar != nil {
		if err := m.AttachReader("overleg.ics", bytes.NewReader(calendar), mail.WithFileContentType("text/calendar; charset=utf-8; method=PUBLISH")); err != nil {
			return fmt.Errorf("attaching a calendar file: %w", err)
		}
	}
	c, err := b.client()
	if err != nil {
		return err
	}
	return c.DialAndSendWithContext(ctx, m)
}

func (b Box) client() (*mail.Client, error) {
	host, portText, err := net.SplitHostPort(b.Addr)
	if err != nil {
		return nil, fmt.Errorf("address of the server: %w", err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("port of the server: %w", err)
	}
	opts := []mail.Option{mail.WithPort(port), mail.WithTimeout(patience), mail.WithTLSPolicy(mail.TLSMandatory)}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		opts = append(opts, mail.WithTLSPolicy(mail.TLSOpportunistic))
	}
	if port == 465 {
		opts = append(opts, mail.WithSSL())
	}
	if b.User != "" {
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(b.User), mail.WithPassword(b.Password))
	}
	return mail.NewClient(host, opts...)
}
