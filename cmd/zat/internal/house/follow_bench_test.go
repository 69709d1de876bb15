package house_test

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/meeting"
)

const (
	benchSessions  = 50
	benchFollowers = 20
)

// heard is one follower of the benchmark: when the last change of the point came, and
// how many bytes came in all.
type heard struct {
	point chan time.Time
	bytes *atomic.Int64
}

// hearing follows a session over HTTP and notes when the point changes.
func hearing(b *testing.B, ctx context.Context, base, token, path string) heard {
	h := heard{make(chan time.Time, 16), &atomic.Int64{}}
	req, err := http.NewRequestWithContext(ctx, "GET", base+path, nil)
	must(b, err)
	req.Header.Set("Cookie", "__Host-zat="+token)
	res, err := (&http.Client{Transport: &http.Transport{MaxIdleConns: -1}}).Do(req)
	must(b, err)
	if res.StatusCode != http.StatusOK {
		b.Fatalf("following: %d", res.StatusCode)
	}
	go func() {
		defer res.Body.Close()
		for in := bufio.NewReaderSize(res.Body, 512); ; {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			h.bytes.Add(int64(len(line)))
			if strings.HasPrefix(line, "event: live-point") {
				select {
				case h.point <- time.Now():
				default:
				}
			}
		}
	}()
	return h
}

// heldMany plans and starts as many sessions, each with two cases.
func (f *fixture) heldMany(n int) (sessions []uuid.UUID, points [][2]uuid.UUID) {
	a := f.as(account.Coordinator)
	var cases []uuid.UUID
	for _, r := range f.cases() {
		if r.HasBasis {
			cases = append(cases, r.ID)
		}
	}
	for range n {
		ses, err := f.Meeting.PlanSession(f.ctx, a, meeting.NewSession{Once: uuid.New(), Day: f.day(1), From: "9", Until: "10", Place: text("lokaal 4"), Members: f.members(account.YouthWorker, account.Doctor, account.Police, account.Attendance)})
		must(f.t, err)
		var pair [2]uuid.UUID
		for j := range pair {
			pair[j] = uuid.New()
			must(f.t, f.Meeting.AddPoint(f.ctx, a, ses.ID, meeting.NewPoint{Once: pair[j], Kind: "case", Case: cases[j], Minutes: 10}))
		}
		must(f.t, f.Meeting.StartSession(f.ctx, a, ses.ID, f.revision(ses.ID)))
		sessions, points = append(sessions, ses.ID), append(points, pair)
	}
	return sessions, points
}

// BenchmarkFollow is a change of the point in one of fifty running sessions, each with
// twenty followers, from the moment at which it is accepted to the moment at which the
// last follower has the new point. It reports the 99th percentile over all followers,
// the bytes of a change, and the memory of the whole process: server and followers.
func BenchmarkFollow(b *testing.B) {
	f := furnished(b)
	base := f.serve()
	sessions, points := f.heldMany(benchSessions)
	roles := []account.Role{account.YouthWorker, account.Doctor, account.Police, account.Attendance}
	for _, r := range roles {
		f.as(r)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	follow := make([][]heard, benchSessions)
	var all sync.WaitGroup
	for i, ses := range sessions {
		follow[i] = make([]heard, benchFollowers)
		for j := range follow[i] {
			all.Go(func() {
				follow[i][j] = hearing(b, ctx, base, f.tokens[f.person(roles[j%len(roles)]).Email], "/overleggen/"+ses.String()+"/live")
			})
		}
		all.Wait()
	}
	for _, list := range follow {
		for _, h := range list {
			<-h.point // the first is what there is
		}
	}
	a := f.as(account.Coordinator)
	var took []time.Duration
	var moved int64
	b.ResetTimer()
	for n := range b.N {
		i := n % benchSessions
		before := follow[i][0].bytes.Load()
		must(b, f.Meeting.GoTo(f.ctx, a, sessions[i], points[i][(n/benchSessions)%2], f.revision(sessions[i])))
		accepted := time.Now()
		for _, h := range follow[i] {
			select {
			case at := <-h.point:
				took = append(took, at.Sub(accepted))
			case <-time.After(10 * time.Second):
				b.Fatal("a follower heard nothing: an event was lost")
			}
		}
		moved += follow[i][0].bytes.Load() - before
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(moved)/float64(b.N), "bytes/change")
	runtime.GC()
	b.ReportMetric(rss(b), "MB-rss-with-clients")
}

// rss is the memory of this process in MB.
func rss(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/self/status")
	must(b, err)
	for _, line := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			must(b, err)
			return float64(kb) / 1024
		}
	}
	return 0
}
