-- +goose Up
-- compatible: yes
-- When the application was disabled; 0: it is not.
ALTER TABLE application ADD COLUMN disabled_at BIGINT NOT NULL DEFAULT 0;
