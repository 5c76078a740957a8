-- +goose Up
-- What an account has written in a chat and not sent. An empty text is what a device of the account has emptied or sent.
CREATE TABLE unsent (
    account TEXT    NOT NULL REFERENCES account (id),
    type    INTEGER NOT NULL, -- of the chat: 1 a person, 2 a group
    chat    TEXT    NOT NULL, -- the other account or the group; a chat with a person may have no conversation yet
    text    TEXT    NOT NULL,
    refer   INTEGER NOT NULL, -- the message that it answers; 0: none
    note    TEXT    NOT NULL, -- of the client that wrote it
    at      INTEGER NOT NULL, -- when it was written
    PRIMARY KEY (account, type, chat)
) STRICT, WITHOUT ROWID;
