package web

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"zat/account/signin"
	"zat/fault"
	"zat/meeting"
)

// live counts the streams that are open, and ends them when the server stops.
type live struct {
	mu    sync.Mutex
	open  map[uuid.UUID]int // streams of a member
	all   int
	once  sync.Once
	stop  chan struct{}
	begin sync.Once

	parked parked
	crew   crew
}

// enter counts a stream of a member; it reports false when he, or all together, have
// enough.
func (l *live) enter(member uuid.UUID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil {
		l.open = map[uuid.UUID]int{}
	}
	if l.all >= maxStreams || l.open[member] >= ownStreams {
		return false
	}
	l.all++
	l.open[member]++
	return true
}

func (l *live) leave(member uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.open[member]--; l.open[member] == 0 {
		delete(l.open, member)
	}
}

func (l *live) stopped() chan struct{} {
	l.begin.Do(func() { l.stop = make(chan struct{}) })
	return l.stop
}

// Stop ends all streams, so that the server can finish: a stream has no end of its own.
func (s *Server) Stop() {
	s.live.once.Do(func() { close(s.live.stopped()) })
	s.live.parked.sweep(0)
}

// Bounds of streams. A beat tells both ends that the other is there, and looks whether
// its reader still may follow.
const (
	maxStreams = 3000
	ownStreams = 300 // of one member: pages that he left stay for a beat
	beat       = 5 * time.Second
	firstBeat  = time.Second
	patience   = 15 * time.Second // for a slow line
)

// stream is one page that follows a session.
type stream struct {
	server *Server
	who    signin.Presence
	lang   string
	page   string   // whose fragments it shows
	parts  []string // of the page that change
	sent   map[string]string
	follow *meeting.Following
	rev    string
	out    bytes.Buffer // of this turn
}

// liveViews are the pages that follow, each with the parts of it that change.
var liveViews = map[string][]string{
	"follow":    {"live-point", "live-agenda", "live-agreements", "live-people"},
	"lead":      {"live-people", "live-agreements", "live-signals", "live-clock"},
	"projector": {"live-screen"},
}

// showLive is the stream of a session (server-sent events). It ends with the session,
// with the reader's access, and when he signs out.
func (s *Server) showLive(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	page := c.Query("beeld", "follow")
	parts, known := liveViews[page]
	if !known || (page != "follow" && !actor(c).May("sessions.chair")) {
		return errNotFound
	}
	if !s.live.enter(actor(c).Member) {
		return fault.New(fault.Busy, "error.again")
	}
	member := actor(c).Member
	f := s.live.parked.take(c, c.Query("vervolg"), page)
	if f != nil && f.Session() != id {
		f.Close()
		f = nil
	}
	if f == nil {
		if f, err = s.Meeting.Follow(work(c), actor(c), id, page == "lead"); err != nil {
			s.live.leave(member)
			return err
		}
	}
	st := &stream{server: s, who: who(c), lang: languageOf(c), page: page, parts: parts, sent: map[string]string{}, follow: f}
	c.Set(fiber.HeaderContentType, "text/event-stream; charset=utf-8")
	c.Set("X-Accel-Buffering", "no")
	conn := c.Context().Conn()
	ctx := work(c)
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer s.live.leave(member)
		defer f.Close()
		st.run(ctx, conn, w)
	})
	return nil
}

// run sends what changes until something ends it.
func (st *stream) run(ctx context.Context, conn net.Conn, w *bufio.Writer) {
	timer := time.NewTimer(beat)
	wait := firstBeat
	defer timer.Stop()
	stop := st.server.live.stopped()
	for {
		var more bool
		err := errPanic // when the turn ends in one: its value may hold content
		st.server.live.crew.do(stop, func() { more, err = st.turn(ctx) })
		w.Write(st.out.Bytes()) // its failure shows at the flush
		st.out.Reset()
		if err != nil {
			st.server.Logger.Error("following failed", "error", err.Error())
		}
		conn.SetWriteDeadline(time.Now().Add(patience))
		if werr := w.Flush(); werr != nil || err != nil || !more {
			return
		}
		timer.Reset(wait)
		wait = beat
		select {
		case <-st.follow.Tap.C:
		case <-timer.C:
			st.server.live.crew.do(stop, func() { st.follow.Warm(ctx) })
			st.server.live.parked.sweep(parkLife)
			w.WriteString(": .\n\n")
		case <-stop:
			return
		}
	}
}

