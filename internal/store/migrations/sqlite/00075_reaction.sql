-- +goose Up
CREATE TABLE reaction (
    message INTEGER NOT NULL REFERENCES message (id),
    emoji   TEXT    NOT NULL, -- in the form of internal/emoji
    account TEXT    NOT NULL REFERENCES account (id),
    at      INTEGER NOT NULL,
    PRIMARY KEY (message, emoji, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX reaction_account ON reaction (account);

-- A message of the member to which somebody has reacted since the member last read the chat; 0: none.
ALTER TABLE member ADD COLUMN reacted INTEGER NOT NULL DEFAULT 0;
