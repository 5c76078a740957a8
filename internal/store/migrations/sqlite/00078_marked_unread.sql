-- +goose Up
-- 1: the member has marked messages as unread since it last read the chat. Messages that arrive are then not read because a socket of the member looks at the chat.
ALTER TABLE member ADD COLUMN marked_unread INTEGER NOT NULL DEFAULT 0;
