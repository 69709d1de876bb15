package signin

import (
	"fmt"
	"io"
	"strings"

	"zat/crypto/keys"
)

// Devices are the tokens by which a browser is known, newest last: one for each
// account that signed in with it. Two people who share a laptop are both known
// there, and neither by the other's token.
type Devices []keys.Token

// maxDevices is how many accounts a browser is known for.
const maxDevices = 5

func (Devices) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// Secret returns the text form, for the cookie only.
func (d Devices) Secret() string {
	out := make([]string, len(d))
	for i, t := range d {
		out[i] = t.Secret()
	}
	return strings.Join(out, ".")
}

func parseDevices(cookie string) Devices {
	var out Devices
	for _, s := range strings.SplitN(cookie, ".", maxDevices+1) {
		if t, err := keys.ParseToken(s); err == nil && len(out) < maxDevices {
			out = append(out, t)
		}
	}
	return out
}

// NewDevice returns the tokens of a browser with one more, for somebody who joins.
func NewDevice(cookie string) Devices { return renewed(cookie, nil) }

// Newest returns the token that was made last.
func (d Devices) Newest() keys.Token { return d[len(d)-1] }

// renewed returns a browser's tokens with a fresh one for whoever signed in, in
// the place of the one by which he was known, if he was.
func renewed(cookie string, was *keys.Token) Devices {
	var out Devices
	for _, t := range parseDevices(cookie) {
		if was == nil || t != *was {
			out = append(out, t)
		}
	}
	if len(out) >= maxDevices {
		out = out[len(out)-maxDevices+1:]
	}
	return append(out, keys.NewToken())
}
