package kit

import "github.com/chromedp/cdproto/webauthn"

// Function is what an authenticator's pseudo-random function can do.
type Function int

const (
	Never  Function = iota // it has none
	AtOnce                 // it gives its value when a passkey is made, too
	InUse                  // it gives its value only when a passkey is used
)

// Authenticator is a virtual one: a phone or laptop that can make passkeys.
type Authenticator struct {
	p  *Page
	id webauthn.AuthenticatorID
}

// Authenticator adds one to the page.
func (p *Page) Authenticator(f Function) *Authenticator {
	call(p, webauthn.Enable, webauthn.EnableParams{})
	o := webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21,
		Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true, AutomaticPresenceSimulation: true, IsUserVerified: true}
	switch f {
	case AtOnce:
		o.HasPrf = true
	case InUse:
		o.HasHmacSecret, o.Transport = true, webauthn.AuthenticatorTransportUsb
	}
	return &Authenticator{p, call(p, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &o}).AuthenticatorID}
}

// Verified sets whether it recognises its owner from now on.
func (a *Authenticator) Verified(yes bool) {
	call(a.p, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: a.id, IsUserVerified: yes})
}
