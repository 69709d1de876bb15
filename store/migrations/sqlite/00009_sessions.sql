-- +goose Up
-- Who wants to speak, in the order in which they asked.
CREATE TABLE hand (
  session TEXT NOT NULL REFERENCES session, member TEXT NOT NULL REFERENCES member, at INTEGER NOT NULL, PRIMARY KEY (session, member)
) STRICT;

-- What sort of session it is, how often it was moved, and when its minutes were fixed.
ALTER TABLE session ADD COLUMN kind TEXT NOT NULL DEFAULT 'zat';
ALTER TABLE session ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN fixed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN fixed_by TEXT NOT NULL DEFAULT '';

-- On call: at the table for the cases in which he takes part, and for no other.
ALTER TABLE attendee ADD COLUMN on_call INTEGER NOT NULL DEFAULT 0;

-- Put off to a later session.
ALTER TABLE point ADD COLUMN parked INTEGER NOT NULL DEFAULT 0;

-- Who is left out of a point, for want of a basis that covers him.
CREATE TABLE point_without (point TEXT NOT NULL, session TEXT NOT NULL, member TEXT NOT NULL, PRIMARY KEY (point, member)) STRICT;
CREATE INDEX point_without_session ON point_without (session);

-- School holidays, in which a series has no session.
CREATE TABLE holiday (
  id TEXT PRIMARY KEY, team TEXT NOT NULL REFERENCES team, name TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL
) STRICT;
CREATE INDEX holiday_team ON holiday (team, first);

-- The role in which somebody attended: minutes do not change with it.
ALTER TABLE attendee ADD COLUMN role TEXT NOT NULL DEFAULT '';

-- Who confirmed his part of the minutes.
CREATE TABLE confirmation (
  session TEXT NOT NULL REFERENCES session, member TEXT NOT NULL REFERENCES member, at INTEGER NOT NULL, PRIMARY KEY (session, member)
) STRICT;

-- For files that a member takes along: the public half of a key that he keeps himself.
ALTER TABLE account ADD COLUMN keep TEXT NOT NULL DEFAULT '';
-- Whether a member wants to hear by e-mail how much waits for him, and when he last did.
ALTER TABLE member ADD COLUMN digest INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN digested INTEGER NOT NULL DEFAULT 0;
