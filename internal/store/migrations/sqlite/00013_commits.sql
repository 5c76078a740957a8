-- +goose Up
-- How many commits the database has had and when the last one was. Every commit
-- raises the number, and the lock file has it as well. See internal/store/unclean.go.
ALTER TABLE folder_state ADD COLUMN commits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folder_state ADD COLUMN committed_at INTEGER NOT NULL DEFAULT 0;
