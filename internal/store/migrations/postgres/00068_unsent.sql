-- +goose Up
-- compatible: yes
-- What an account has written in a chat and not sent. An empty text is what a device of the account has emptied or sent.
CREATE TABLE unsent (
    account ctext  NOT NULL REFERENCES account (id),
    type    BIGINT NOT NULL, -- of the chat: 1 a person, 2 a group
    chat    ctext  NOT NULL, -- the other account or the group; a chat with a person may have no conversation yet
    text    ctext  NOT NULL,
    refer   BIGINT NOT NULL, -- the message that it answers; 0: none
    note    ctext  NOT NULL, -- of the client that wrote it
    at      BIGINT NOT NULL, -- when it was written
    PRIMARY KEY (account, type, chat)
);
