-- +goose Up
-- What an import has made or found, so that a repetition finds it again. external is a hash of the
-- id that the other system uses. kind is account, group, direct or message.
CREATE TABLE imported (
    source   TEXT NOT NULL, -- the other system
    kind     TEXT NOT NULL,
    external TEXT NOT NULL,
    own      TEXT NOT NULL, -- the id here
    PRIMARY KEY (source, kind, external)
) STRICT, WITHOUT ROWID;

-- Ranges of message ids that imports have used. The times of these messages are in the past, so
-- they do not rise with the ids of other messages.
CREATE TABLE imported_ids (
    first_id INTEGER NOT NULL PRIMARY KEY,
    last_id  INTEGER NOT NULL,
    oldest   INTEGER NOT NULL, -- time of the earliest message, milliseconds
    newest   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
