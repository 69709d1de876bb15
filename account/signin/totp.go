package signin

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// TOTP after RFC 6238: SHA-1, six digits, thirty seconds, as every
// authenticator app has it.
const (
	totpPeriod = 30
	totpSkew   = 1 // steps to either side, for a clock that is off
)

// secretLength is the length of a secret in base32.
const secretLength = 32

// NewTOTPSecret draws a secret of 160 bits, in base32 without padding.
func NewTOTPSecret() string {
	b := make([]byte, 20)
	rand.Read(b)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)
}

// TOTPCode returns the code of a step, counted in half minutes since 1970.
func TOTPCode(secret string, step int64) (string, error) {
	code, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return "", fmt.Errorf("making a code: %w", err)
	}
	return code, nil
}

// TOTPStep returns the step of a moment.
func TOTPStep(at time.Time) int64 { return at.Unix() / totpPeriod }

// TOTPLink returns what a QR code for an authenticator app holds.
func TOTPLink(secret, email string) string {
	q := url.Values{"secret": {secret}, "issuer": {"Zorgtafel"}}
	return "otpauth://totp/" + url.PathEscape("Zorgtafel:"+email) + "?" + q.Encode()
}

// matchTOTP returns the step for which the code is right, at the moment or one
// step beside it. It looks at every candidate, so that time tells nothing.
func matchTOTP(secret, typed string, now time.Time) (int64, bool) {
	if len(secret) != secretLength {
		return 0, false // there is no phone
	}
	typed = strings.Join(strings.Fields(typed), "")
	var found int64
	ok := 0
	for d := int64(-totpSkew); d <= totpSkew; d++ {
		step := TOTPStep(now) + d
		code, err := TOTPCode(secret, step)
		if err != nil {
			return 0, false
		}
		if subtle.ConstantTimeCompare([]byte(code), []byte(typed)) == 1 {
			found, ok = step, 1
		}
	}
	return found, ok == 1
}

// CheckTOTP reports whether the code is right now, for enrolment.
func CheckTOTP(secret, typed string, now time.Time) bool {
	_, ok := matchTOTP(secret, typed, now)
	return ok
}
