-- +goose Up
-- A checksum of what a row says, for parley verify; see internal/store/checksum.go.
-- NULL: an earlier version stored the row.
ALTER TABLE message ADD COLUMN checksum INTEGER;
ALTER TABLE notice ADD COLUMN checksum INTEGER;
