package secrets

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"zat/crypto/logtree"
)

// pastKeys are the public halves of keys that a log had, each with the size of the
// log when it was replaced.
type pastKeys []pastKey

type pastKey struct {
	until  uint64
	public string
}

func (p pastKeys) has(public string) bool {
	for _, k := range p {
		if k.public == strings.TrimSpace(public) {
			return true
		}
	}
	return false
}

// with returns the keys with this one, good up to a size. One that stands there already,
// from a renewal that was cut off, was signed with until now.
func (p pastKeys) with(public string, until uint64) pastKeys {
	for i := range p {
		if p[i].public == strings.TrimSpace(public) {
			p[i].until = max(p[i].until, until)
			return p
		}
	}
	return append(p, pastKey{until, strings.TrimSpace(public)})
}

func (p pastKeys) text() string {
	var lines []string
	for _, k := range p {
		lines = append(lines, strconv.FormatUint(k.until, 10)+" "+k.public)
	}
	return strings.Join(lines, "\n")
}

func pastFile(log uuid.UUID) string { return keyFile(log) + ".past" }

// past reads the keys that a log had. There is no file for one that never changed
// keys.
func (f *Folder) past(log uuid.UUID) (pastKeys, error) {
	file, err := os.Open(filepath.Join(f.dir, pastFile(log)))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading earlier log keys: %w", err)
	}
	defer file.Close()
	var out pastKeys
	for s := bufio.NewScanner(file); s.Scan(); {
		size, public, ok := strings.Cut(s.Text(), " ")
		until, err := strconv.ParseUint(size, 10, 63)
		if !ok || err != nil {
			return nil, fmt.Errorf("%s is damaged", pastFile(log))
		}
		out = append(out, pastKey{until, public})
	}
	return out, nil
}

func (f *Folder) withPast(log uuid.UUID, read func() (*logtree.Verifier, error)) (*logtree.Verifier, error) {
	v, err := read()
	if err != nil {
		return nil, err
	}
	past, err := f.past(log)
	if err != nil {
		return nil, err
	}
	for _, k := range past {
		if err := v.Past(k.public, k.until); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// RenewLogKey gives a log a new key. size is how many lines it has: what the key before
// signed of a longer log counts for nothing from now on. The caller lets nobody write
// to the log meanwhile. A server that runs signs with the new key at its next line.
func (f *Folder) RenewLogKey(log uuid.UUID, size uint64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := filepath.Join(f.dir, keyFile(log))
	secret, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading log key: %w", err)
	}
	public, err := logtree.PublicOf(string(secret))
	if err != nil {
		return err
	}
	past, err := f.past(log)
	if err != nil {
		return err
	}
	past = past.with(public, size)
	fresh, err := logtree.GenerateKey(Origin(log))
	if err != nil {
		return err
	}
	freshPublic, err := logtree.PublicOf(fresh)
	if err != nil {
		return err
	}
	// Cut off after any of these, the folder still is one that opens.
	for _, w := range []struct{ path, text string }{{filepath.Join(f.dir, pastFile(log)), past.text()}, {path, fresh}, {path + ".pub", freshPublic}} {
		if err := replace(w.path, w.text); err != nil {
			return err
		}
	}
	return nil
}

// replace writes a file whole or not at all, in the place of an earlier one.
func replace(path, text string) error {
	dir := filepath.Dir(path)
	out, err := os.CreateTemp(dir, newPrefix) // mode 0600
	if err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(out.Name())
	_, err = out.WriteString(text + "\n")
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(out.Name(), path); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
