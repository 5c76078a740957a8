-- +goose Up
-- compatible: no, the version before does not read rows without a checksum
-- Rows that an early version wrote to SQLite have no checksum. They can be moved here.
ALTER TABLE message ALTER COLUMN checksum DROP NOT NULL;
ALTER TABLE notice ALTER COLUMN checksum DROP NOT NULL;
