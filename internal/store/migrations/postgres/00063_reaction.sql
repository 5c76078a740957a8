-- +goose Up
-- compatible: no, the version before cannot remove old messages that have reactions
CREATE TABLE reaction (
    message BIGINT NOT NULL REFERENCES message (id),
    emoji   ctext  NOT NULL, -- in the form of internal/emoji
    account ctext  NOT NULL REFERENCES account (id),
    at      BIGINT NOT NULL,
    PRIMARY KEY (message, emoji, account)
);
CREATE INDEX reaction_account ON reaction (account);

-- A message of the member to which somebody has reacted since the member last read the chat; 0: none.
ALTER TABLE member ADD COLUMN reacted BIGINT NOT NULL DEFAULT 0;
