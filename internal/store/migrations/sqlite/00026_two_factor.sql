-- +goose Up
-- The second factor of accounts. The server computes codes from the secrets, so it cannot store
-- hashes of them.
CREATE TABLE two_factor (
    account   TEXT    NOT NULL PRIMARY KEY REFERENCES account (id),
    secret    TEXT    NOT NULL, -- base32; empty: off
    pending   TEXT    NOT NULL, -- the secret of an app that is being set up; empty: none
    on_at     INTEGER NOT NULL, -- 0: off
    step      INTEGER NOT NULL, -- time step of the last code that was used
    failures  INTEGER NOT NULL, -- wrong codes since the last right one
    failed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Recovery codes that were not used; the hash of each, never itself.
CREATE TABLE recovery_code (
    account TEXT NOT NULL REFERENCES account (id),
    hash    BLOB NOT NULL,
    PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;

-- Sign-ins that wait for the second factor; the hash of each ticket, never itself.
CREATE TABLE signin_ticket (
    hash       BLOB    NOT NULL PRIMARY KEY,
    account    TEXT    NOT NULL REFERENCES account (id),
    method     TEXT    NOT NULL, -- the first factor
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX signin_ticket_expires_at ON signin_ticket (expires_at);

-- Codes of a provider, the host system and the operator sign in without the second factor.
ALTER TABLE signin_code ADD COLUMN vouched INTEGER NOT NULL DEFAULT 0;
