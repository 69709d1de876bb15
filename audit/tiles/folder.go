package tiles

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/torchwood"
	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"zat/audit"
)

// Folder is an exported log. It is an audit.Source: the same check that reads the database
// reads it.
type Folder string

// Key returns the public key that lies in the folder. Whoever checks against more than a
// slip of the disk uses one that he has from elsewhere.
func (d Folder) Key() (string, error) {
	b, err := os.ReadFile(filepath.Join(string(d), KeyFile))
	if err != nil {
		return "", fmt.Errorf("reading the public key: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// Snapshot reads the folder.
func (d Folder) Snapshot(_ context.Context, _ uuid.UUID, fn func(audit.View) error) error {
	note, err := os.ReadFile(filepath.Join(string(d), CheckpointFile))
	if err != nil {
		return fmt.Errorf("reading the checkpoint: %w", err)
	}
	size, err := sizeOf(note)
	if err != nil {
		return err
	}
	return fn(&view{dir: string(d), note: note, size: size})
}

func sizeOf(note []byte) (uint64, error) {
	text, _, _ := bytes.Cut(note, []byte("\n\n"))
	c, err := torchwood.ParseCheckpoint(string(text) + "\n")
	if err != nil {
		return 0, fmt.Errorf("reading the checkpoint: %w", err)
	}
	return uint64(c.N), nil
}

type view struct {
	dir  string
	note []byte
	size uint64
}

func (v *view) Head() (uint64, []byte, error)  { return v.size, v.note, nil }
func (v *view) Checkpoints() ([][]byte, error) { return nil, nil }

// Bare reports whether there are commitments only, and no lines.
func (v *view) Bare() bool {
	_, err := os.Stat(filepath.Join(v.dir, LinesFile))
	return errors.Is(err, fs.ErrNotExist)
}

// Entries reads the bundles, with the lines where there are any. Each tile is compared with
// the hashes that the entries give: a tile that differs is the first bad entry's.
func (v *view) Entries(fn func(audit.Entry) error) error {
	lines, err := v.lines()
	if err != nil {
		return err
	}
	defer lines.close()
	b := &tree{put: v.compare}
	for b.size < int64(v.size) {
		first := b.size
		w := min(int64(v.size)-first, width)
		bundle, err := v.tile(tlog.Tile{H: torchwood.TileHeight, L: -1, N: first / width, W: int(w)})
		if errors.Is(err, fs.ErrNotExist) {
			return nil // fewer entries than were signed for: that is what the check says
		}
		if err != nil {
			return fmt.Errorf("reading entries: %w", err)
		}
		for range w {
			e := audit.Entry{Seq: uint64(b.size)}
			entry, rest, err := torchwood.ReadTileEntry(bundle)
			if err != nil || len(entry) != len(e.Commitment) {
				return nil
			}
			bundle = rest
			copy(e.Commitment[:], entry)
			if err := lines.fill(&e); err != nil {
				return err
			}
			if err := fn(e); err != nil {
				return err
			}
			if err := b.add(e.Commitment); err != nil {
				return err
			}
		}
	}
	return b.end()
}

// ErrTile is returned when a tile is not the one that the entries give.
var ErrTile = errors.New("tiles: a tile differs from what the entries give")

func (v *view) compare(t tlog.Tile, want []byte) error {
	have, err := v.tile(t)
	if err != nil || !bytes.Equal(have, want) {
		return fmt.Errorf("%w: %s", ErrTile, torchwood.TilePath(t))
	}
	return nil
}

func (v *view) tile(t tlog.Tile) ([]byte, error) {
	return os.ReadFile(filepath.Join(v.dir, filepath.FromSlash(torchwood.TilePath(t))))
}

// lines are those of the export, in order.
type lines struct {
	f    *os.File
	in   *json.Decoder
	next disclosed
	ok   bool
}

func (v *view) lines() (*lines, error) {
	f, err := os.Open(filepath.Join(v.dir, LinesFile))
	if errors.Is(err, fs.ErrNotExist) {
		return &lines{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading lines: %w", err)
	}
	l := &lines{f: f, in: json.NewDecoder(bufio.NewReaderSize(f, 1<<16))}
	return l, l.read()
}

func (l *lines) read() error {
	l.next = disclosed{}
	err := l.in.Decode(&l.next)
	l.ok = err == nil
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading lines: %w", err)
	}
	return nil
}

// fill adds the line of an entry, when it is there.
func (l *lines) fill(e *audit.Entry) error {
	if !l.ok || l.next.Seq != e.Seq {
		return nil
	}
	nonce, err := hex.DecodeString(l.next.Nonce)
	if err != nil {
		nonce = []byte{} // fits no commitment
	}
	e.Nonce, e.Raw = nonce, []byte(l.next.Line)
	if line, err := audit.ParseLine(e.Raw); err == nil {
		e.Columns = line.Columns() // there are none beside it
	}
	return l.read()
}

func (l *lines) close() {
	if l.f != nil {
		l.f.Close()
	}
}
