-- +goose Up
-- Ids are UUIDs as text; the zero UUID and the time 0 stand for "none". Times
-- are milliseconds since 1970 in UTC. What holds content is a BLOB named
-- "sealed" or "reply": an age file. docs/threat-model.md lists what is readable.

CREATE TABLE team (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, school TEXT NOT NULL, consent_rule TEXT NOT NULL,
  created INTEGER NOT NULL, roll_version INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE organisation (
  id TEXT PRIMARY KEY, team TEXT NOT NULL REFERENCES team, name TEXT NOT NULL, external INTEGER NOT NULL
) STRICT;
CREATE INDEX organisation_team ON organisation (team);

CREATE TABLE account (
  id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, recipient TEXT NOT NULL DEFAULT '',
  salt BLOB, memory INTEGER NOT NULL DEFAULT 0, passes INTEGER NOT NULL DEFAULT 0, threads INTEGER NOT NULL DEFAULT 0,
  verifier BLOB, identity BLOB, totp BLOB, last_step INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL
) STRICT;

CREATE TABLE member (
  id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account, team TEXT NOT NULL REFERENCES team,
  organisation TEXT NOT NULL REFERENCES organisation, role TEXT NOT NULL, ended INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX member_team ON member (team);
CREATE INDEX member_account ON member (account);

CREATE TABLE invitation (
  hash BLOB PRIMARY KEY, member TEXT NOT NULL REFERENCES member, until INTEGER NOT NULL
) STRICT;

CREATE TABLE visit (
  hash BLOB PRIMARY KEY, ref TEXT NOT NULL, account TEXT NOT NULL REFERENCES account, member TEXT NOT NULL REFERENCES member,
  box BLOB, csrf TEXT NOT NULL, auth TEXT NOT NULL, created INTEGER NOT NULL, seen INTEGER NOT NULL, ended INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX visit_account ON visit (account);

CREATE TABLE device (
  account TEXT NOT NULL REFERENCES account, hash BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (account, hash)
) STRICT;

CREATE TABLE failure (key BLOB NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX failure_key ON failure (key, at);

CREATE TABLE draft (
  id TEXT PRIMARY KEY, team TEXT NOT NULL, member TEXT NOT NULL REFERENCES member, path TEXT NOT NULL, sealed BLOB NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE INDEX draft_member ON draft (member);

CREATE TABLE vault (
  id TEXT PRIMARY KEY, team TEXT NOT NULL REFERENCES team, kind TEXT NOT NULL, recipient TEXT NOT NULL,
  next_seq INTEGER NOT NULL DEFAULT 1, created INTEGER NOT NULL
) STRICT;
CREATE INDEX vault_team ON vault (team, kind);

-- Small and apart: back-ups carry it separately, with a short retention.
CREATE TABLE shred_key (vault TEXT PRIMARY KEY REFERENCES vault, key BLOB NOT NULL) STRICT;

CREATE TABLE vault_grant (
  vault TEXT NOT NULL REFERENCES vault, member TEXT NOT NULL REFERENCES member, sealed BLOB NOT NULL, given_by TEXT NOT NULL,
  basis TEXT NOT NULL, why TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (vault, member)
) STRICT;
CREATE INDEX vault_grant_member ON vault_grant (member, vault);
CREATE INDEX vault_grant_until ON vault_grant (until) WHERE until > 0;

CREATE TABLE case_file (
  id TEXT PRIMARY KEY REFERENCES vault, team TEXT NOT NULL REFERENCES team, pseudonym TEXT NOT NULL, phase TEXT NOT NULL,
  domains TEXT NOT NULL, band TEXT NOT NULL, lead TEXT NOT NULL, evaluate_on INTEGER NOT NULL DEFAULT 0, opened INTEGER NOT NULL,
  opened_by TEXT NOT NULL, closed INTEGER NOT NULL DEFAULT 0, last_at INTEGER NOT NULL, revision INTEGER NOT NULL DEFAULT 1,
  UNIQUE (team, pseudonym)
) STRICT;
CREATE INDEX case_file_open ON case_file (team, last_at DESC, id) WHERE closed = 0;
CREATE INDEX case_file_closed ON case_file (team, last_at DESC, id) WHERE closed > 0;

CREATE TABLE used_pseudonym (team TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (team, name)) STRICT;

CREATE TABLE case_link (case_id TEXT PRIMARY KEY, team TEXT NOT NULL, sealed BLOB NOT NULL) STRICT;
CREATE INDEX case_link_team ON case_link (team);

CREATE TABLE basis (
  id TEXT PRIMARY KEY, case_id TEXT NOT NULL REFERENCES case_file, kind TEXT NOT NULL, givers TEXT NOT NULL, given_on INTEGER NOT NULL,
  ends INTEGER NOT NULL, organisations TEXT NOT NULL, recorded_by TEXT NOT NULL, withdrawn INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX basis_case ON basis (case_id);

CREATE TABLE item (
  id TEXT PRIMARY KEY, team TEXT NOT NULL, vault TEXT NOT NULL REFERENCES vault, seq INTEGER NOT NULL, kind TEXT NOT NULL,
  author TEXT NOT NULL, author_role TEXT NOT NULL, class TEXT NOT NULL, at INTEGER NOT NULL, domain TEXT NOT NULL, tone TEXT NOT NULL,
  knowing TEXT NOT NULL, third_party INTEGER NOT NULL, session TEXT NOT NULL, point TEXT NOT NULL, responsible TEXT NOT NULL,
  due INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0, done_by TEXT NOT NULL DEFAULT '', sealed BLOB NOT NULL, UNIQUE (vault, seq)
) STRICT;
CREATE INDEX item_open_agreement ON item (team, due) WHERE kind = 'agreement' AND done = 0;
CREATE INDEX item_signal ON item (team, at) WHERE kind IN ('signal', 'trend');

CREATE TABLE inbox (
  item TEXT PRIMARY KEY REFERENCES item, state TEXT NOT NULL, case_id TEXT NOT NULL, judged_by TEXT NOT NULL, judged_at INTEGER NOT NULL, reply BLOB
) STRICT;

CREATE TABLE question (
  id TEXT PRIMARY KEY, team TEXT NOT NULL, case_id TEXT NOT NULL REFERENCES case_file, asked_by TEXT NOT NULL, asked_of TEXT NOT NULL,
  first_asked TEXT NOT NULL, at INTEGER NOT NULL, answered INTEGER NOT NULL DEFAULT 0, answered_by TEXT NOT NULL DEFAULT '', sealed BLOB
) STRICT;
CREATE INDEX question_asked ON question (asked_of, answered);
CREATE INDEX question_case ON question (case_id);

CREATE TABLE session (
  id TEXT PRIMARY KEY REFERENCES vault, team TEXT NOT NULL REFERENCES team, starts INTEGER NOT NULL, ends INTEGER NOT NULL, state TEXT NOT NULL,
  chair TEXT NOT NULL, current TEXT NOT NULL, started INTEGER NOT NULL, closed INTEGER NOT NULL, closed_by TEXT NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1, checkpoint BLOB
) STRICT;
CREATE INDEX session_team ON session (team, starts);

CREATE TABLE attendee (
  session TEXT NOT NULL REFERENCES session, member TEXT NOT NULL REFERENCES member, attendance TEXT NOT NULL, PRIMARY KEY (session, member)
) STRICT;
CREATE INDEX attendee_member ON attendee (member);

CREATE TABLE point (
  id TEXT PRIMARY KEY, session TEXT NOT NULL REFERENCES session, position INTEGER NOT NULL, kind TEXT NOT NULL, case_id TEXT NOT NULL,
  minutes INTEGER NOT NULL, started INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX point_session ON point (session, position);
CREATE INDEX point_case ON point (case_id);

CREATE TABLE register_entry (
  id TEXT PRIMARY KEY, team TEXT NOT NULL REFERENCES team, version INTEGER NOT NULL, written_by TEXT NOT NULL, sealed BLOB NOT NULL
) STRICT;
CREATE INDEX register_entry_team ON register_entry (team);

CREATE TABLE roll_tag (team TEXT NOT NULL, tag BLOB NOT NULL, PRIMARY KEY (team, tag)) STRICT, WITHOUT ROWID;

CREATE TABLE disclosure (
  id TEXT PRIMARY KEY, team TEXT NOT NULL, case_id TEXT NOT NULL REFERENCES case_file, member TEXT NOT NULL REFERENCES member, basis TEXT NOT NULL,
  given_by TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL, informed INTEGER NOT NULL, sealed BLOB NOT NULL
) STRICT;
CREATE INDEX disclosure_case ON disclosure (case_id, member);

CREATE TABLE log_entry (
  log TEXT NOT NULL, seq INTEGER NOT NULL, nonce BLOB NOT NULL, raw BLOB NOT NULL, commitment BLOB NOT NULL, at INTEGER NOT NULL,
  event TEXT NOT NULL, outcome TEXT NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL, case_id TEXT NOT NULL, PRIMARY KEY (log, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_entry_actor ON log_entry (log, actor, seq);
CREATE INDEX log_entry_case ON log_entry (log, case_id, seq);
CREATE INDEX log_entry_at ON log_entry (log, at);

CREATE TABLE log_head (log TEXT PRIMARY KEY, size INTEGER NOT NULL, edges BLOB NOT NULL, note BLOB NOT NULL) STRICT;
CREATE TABLE log_checkpoint (log TEXT NOT NULL, at INTEGER NOT NULL, note BLOB NOT NULL) STRICT;
CREATE INDEX log_checkpoint_log ON log_checkpoint (log, at);

-- By what the database knows the secrets it belongs with.
CREATE TABLE mark (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;

-- +goose Down
SELECT 1;
