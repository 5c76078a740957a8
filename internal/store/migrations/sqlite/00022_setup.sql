-- +goose Up
-- Settings that can be changed while the server runs; the others have their defaults.
CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Secrets of links that set up a server without people; the hash of each, never itself.
-- A node is the one that has printed the link, empty for a server that is alone.
CREATE TABLE setup_secret (
    hash    BLOB    NOT NULL PRIMARY KEY,
    node    TEXT    NOT NULL,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Invitations to an organization; the hash of the secret in each link, never itself.
CREATE TABLE invitation (
    id           TEXT    NOT NULL PRIMARY KEY,
    hash         BLOB    NOT NULL UNIQUE,
    organization TEXT    NOT NULL REFERENCES organization (id),
    role         TEXT    NOT NULL,
    group_ids    TEXT    NOT NULL, -- JSON array of ids
    email        TEXT    NOT NULL, -- that it was sent to
    domain       TEXT    NOT NULL, -- that addresses must have; empty: any
    uses         INTEGER NOT NULL,
    max_uses     INTEGER NOT NULL, -- 0: any number
    creator      TEXT    REFERENCES account (id), -- NULL: a system of the host
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    revoked_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_organization ON invitation (organization, created_at);
