-- +goose Up
-- For how many days messages are kept, of an organization or of a group. 0: for ever.
CREATE TABLE retention (
    scope  TEXT    NOT NULL, -- organization or group
    id     TEXT    NOT NULL,
    days   INTEGER NOT NULL,
    set_at INTEGER NOT NULL,
    PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

-- How far the removal of old messages is: one row. conversation is the last one that is done.
CREATE TABLE retention_state (
    id           INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    began        INTEGER NOT NULL DEFAULT 0, -- times in milliseconds
    ended        INTEGER NOT NULL DEFAULT 0, -- the last time
    conversation INTEGER NOT NULL DEFAULT 0,
    messages     INTEGER NOT NULL DEFAULT 0, -- that this time has removed
    files        INTEGER NOT NULL DEFAULT 0,
    bytes        INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO retention_state (id) VALUES (1);

-- The messages of a conversation up to removed_seq were removed; removed_id is the last of them, and
-- removed_count is the number of them that counted.
ALTER TABLE conversation ADD COLUMN removed_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN removed_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN removed_count INTEGER NOT NULL DEFAULT 0;

-- 1: the message was too old, but younger ones are before it in the log, as after an import. It has no content and
-- is not shown. Its row is removed together with theirs.
ALTER TABLE message ADD COLUMN expired INTEGER NOT NULL DEFAULT 0;
CREATE INDEX message_sent ON message (conversation, sent_at) WHERE sent_at IS NOT NULL AND expired = 0;

CREATE INDEX heard_message ON heard (message);

-- A quoted message may be removed before the one that quotes it. SQLite has no statement that takes a constraint
-- from a column; its documentation describes this way, which copies no row.
PRAGMA writable_schema = 1;
UPDATE sqlite_schema SET sql = replace(sql, 'refer        INTEGER REFERENCES message (id),', 'refer        INTEGER,') WHERE type = 'table' AND name = 'message';
PRAGMA writable_schema = RESET;
