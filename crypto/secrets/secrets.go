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
	"time"

	"github.com/google/uuid"

	"zat/crypto/logtree"
)

// Folder is an opened secrets folder. It is safe for use by several goroutines.
type Folder struct {
	dir     string
	mu      sync.Mutex
	signers map[uuid.UUID]loaded
}

// loaded is a key with the file that it was read from: a file that was replaced is
// read again, so that a key is renewed under a server that runs.
type loaded struct {
	signer *logtree.Signer
	file   os.FileInfo
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
	if err := sweep(dir); err != nil {
		return nil, err
	}
	return &Folder{dir: dir, signers: map[uuid.UUID]loaded{}}, nil
}

// staleAfter is how old a half-written secret is before it counts as left behind.
const staleAfter = time.Minute

// sweep deletes what a process that was cut off while writing left behind.
func sweep(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("reading secrets folder: %w", err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || !strings.HasPrefix(f.Name(), newPrefix) || time.Since(info.ModTime()) < staleAfter {
			continue // a secret, or one that another process is writing
		}
		os.Remove(filepath.Join(dir, f.Name())) // in a folder that cannot be written to it stays
	}
	return nil
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
	text, err := f.readOrMake(guardFile, func() (string, error) {
		b := make([]byte, 32)
		rand.Read(b)
		return hex.EncodeToString(b), nil
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
	path := filepath.Join(f.dir, keyFile(log))
	if l, ok := f.signers[log]; ok {
		if now, err := os.Stat(path); err == nil && os.SameFile(now, l.file) {
			return l.signer, nil
		}
	}
	text, err := f.readOrMake(keyFile(log), func() (string, error) { return logtree.GenerateKey(Origin(log)) })
	if err != nil {
		return nil, err
	}
	s, err := logtree.ParseSigner(text)
	if err != nil {
		return nil, err
	}
	if err := f.publish(log, text); err != nil {
		return nil, err
	}
	file, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading log key: %w", err)
	}
	f.signers[log] = loaded{s, file}
	return s, nil
}

// publish puts the public half beside the key, where it is missing. One that is
// not of this key is refused: auditors would check with the wrong one.
func (f *Folder) publish(log uuid.UUID, secret string) error {
	public, err := logtree.PublicOf(secret)
	if err != nil {
		return err
	}
	name := keyFile(log) + ".pub"
	there, err := f.readOrMake(name, func() (string, error) { return public, nil })
	if err != nil {
		return err
	}
	if strings.TrimSpace(there) == strings.TrimSpace(public) {
		return nil
	}
	past, err := f.past(log)
	if err != nil {
		return err
	}
	if !past.has(there) {
		return fmt.Errorf("%s is not the public half of %s", name, keyFile(log))
	}
	return replace(filepath.Join(f.dir, name), public) // a renewal was cut off here
}

// SignHead signs a checkpoint of a log; the store calls it before each commit.
func (f *Folder) SignHead(log uuid.UUID, size uint64, root logtree.Hash) ([]byte, error) {
	s, err := f.Signer(log)
	if err != nil {
		return nil, err
	}
	return s.Sign(size, root)
}

// Verifier returns the public half of a log's key: from the key itself, or where
// an auditor has only that, from the file with the public half. Without either it
// fails with os.ErrNotExist.
func (f *Folder) Verifier(log uuid.UUID) (*logtree.Verifier, error) {
	path := filepath.Join(f.dir, keyFile(log))
	secret, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return f.withPast(log, func() (*logtree.Verifier, error) { return publicVerifier(path + ".pub") })
	}
	if err != nil {
		return nil, fmt.Errorf("reading log key: %w", err)
	}
	public, err := logtree.PublicOf(string(secret))
	if err != nil {
		return nil, err
	}
	return f.withPast(log, func() (*logtree.Verifier, error) { return logtree.ParseVerifier(public) })
}

func publicVerifier(path string) (*logtree.Verifier, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading public log key: %w", err)
	}
	return logtree.ParseVerifier(string(b))
}

func keyFile(log uuid.UUID) string { return "log-" + log.String() + ".key" }

// readOrMake returns the file's text, and makes it when it is not there.
func (f *Folder) readOrMake(name string, make func() (string, error)) (string, error) {
	path := filepath.Join(f.dir, name)
	b, err := os.ReadFile(path)
	if err == nil {
		return string(b), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	secret, err := make()
	if err != nil {
		return "", err
	}
	err = writeOnce(path, secret)
	if errors.Is(err, os.ErrExist) { // somebody else made it meanwhile
		b, err := os.ReadFile(path)
		return string(b), err
	}
	return secret, err
}

// newPrefix begins the name of a secret that is being written.
const newPrefix = ".new-"

// writeOnce writes a file whole or not at all, and never replaces one: an
// overwritten key is a lost log.
func writeOnce(path, text string) error {
	if err := writeWhole(path, text); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	return nil
}

func writeWhole(path, text string) error {
	dir := filepath.Dir(path)
	out, err := os.CreateTemp(dir, newPrefix) // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	if _, err := out.WriteString(text + "\n"); err != nil {
		out.Close()
		return err
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := os.Link(out.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
