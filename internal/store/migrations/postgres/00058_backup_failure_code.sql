-- +goose Up
-- compatible: yes
-- The kind of the failure, for clients that say it in their own words. Empty: an earlier version has noted the failure.
ALTER TABLE backup_state ADD COLUMN failure_code TEXT NOT NULL DEFAULT '';
