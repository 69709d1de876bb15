-- +goose Up
-- Words of the access log: what its columns say, each once. A line's id is the id of its
-- log's word, shifted by forty bits, plus its sequence.
CREATE TABLE log_term (id INTEGER PRIMARY KEY, term TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO log_term (id, term) VALUES (1, ''), (2, 'success'), (3, 'denied'), (4, 'error'), (5, '00000000-0000-0000-0000-000000000000');

ALTER TABLE log_entry RENAME TO log_before;
DROP INDEX log_entry_actor;
DROP INDEX log_entry_case;
DROP INDEX log_entry_at;

CREATE TABLE log_entry (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, event INTEGER NOT NULL, outcome INTEGER NOT NULL, actor INTEGER NOT NULL, role INTEGER NOT NULL,
  org INTEGER NOT NULL, case_id INTEGER NOT NULL, meeting INTEGER NOT NULL, basis INTEGER NOT NULL, visit INTEGER NOT NULL, glass INTEGER NOT NULL CHECK (glass IN (0, 1)),
  commitment BLOB NOT NULL, nonce BLOB, raw BLOB -- nothing once the line's term is over
) STRICT;

-- A line that is no JSON, which nobody wrote so, keeps its columns empty: the check tells of it.
CREATE VIEW told AS SELECT log, seq, nonce, raw, commitment, at, event, outcome, actor, role, case_id,
  coalesce(json_extract(line, '$.or'), '') AS org, coalesce(json_extract(line, '$.me'), '') AS meeting, coalesce(json_extract(line, '$.ba'), '') AS basis,
  coalesce(json_extract(line, '$.se'), '') AS visit, coalesce(json_extract(line, '$.bg'), 0) AS glass
  FROM (SELECT *, CASE WHEN json_valid(CAST(raw AS TEXT)) THEN CAST(raw AS TEXT) ELSE '{}' END AS line FROM log_before);
INSERT OR IGNORE INTO log_term (term) SELECT log FROM told UNION SELECT event FROM told UNION SELECT outcome FROM told UNION SELECT actor FROM told
  UNION SELECT role FROM told UNION SELECT org FROM told UNION SELECT case_id FROM told UNION SELECT meeting FROM told UNION SELECT basis FROM told UNION SELECT visit FROM told;
INSERT INTO log_entry SELECT ((SELECT id FROM log_term WHERE term = t.log) << 40) + seq, at, (SELECT id FROM log_term WHERE term = t.event),
  (SELECT id FROM log_term WHERE term = t.outcome), (SELECT id FROM log_term WHERE term = t.actor), (SELECT id FROM log_term WHERE term = t.role),
  (SELECT id FROM log_term WHERE term = t.org), (SELECT id FROM log_term WHERE term = t.case_id), (SELECT id FROM log_term WHERE term = t.meeting),
  (SELECT id FROM log_term WHERE term = t.basis), (SELECT id FROM log_term WHERE term = t.visit), glass, commitment, nonce, raw FROM told t ORDER BY log, seq;
DROP VIEW told;
DROP TABLE log_before;

-- Newest first within what a filter asks for; nothing (1 and 5) is asked for by no filter.
CREATE INDEX log_entry_at ON log_entry (at, event, outcome);
CREATE INDEX log_entry_event ON log_entry (event);
CREATE INDEX log_entry_actor ON log_entry (actor);
CREATE INDEX log_entry_role ON log_entry (role);
CREATE INDEX log_entry_org ON log_entry (org);
CREATE INDEX log_entry_case ON log_entry (case_id) WHERE case_id > 5;
CREATE INDEX log_entry_meeting ON log_entry (meeting) WHERE meeting > 5;
CREATE INDEX log_entry_basis ON log_entry (basis) WHERE basis > 5;
CREATE INDEX log_entry_visit ON log_entry (visit) WHERE visit > 5;
CREATE INDEX log_entry_outcome ON log_entry (outcome) WHERE outcome <> 2;
CREATE INDEX log_entry_glass ON log_entry (glass) WHERE glass = 1;

-- Full tiles of the tree (C2SP tlog-tiles), made from the commitments when they are asked for.
CREATE TABLE log_tile (log INTEGER NOT NULL, level INTEGER NOT NULL, n INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (log, level, n)) STRICT;

-- How many years a team keeps lines.
ALTER TABLE team ADD COLUMN log_years INTEGER NOT NULL DEFAULT 5;

-- The register of processing activities, by version (art. 30).
CREATE TABLE processing (team TEXT NOT NULL REFERENCES team, version INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, activities TEXT NOT NULL,
  PRIMARY KEY (team, version)) STRICT;

-- Reviews of the log: what was drawn in the clear, what was found sealed.
CREATE TABLE review (
  id TEXT PRIMARY KEY, team TEXT NOT NULL REFERENCES team, first INTEGER NOT NULL, last INTEGER NOT NULL, made INTEGER NOT NULL, made_by TEXT NOT NULL,
  sample TEXT NOT NULL, total INTEGER NOT NULL, looked TEXT NOT NULL DEFAULT '', next INTEGER NOT NULL DEFAULT 0, signed INTEGER NOT NULL DEFAULT 0, signed_by TEXT NOT NULL DEFAULT '',
  verdict TEXT NOT NULL DEFAULT '', written_by TEXT NOT NULL DEFAULT '', revision INTEGER NOT NULL DEFAULT 1, finding BLOB, follow BLOB
) STRICT;
CREATE INDEX review_team ON review (team, made);

-- The register of breaches (art. 33 paragraph 5).
CREATE TABLE breach (
  id TEXT PRIMARY KEY, team TEXT NOT NULL REFERENCES team, number INTEGER NOT NULL, known INTEGER NOT NULL, made INTEGER NOT NULL, made_by TEXT NOT NULL, kind TEXT NOT NULL,
  actor TEXT NOT NULL, visit TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, report TEXT NOT NULL DEFAULT 'open', reported INTEGER NOT NULL DEFAULT 0,
  closed INTEGER NOT NULL DEFAULT 0, revision INTEGER NOT NULL DEFAULT 1, written_by TEXT NOT NULL, facts BLOB NOT NULL, effects BLOB, measures BLOB, UNIQUE (team, number)
) STRICT;

-- Logs of others for which this installation is a witness: the newest checkpoint that it signed.
CREATE TABLE witnessed (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, at INTEGER NOT NULL) STRICT;
-- What witnesses signed of our checkpoints.
CREATE TABLE cosigned (log TEXT NOT NULL, witness TEXT NOT NULL, size INTEGER NOT NULL, at INTEGER NOT NULL, note BLOB NOT NULL, PRIMARY KEY (log, witness)) STRICT;
