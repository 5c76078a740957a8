-- +goose Up
-- compatible: yes
-- For how many days messages are kept, of an organization or of a group. 0: for ever.
CREATE TABLE retention (
    scope  ctext  NOT NULL, -- organization or group
    id     ctext  NOT NULL,
    days   BIGINT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (scope, id)
);

-- How far the removal of old messages is: one row. conversation is the last one that is done.
CREATE TABLE retention_state (
    id           BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    began        BIGINT NOT NULL DEFAULT 0, -- times in milliseconds
    ended        BIGINT NOT NULL DEFAULT 0, -- the last time
    conversation BIGINT NOT NULL DEFAULT 0,
    messages     BIGINT NOT NULL DEFAULT 0, -- that this time has removed
    files        BIGINT NOT NULL DEFAULT 0,
    bytes        BIGINT NOT NULL DEFAULT 0
);
INSERT INTO retention_state (id) VALUES (1);

-- The messages of a conversation up to removed_seq were removed; removed_id is the last of them, and
-- removed_count is the number of them that counted.
ALTER TABLE conversation ADD COLUMN removed_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN removed_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN removed_count BIGINT NOT NULL DEFAULT 0;

-- 1: the message was too old, but younger ones are before it in the log, as after an import. It has no content and
-- is not shown. Its row is removed together with theirs.
ALTER TABLE message ADD COLUMN expired BIGINT NOT NULL DEFAULT 0;
CREATE INDEX message_sent ON message (conversation, sent_at) WHERE sent_at IS NOT NULL AND expired = 0;

CREATE INDEX heard_message ON heard (message);

-- A quoted message may be removed before the one that quotes it.
ALTER TABLE message DROP CONSTRAINT message_refer_fkey;
