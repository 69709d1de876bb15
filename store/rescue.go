package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/staff"
)

const rescueColumns = `id, team, member, state, asked_by, confirmed_by, at, done, link, until, recipient, salt, memory, passes, threads, verifier, identity, totp,
	code_salt, code_verifier, code_identity, code_totp`

func scanRescue(s scanner) (r staff.Rescue, err error) {
	l, c := &r.Lock, &r.Code
	return r, s.Scan(&r.ID, &r.Team, &r.Member, &r.State, &r.AskedBy, &r.ConfirmedBy, at{&r.At}, at{&r.Done}, &r.Link, at{&r.Until}, &r.Recipient,
		&l.Salt, &l.Cost.MemoryKiB, &l.Cost.Time, &l.Cost.Threads, &l.Verifier, &l.Identity, &l.TOTP, &c.Salt, &c.Verifier, &c.Identity, &c.TOTP)
}

// Rescue returns a recovery by two.
func (s *Store) Rescue(ctx context.Context, id uuid.UUID) (staff.Rescue, error) {
	return one(ctx, s, scanRescue, `SELECT `+rescueColumns+` FROM rescue WHERE id = $1`, id)
}

// RescueByLink returns a recovery by the hash of the member's link.
func (s *Store) RescueByLink(ctx context.Context, hash []byte) (staff.Rescue, error) {
	return one(ctx, s, scanRescue, `SELECT `+rescueColumns+` FROM rescue WHERE link = $1`, hash)
}

// RescuesOf lists a team's recoveries that were begun or done since.
func (s *Store) RescuesOf(ctx context.Context, team uuid.UUID, since time.Time) ([]staff.Rescue, error) {
	return many(ctx, s, scanRescue, `SELECT `+rescueColumns+` FROM rescue WHERE team = $1 AND state <> 'stopped' AND max(at, done) > $2 ORDER BY at DESC, id`, team, ms(since))
}

// InsertRescue stores a recovery that begins.
func (t *Tx) InsertRescue(r staff.Rescue) error {
	return t.run(`INSERT INTO rescue (id, team, member, state, asked_by, at, link, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		r.ID, r.Team, r.Member, string(r.State), r.AskedBy, ms(r.At), r.Link, ms(r.Until))
}

// MoveRescue stores a recovery that was in that state. Once it is done the locks are
// the account's, and no copy of them stays.
func (t *Tx) MoveRescue(r staff.Rescue, from staff.RescueState) (bool, error) {
	if r.State == staff.RescueDone {
		return t.first(`UPDATE rescue SET state = $3, confirmed_by = $4, done = $5, verifier = NULL, identity = NULL, totp = NULL, code_verifier = NULL, code_identity = NULL, code_totp = NULL
			WHERE id = $1 AND state = $2`, r.ID, string(from), string(r.State), r.ConfirmedBy, ms(r.Done))
	}
	l, c := r.Lock, r.Code
	return t.first(`UPDATE rescue SET state = $3, confirmed_by = $4, recipient = $5, salt = $6, memory = $7, passes = $8, threads = $9, verifier = $10, identity = $11, totp = $12,
		code_salt = $13, code_verifier = $14, code_identity = $15, code_totp = $16 WHERE id = $1 AND state = $2`,
		r.ID, string(from), string(r.State), r.ConfirmedBy, r.Recipient, l.Salt, l.Cost.MemoryKiB, l.Cost.Time, l.Cost.Threads, l.Verifier, l.Identity, l.TOTP,
		c.Salt, c.Verifier, c.Identity, c.TOTP)
}

// StopRescues stops a member's recoveries that go on, and forgets the keys he made.
func (t *Tx) StopRescues(member uuid.UUID) error {
	return t.run(`UPDATE rescue SET state = 'stopped', verifier = NULL, identity = NULL, totp = NULL, code_verifier = NULL, code_identity = NULL, code_totp = NULL
		WHERE member = $1 AND state IN ('asked', 'taken', 'confirmed')`, member)
}

// UsePaper records that a team's recovery identity was typed in.
func (t *Tx) UsePaper(team uuid.UUID, when time.Time) error {
	return t.run(`UPDATE team_recovery SET used = $2 WHERE team = $1`, team, ms(when))
}

// LeaveOpen ends what hangs on the keys that an account had.
func (t *Tx) LeaveOpen(acc, but uuid.UUID) ([]account.Member, error) {
	others, err := manyIn(t, scanMember, memberSelect+`WHERE m.account = $1 AND m.id <> $2 AND m.ended = 0 AND m.joined > 0`, acc, but)
	if err != nil {
		return nil, err
	}
	for _, query := range []string{
		`UPDATE visit SET ended = 1, box = NULL WHERE account = $1`,
		`DELETE FROM draft WHERE member IN (SELECT id FROM member WHERE account = $1)`,
		`DELETE FROM device WHERE account = $1`,
		`DELETE FROM new_device WHERE account = $1`,
		`DELETE FROM passkey WHERE account = $1`,
	} {
		if err := t.run(query, acc); err != nil {
			return nil, err
		}
	}
	return others, t.run(`UPDATE member SET joined = 0 WHERE account = $1 AND id <> $2 AND ended = 0`, acc, but)
}
