-- +goose Up
-- A member's passkeys: the public half as its library keeps it, and, where the
-- authenticator can evaluate a pseudo-random function, the member's identity sealed
-- under what that gives. That value is nowhere.
CREATE TABLE passkey (
  id BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account, ref TEXT NOT NULL UNIQUE, name TEXT NOT NULL, credential BLOB NOT NULL,
  salt BLOB, identity BLOB, created INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX passkey_account ON passkey (account);

-- What a browser was asked, by the hash of the challenge: each is answered once.
CREATE TABLE challenge (
  hash BLOB PRIMARY KEY, kind TEXT NOT NULL, account TEXT NOT NULL, data BLOB NOT NULL, until INTEGER NOT NULL
) STRICT;
CREATE INDEX challenge_until ON challenge (until);

-- When somebody last proved who he is, in this session.
ALTER TABLE visit ADD COLUMN proved INTEGER NOT NULL DEFAULT 0;
UPDATE visit SET proved = created;
