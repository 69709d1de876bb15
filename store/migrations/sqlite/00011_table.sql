-- +goose Up
-- Who takes notes in a session besides those who chair; empty for nobody.
ALTER TABLE session ADD COLUMN scribe TEXT NOT NULL DEFAULT '';
-- An agreement that was withdrawn: it is done with, and was not kept.
ALTER TABLE item ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;
