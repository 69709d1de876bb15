-- +goose Up
-- An account may be a member of several teams. Of each it is a member only after
-- its owner took the invitation: until then nothing can be granted to him there.
ALTER TABLE member ADD COLUMN joined INTEGER NOT NULL DEFAULT 0;
UPDATE member SET joined = (SELECT created FROM account a WHERE a.id = member.account AND a.recipient <> '') WHERE account IN (SELECT id FROM account WHERE recipient <> '');
