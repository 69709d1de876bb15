// Package post sends invitations by e-mail. A message holds a link and the name of a
// school, and never a pseudonym or anything of a pupil.
package post

import (
	"context"
	"fmt"
	"net"
	"strconv"
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

// Invite sends somebody the link with which he joins. TLS is asked for, except of a
// server on this machine.
func (b Box) Invite(ctx context.Context, to, school, link string) error {
	host, portText, err := net.SplitHostPort(b.Addr)
	if err != nil {
		return fmt.Errorf("address of the mail server: %w", err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return fmt.Errorf("port of the mail server: %w", err)
	}
	m := mail.NewMsg()
	if err := m.From(b.From); err != nil {
		return fmt.Errorf("sender of the mail: %w", err)
	}
	if err := m.To(to); err != nil {
		return fmt.Errorf("receiver of the mail: %w", err)
	}
	m.Subject("Uitnodiging voor de Zorgtafel")
	m.SetBodyString(mail.TypeTextPlain, fmt.Sprintf("Goedendag,\n\nU bent uitgenodigd voor de Zorgtafel van %s. Met deze link stelt u uw toegang in:\n\n%s\n\n"+
		"De link werkt één keer, 24 uur lang. Verwachtte u geen uitnodiging? Doe dan niets en vraag de school.\n", school, link))
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
	c, err := mail.NewClient(host, opts...)
	if err != nil {
		return fmt.Errorf("setting up mail: %w", err)
	}
	if err := c.DialAndSendWithContext(ctx, m); err != nil {
		return fmt.Errorf("sending mail: %w", err)
	}
	return nil
}
