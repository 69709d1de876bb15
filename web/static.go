package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"mime"
	"path"

	"github.com/gofiber/fiber/v2"

	"zat/fault"
)

//go:embed static/*
var staticFiles embed.FS

// staticVersion is a hash of all static files: it stands in their path, so that
// browsers may keep them for ever.
var staticVersion = hashStatic()

func hashStatic() string {
	h := sha256.New()
	files, _ := fs.Glob(staticFiles, "static/*")
	for _, f := range files {
		b, err := staticFiles.ReadFile(f)
		if err != nil {
			panic(err) // compiled in
		}
		fmt.Fprintf(h, "%s %d\n", f, len(b))
		h.Write(b)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// packed are the static files that get smaller, compressed once. Pages are not: what is
// secret in them could be guessed by the size of what an attacker mixes in (BREACH).
var packed = packStatic()

func packStatic() map[string][]byte {
	out := map[string][]byte{}
	for _, ext := range []string{"css", "js", "svg"} {
		files, _ := fs.Glob(staticFiles, "static/*."+ext)
		for _, f := range files {
			b, err := staticFiles.ReadFile(f)
			if err != nil {
				panic(err) // compiled in
			}
			var buf bytes.Buffer
			w, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression) // the level is one that there is
			w.Write(b)
			w.Close()
			out[path.Base(f)] = buf.Bytes()
		}
	}
	return out
}

func staticPath(name string) string { return "/static/" + staticVersion + "/" + name }

func (s *Server) static(c *fiber.Ctx) error {
	name := path.Base(c.Params("file"))
	b, err := staticFiles.ReadFile("static/" + name)
	if err != nil {
		return fault.New(fault.NotFound, "error.notfound")
	}
	kind := mime.TypeByExtension(path.Ext(name))
	switch path.Ext(name) {
	case ".woff2":
		kind = "font/woff2"
	case ".js":
		kind = "text/javascript; charset=utf-8"
	case ".txt":
		kind = "text/plain; charset=utf-8"
	}
	c.Set(fiber.HeaderContentType, kind)
	if c.Params("version") == staticVersion {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	if small, ok := packed[name]; ok {
		c.Vary(fiber.HeaderAcceptEncoding)
		if c.AcceptsEncodings("gzip") == "gzip" {
			c.Set(fiber.HeaderContentEncoding, "gzip")
			b = small
		}
	}
	return c.Send(b)
}

func (s *Server) health(c *fiber.Ctx) error { return c.SendString("ok\n") }
