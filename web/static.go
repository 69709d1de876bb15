package web

import (
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
	return c.Send(b)
}

func (s *Server) health(c *fiber.Ctx) error { return c.SendString("ok\n") }
