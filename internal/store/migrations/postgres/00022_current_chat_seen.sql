-- +goose Up
-- compatible: yes
-- The seq of the account's cursor when the socket said that it looks at the chat; 0: not known. It is of the time
-- seen_at: a node of the version before changes at and leaves both as they are.
ALTER TABLE current_chat
    ADD COLUMN seen    BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
