-- +goose Up
-- compatible: yes
-- Accounts that have set their e-mail address themselves. Revoking everything removes it, because a thief may have set it.
CREATE TABLE own_email (
    account ctext NOT NULL PRIMARY KEY REFERENCES account (id)
);
