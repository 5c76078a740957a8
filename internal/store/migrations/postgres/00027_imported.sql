-- +goose Up
-- compatible: yes
-- What an import has made or found, so that a repetition finds it again. external is a hash of the
-- id that the other system uses. kind is account, group, direct or message.
CREATE TABLE imported (
    source   ctext NOT NULL, -- the other system
    kind     ctext NOT NULL,
    external ctext NOT NULL,
    own      ctext NOT NULL, -- the id here
    PRIMARY KEY (source, kind, external)
);

-- Ranges of message ids that imports have used. The times of these messages are in the past, so
-- they do not rise with the ids of other messages.
CREATE TABLE imported_ids (
    first_id BIGINT NOT NULL PRIMARY KEY,
    last_id  BIGINT NOT NULL,
    oldest   BIGINT NOT NULL, -- time of the earliest message, milliseconds
    newest   BIGINT NOT NULL
);
