-- +goose Up
-- compatible: yes
-- Uploads are counted by their day.
CREATE INDEX stored_file_at ON stored_file (stored_at);
