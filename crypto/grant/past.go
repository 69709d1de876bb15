package grant

import (
	"zat/account"
	"zat/crypto/internal/agebox"
)

// Past is an earlier identity of a vault, sealed to its present one. It serves
// where texts cannot be sealed anew: reasons stand in lines that nobody alters.
type Past struct {
	Recipient string
	Sealed    []byte
}

// Keep returns the earlier keys of a vault that is about to get a new one: those
// before, and the one that goes, sealed to the new.
func Keep(old []Past, key account.Key, fresh Vault) ([]Past, error) {
	id, ok := key.(*agebox.Identity)
	if !ok || id == nil {
		return nil, ErrNone
	}
	secret := agebox.Marshal(id)
	defer clear(secret)
	sealed, err := agebox.Encrypt(secret, fresh.Recipient)
	if err != nil {
		return nil, err
	}
	out := []Past{{id.Recipient(), sealed}}
	for _, p := range old {
		secret, err := agebox.Decrypt(id, p.Sealed)
		if err != nil {
			return nil, ErrNone
		}
		sealed, err := agebox.Encrypt(secret, fresh.Recipient)
		clear(secret)
		if err != nil {
			return nil, err
		}
		out = append(out, Past{p.Recipient, sealed})
	}
	return out, nil
}

// All returns the present key of a vault and its earlier ones.
func All(key account.Key, past []Past) ([]account.Key, error) {
	id, ok := key.(*agebox.Identity)
	if !ok || id == nil {
		return nil, ErrNone
	}
	out := []account.Key{key}
	for _, p := range past {
		secret, err := agebox.Decrypt(id, p.Sealed)
		if err != nil {
			return nil, ErrNone
		}
		earlier, err := agebox.Parse(secret)
		clear(secret)
		if err != nil || earlier.Recipient() != p.Recipient {
			return nil, ErrNone
		}
		out = append(out, earlier)
	}
	return out, nil
}
