// Package tiles writes a log as static files after C2SP's tlog-tiles
// (https://c2sp.org/tlog-tiles), which tools of others verify, and reads them back.
//
// An entry is a commitment of 32 bytes: tiles and entry bundles hold nothing personal.
// Lines go into a file of their own, for whoever may see them.
package tiles

import (
	"fmt"
	"os"
	"path/filepath"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"zat/crypto/logtree"
)

// Names of the files beside the tiles.
const (
	CheckpointFile = "checkpoint"
	KeyFile        = "log.pub"
	LinesFile      = "lines.jsonl"
)

// width is how many hashes a full tile has.
const width = 1 << torchwood.TileHeight

// tree builds tiles from entries in order. It holds one tile of each level.
type tree struct {
	put    func(t tlog.Tile, data []byte) error
	size   int64
	bundle []byte
	levels [][]logtree.Hash // of the tile that is being filled
	done   []int64          // full tiles of the level
}

// add takes the next entry.
func (b *tree) add(entry [32]byte) error {
	var err error
	if b.bundle, err = torchwood.AppendTileEntry(b.bundle, entry[:]); err != nil {
		return fmt.Errorf("writing an entry: %w", err)
	}
	b.size++
	if b.size%width == 0 {
		if err := b.put(tlog.Tile{H: torchwood.TileHeight, L: -1, N: b.size/width - 1, W: width}, b.bundle); err != nil {
			return err
		}
		b.bundle = b.bundle[:0]
	}
	return b.push(0, tlog.RecordHash(entry[:]))
}

// push adds a hash to the tile of a level. A full tile is written, and its root goes one up.
func (b *tree) push(level int, h logtree.Hash) error {
	if level == len(b.levels) {
		b.levels, b.done = append(b.levels, make([]logtree.Hash, 0, width)), append(b.done, 0)
	}
	b.levels[level] = append(b.levels[level], h)
	if len(b.levels[level]) < width {
		return nil
	}
	full := b.levels[level]
	if err := b.put(tlog.Tile{H: torchwood.TileHeight, L: level, N: b.done[level], W: width}, flat(full)); err != nil {
		return err
	}
	b.done[level]++
	root, err := logtree.RootOf(flat(full))
	if err != nil {
		return err
	}
	b.levels[level] = full[:0]
	return b.push(level+1, root)
}

// end writes what is left: the partial tiles.
func (b *tree) end() error {
	if n := b.size % width; n > 0 {
		if err := b.put(tlog.Tile{H: torchwood.TileHeight, L: -1, N: b.size / width, W: int(n)}, b.bundle); err != nil {
			return err
		}
	}
	for level, hashes := range b.levels {
		if len(hashes) == 0 {
			continue
		}
		if err := b.put(tlog.Tile{H: torchwood.TileHeight, L: level, N: b.done[level], W: len(hashes)}, flat(hashes)); err != nil {
			return err
		}
	}
	return nil
}

func flat(hashes []logtree.Hash) []byte {
	out := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		out = append(out, h[:]...)
	}
	return out
}

// folder puts tiles into files.
type folder string

func (d folder) put(t tlog.Tile, data []byte) error {
	return d.write(filepath.FromSlash(torchwood.TilePath(t)), data)
}

// write writes a file that others may read: nothing of it is personal.
func (d folder) write(name string, data []byte) error {
	path := filepath.Join(string(d), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("making a folder for tiles: %w", err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("writing a tile: %w", err)
	}
	return nil
}
