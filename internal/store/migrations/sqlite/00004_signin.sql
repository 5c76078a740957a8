-- +goose Up
-- Codes that sign an account in; the hash of each, never itself.
CREATE TABLE signin_code (
    hash       BLOB    NOT NULL PRIMARY KEY,
    account    TEXT    NOT NULL REFERENCES account (id),
    reusable   INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX signin_code_expires_at ON signin_code (expires_at);

-- The hash with its parameters, as text.
CREATE TABLE password (
    account TEXT    NOT NULL PRIMARY KEY REFERENCES account (id),
    hash    TEXT    NOT NULL,
    set_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who somebody is elsewhere.
CREATE TABLE identity (
    issuer    TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    account   TEXT    NOT NULL REFERENCES account (id),
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_account ON identity (account);

ALTER TABLE token ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
