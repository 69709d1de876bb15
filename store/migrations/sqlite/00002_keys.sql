-- +goose Up
-- When a vault's key was made, and how often what it holds changed: who seals it
-- anew finds out whether anything was added meanwhile.
ALTER TABLE vault ADD COLUMN keyed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vault ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
UPDATE vault SET keyed = created;

-- Vaults that somebody could open who may not any more: they wait for a new key.
CREATE TABLE stale_vault (
  vault TEXT PRIMARY KEY REFERENCES vault, since INTEGER NOT NULL
) STRICT;

-- Earlier keys of a vault whose texts cannot be sealed anew, because they stand in
-- lines of the log. Each is sealed to the vault's present key.
CREATE TABLE past_key (
  vault TEXT NOT NULL REFERENCES vault, recipient TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (vault, recipient)
) STRICT;
