-- +goose Up
-- People who are being erased, or were. name is the former one, until it has been replaced everywhere.
CREATE TABLE erasure (
    account      TEXT    NOT NULL PRIMARY KEY REFERENCES account (id),
    began        INTEGER NOT NULL,
    ended        INTEGER NOT NULL, -- 0: it goes on
    name         TEXT    NOT NULL,
    conversation INTEGER NOT NULL, -- in which it is
    seq          INTEGER NOT NULL, -- up to here
    notice       INTEGER NOT NULL, -- the last notice that was looked at
    done         INTEGER NOT NULL, -- messages
    total        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
