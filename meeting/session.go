package meeting

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/fault"
	"zat/pseudonym"
	"zat/pseudonym/guard"
)

// State is how far a session is.
type State string

const (
	Planned  State = "planned"
	Running  State = "running"
	Finished State = "closed"
	Off      State = "off" // called off before it began
)

// Session is a meeting of the team (overleg). Its id is the id of its vault as
// well, which holds the place and the points that belong to no case.
type Session struct {
	ID         uuid.UUID
	Team       uuid.UUID
	Starts     time.Time
	Ends       time.Time
	State      State
	Kind       Kind
	Moved      int // how often it got another time
	Chair      uuid.UUID
	Current    uuid.UUID // the point in hand
	Started    time.Time
	Closed     time.Time
	ClosedBy   uuid.UUID
	Revision   int64
	Checkpoint []byte    // of the log, taken at closing
	Fixed      time.Time // when its minutes were fixed
	FixedBy    uuid.UUID
	Scribe     uuid.UUID // who takes notes besides the chair
}

// talkFor is how long after its start a session counts as being held, whether
// or not somebody touches a key.
const talkFor = 2 * time.Hour

// Talking reports whether the session is being held.
func (s Session) Talking(now time.Time) bool {
	return s.State == Running && now.Sub(s.Started) < talkFor
}

// OtherDay reports whether it was held on another day than it was planned for.
func (s Session) OtherDay() bool {
	return !s.Started.IsZero() && !Today(s.Started).Equal(Today(s.Starts))
}

// On is when it was held, or is planned: what is said of it everywhere.
func (s Session) On() time.Time {
	if s.OtherDay() {
		return s.Started
	}
	return s.Starts
}

// TalkEnds is until when a running session keeps those who follow it signed in.
func (s Session) TalkEnds() time.Time { return s.Started.Add(talkFor) }

// PointKind is what sort of point of the agenda it is.
type PointKind string

const (
	PointOpen   PointKind = "open"   // agreements still open
	PointCase   PointKind = "case"   // a case
	PointTrends PointKind = "trends" // what goes on in the neighbourhood
	PointOther  PointKind = "other"  // with a title of its own
	PointRound  PointKind = "round"  // rondvraag
)

// Point is one point of an agenda.
type Point struct {
	ID        uuid.UUID
	Session   uuid.UUID
	Position  int
	Kind      PointKind
	Case      uuid.UUID
	Pseudonym pseudonym.Name // of its case; the page shows it to those who take part
	Minutes   int
	Started   time.Time
	Done      time.Time
	Parked    bool // put off to a later session
}

// Attendance is whether somebody is there.
type Attendance string

const (
	Invited Attendance = "invited"
	Present Attendance = "present"
	Absent  Attendance = "absent"
)

// Attendee is somebody invited to a session.
type Attendee struct {
	Session    uuid.UUID
	Member     uuid.UUID
	Attendance Attendance
	OnCall     bool // at the table only for cases in which he takes part
	Role       account.Role
	Name       string
	OrgName    string
}

// SessionQuery asks for sessions: of the whole team, or those to which a member
// is invited.
type SessionQuery struct {
	Team   uuid.UUID
	Member uuid.UUID // zero: all
	Closed bool      // closed ones, newest first; else the others, soonest first
	Now    time.Time // called off ones are among the others until they would have ended
	Limit  int
}

// NewSession is a session as a chair plans it.
type NewSession struct {
	Once    uuid.UUID
	Day     string
	From    string
	Until   string
	Place   guard.Draft
	Members []uuid.UUID
	OnCall  []uuid.UUID // of Members, or besides them
	Kind    string
}

// Standard minutes for the points that every agenda begins and ends with.
const (
	openMinutes  = 5
	roundMinutes = 5
)

