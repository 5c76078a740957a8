-- +goose Up
-- Accounts that have set their e-mail address themselves. Revoking everything removes it, because a thief may have set it.
CREATE TABLE own_email (
    account TEXT NOT NULL PRIMARY KEY REFERENCES account (id)
) STRICT, WITHOUT ROWID;
