-- +goose Up
-- A member's own recovery code: it opens his identity and second factor when his
-- password or his phone is lost. The code itself is nowhere.
CREATE TABLE recovery (
  account TEXT PRIMARY KEY REFERENCES account, salt BLOB NOT NULL, verifier BLOB NOT NULL, identity BLOB NOT NULL, totp BLOB NOT NULL, created INTEGER NOT NULL
) STRICT;

-- What sort of browser a session is in, as its owner knows it: "Chrome, Windows".
ALTER TABLE visit ADD COLUMN agent TEXT NOT NULL DEFAULT '';

-- Sign-ins on a device that was not known, for the member to see.
CREATE TABLE new_device (
  account TEXT NOT NULL REFERENCES account, at INTEGER NOT NULL, agent TEXT NOT NULL, ref TEXT NOT NULL, PRIMARY KEY (account, ref)
) STRICT;
