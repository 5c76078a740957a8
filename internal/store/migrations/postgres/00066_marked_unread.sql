-- +goose Up
-- compatible: no, the version before reads messages that the member has marked as unread, and keeps the mark of a member who leaves
-- 1: the member has marked messages as unread since it last read the chat. Messages that arrive are then not read because a socket of the member looks at the chat.
ALTER TABLE member ADD COLUMN marked_unread BIGINT NOT NULL DEFAULT 0;
