// Package keys makes age identities and stores their secret halves, one sealed
// copy for each way to unlock them. It opens no content: what it unwraps are
// keys, and only crypto/seal can use one to read.
package keys

import "zat/crypto/internal/agebox"

// Identity is a secret key, opened. It prints as [redacted].
type Identity = agebox.Identity

// Generate returns a new random identity, hybrid post-quantum.
func Generate() (*Identity, error) { return agebox.Generate() }

// ErrOpen is returned for sealed bytes that do not open with this key.
var ErrOpen = agebox.ErrOpen
