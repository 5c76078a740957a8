-- +goose Up
-- compatible: yes
-- Accounts that write for incoming webhooks. Such an account is never active.
ALTER TABLE account ADD COLUMN bot BIGINT NOT NULL DEFAULT 0;

-- Incoming webhooks of groups; the hash of the token in each address, never the token itself.
CREATE TABLE webhook (
    id         ctext  NOT NULL PRIMARY KEY,
    hash       BYTEA  NOT NULL UNIQUE,
    group_id   ctext  NOT NULL REFERENCES chat_group (id),
    account    ctext  NOT NULL UNIQUE REFERENCES account (id), -- the bot
    secret     ctext  NOT NULL, -- for signatures; empty: requests are not signed
    creator    ctext  REFERENCES account (id), -- NULL: a system of the host
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL -- 0: never; to the minute
);
CREATE INDEX webhook_group ON webhook (group_id, created_at, id);
