package store

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/crypto/seal"
	"zat/meeting"
)

const itemColumns = `i.id, i.team, i.vault, i.seq, i.kind, i.author, i.author_role, i.class, i.at, i.domain, i.tone, i.knowing, i.third_party,
	i.session, i.point, i.responsible, i.due, i.done, i.done_by, i.dropped, i.sealed`

func itemDest(it *meeting.Item) []any {
	return []any{&it.ID, &it.Team, &it.Vault, &it.Seq, &it.Kind, &it.Author, &it.AuthorRole, &it.Class, at{&it.At}, &it.Domain, &it.Tone, &it.Knowing,
		&it.ThirdParty, &it.Session, &it.Point, &it.Responsible, at{&it.Due}, at{&it.Done}, &it.DoneBy, &it.Dropped, &it.Sealed}
}

func scanItem(r scanner) (it meeting.Item, err error) { return it, r.Scan(itemDest(&it)...) }

// Items returns all items of a vault, newest first.
func (s *Store) Items(ctx context.Context, vault uuid.UUID) ([]meeting.Item, error) {
	return many(ctx, s, scanItem, `SELECT `+itemColumns+` FROM item i WHERE i.vault = $1 ORDER BY i.at DESC, i.seq DESC`, vault)
}

// Item returns one item.
func (s *Store) Item(ctx context.Context, id uuid.UUID) (meeting.Item, error) {
	return one(ctx, s, scanItem, `SELECT `+itemColumns+` FROM item i WHERE i.id = $1`, id)
}

// KindItems returns the items of a vault of some kinds, newest first.
func (s *Store) KindItems(ctx context.Context, vault uuid.UUID, kinds ...meeting.ItemKind) ([]meeting.Item, error) {
	list := make([]string, len(kinds))
	for i, k := range kinds {
		list[i] = string(k)
	}
	return many(ctx, s, scanItem, `SELECT `+itemColumns+` FROM item i WHERE i.vault = $1 AND instr($2, ' ' || i.kind || ' ') > 0 ORDER BY i.seq DESC`,
		vault, " "+strings.Join(list, " ")+" ")
}

// OpenAgreements returns agreements that are not done, in vaults for which the
// member has a grant, soonest first.
func (s *Store) OpenAgreements(ctx context.Context, team, member uuid.UUID, mine bool, now time.Time) ([]meeting.Item, error) {
	return many(ctx, s, scanItem, `SELECT `+itemColumns+` FROM item i JOIN vault_grant g ON g.vault = i.vault AND g.member = $2 AND (g.until = 0 OR g.until > $4)
		WHERE i.team = $1 AND i.kind IN ('agreement', 'feedback') AND i.done = 0 AND (NOT $3 OR i.responsible = $2) ORDER BY i.due, i.at, i.id`, team, member, mine, ms(now))
}

// DomainCounts counts signals and trends by life domain.
func (s *Store) DomainCounts(ctx context.Context, team uuid.UUID, from, until time.Time) (map[meeting.Domain]int, error) {
	type count struct {
		d meeting.Domain
		n int
	}
	rows, err := many(ctx, s, func(r scanner) (c count, err error) { return c, r.Scan(&c.d, &c.n) },
		`SELECT domain, count(*) FROM item WHERE team = $1 AND kind IN ('signal', 'trend') AND at > $2 AND at <= $3 GROUP BY domain`, team, ms(from), ms(until))
	out := map[meeting.Domain]int{}
	for _, c := range rows {
		out[c.d] = c.n
	}
	return out, err
}

// StoredItem returns an item as this change sees it.
func (t *Tx) StoredItem(id uuid.UUID) (it meeting.Item, found bool, err error) {
	it, err = scanItem(t.row(`SELECT `+itemColumns+` FROM item i WHERE i.id = $1`, id))
	if none(err) {
		return it, false, nil
	}
	return it, err == nil, err
}

// NewestItem returns the newest item of a kind at a point of an agenda.
func (t *Tx) NewestItem(vault, point uuid.UUID, k meeting.ItemKind) (uuid.UUID, error) {
	id, err := scanID(t.row(`SELECT id FROM item WHERE vault = $1 AND kind = $2 AND point = $3 ORDER BY seq DESC LIMIT 1`, vault, string(k), point))
	if none(err) {
		return uuid.Nil, nil
	}
	return id, err
}

// touchAfter is how exact a case's last moment is: a session's burst of notes
// moves the case in its lists once, not every time.
const touchAfter = time.Minute

// InsertItem stores an item, unless its id is in use; its case is touched.
func (t *Tx) InsertItem(it meeting.Item) (bool, error) {
	first, err := t.first(`INSERT INTO item (id, team, vault, seq, kind, author, author_role, class, at, domain, tone, knowing, third_party, session, point, responsible, due, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) ON CONFLICT (id) DO NOTHING`,
		it.ID, it.Team, it.Vault, int64(it.Seq), string(it.Kind), it.Author, string(it.AuthorRole), string(it.Class), ms(it.At), string(it.Domain), string(it.Tone),
		string(it.Knowing), it.ThirdParty, it.Session, it.Point, it.Responsible, ms(it.Due), []byte(it.Sealed))
	if err != nil || !first {
		return false, err
	}
	return true, t.run(`UPDATE case_file SET last_at = $2 WHERE id = $1 AND last_at <= $2 - $3`, it.Vault, ms(it.At), touchAfter.Milliseconds())
}

