package house_test

import (
	"io"
	"net/http"
	"regexp"
	"testing"

	"zat/account"
)

// TestFirstLoad: all that a browser loads for a running session, as it goes over the line.
func TestFirstLoad(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	session, _ := f.talkAbout(f.based().ID)
	for _, role := range []account.Role{account.Coordinator, account.YouthWorker} {
		c := f.client(base, role)
		page, size := c.raw("/overleggen/" + session.String())
		total, files := size, 0
		linked := regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`).FindAllStringSubmatch(page, -1)
		for _, m := range append(linked, font(linked)...) {
			_, n := c.raw(m[1])
			total, files = total+n, files+1
		}
		t.Logf("%s: %d bytes, %d of them the page, in %d files", role, total, size, files)
		if total > 70_000 || files < 5 {
			t.Errorf("%s: %d bytes in %d files", role, total, files)
		}
	}
}

// font is what the style sheet loads.
func font(linked [][]string) [][]string {
	folder := regexp.MustCompile(`^/static/[^/]+/`).FindString(linked[0][1])
	return [][]string{{"", folder + "source-sans-3-latin.woff2"}}
}

// raw returns a page and how many bytes it took.
func (c *client) raw(path string) (body string, size int) {
	c.t.Helper()
	req, err := http.NewRequest("GET", c.base+path, nil)
	must(c.t, err)
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.Set("Cookie", "__Host-zat="+c.token)
	res, err := c.http.Do(req)
	must(c.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(c.t, err)
	if res.StatusCode != http.StatusOK {
		c.t.Fatalf("%s: %d", path, res.StatusCode)
	}
	return string(b), len(b)
}
