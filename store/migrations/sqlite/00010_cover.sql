-- +goose Up
-- A session that is locked behind a cover, when its owner last did something himself, and
-- the PIN that lifts the cover, tagged with his own key, with how often it was wrong.
ALTER TABLE visit ADD COLUMN covered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visit ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visit ADD COLUMN pin BLOB;
ALTER TABLE visit ADD COLUMN pin_tries INTEGER NOT NULL DEFAULT 0;
UPDATE visit SET touched = seen;
