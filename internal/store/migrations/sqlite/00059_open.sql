-- +goose Up
-- Whether a process has opened the database and not closed it yet. Then the log belongs to the file: without it, and without
-- the lock file, commits can be missing. See internal/store/unclean.go.
ALTER TABLE folder_state ADD COLUMN open INTEGER NOT NULL DEFAULT 0;
