-- +goose Up
-- One row for each direction: a request that is made again takes the place of
-- the one before, and keeps its id.
CREATE TABLE friend_request (
    id          TEXT    NOT NULL PRIMARY KEY,
    sender      TEXT    NOT NULL REFERENCES account (id),
    receiver    TEXT    NOT NULL REFERENCES account (id),
    message     TEXT    NOT NULL,
    state       INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    told_at     INTEGER NOT NULL,
    answered_at INTEGER NOT NULL,
    UNIQUE (sender, receiver)
) STRICT, WITHOUT ROWID;
CREATE INDEX friend_request_receiver ON friend_request (receiver);

CREATE INDEX account_email ON account (email COLLATE NOCASE) WHERE email <> '';
