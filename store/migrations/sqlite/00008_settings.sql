-- +goose Up
-- What a team asks of who signs in: minutes without anything done, hours in all, and
-- whether only a passkey will do.
ALTER TABLE team ADD COLUMN passkey INTEGER NOT NULL DEFAULT 0;
ALTER TABLE team ADD COLUMN idle INTEGER NOT NULL DEFAULT 15;
ALTER TABLE team ADD COLUMN length INTEGER NOT NULL DEFAULT 12;

-- What a partner is under the AVG, and where the agreement with it can be found.
ALTER TABLE organisation ADD COLUMN controller TEXT NOT NULL DEFAULT '';
ALTER TABLE organisation ADD COLUMN convenant TEXT NOT NULL DEFAULT '';
