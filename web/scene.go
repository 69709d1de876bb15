package web

import (
	"time"

	"github.com/google/uuid"

	"zat/account/signin"
	"zat/meeting"
)

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

// Ends is when the minutes of the point in hand are over.
func (p scenePage) Ends() time.Time {
	return p.Point.Started.Add(time.Duration(p.Point.Minutes) * time.Minute)
}

// Upcoming is the point that comes next; the zero one when there is none.
func (p scenePage) Upcoming() meeting.PointView {
	next, _ := meeting.SessionView{Session: p.Session, Points: p.Points}.Next()
	return next
}
