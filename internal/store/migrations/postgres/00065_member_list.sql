-- +goose Up
-- compatible: no, nodes of the version before do not keep the figures of direct chats
-- Figures of direct chats, from which the chat list and the unread counts of an account are read;
-- see internal/store/arrival.go. They are 0 in a group.
ALTER TABLE member
    ADD COLUMN place BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN has_unread BIGINT NOT NULL DEFAULT 0;
UPDATE member m SET place = c.last_id,
        has_unread = CASE WHEN m.left_at = 0 AND c.counted - m.read_count > m.own - m.own_at_read THEN 1 ELSE 0 END
    FROM conversation c WHERE c.id = m.conversation AND m.grouped = 0;
CREATE INDEX member_list ON member (account, place, conversation) WHERE listed = 1 AND grouped = 0 AND top_at = 0;
CREATE INDEX member_has_unread ON member (account, conversation) WHERE has_unread = 1;
CREATE INDEX member_top ON member (account, conversation) WHERE top_at > 0;
