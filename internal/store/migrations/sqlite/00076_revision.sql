-- +goose Up
-- When the text was last replaced by its author; NULL: never.
ALTER TABLE message ADD COLUMN edited_at INTEGER;

-- The former texts of edited messages, and since when the message had each.
CREATE TABLE revision (
    message  INTEGER NOT NULL REFERENCES message (id),
    number   INTEGER NOT NULL,
    text     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    checksum INTEGER NOT NULL, -- of the whole row
    PRIMARY KEY (message, number)
) STRICT, WITHOUT ROWID;

-- How many texts were replaced before they were in the index. The indexer reads the words again if this has changed meanwhile.
ALTER TABLE search_state ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0;
