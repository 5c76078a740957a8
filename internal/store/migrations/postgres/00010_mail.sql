-- +goose Up
-- compatible: yes
-- Mail that waits to be sent. A row is deleted when the mail server has taken the mail, because
-- the text may have a secret.
CREATE TABLE mail (
    id         ctext  NOT NULL PRIMARY KEY,
    recipient  ctext  NOT NULL,
    subject    ctext  NOT NULL,
    body       ctext  NOT NULL,
    created_at BIGINT NOT NULL,
    next_at    BIGINT NOT NULL, -- of the next attempt
    until      BIGINT NOT NULL, -- no attempt after this
    attempts   BIGINT NOT NULL
);
CREATE INDEX mail_next_at ON mail (next_at);
