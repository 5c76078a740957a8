-- +goose Up
-- When the application was disabled; 0: it is not.
ALTER TABLE application ADD COLUMN disabled_at INTEGER NOT NULL DEFAULT 0;
