-- +goose Up
-- Which person of an organisation's own sign-in an account is: issuer and subject,
-- and never an address, which changes hands.
CREATE TABLE federation (
  issuer TEXT NOT NULL, subject TEXT NOT NULL, account TEXT NOT NULL REFERENCES account, linked INTEGER NOT NULL, PRIMARY KEY (issuer, subject)
) STRICT;
CREATE UNIQUE INDEX federation_account ON federation (account, issuer);
