-- +goose Up
-- compatible: yes
-- People who are being erased, or were. name is the former one, until it has been replaced everywhere.
CREATE TABLE erasure (
    account      ctext  NOT NULL PRIMARY KEY REFERENCES account (id),
    began        BIGINT NOT NULL,
    ended        BIGINT NOT NULL, -- 0: it goes on
    name         ctext  NOT NULL,
    conversation BIGINT NOT NULL, -- in which it is
    seq          BIGINT NOT NULL, -- up to here
    notice       BIGINT NOT NULL, -- the last notice that was looked at
    done         BIGINT NOT NULL, -- messages
    total        BIGINT NOT NULL
);
