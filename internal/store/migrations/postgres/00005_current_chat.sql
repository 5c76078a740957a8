-- +goose Up
-- compatible: no, nodes of the version before do not tell the current chats of nodes apart
-- In a cluster: the node of the socket, when the connection was lost, and whether it was decided
-- then about the reads that were made because the socket looked at the chat. A row of type 0 is a
-- socket without a current chat that takes over that of a lost socket of its session.
ALTER TABLE current_chat
    ADD COLUMN node    ctext  NOT NULL DEFAULT '',
    ADD COLUMN lost_at BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN decided BIGINT NOT NULL DEFAULT 0;
CREATE INDEX current_chat_session ON current_chat (session);
