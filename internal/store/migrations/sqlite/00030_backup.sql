-- +goose Up
-- What is known of the backups of this database: one row.
CREATE TABLE backup_state (
    id            INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    began         INTEGER NOT NULL DEFAULT 0,  -- the last complete one; times in milliseconds
    took          INTEGER NOT NULL DEFAULT 0,
    bytes         INTEGER NOT NULL DEFAULT 0,
    folder        TEXT    NOT NULL DEFAULT '',
    failed        INTEGER NOT NULL DEFAULT 0,  -- the last failure after that
    failure       TEXT    NOT NULL DEFAULT '',
    running_until INTEGER NOT NULL DEFAULT 0   -- a running one renews this
) STRICT;

INSERT INTO backup_state (id) VALUES (1);