// FinishAgreement marks an agreement as done.
func (t *Tx) FinishAgreement(id, by uuid.UUID, when time.Time) (bool, error) {
	return t.first(`UPDATE item SET done = $2, done_by = $3 WHERE id = $1 AND kind IN ('agreement', 'feedback') AND done = 0`, id, ms(when), by)
}

// DropAgreement marks an agreement as withdrawn.
func (t *Tx) DropAgreement(id, by uuid.UUID, when time.Time) (bool, error) {
	return t.first(`UPDATE item SET done = $2, done_by = $3, dropped = 1 WHERE id = $1 AND kind = 'agreement' AND done = 0`, id, ms(when), by)
}

const inboxSelect = `SELECT ` + itemColumns + `, x.state, x.judged_at, x.judged_by, x.reply FROM inbox x JOIN item i ON i.id = x.item `

func scanInbox(r scanner) (x meeting.InboxSignal, err error) {
	return x, r.Scan(append(itemDest(&x.Item), &x.State, at{&x.JudgedAt}, &x.JudgedBy, maybe{&x.Reply})...)
}

// Inbox returns signals without a case: of one state, or of one author.
func (s *Store) Inbox(ctx context.Context, q meeting.InboxQuery) ([]meeting.InboxSignal, error) {
	return many(ctx, s, scanInbox, inboxSelect+`WHERE i.team = $1 AND ($2 = '' OR x.state = $2) AND ($3 = $4 OR i.author = $3) ORDER BY i.at DESC, i.id LIMIT CASE WHEN $5 THEN -1 ELSE 200 END`,
		q.Team, string(q.State), q.Author, uuid.Nil, q.All)
}

// InboxSignal returns one signal without a case.
func (s *Store) InboxSignal(ctx context.Context, id uuid.UUID) (meeting.InboxSignal, error) {
	return one(ctx, s, scanInbox, inboxSelect+`WHERE x.item = $1`, id)
}

// InsertInbox puts an item in the inbox.
func (t *Tx) InsertInbox(item uuid.UUID) error {
	return t.run(`INSERT INTO inbox (item, state, case_id, judged_by, judged_at) VALUES ($1, 'new', $2, $2, 0)`, item, uuid.Nil)
}

// JudgeInbox settles a new signal.
func (t *Tx) JudgeInbox(j meeting.Judgement) (bool, error) {
	return t.first(`UPDATE inbox SET state = $2, case_id = $3, judged_by = $4, judged_at = $5, reply = $6 WHERE item = $1 AND state = 'new'`,
		j.Item, string(j.State), j.Case, j.By, ms(j.At), []byte(j.Reply))
}

// Questions returns questions of recognition, oldest first.
func (s *Store) Questions(ctx context.Context, q meeting.QuestionQuery) ([]meeting.RecognitionRow, error) {
	return many(ctx, s, func(r scanner) (row meeting.RecognitionRow, err error) {
		var domains string
		v := &row.Recognition
		err = r.Scan(&v.ID, &v.Team, &v.Case, &v.AskedBy, &v.AskedOf, &v.First, at{&v.At}, at{&v.Answered}, &v.By, maybe{&v.Sealed}, &row.Pseudonym, &row.Band, &domains, &row.Disclosed)
		for _, d := range strings.Fields(domains) {
			row.Domains = append(row.Domains, meeting.Domain(d))
		}
		return row, err
	}, `SELECT q.id, q.team, q.case_id, q.asked_by, q.asked_of, q.first_asked, q.at, q.answered, q.answered_by, q.sealed, c.pseudonym, c.band, c.domains,
		EXISTS (SELECT 1 FROM disclosure d WHERE d.case_id = q.case_id AND d.member = q.asked_of AND d.until >= $5)
		FROM question q JOIN case_file c ON c.id = q.case_id
		WHERE q.team = $1 AND ($2 = $6 OR q.asked_of = $2) AND ($3 = $6 OR q.case_id = $3) AND ($4 = $6 OR q.id = $4) AND (NOT $7 OR (q.answered = 0 AND c.closed = 0))
		ORDER BY q.at, q.id`, q.Team, q.Of, q.Case, q.ID, ms(meeting.Today(q.Now)), uuid.Nil, q.Opened)
}

// InsertQuestion stores a question, unless it is there.
func (t *Tx) InsertQuestion(q meeting.Recognition) (bool, error) {
	return t.first(`INSERT INTO question (id, team, case_id, asked_by, asked_of, first_asked, at, answered_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
		q.ID, q.Team, q.Case, q.AskedBy, q.AskedOf, q.First, ms(q.At), uuid.Nil)
}

// AnswerQuestion stores the answer of whom it is asked now.
func (t *Tx) AnswerQuestion(id, by uuid.UUID, sealed seal.Sealed, when time.Time) (bool, error) {
	return t.first(`UPDATE question SET answered = $3, answered_by = $2, sealed = $4 WHERE id = $1 AND asked_of = $2 AND answered = 0`, id, by, ms(when), []byte(sealed))
}

// PassQuestion passes an open question on.
func (t *Tx) PassQuestion(id, from, to uuid.UUID) (bool, error) {
	return t.first(`UPDATE question SET asked_of = $3 WHERE id = $1 AND asked_of = $2 AND answered = 0`, id, from, to)
}
