package tiles

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"zat/audit"
)

// ErrNotEmpty is returned for a folder in which there is something already: files of an
// earlier export would pass for this one's.
var ErrNotEmpty = errors.New("tiles: the folder is not empty")

// Export writes a log to an empty folder: its newest checkpoint, tiles, entry bundles and
// public key; with lines, also its lines with their nonces. It returns the log's size. Its
// memory does not grow with the log.
func Export(ctx context.Context, src audit.Source, log uuid.UUID, key, dir string, lines bool) (size uint64, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, fmt.Errorf("making the folder: %w", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		return 0, errors.Join(ErrNotEmpty, err)
	}
	to := folder(dir)
	if err := to.write(KeyFile, []byte(key+"\n")); err != nil {
		return 0, err
	}
	var out *Lines
	if lines {
		f, err := os.OpenFile(filepath.Join(dir, LinesFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return 0, fmt.Errorf("writing lines: %w", err)
		}
		defer f.Close()
		out = NewLines(f)
	}
	err = src.Snapshot(ctx, log, func(v audit.View) error {
		size, err = export(v, to, out)
		return err
	})
	return size, err
}

func export(v audit.View, to folder, lines *Lines) (uint64, error) {
	size, note, err := v.Head()
	if err != nil {
		return 0, fmt.Errorf("reading the newest checkpoint: %w", err)
	}
	b := &tree{put: to.put}
	err = v.Entries(func(e audit.Entry) error {
		if lines != nil {
			if err := lines.Add(e); err != nil {
				return err
			}
		}
		return b.add(e.Commitment)
	})
	if err != nil {
		return 0, fmt.Errorf("reading entries: %w", err)
	}
	if err := b.end(); err != nil {
		return 0, err
	}
	if lines != nil {
		if err := lines.End(); err != nil {
			return 0, err
		}
	}
	return size, to.write(CheckpointFile, note)
}

// disclosed is a line with what proves it: SHA-256 over nonce and line is its entry.
type disclosed struct {
	Seq   uint64 `json:"n"`
	Nonce string `json:"nonce"`
	Line  string `json:"line"`
}

// Lines writes lines with their nonces, one JSON object each. Of a line whose term is over
// there is nothing to write.
type Lines struct {
	w   *bufio.Writer
	enc *json.Encoder
}

// NewLines begins.
func NewLines(w io.Writer) *Lines {
	b := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	return &Lines{b, enc}
}

// Add writes one line.
func (l *Lines) Add(e audit.Entry) error {
	if e.Raw == nil {
		return nil
	}
	return l.enc.Encode(disclosed{e.Seq, hex.EncodeToString(e.Nonce), string(e.Raw)})
}

// End writes what is left.
func (l *Lines) End() error { return l.w.Flush() }
