// Package secrets is the folder that holds the secrets of an installation: the
// signing keys of the logs and the guard key. It lies outside the database and
// back-ups leave it out; what each secret is worth to a thief stands in
// docs/threat-model.md. Files are readable by their owner only.
package secrets

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/uuid"

	"zat/crypto/logtree"
)

// Folder is an opened secrets folder. It is safe for use by several goroutines.
type Folder struct {
	dir     string
	mu      sync.Mutex
	signers map[uuid.UUID]*logtree.Signer
}

// Open returns the folder, making it when it is not there. It refuses a folder
// that others may read.
func Open(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making secrets folder: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("reading secrets folder: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("secrets folder %s can be read by others: run chmod 700", dir)
	}
	return &Folder{dir: dir, signers: map[uuid.UUID]*logtree.Signer{}}, nil
}

// ErrNone is returned by Existing for a folder without secrets.
var ErrNone = errors.New("secrets: none in this folder")

// Existing returns the folder of an installation that is there already. It makes
// nothing: new keys beside an old database would break its log, and let names
// through that the old ones catch.
func Existing(dir string) (*Folder, error) {
	if _, err := os.Stat(filepath.Join(dir, guardFile)); errors.Is(err, os.ErrNotExist) {
		return nil, ErrNone
	}
	return Open(dir)
}

const guardFile = "guard.key"

// GuardKey returns the key of the register tags, made on first use.
func (f *Folder) GuardKey() ([]byte, error) {
	text, err := f.readOrMake(guardFile, func() (string, string, error) {
		b := make([]byte, 32)
		rand.Read(b)
		return hex.EncodeToString(b), "", nil
	})
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != 32 {
		return nil, errors.New("guard.key is damaged: 64 hexadecimal characters expected")
	}
	return key, nil
}

// Origin is the name of a team's log in its checkpoints.
func Origin(log uuid.UUID) string { return "zat/" + log.String() }

// Signer returns the signer of a log, making its key on first use.
func (f *Folder) Signer(log uuid.UUID) (*logtree.Signer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.signers[log]; s != nil {
		return s, nil
	}
	text, err := f.readOrMake(keyFile(log), func() (string, string, error) { return logtree.GenerateKey(Origin(log)) })
	if err != nil {
		return nil, err
	}
	s, err := logtree.ParseSigner(text)
	if err != nil {
		return nil, err
	}
	f.signers[log] = s
	return s, nil
}

// SignHead signs a checkpoint of a log; the store calls it before each commit.
func (f *Folder) SignHead(log uuid.UUID, size uint64, root logtree.Hash) ([]byte, error) {
	s, err := f.Signer(log)
	if err != nil {
		return nil, err
	}
	return s.Sign(size, root)
}

// Verifier returns the public half of a log's key. The key has to exist.
func (f *Folder) Verifier(log uuid.UUID) (*logtree.Verifier, error) {
	b, err := os.ReadFile(filepath.Join(f.dir, keyFile(log)+".pub"))
	if err != nil {
		return nil, fmt.Errorf("reading public log key: %w", err)
	}
	return logtree.ParseVerifier(string(b))
}

func keyFile(log uuid.UUID) string { return "log-" + log.String() + ".key" }

// readOrMake returns the file's text. make returns the secret and, where there
// is one, the public half, which goes into a file beside it.
func (f *Folder) readOrMake(name string, make func() (secret, public string, err error)) (string, error) {
	path := filepath.Join(f.dir, name)
	b, err := os.ReadFile(path)
	if err == nil {
		return string(b), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	secret, public, err := make()
	if err != nil {
		return "", err
	}
	if public != "" {
		if err := writeOnce(path+".pub", public); err != nil {
			return "", err
		}
	}
	return secret, writeOnce(path, secret)
}

// writeOnce never replaces a file: an overwritten key is a lost log.
func writeOnce(path, text string) error {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	if _, err := out.WriteString(text + "\n"); err != nil {
		out.Close()
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	if err := out.Sync(); err != nil {
		out.Close()
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	return out.Close()
}
