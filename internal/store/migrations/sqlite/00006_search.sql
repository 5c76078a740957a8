-- +goose Up
-- The words of every message that a person sent and nobody has withdrawn, up to
-- the one named by search_state: see search.go for what they are. The index keeps
-- no text and no positions, only which message has which word.
CREATE VIRTUAL TABLE message_index USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);

-- The words made of letters, for finding those that begin with what was typed.
CREATE TABLE search_word (word TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;

-- One row. Messages behind indexed have yet to be indexed. format is that of the
-- words: an index of another one is made anew.
CREATE TABLE search_state (
    indexed INTEGER NOT NULL,
    format  INTEGER NOT NULL
) STRICT;
INSERT INTO search_state VALUES (0, 0);

-- What an account is found by, and its place among others by name. Rows from
-- before are filled in when the database is opened.
ALTER TABLE account ADD COLUMN find TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN place TEXT NOT NULL DEFAULT '';

-- The place of each active member, so that a page of a large organization is read
-- without the others; empty for those who are not active.
ALTER TABLE organization_member ADD COLUMN place TEXT NOT NULL DEFAULT '';
CREATE INDEX organization_member_place ON organization_member (organization, place, account) WHERE place <> '';
