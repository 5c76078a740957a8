-- +goose Up
-- compatible: yes
-- The second factor of accounts. The server computes codes from the secrets, so it cannot store
-- hashes of them.
CREATE TABLE two_factor (
    account   ctext  NOT NULL PRIMARY KEY REFERENCES account (id),
    secret    ctext  NOT NULL, -- base32; empty: off
    pending   ctext  NOT NULL, -- the secret of an app that is being set up; empty: none
    on_at     BIGINT NOT NULL, -- 0: off
    step      BIGINT NOT NULL, -- time step of the last code that was used
    failures  BIGINT NOT NULL, -- wrong codes since the last right one
    failed_at BIGINT NOT NULL
);

-- Recovery codes that were not used; the hash of each, never itself.
CREATE TABLE recovery_code (
    account ctext NOT NULL REFERENCES account (id),
    hash    BYTEA NOT NULL,
    PRIMARY KEY (account, hash)
);

-- Sign-ins that wait for the second factor; the hash of each ticket, never itself.
CREATE TABLE signin_ticket (
    hash       BYTEA  NOT NULL PRIMARY KEY,
    account    ctext  NOT NULL REFERENCES account (id),
    method     ctext  NOT NULL, -- the first factor
    expires_at BIGINT NOT NULL
);
CREATE INDEX signin_ticket_expires_at ON signin_ticket (expires_at);

-- Codes of a provider, the host system and the operator sign in without the second factor.
ALTER TABLE signin_code ADD COLUMN vouched BIGINT NOT NULL DEFAULT 0;
