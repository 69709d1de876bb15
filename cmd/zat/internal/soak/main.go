// Command soak holds many sessions at once on a running demo, with followers who come
// and go, and tells how long a change took, whether any was lost or out of order, and
// how much memory the server took:
//
//	go run ./cmd/zat/internal/soak READYFILE PID MINUTES [SESSIONS FOLLOWERS]
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"zat/cmd/zat/internal/demo"
)

// browser is one signed-in person without a browser.
type browser struct{ base, cookie string }

var plain = &http.Client{Timeout: 60 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (b browser) do(method, path string, form url.Values) (string, *http.Response) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, b.base+path, body)
	must(err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Cookie", "__Host-zat="+b.cookie)
	res, err := plain.Do(req)
	must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(err)
	return string(text), res
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func enter(base, email string) browser {
	_, res := browser{base, ""}.do("POST", "/demo", url.Values{"email": {email}})
	for _, c := range res.Cookies() {
		if c.Name == "__Host-zat" {
			return browser{base, c.Value}
		}
	}
	must(fmt.Errorf("%s was not let in: %s", email, res.Status))
	return browser{}
}

func find(text, pattern string) string {
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1]
}

// session is one that runs, with those who follow it.
type session struct {
	path   string
	points []string
	mu     sync.Mutex
	want   string // what the point is called that was gone to last
	since  time.Time
}

type result struct {
	mu     sync.Mutex
	took   []time.Duration
	bytes  []int
	wrong  atomic.Int64 // events out of order
	joined atomic.Int64
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: soak READYFILE PID MINUTES [SESSIONS FOLLOWERS]")
		os.Exit(2)
	}
	raw, err := os.ReadFile(os.Args[1])
	must(err)
	var ready struct {
		URL    string
		People []demo.Person
	}
	must(json.Unmarshal(raw, &ready))
	minutes, err := strconv.ParseFloat(os.Args[3], 64)
	must(err)
	sessions, followers := 50, 20
	if len(os.Args) == 6 {
		sessions, _ = strconv.Atoi(os.Args[4])
		followers, _ = strconv.Atoi(os.Args[5])
	}
	var chair browser
	var people []browser
	for _, p := range ready.People {
		switch {
		case p.Role == "coordinator" && chair.cookie == "":
			chair = enter(ready.URL, p.Email)
		case p.Role.AtTable() && p.Role != "coordinator":
			people = append(people, enter(ready.URL, p.Email))
		}
	}
	run(chair, people, sessions, followers, time.Duration(minutes*float64(time.Minute)))
}

func run(chair browser, people []browser, sessions, followers int, length time.Duration) {
	list := make([]*session, sessions)
	for i := range list {
		list[i] = begin(chair)
	}
	fmt.Printf("%d sessions run, memory %d MB\n", sessions, memory())
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	var res result
	for i, s := range list {
		for j := range followers {
			all.Go(func() { follow(ctx, people[(i+j)%len(people)], s, &res) })
		}
	}
	time.Sleep(10 * time.Second)
	most, changes, end := 0, 0, time.Now().Add(length)
	for time.Now().Before(end) {
		lead(chair, list[changes%sessions], &res)
		changes++
		most = max(most, memory())
		time.Sleep(150 * time.Millisecond)
	}
	time.Sleep(2 * time.Second)
	stop()
	all.Wait()
	res.report(changes, followers, most)
}

// begin plans and starts a session that fills itself.
func begin(chair browser) *session {
	page, _ := chair.do("GET", "/overleggen/nieuw", nil)
	form := url.Values{"csrf": {find(page, `name="csrf" value="([^"]+)"`)}, "once": {find(page, `name="once" value="([^"]+)"`)}, "kind": {"zat"},
		"day": {time.Now().AddDate(0, 0, 1).Format("2-1-2006")}, "from": {"9.00"}, "until": {"11.00"}, "place": {"lokaal 4"}}
	for _, m := range regexp.MustCompile(`name="members" id="m\d+" value="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		form.Add("members", m[1])
	}
	_, res := chair.do("POST", "/overleggen/nieuw", form)
	path, _, _ := strings.Cut(res.Header.Get("Location"), "?")
	if !strings.HasPrefix(path, "/overleggen/") {
		must(fmt.Errorf("no session was planned: %s", res.Status))
	}
	page, _ = chair.do("GET", path, nil)
	if _, res = chair.do("POST", path+"/start", url.Values{"csrf": {form.Get("csrf")}, "revision": {find(page, `name="revision" value="(\d+)"`)}}); res.StatusCode != http.StatusSeeOther {
		must(fmt.Errorf("no session was started: %s", res.Status))
	}
	s := &session{path: path}
	for _, m := range regexp.MustCompile(`data-point="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		s.points = append(s.points, m[1])
	}
	return s
}

