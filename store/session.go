package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zat/fault"
	"zat/meeting"
)

const sessionSelect = `SELECT s.id, s.team, s.starts, s.ends, s.state, s.chair, s.current, s.started, s.closed, s.closed_by, s.revision, s.checkpoint, s.kind, s.moved, s.fixed, s.fixed_by, s.scribe FROM session s `

func scanSession(r scanner) (v meeting.Session, err error) {
	return v, r.Scan(&v.ID, &v.Team, at{&v.Starts}, at{&v.Ends}, &v.State, &v.Chair, &v.Current, at{&v.Started}, at{&v.Closed}, &v.ClosedBy, &v.Revision, &v.Checkpoint, &v.Kind, &v.Moved, at{&v.Fixed}, &v.FixedBy, &v.Scribe)
}

// Session returns a session (overleg).
func (s *Store) Session(ctx context.Context, id uuid.UUID) (meeting.Session, error) {
	return one(ctx, s, scanSession, sessionSelect+`WHERE s.id = $1`, id)
}

// Sessions lists sessions: closed ones newest first, others soonest first.
func (s *Store) Sessions(ctx context.Context, q meeting.SessionQuery) ([]meeting.Session, error) {
	order, state := `s.starts, s.id`, `(s.state IN ('planned', 'running') OR s.state = 'off' AND s.ends > $5)`
	if q.Closed {
		order, state = `s.starts DESC, s.id`, `s.state = 'closed' AND $5 = $5`
	}
	return many(ctx, s, scanSession, sessionSelect+`WHERE s.team = $1 AND `+state+` AND ($2 = $3 OR EXISTS (SELECT 1 FROM attendee t WHERE t.session = s.id AND t.member = $2))
		ORDER BY `+order+` LIMIT $4`, q.Team, q.Member, uuid.Nil, q.Limit, ms(q.Now))
}

const pointSelect = `SELECT p.id, p.session, p.position, p.kind, p.case_id, coalesce(c.pseudonym, ''), p.minutes, p.started, p.done, p.parked
	FROM point p LEFT JOIN case_file c ON c.id = p.case_id `

func scanPoint(r scanner) (p meeting.Point, err error) {
	return p, r.Scan(&p.ID, &p.Session, &p.Position, &p.Kind, &p.Case, &p.Pseudonym, &p.Minutes, at{&p.Started}, at{&p.Done}, &p.Parked)
}

// Points returns the agenda of a session in order.
func (s *Store) Points(ctx context.Context, session uuid.UUID) ([]meeting.Point, error) {
	return many(ctx, s, scanPoint, pointSelect+`WHERE p.session = $1 ORDER BY p.position, p.id`, session)
}

// Attendees returns who is invited to a session, by name.
func (s *Store) Attendees(ctx context.Context, session uuid.UUID) ([]meeting.Attendee, error) {
	return many(ctx, s, func(r scanner) (t meeting.Attendee, err error) {
		return t, r.Scan(&t.Session, &t.Member, &t.Attendance, &t.OnCall, &t.Role, &t.Name, &t.OrgName)
	}, `SELECT t.session, t.member, t.attendance, t.on_call, CASE WHEN t.role <> '' THEN t.role ELSE m.role END, a.name, o.name FROM attendee t JOIN member m ON m.id = t.member
		JOIN account a ON a.id = m.account JOIN organisation o ON o.id = m.organisation WHERE t.session = $1 ORDER BY a.name, t.member`, session)
}

// Session is Store.Session as this change sees it.
func (t *Tx) Session(id uuid.UUID) (meeting.Session, error) {
	v, err := scanSession(t.row(sessionSelect+`WHERE s.id = $1`, id))
	if none(err) {
		err = fault.New(fault.NotFound, "error.notfound")
	}
	return v, err
}

// Points is Store.Points as this change sees it.
func (t *Tx) Points(session uuid.UUID) ([]meeting.Point, error) {
	return manyIn(t, scanPoint, pointSelect+`WHERE p.session = $1 ORDER BY p.position, p.id`, session)
}

