package secrets

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/torchwood"
	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
)

const witnessFile = "witness.key"

// Witness returns the key with which this installation signs checkpoints of others, made
// on first use.
func (f *Folder) Witness() (*torchwood.CosignatureSigner, error) {
	text, err := f.readOrMake(witnessFile, func() (string, error) {
		secret, _, err := note.GenerateKey(rand.Reader, "zat-witness/"+uuid.NewString())
		return secret, err
	})
	if err != nil {
		return nil, err
	}
	// A signed note's key: PRIVATE+KEY+name+hash+data, data being the algorithm and the seed.
	parts := strings.SplitN(strings.TrimSpace(text), "+", 5)
	if len(parts) != 5 {
		return nil, errWitness
	}
	data, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(data) != 1+ed25519.SeedSize {
		return nil, errWitness
	}
	return torchwood.NewCosignatureSigner(parts[2], ed25519.NewKeyFromSeed(data[1:]))
}

var errWitness = errors.New("witness.key is damaged")

// Signs reports whether the key of a log is here, and not only its public half.
func (f *Folder) Signs(log uuid.UUID) bool {
	_, err := os.Stat(filepath.Join(f.dir, keyFile(log)))
	return err == nil
}

// Public returns the public key of a log, as others check its checkpoints with it.
func (f *Folder) Public(log uuid.UUID) (string, error) {
	b, err := os.ReadFile(filepath.Join(f.dir, keyFile(log)+".pub"))
	if err != nil {
		return "", fmt.Errorf("reading public log key: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}
