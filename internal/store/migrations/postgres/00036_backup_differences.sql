-- +goose Up
-- compatible: yes
-- Differences that were found in the latest backup. began is then that of the latest one without any.
ALTER TABLE backup_state ADD COLUMN differences BIGINT NOT NULL DEFAULT 0;
