-- +goose Up
-- The pinned messages of each chat.
CREATE TABLE pin (
    message      INTEGER NOT NULL PRIMARY KEY REFERENCES message (id),
    conversation INTEGER NOT NULL REFERENCES conversation (id),
    account      TEXT    NOT NULL REFERENCES account (id), -- that has pinned it
    at           INTEGER NOT NULL
) STRICT;
CREATE INDEX pin_conversation ON pin (conversation, at, message);