// InsertSession stores a session.
func (t *Tx) InsertSession(v meeting.Session) error {
	return t.run(`INSERT INTO session (id, team, starts, ends, state, chair, current, started, closed, closed_by, kind) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		v.ID, v.Team, ms(v.Starts), ms(v.Ends), string(v.State), v.Chair, v.Current, ms(v.Started), ms(v.Closed), v.ClosedBy, string(v.Kind))
}

// PutAttendee stores whether somebody is there.
func (t *Tx) PutAttendee(v meeting.Attendee) error {
	return t.run(`INSERT INTO attendee (session, member, attendance, on_call) VALUES ($1, $2, $3, $4) ON CONFLICT (session, member) DO UPDATE SET attendance = $3, on_call = $4`, v.Session, v.Member, string(v.Attendance), v.OnCall)
}

// DropAttendee takes somebody off the list of those invited.
func (t *Tx) DropAttendee(session, member uuid.UUID) error {
	if err := t.run(`UPDATE session SET scribe = '' WHERE id = $1 AND scribe = $2`, session, member); err != nil {
		return err
	}
	return t.run(`DELETE FROM attendee WHERE session = $1 AND member = $2`, session, member)
}

// SetScribe names who takes notes; uuid.Nil is nobody.
func (t *Tx) SetScribe(session, member uuid.UUID) error {
	return t.run(`UPDATE session SET scribe = $2, revision = revision + 1 WHERE id = $1`, session, member)
}

// CancelSession calls a planned session off.
func (t *Tx) CancelSession(id uuid.UUID) (bool, error) {
	return t.first(`UPDATE session SET state = 'off', moved = moved + 1, revision = revision + 1 WHERE id = $1 AND state = 'planned'`, id)
}

// InsertPoint stores a point, unless its id is in use. Without a position it
// comes last, before the round of questions.
func (t *Tx) InsertPoint(p meeting.Point) (bool, error) {
	if p.Position > 0 {
		return t.first(`INSERT INTO point (id, session, position, kind, case_id, minutes) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`, p.ID, p.Session, p.Position, string(p.Kind), p.Case, p.Minutes)
	}
	return t.first(`INSERT INTO point (id, session, position, kind, case_id, minutes)
		VALUES ($1, $2, 1 + (SELECT coalesce(max(position), 0) FROM point WHERE session = $2 AND kind <> 'round'), $3, $4, $5) ON CONFLICT (id) DO NOTHING`,
		p.ID, p.Session, string(p.Kind), p.Case, p.Minutes)
}

// DeletePoint takes a point that did not start off an agenda.
func (t *Tx) DeletePoint(id uuid.UUID) (bool, error) {
	return t.first(`DELETE FROM point WHERE id = $1 AND started = 0`, id)
}

// DeletePlanned takes a case off the agendas where it did not start; those of
// closed sessions stay as they were.
func (t *Tx) DeletePlanned(c uuid.UUID) ([]uuid.UUID, error) {
	sessions, err := manyIn(t, scanID, `DELETE FROM point WHERE case_id = $1 AND started = 0
		AND session IN (SELECT id FROM session WHERE state IN ('planned', 'running')) RETURNING session`, c)
	if err != nil {
		return nil, err
	}
	for _, id := range sessions {
		if err := t.run(`UPDATE session SET revision = revision + 1 WHERE id = $1`, id); err != nil {
			return nil, err
		}
	}
	return sessions, nil
}

// UpdatePoint stores a point's place, minutes and times.
func (t *Tx) UpdatePoint(p meeting.Point) error {
	return t.run(`UPDATE point SET position = $2, minutes = $3, started = $4, done = $5, parked = $6 WHERE id = $1`, p.ID, p.Position, p.Minutes, ms(p.Started), ms(p.Done), p.Parked)
}

// AdvanceSession stores a session if nobody changed it since the revision.
func (t *Tx) AdvanceSession(v meeting.Session, revision int64) (bool, error) {
	return t.first(`UPDATE session SET state = $2, chair = $3, current = $4, started = $5, closed = $6, closed_by = $7, revision = revision + 1 WHERE id = $1 AND revision = $8`,
		v.ID, string(v.State), v.Chair, v.Current, ms(v.Started), ms(v.Closed), v.ClosedBy, revision)
}

// SetCheckpoint stores the log's checkpoint with the minutes, once.
func (t *Tx) SetCheckpoint(session uuid.UUID, note []byte) error {
	return t.run(`UPDATE session SET checkpoint = $2 WHERE id = $1 AND checkpoint IS NULL`, session, note)
}

// InsertCheckpoint keeps a checkpoint of a log.
func (t *Tx) InsertCheckpoint(log uuid.UUID, note []byte, when time.Time) error {
	return t.run(`INSERT INTO log_checkpoint (log, at, note) VALUES ($1, $2, $3)`, log, ms(when), note)
}

// Without returns who is left out of the points of a session.
func (s *Store) Without(ctx context.Context, session uuid.UUID) (map[uuid.UUID]map[uuid.UUID]bool, error) {
	pairs, err := many(ctx, s, func(r scanner) (p [2]uuid.UUID, err error) { return p, r.Scan(&p[0], &p[1]) },
		`SELECT point, member FROM point_without WHERE session = $1`, session)
	out := map[uuid.UUID]map[uuid.UUID]bool{}
	for _, p := range pairs {
		if out[p[0]] == nil {
			out[p[0]] = map[uuid.UUID]bool{}
		}
		out[p[0]][p[1]] = true
	}
	return out, err
}

// LeaveOut keeps a member out of a point.
func (t *Tx) LeaveOut(p meeting.Point, member uuid.UUID) error {
	return t.run(`INSERT INTO point_without (point, session, member) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, p.ID, p.Session, member)
}

// LetBack lets a member take part in a point again.
func (t *Tx) LetBack(p meeting.Point, member uuid.UUID) error {
	return t.run(`DELETE FROM point_without WHERE point = $1 AND member = $2`, p.ID, member)
}

// MoveSession gives a planned session another time.
func (t *Tx) MoveSession(id uuid.UUID, starts, ends time.Time) (bool, error) {
	return t.first(`UPDATE session SET starts = $2, ends = $3, moved = moved + 1, revision = revision + 1 WHERE id = $1 AND state = 'planned'`, id, ms(starts), ms(ends))
}

// Arrive marks somebody as present of whom the chair said nothing yet.
func (t *Tx) Arrive(session, member uuid.UUID) (bool, error) {
	return t.first(`UPDATE attendee SET attendance = 'present' WHERE session = $1 AND member = $2 AND attendance = 'invited'`, session, member)
}
