-- +goose Up
-- compatible: yes
-- The replies to each message: those that quote it and are not withdrawn.
CREATE INDEX message_refer ON message (refer, seq) WHERE refer IS NOT NULL AND withdrawn_at IS NULL;