// turn sends one round of changes; more is false when there will be none after it.
func (st *stream) turn(ctx context.Context) (more bool, err error) {
	in, err := st.server.SignIn.Still(ctx, &st.who)
	if err != nil || !in {
		return false, st.leave(err)
	}
	if st.who.Cover == signin.Locked || st.who.Cover == signin.Idle && st.page != "projector" {
		event(&st.out, "weg", "slot")
		return false, nil
	}
	scene, err := st.follow.Scene(ctx)
	if err != nil {
		return false, st.leave(err)
	}
	if scene.Session.Talking(st.server.Now()) {
		if err := st.server.SignIn.Stay(ctx, st.who); err != nil {
			return false, err
		}
	}
	if scene.Session.State == meeting.Finished {
		event(&st.out, "weg", "gesloten")
		return false, nil
	}
	if scene.Same {
		return true, nil
	}
	return true, st.send(scene)
}

// leave tells the page to look for itself what is the matter: signed out, or no access.
func (st *stream) leave(err error) error {
	event(&st.out, "weg", "toegang")
	if err == nil || fault.Is(err, fault.Signed) || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Busy) {
		return nil
	}
	return err
}

// Ends is when the minutes of the point in hand are over.
func (p scenePage) Ends() time.Time {
	return p.Point.Started.Add(time.Duration(p.Point.Minutes) * time.Minute)
}

// Upcoming is the point that comes next; the zero one when there is none.
func (p scenePage) Upcoming() meeting.PointView {
	next, _ := meeting.SessionView{Session: p.Session, Points: p.Points}.Next()
	return next
}

// scenePage is what fragments are filled with.
type scenePage struct {
	meeting.Scene
	Base string
	CSRF string
	Path string
	Me   uuid.UUID
	// Parked is under what name the stream goes on with what the page showed.
	Parked string
	Now    time.Time
}

func (s *Server) scenePage(p signin.Presence, v meeting.Scene) scenePage {
	base := "/overleggen/" + v.Session.ID.String()
	return scenePage{Scene: v, Base: base, CSRF: p.CSRF, Path: base, Me: p.Actor.Member, Now: s.Now()}
}

func (st *stream) send(scene meeting.Scene) error {
	data := st.server.scenePage(st.who, scene)
	for _, name := range st.parts {
		html, err := st.server.fragment(st.lang, st.page, name, data)
		if err != nil {
			return err
		}
		if st.sent[name] == html {
			continue
		}
		st.sent[name] = html
		event(&st.out, name, html)
	}
	if rev := fmt.Sprintf("%d", scene.Session.Revision); rev != st.rev {
		st.rev = rev
		event(&st.out, "stand", rev)
	}
	return nil
}

// event writes one event.
func event(w *bytes.Buffer, name, data string) {
	w.WriteString("event: ")
	w.WriteString(name)
	for _, line := range strings.Split(data, "\n") {
		w.WriteString("\ndata: ")
		w.WriteString(line)
	}
	w.WriteString("\n\n")
}

// followPage is a running session as a member follows it on his own device.
type followPage struct {
	Page
	Scene scenePage
	Form  Form // his contribution
}

// Stay is until when following keeps him signed in.
func (p followPage) Stay() time.Time {
	if end := p.Scene.Session.TalkEnds(); end.Before(p.Until) {
		return end
	}
	return p.Until
}

func (s *Server) followPage(c *fiber.Ctx, id uuid.UUID, err error) error {
	f, ferr := s.Meeting.Follow(work(c), actor(c), id, false)
	if ferr != nil {
		return ferr
	}
	scene, serr := f.Scene(work(c))
	if serr != nil {
		f.Close()
		return serr
	}
	p := followPage{Page: s.page(c, "session.title"), Scene: s.scenePage(who(c), scene)}
	p.Path, p.Scene.Parked = p.Scene.Base, s.live.parked.put(c, f, "follow")
	p.Form = s.form(c, p.Scene.Base+"/punten/"+scene.Point.ID.String()+"/bijdrage", err)
	if f, ok := faultOf(err); ok && len(p.Form.Errors) == 0 {
		p.Form.Summary = Message{f.Key, f.Args}
	}
	return s.render(c, status(err), "follow", p)
}

func (s *Server) postContribution(c *fiber.Ctx) error {
	return s.withPoint(c, "bijdrage", func(id, point uuid.UUID) error {
		return s.Meeting.AddContribution(work(c), actor(c), id, point, contribution(c))
	})
}

func (s *Server) postHand(c *fiber.Ctx) error {
	return s.withSession(c, "", func(id uuid.UUID) error {
		return s.Meeting.RaiseHand(work(c), actor(c), id, c.FormValue("hand") == "op")
	})
}

func (s *Server) postFloor(c *fiber.Ctx) error {
	member, err := pathID(c, "member")
	if err != nil {
		return err
	}
	return s.withSession(c, "", func(id uuid.UUID) error { return s.Meeting.GiveFloor(work(c), actor(c), id, member) })
}

func contribution(c *fiber.Ctx) meeting.NewSignal {
	return meeting.NewSignal{Once: formID(c, "once"), Domain: c.FormValue("domain"), Tone: c.FormValue("tone"), Knowing: c.FormValue("knowing"), Text: draft(c, "text")}
}
