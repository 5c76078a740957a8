-- +goose Up
-- A new e-mail address that waits to be confirmed by the link in a mail.
CREATE TABLE email_change (
    account    TEXT    NOT NULL PRIMARY KEY REFERENCES account (id),
    hash       BLOB    NOT NULL UNIQUE, -- of the secret in the link
    email      TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX email_change_expires_at ON email_change (expires_at);
