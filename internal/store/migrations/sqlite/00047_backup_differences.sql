-- +goose Up
-- Differences that were found in the latest backup. began is then that of the latest one without any.
ALTER TABLE backup_state ADD COLUMN differences INTEGER NOT NULL DEFAULT 0;
