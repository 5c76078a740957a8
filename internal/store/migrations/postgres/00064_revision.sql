-- +goose Up
-- compatible: no, the version before keeps the former texts of messages that it withdraws or removes
-- When the text was last replaced by its author; NULL: never.
ALTER TABLE message ADD COLUMN edited_at BIGINT;

-- The former texts of edited messages, and since when the message had each.
CREATE TABLE revision (
    message  BIGINT NOT NULL REFERENCES message (id),
    number   BIGINT NOT NULL,
    text     ctext  NOT NULL,
    at       BIGINT NOT NULL,
    checksum BIGINT NOT NULL, -- of the whole row
    PRIMARY KEY (message, number)
);

-- How many texts were replaced before they were in the index. The indexer reads the words again if this has changed meanwhile.
ALTER TABLE search_state ADD COLUMN replaced BIGINT NOT NULL DEFAULT 0;
