-- +goose Up
-- Accounts that write for incoming webhooks. Such an account is never active.
ALTER TABLE account ADD COLUMN bot INTEGER NOT NULL DEFAULT 0;

-- Incoming webhooks of groups; the hash of the token in each address, never the token itself.
CREATE TABLE webhook (
    id         TEXT    NOT NULL PRIMARY KEY,
    hash       BLOB    NOT NULL UNIQUE,
    group_id   TEXT    NOT NULL REFERENCES chat_group (id),
    account    TEXT    NOT NULL UNIQUE REFERENCES account (id), -- the bot
    secret     TEXT    NOT NULL, -- for signatures; empty: requests are not signed
    creator    TEXT    REFERENCES account (id), -- NULL: a system of the host
    created_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL -- 0: never; to the minute
) STRICT;
CREATE INDEX webhook_group ON webhook (group_id, created_at, id);
