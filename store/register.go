package store

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zat/meeting"
	"zat/pseudonym/guard"
	"zat/pseudonym/register"
)

// UpdateRegister runs a change of the register.
func (s *Store) UpdateRegister(ctx context.Context, fn func(register.Tx) error) error {
	return s.update(ctx, func(tx *Tx) error { return fn(tx) })
}

// PupilEntries returns all entries of a team's register.
func (s *Store) PupilEntries(ctx context.Context, team uuid.UUID) ([]register.Entry, error) {
	return many(ctx, s, func(r scanner) (e register.Entry, err error) {
		return e, r.Scan(&e.ID, &e.Team, &e.Version, &e.By, &e.Sealed)
	}, `SELECT id, team, version, written_by, sealed FROM register_entry WHERE team = $1`, team)
}

const linkSelect = `SELECT l.case_id, l.team, c.pseudonym, l.sealed FROM case_link l JOIN case_file c ON c.id = l.case_id `

func scanLink(r scanner) (l register.Link, err error) {
	return l, r.Scan(&l.Case, &l.Team, &l.Pseudonym, &l.Sealed)
}

// Links returns the links of a team's open cases, newest first.
func (s *Store) Links(ctx context.Context, team uuid.UUID) ([]register.Link, error) {
	return many(ctx, s, scanLink, linkSelect+`WHERE l.team = $1 AND c.closed = 0 ORDER BY c.opened DESC, l.case_id`, team)
}

// AllLinks returns the links of every case there ever was.
func (s *Store) AllLinks(ctx context.Context, team uuid.UUID) ([]register.Link, error) {
	return many(ctx, s, scanLink, linkSelect+`WHERE l.team = $1 ORDER BY l.case_id`, team)
}

// Link returns the link of one case.
func (s *Store) Link(ctx context.Context, c uuid.UUID) (register.Link, error) {
	return one(ctx, s, scanLink, linkSelect+`WHERE l.case_id = $1`, c)
}

const disclosureColumns = `id, team, case_id, member, basis, given_by, at, until, informed, sealed`

func scanDisclosure(r scanner) (d register.Disclosure, err error) {
	return d, r.Scan(&d.ID, &d.Team, &d.Case, &d.Member, &d.Basis, &d.By, at{&d.At}, at{&d.Until}, at{&d.Informed}, &d.Sealed)
}

// Disclosures returns the disclosures of a case, newest first.
func (s *Store) Disclosures(ctx context.Context, c, member uuid.UUID) ([]register.Disclosure, error) {
	return many(ctx, s, scanDisclosure, `SELECT `+disclosureColumns+` FROM disclosure
		WHERE case_id = $1 AND ($2 = $3 OR member = $2) ORDER BY at DESC, id`, c, member, uuid.Nil)
}

// SameMark reports whether a mark is the one that was stored first under its
// name; the first is stored.
func (s *Store) SameMark(ctx context.Context, name string, value []byte) (bool, error) {
	err := s.update(ctx, func(tx *Tx) error {
		return tx.run(`INSERT INTO mark (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, value)
	})
	if err != nil {
		return false, err
	}
	known, err := one(ctx, s, scanBytes, `SELECT value FROM mark WHERE name = $1`, name)
	return bytes.Equal(known, value), err
}

// RollVersion returns the version of a team's roll.
func (s *Store) RollVersion(ctx context.Context, team uuid.UUID) (int64, error) {
	return one(ctx, s, scanInt, `SELECT roll_version FROM team WHERE id = $1`, team)
}

// RollTags returns the tags of a team's roll.
func (s *Store) RollTags(ctx context.Context, team uuid.UUID) ([]guard.Tag, error) {
	return many(ctx, s, func(r scanner) (t guard.Tag, err error) {
		b, err := scanBytes(r)
		if err == nil && copy(t[:], b) != len(t) {
			err = fmt.Errorf("a tag of %d bytes", len(b))
		}
		return t, err
	}, `SELECT tag FROM roll_tag WHERE team = $1`, team)
}

// InsertPupil stores a new entry.
func (t *Tx) InsertPupil(e register.Entry) error {
	return t.run(`INSERT INTO register_entry (id, team, version, written_by, sealed) VALUES ($1, $2, $3, $4, $5)`, e.ID, e.Team, int64(e.Version), e.By, []byte(e.Sealed))
}

// UpdatePupil replaces the version before.
func (t *Tx) UpdatePupil(e register.Entry) (bool, error) {
	return t.first(`UPDATE register_entry SET version = $3, written_by = $4, sealed = $5 WHERE id = $1 AND team = $2 AND version = $3 - 1`, e.ID, e.Team, int64(e.Version), e.By, []byte(e.Sealed))
}

// SetRoll replaces a team's tags. They are stored by their own order, so that
// their order tells nothing of the pupils'.
func (t *Tx) SetRoll(team uuid.UUID, version int64, tags []guard.Tag) (bool, error) {
	same, err := t.first(`UPDATE team SET roll_version = roll_version + 1 WHERE id = $1 AND roll_version = $2`, team, version)
	if err != nil || !same {
		return false, err
	}
	if err := t.run(`DELETE FROM roll_tag WHERE team = $1`, team); err != nil {
		return false, err
	}
	for _, tag := range tags {
		if err := t.run(`INSERT INTO roll_tag (team, tag) VALUES ($1, $2) ON CONFLICT DO NOTHING`, team, tag[:]); err != nil {
			return false, err
		}
	}
	return true, nil
}

// PutDisclosure stores a disclosure in the place of earlier ones to the member,
// unless its basis was withdrawn.
func (t *Tx) PutDisclosure(d register.Disclosure) (bool, error) {
	if err := t.run(`DELETE FROM disclosure WHERE case_id = $1 AND member = $2`, d.Case, d.Member); err != nil {
		return false, err
	}
	return t.first(`INSERT INTO disclosure (id, team, case_id, member, basis, given_by, at, until, informed, sealed)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE EXISTS (SELECT 1 FROM basis WHERE id = $5 AND case_id = $3 AND withdrawn = 0)`,
		d.ID, d.Team, d.Case, d.Member, d.Basis, d.By, ms(d.At), ms(d.Until), ms(d.Informed), []byte(d.Sealed))
}

// EndDisclosures deletes the disclosures of a case: on a basis, to a member, or
// all with uuid.Nil.
func (t *Tx) EndDisclosures(c, basis, member uuid.UUID) ([]uuid.UUID, error) {
	return manyIn(t, scanID, `DELETE FROM disclosure WHERE case_id = $1 AND ($2 = $4 OR basis = $2) AND ($3 = $4 OR member = $3) RETURNING member`, c, basis, member, uuid.Nil)
}

// DropDisclosures deletes what is past its last day and returns it.
func (t *Tx) DropDisclosures(now time.Time) ([]register.Disclosure, error) {
	return manyIn(t, scanDisclosure, `DELETE FROM disclosure WHERE until < $1 RETURNING `+disclosureColumns, ms(meeting.Today(now)))
}
