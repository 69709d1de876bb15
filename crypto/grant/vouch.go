package grant

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"zat/account"
	"zat/crypto/internal/agebox"
)

// vouch makes what shows that somebody who held the vault gave this grant, to this
// key and for this term. Who can only write to the database cannot make one: a row
// that he adds, moves to his own key or lengthens opens nothing, and is not made
// anew when the vault gets a new key.
func vouch(id *agebox.Identity, g Grant) ([]byte, error) {
	secret := agebox.Marshal(id)
	defer clear(secret)
	key, err := hkdf.Key(sha256.New, secret, nil, "zat/v1/vouch", 32)
	if err != nil {
		return nil, fmt.Errorf("vouching: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(g.label())
	for _, t := range []int64{moment(g.From.UnixMilli(), g.From.IsZero()), moment(g.Until.UnixMilli(), g.Until.IsZero())} {
		binary.Write(mac, binary.BigEndian, t)
	}
	mac.Write([]byte(g.Recipient))
	return mac.Sum(nil), nil
}

func moment(ms int64, none bool) int64 {
	if none {
		return 0
	}
	return ms
}

// VouchedBy reports whether somebody who held the vault's key made this grant as
// it is.
func (g Grant) VouchedBy(key account.Key) bool {
	id, ok := key.(*agebox.Identity)
	if !ok || id == nil {
		return false
	}
	want, err := vouch(id, g)
	return err == nil && hmac.Equal(want, g.Vouch)
}