// PlanSession plans a session. Its agenda begins with the agreements still open
// and ends with a round of questions.
func (s *Service) PlanSession(ctx context.Context, a account.Actor, in NewSession) (Session, error) {
	line := audit.By(a, audit.SessionPlanned, audit.ObjSession, uuid.Nil).For(audit.PurposeSession, "")
	if err := s.Log.Require(ctx, a, account.ChairSessions, line); err != nil {
		return Session{}, err
	}
	ses, err := s.parseSession(in, a)
	var errs fault.List
	errs.Add(err)
	place, kept, err := s.Guard.Clear(ctx, a.Team, "place", in.Place, 120)
	errs.Add(err)
	invited, err := s.invitees(ctx, a, append(slices.Clone(in.Members), in.OnCall...))
	errs.Add(err)
	errs.Add(checkOnce(in.Once))
	if err := errs.Err(); err != nil {
		return Session{}, err
	}
	v, key, err := grant.NewVault(a.Team, grant.Session, s.Now())
	if err != nil {
		return Session{}, err
	}
	ses.ID = v.ID
	grants, err := s.coordinatorGrants(ctx, a, v, key)
	if err != nil {
		return Session{}, err
	}
	for _, m := range invited {
		if m.Role == account.Coordinator {
			continue
		}
		if err := s.known(ctx, a, m, "members"); err != nil {
			return Session{}, err
		}
		g, err := grant.Give(v, key, grant.Grant{Member: m.ID, By: a.Member, Why: "invited", From: s.Now()}, m.Recipient)
		if err != nil {
			return Session{}, err
		}
		grants = append(grants, g)
	}
	behind, err := s.backing(ctx, a, v, key)
	if err != nil {
		return Session{}, err
	}
	return s.insertSession(ctx, a, ses, planning{v, grants, behind, invited, in.OnCall, in.Once, place, kept})
}

type planning struct {
	vault   grant.Vault
	grants  []grant.Grant
	behind  []grant.Grant
	invited []account.Member
	onCall  []uuid.UUID
	once    uuid.UUID
	place   string
	kept    []guard.Kind
}

func (s *Service) insertSession(ctx context.Context, a account.Actor, ses Session, p planning) (Session, error) {
	err := s.change(ctx, func(tx Tx) error {
		if vault, found, err := stored(tx, a, p.once, Place); err != nil || found {
			ses.ID = vault
			return err
		}
		if err := tx.InsertVault(p.vault); err != nil {
			return err
		}
		if err := putBacking(tx, p.behind); err != nil {
			return err
		}
		if err := tx.InsertSession(ses); err != nil {
			return err
		}
		var lines []audit.Line
		for _, g := range p.grants {
			if err := tx.PutGrant(g); err != nil {
				return err
			}
			lines = append(lines, grantLine(a, g, uuid.Nil).In(ses.ID))
		}
		for _, m := range p.invited {
			if err := tx.PutAttendee(Attendee{Session: ses.ID, Member: m.ID, Attendance: Invited, OnCall: slices.Contains(p.onCall, m.ID) && m.ID != a.Member}); err != nil {
				return err
			}
		}
		for _, pt := range ses.Kind.frame() {
			pt.ID, pt.Session = uuid.New(), ses.ID
			if err := newPoint(tx, pt); err != nil {
				return err
			}
		}
		if err := s.put(tx, a, p.vault, &Item{ID: p.once, Kind: Place}, p.place); err != nil {
			return err
		}
		line := audit.By(a, audit.SessionPlanned, audit.ObjSession, ses.ID).In(ses.ID).For(audit.PurposeSession, fmt.Sprintf("invited %d", len(p.invited)))
		return s.Log.Append(tx, a.Team, slices.Concat(keptLines(a, p.kept, uuid.Nil), lines, []audit.Line{line})...)
	})
	return ses, err
}

func (s *Service) parseSession(in NewSession, a account.Actor) (Session, error) {
	var errs fault.List
	ses := Session{Team: a.Team, State: Planned, Chair: a.Member}
	var err error
	ses.Kind, err = parseKind(in.Kind)
	errs.Add(err)
	day, err := ParseDay("day", in.Day, s.Now())
	if err != nil {
		return ses, err
	}
	if day.Before(Today(s.Now())) {
		errs.Add(fault.At("day", "error.date.past"))
	}
	ses.Starts, err = ParseClock("from", in.From, day)
	errs.Add(err)
	ses.Ends, err = ParseClock("until", in.Until, day)
	errs.Add(err)
	if err == nil && !ses.Ends.After(ses.Starts) {
		errs.Add(fault.At("until", "error.clock.order"))
	}
	return ses, errs.Err()
}

