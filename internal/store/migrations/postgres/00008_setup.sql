-- +goose Up
-- compatible: yes
-- Settings that can be changed while the server runs; the others have their defaults.
CREATE TABLE setting (
    name  ctext NOT NULL PRIMARY KEY,
    value ctext NOT NULL
);

-- Secrets of links that set up a server without people; the hash of each, never itself.
-- A node is the one that has printed the link, empty for a server that is alone.
CREATE TABLE setup_secret (
    hash    BYTEA   NOT NULL PRIMARY KEY,
    node    ctext    NOT NULL,
    made_at BIGINT NOT NULL
);

-- Invitations to an organization; the hash of the secret in each link, never itself.
CREATE TABLE invitation (
    id           ctext    NOT NULL PRIMARY KEY,
    hash         BYTEA   NOT NULL UNIQUE,
    organization ctext    NOT NULL REFERENCES organization (id),
    role         ctext    NOT NULL,
    group_ids    ctext    NOT NULL, -- JSON array of ids
    email        ctext    NOT NULL, -- that it was sent to
    domain       ctext    NOT NULL, -- that addresses must have; empty: any
    uses         BIGINT NOT NULL,
    max_uses     BIGINT NOT NULL, -- 0: any number
    creator      ctext    REFERENCES account (id), -- NULL: a system of the host
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    revoked_at   BIGINT NOT NULL
);
CREATE INDEX invitation_organization ON invitation (organization, created_at);
