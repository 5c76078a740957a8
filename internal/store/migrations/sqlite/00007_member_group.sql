-- +goose Up
-- Whether the conversation is a group: an account has few groups and may have
-- thousands of other chats.
ALTER TABLE member ADD COLUMN grouped INTEGER NOT NULL DEFAULT 0;
UPDATE member SET grouped = 1 WHERE conversation IN (SELECT id FROM conversation WHERE group_id IS NOT NULL);
CREATE INDEX member_grouped ON member (account, conversation) WHERE grouped = 1;