// lead goes to another point of a session.
func lead(chair browser, s *session, res *result) {
	page, _ := chair.do("GET", s.path, nil)
	csrf, rev := find(page, `name="csrf" value="([^"]+)"`), find(page, `data-revision="(\d+)"`)
	now := find(page, `(?s)href="[^"]+punt=([^"]+)" aria-current="step"`)
	to := s.points[rand.IntN(len(s.points))]
	if to == now {
		to = s.points[(slices.Index(s.points, to)+1)%len(s.points)]
	}
	s.mu.Lock()
	s.want, s.since = "", time.Time{}
	s.mu.Unlock()
	_, answer := chair.do("POST", s.path+"/naar", url.Values{"csrf": {csrf}, "revision": {rev}, "point": {to}})
	if answer.StatusCode != http.StatusSeeOther {
		fmt.Fprintln(os.Stderr, "a change was refused:", answer.Status)
		return
	}
	n, _ := strconv.Atoi(rev)
	s.mu.Lock()
	s.want, s.since = strconv.Itoa(n+1), time.Now()
	s.mu.Unlock()
}

// follow follows a session, goes away now and then, and comes back.
func follow(ctx context.Context, b browser, s *session, res *result) {
	for ctx.Err() == nil {
		stay, cancel := context.WithTimeout(ctx, time.Duration(20+rand.IntN(120))*time.Second)
		once(stay, b, s, res)
		cancel()
		res.joined.Add(1)
		time.Sleep(time.Duration(rand.IntN(2000)) * time.Millisecond)
	}
}

func once(ctx context.Context, b browser, s *session, res *result) {
	req, err := http.NewRequestWithContext(ctx, "GET", b.base+s.path+"/live", nil)
	must(err)
	req.Header.Set("Cookie", "__Host-zat="+b.cookie)
	tr := &http.Transport{DisableKeepAlives: true}
	defer tr.CloseIdleConnections()
	answer, err := (&http.Client{Transport: tr}).Do(req)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	in := bufio.NewReaderSize(answer.Body, 512)
	last, size, first := 0, 0, true
	name := ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		size += len(line)
		if strings.HasPrefix(line, "event: ") {
			name = strings.TrimSpace(line[7:])
			continue
		}
		if name != "stand" || !strings.HasPrefix(line, "data: ") {
			continue
		}
		rev, _ := strconv.Atoi(strings.TrimSpace(line[6:]))
		if rev < last {
			res.wrong.Add(1)
		}
		if !first {
			res.note(s, rev, size)
		}
		first, last, size, name = false, rev, 0, ""
	}
}

// note keeps how long a change took to come here; before the chair has her answer it
// took no time at all.
func (r *result) note(s *session, rev, size int) {
	now := time.Now()
	s.mu.Lock()
	want, since := s.want, s.since
	s.mu.Unlock()
	took := time.Duration(0)
	if want == strconv.Itoa(rev) {
		took = now.Sub(since)
	}
	r.mu.Lock()
	r.took, r.bytes = append(r.took, took), append(r.bytes, size)
	r.mu.Unlock()
}

func (r *result) report(changes, followers, most int) {
	slices.Sort(r.took)
	slices.Sort(r.bytes)
	at := func(p int) time.Duration { return r.took[len(r.took)*p/100] }
	fmt.Printf("%d changes, %d of at most %d arrivals (followers come and go: %d times)\n", changes, len(r.took), changes*followers, r.joined.Load())
	fmt.Printf("after acceptance: median %v, p99 %v, last %v\n", at(50), at(99), r.took[len(r.took)-1])
	fmt.Printf("bytes of a change: median %d, p99 %d\n", r.bytes[len(r.bytes)/2], r.bytes[len(r.bytes)*99/100])
	fmt.Printf("out of order: %d; memory of the server at most %d MB\n", r.wrong.Load(), most)
}

// memory is the resident memory of the server, in MB.
func memory() int {
	text, err := os.ReadFile("/proc/" + os.Args[2] + "/status")
	must(err)
	kb, _ := strconv.Atoi(find(string(text), `VmRSS:\s+(\d+)`))
	return kb / 1024
}
