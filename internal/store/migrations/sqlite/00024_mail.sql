-- +goose Up
-- Mail that waits to be sent. A row is deleted when the mail server has taken the mail, because
-- the text may have a secret.
CREATE TABLE mail (
    id         TEXT    NOT NULL PRIMARY KEY,
    recipient  TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    next_at    INTEGER NOT NULL, -- of the next attempt
    until      INTEGER NOT NULL, -- no attempt after this
    attempts   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_next_at ON mail (next_at);
