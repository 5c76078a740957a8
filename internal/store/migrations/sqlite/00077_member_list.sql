-- +goose Up
-- Figures of direct chats, from which the chat list and the unread counts of an account are read;
-- see internal/store/arrival.go. They are 0 in a group.
ALTER TABLE member ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN has_unread INTEGER NOT NULL DEFAULT 0;
UPDATE member SET place = c.last_id, has_unread = (left_at = 0 AND c.counted - read_count > own - own_at_read)
    FROM conversation c WHERE c.id = member.conversation AND member.grouped = 0;
CREATE INDEX member_list ON member (account, place, conversation, listed, grouped, top_at) WHERE listed = 1 AND grouped = 0 AND top_at = 0;
CREATE INDEX member_has_unread ON member (account, conversation) WHERE has_unread = 1;
CREATE INDEX member_top ON member (account, conversation) WHERE top_at > 0;
