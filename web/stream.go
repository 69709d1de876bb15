package web

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"zat/account"
	"zat/account/signin"
	"zat/fault"
	"zat/meeting"
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
	if !known {
		return errNotFound
	}
	if page != "follow" && !actor(c).May(account.ChairSessions) {
		return s.SignIn.Refuse(work(c), actor(c), account.ChairSessions)
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

// send adds what differs from what was sent last.
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
