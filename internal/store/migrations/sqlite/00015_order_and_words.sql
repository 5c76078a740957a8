-- +goose Up
-- The time that a message had while the clock was ahead; it has moved back since.
-- Clients may still name it to read on from there. NULL: it never moved.
ALTER TABLE message ADD COLUMN former_at INTEGER;
CREATE INDEX message_former ON message (conversation, former_at) WHERE former_at IS NOT NULL;

-- What a system message reports, as JSON, so that clients can word it. NULL: only its text is known.
ALTER TABLE message ADD COLUMN report TEXT;

-- How a membership ended: 0 unknown, 1 left, 2 removed, 3 dissolved.
ALTER TABLE member ADD COLUMN departure INTEGER NOT NULL DEFAULT 0;
UPDATE member SET departure = 3 WHERE left_at > 0 AND EXISTS (SELECT 1 FROM conversation c JOIN chat_group g ON g.id = c.group_id
    WHERE c.id = member.conversation AND g.dissolved_at = member.left_at);

-- The order of arrival in a chat list: the last message, of any conversation, before
-- the inbox's last notification, and that notification.
ALTER TABLE inbox ADD COLUMN after_message INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbox ADD COLUMN last_notice INTEGER NOT NULL DEFAULT 0;
UPDATE inbox SET
    after_message = COALESCE((SELECT max(c.last_id) FROM member m JOIN conversation c ON c.id = m.conversation
        WHERE m.account = inbox.account AND c.last_at <= inbox.last_at), 0),
    last_notice = COALESCE((SELECT max(x.notice) FROM notification x WHERE x.account = inbox.account AND x.category = inbox.category
        AND x.seq = inbox.last_seq), 0);