// invitees returns the chosen members and the chair himself; each must be at
// the table of this team and have keys.
func (s *Service) invitees(ctx context.Context, a account.Actor, ids []uuid.UUID) ([]account.Member, error) {
	members, err := s.Store.Members(ctx, a.Team)
	if err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	wanted := map[uuid.UUID]bool{a.Member: true}
	for _, id := range ids {
		wanted[id] = true
	}
	var out []account.Member
	for _, m := range members {
		if wanted[m.ID] {
			if !m.Role.AtTable() || !m.Joined() || !m.Ended.IsZero() {
				return nil, fault.At("members", "error.member")
			}
			delete(wanted, m.ID)
			out = append(out, m)
		}
	}
	if len(wanted) > 0 {
		return nil, fault.At("members", "error.member")
	}
	if len(out) < 2 {
		return nil, fault.At("members", "error.session.alone")
	}
	return out, nil
}

// NewPoint is a point to be put on an agenda.
type NewPoint struct {
	Once    uuid.UUID
	Kind    string
	Case    uuid.UUID
	Title   guard.Draft
	Minutes int
	Without bool // leave out those whom no basis covers
}

// AddPoint puts a point on the agenda of a planned or running session. A case
// needs a valid basis that covers everybody invited; they become participants.
func (s *Service) AddPoint(ctx context.Context, a account.Actor, session uuid.UUID, in NewPoint) error {
	ses, line, err := s.chairing(ctx, a, session, audit.SessionChanged, "agenda")
	if err != nil {
		return err
	}
	if in.Minutes < 1 || in.Minutes > 120 {
		return fault.At("minutes", "error.minutes")
	}
	if err := checkOnce(in.Once); err != nil {
		return err
	}
	p := Point{ID: in.Once, Session: ses.ID, Kind: PointKind(in.Kind), Minutes: in.Minutes}
	switch p.Kind {
	case PointCase:
		p.Case = in.Case
		return s.addCasePoint(ctx, a, ses, p, in.Without, line)
	case PointTrends:
		return s.addPlainPoint(ctx, a, ses, p, "", nil, line)
	case PointOther:
		title, kept, err := s.Guard.Clear(ctx, a.Team, "title", in.Title, 120)
		if err != nil {
			return err
		}
		return s.addPlainPoint(ctx, a, ses, p, title, kept, line)
	}
	return fault.At("kind", "error.choice")
}

func (s *Service) addPlainPoint(ctx context.Context, a account.Actor, ses Session, p Point, title string, kept []guard.Kind, line audit.Line) error {
	v, err := s.Store.Vault(ctx, ses.ID)
	if err != nil {
		return fmt.Errorf("reading vault: %w", err)
	}
	return s.steer(ctx, ses.ID, func(tx Tx, _ Session) error {
		if err := insertPoint(tx, p); err != nil {
			return err
		}
		if title != "" {
			if err := s.put(tx, a, v, &Item{ID: uuid.New(), Kind: Title, Session: ses.ID, Point: p.ID}, title); err != nil {
				return err
			}
		}
		return s.Log.Append(tx, a.Team, append(keptLines(a, kept, uuid.Nil), line)...)
	})
}

func (s *Service) addCasePoint(ctx context.Context, a account.Actor, ses Session, p Point, without bool, line audit.Line) error {
	if p.Case == uuid.Nil {
		return fault.At("case", "error.choice")
	}
	c, err := s.manage(ctx, a, p.Case, line.On(p.Case, audit.RelCoordinator))
	if err != nil {
		return err
	}
	var out []account.Member
	if without {
		if out, err = s.uncovered(ctx, a, ses, c.ID); err != nil {
			return err
		}
	}
	inv, err := s.inviteToCase(ctx, a, ses, c, p.ID, out...)
	if err != nil {
		return err
	}
	return s.steer(ctx, ses.ID, func(tx Tx, _ Session) error {
		if err := insertPoint(tx, p); err != nil {
			return err
		}
		for _, m := range out {
			if err := tx.LeaveOut(p, m.ID); err != nil {
				return err
			}
		}
		if err := s.letIn(tx, a, ses, inv); err != nil {
			return err
		}
		if c.Phase.MayFollow(Preparing) {
			if err := tx.SetPhase(c.ID, Preparing); err != nil {
				return err
			}
		}
		return s.Log.Append(tx, a.Team, line.On(c.ID, audit.RelCoordinator))
	})
}

// insertPoint puts a point on an agenda, a case only once.
func insertPoint(tx Tx, p Point) error {
	points, err := tx.Points(p.Session)
	if err != nil {
		return err
	}
	for _, q := range points {
		if q.ID == p.ID {
			return errSent
		}
		if p.Kind == PointCase && q.Case == p.Case {
			return fault.At("case", "error.point.twice", string(q.Pseudonym))
		}
	}
	return newPoint(tx, p)
}

