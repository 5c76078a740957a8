-- +goose Up
-- compatible: yes
-- A new e-mail address that waits to be confirmed by the link in a mail.
CREATE TABLE email_change (
    account    ctext  NOT NULL PRIMARY KEY REFERENCES account (id),
    hash       BYTEA  NOT NULL UNIQUE, -- of the secret in the link
    email      ctext  NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX email_change_expires_at ON email_change (expires_at);
