-- +goose Up
-- For which key of a member a grant was sealed, and what shows that a holder of
-- the vault sealed it: nobody who can only write here makes that. Grants from
-- before have neither, and open nothing until they are given anew.
ALTER TABLE vault_grant ADD COLUMN recipient TEXT NOT NULL DEFAULT '';
ALTER TABLE vault_grant ADD COLUMN vouch BLOB NOT NULL DEFAULT x'';

-- The way of a team's recovery identity, which is on paper, into each vault.
CREATE TABLE backing (
  vault TEXT PRIMARY KEY REFERENCES vault, member TEXT NOT NULL, recipient TEXT NOT NULL, vouch BLOB NOT NULL, sealed BLOB NOT NULL,
  given_by TEXT NOT NULL, since INTEGER NOT NULL
) STRICT;

-- When a team's recovery identity was made, and when it was last typed in.
CREATE TABLE team_recovery (
  team TEXT PRIMARY KEY REFERENCES team, id TEXT NOT NULL, made INTEGER NOT NULL, made_by TEXT NOT NULL, used INTEGER NOT NULL DEFAULT 0,
  kept INTEGER NOT NULL DEFAULT 0 -- its end was typed back
) STRICT;

-- Recoveries by two: of whom, by whom, how far. The locks are those that the member
-- made for himself; they take the place of what he lost when it is done.
CREATE TABLE rescue (
  id TEXT PRIMARY KEY, team TEXT NOT NULL REFERENCES team, member TEXT NOT NULL REFERENCES member, state TEXT NOT NULL,
  asked_by TEXT NOT NULL, confirmed_by TEXT NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000', at INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0,
  link BLOB NOT NULL, until INTEGER NOT NULL,
  recipient TEXT NOT NULL DEFAULT '', salt BLOB, memory INTEGER NOT NULL DEFAULT 0, passes INTEGER NOT NULL DEFAULT 0, threads INTEGER NOT NULL DEFAULT 0,
  verifier BLOB, identity BLOB, totp BLOB, code_salt BLOB, code_verifier BLOB, code_identity BLOB, code_totp BLOB
) STRICT;
CREATE INDEX rescue_team ON rescue (team, state);
CREATE UNIQUE INDEX rescue_link ON rescue (link);
