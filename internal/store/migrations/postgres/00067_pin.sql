-- +goose Up
-- compatible: no, the version before cannot remove old messages that are pinned
-- The pinned messages of each chat.
CREATE TABLE pin (
    message      BIGINT NOT NULL PRIMARY KEY REFERENCES message (id),
    conversation BIGINT NOT NULL REFERENCES conversation (id),
    account      ctext  NOT NULL REFERENCES account (id), -- that has pinned it
    at           BIGINT NOT NULL
);
CREATE INDEX pin_conversation ON pin (conversation, at, message);
