-- +goose Up
-- compatible: yes
-- What the administration knows about a person besides the account. No row: nothing.
CREATE TABLE account_detail (
    account    ctext NOT NULL PRIMARY KEY REFERENCES account (id),
    title      ctext NOT NULL,
    department ctext NOT NULL,
    phone      ctext NOT NULL
);

-- All people in the order of a directory, and the entries of an application.
CREATE INDEX account_place ON account (place, id);
CREATE INDEX audit_app ON audit (app, id) WHERE app <> '';
