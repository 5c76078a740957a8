-- +goose Up
-- Up to sure_seq a chat was read for certain; between it and read_seq because a
-- socket of the account looked at the chat, which may turn out to have been dead.
ALTER TABLE member ADD COLUMN sure_seq INTEGER NOT NULL DEFAULT 0;
UPDATE member SET sure_seq = read_seq;

-- What a socket looks at, for a client that comes back after a restart.
CREATE TABLE current_chat (
    id      TEXT    NOT NULL PRIMARY KEY, -- the socket that said so
    session TEXT    NOT NULL,
    account TEXT    NOT NULL REFERENCES account (id),
    type    INTEGER NOT NULL,
    chat    TEXT    NOT NULL,
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