func newPoint(tx Tx, p Point) error {
	first, err := tx.InsertPoint(p)
	if err == nil && !first {
		err = fault.New(fault.Conflict, "error.form")
	}
	return err
}

// letIn stores the grants of an invitation, unless somebody settled anything
// about the case since its basis was looked at.
func (s *Service) letIn(tx Tx, a account.Actor, ses Session, inv invitation) error {
	for _, g := range inv.grants {
		if err := tx.PutGrant(g); err != nil {
			return err
		}
		if err := s.Log.Append(tx, a.Team, grantLine(a, g, inv.c.ID).In(ses.ID)); err != nil {
			return err
		}
	}
	return settled(tx, inv.c)
}

// DropPoint takes a point off the agenda of a planned session.
func (s *Service) DropPoint(ctx context.Context, a account.Actor, session, point uuid.UUID) error {
	ses, line, err := s.chairing(ctx, a, session, audit.SessionChanged, "off-agenda")
	if err != nil {
		return err
	}
	p, line, err := s.chaired(ctx, a, ses, point, line)
	if err != nil {
		return err
	}
	return s.steer(ctx, ses.ID, func(tx Tx, _ Session) error {
		gone, err := tx.DeletePoint(p.ID)
		if err != nil {
			return err
		}
		if !gone {
			return fault.New(fault.Conflict, "error.point.started")
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

// MovePoint moves a point one place up or down.
func (s *Service) MovePoint(ctx context.Context, a account.Actor, session, point uuid.UUID, up bool) error {
	ses, line, err := s.chairing(ctx, a, session, audit.SessionChanged, "order")
	if err != nil {
		return err
	}
	return s.steer(ctx, ses.ID, func(tx Tx, _ Session) error {
		points, err := tx.Points(ses.ID)
		if err != nil {
			return err
		}
		i := indexOf(points, point)
		j := i + 1
		if up {
			j = i - 1
		}
		if i < 0 || j < 0 || j >= len(points) || !points[i].Started.IsZero() || !points[j].Started.IsZero() {
			return nil // at the edge already: nothing to do
		}
		points[i], points[j] = points[j], points[i]
		for n, p := range points {
			p.Position = (n + 1) * 100 // room for a new point before the round
			if err := tx.UpdatePoint(p); err != nil {
				return err
			}
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

func indexOf(points []Point, id uuid.UUID) int {
	for i, p := range points {
		if p.ID == id {
			return i
		}
	}
	return -1
}

// point returns a point of the session. One of another agenda is refused, with
// the line.
func (s *Service) point(ctx context.Context, a account.Actor, ses Session, id uuid.UUID, line audit.Line) (Point, error) {
	points, err := s.Store.Points(ctx, ses.ID)
	if err != nil {
		return Point{}, fmt.Errorf("reading agenda: %w", err)
	}
	if i := indexOf(points, id); i >= 0 {
		return points[i], nil
	}
	return Point{}, s.Log.Deny(ctx, a.Team, line, "no-point", fault.NotFound)
}

// chaired is point for who chairs: the line of what she does with it is on its case.
func (s *Service) chaired(ctx context.Context, a account.Actor, ses Session, id uuid.UUID, line audit.Line) (Point, audit.Line, error) {
	p, err := s.point(ctx, a, ses, id, line)
	if p.Case != uuid.Nil {
		line = line.On(p.Case, audit.RelCoordinator)
	}
	return p, line, err
}

// chairing lets a coordinator change a session of his team that is not closed.
func (s *Service) chairing(ctx context.Context, a account.Actor, id uuid.UUID, e audit.Event, part string) (Session, audit.Line, error) {
	line := audit.By(a, e, audit.ObjSession, id).In(id).For(audit.PurposeSession, part)
	if err := s.Log.Require(ctx, a, account.ChairSessions, line); err != nil {
		return Session{}, line, err
	}
	ses, err := s.Store.Session(ctx, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Session{}, line, fmt.Errorf("reading session: %w", err)
	}
	if err != nil || ses.Team != a.Team {
		return Session{}, line, s.Log.Deny(ctx, a.Team, line, "no-session", fault.NotFound)
	}
	return ses, line, ses.changeable()
}
