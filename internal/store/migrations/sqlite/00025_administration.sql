-- +goose Up
-- What the administration knows about a person besides the account. No row: nothing.
CREATE TABLE account_detail (
    account    TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
    title      TEXT NOT NULL,
    department TEXT NOT NULL,
    phone      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- All people in the order of a directory, and the entries of an application.
CREATE INDEX account_place ON account (place, id);
CREATE INDEX audit_app ON audit (app, id) WHERE app <> '';
