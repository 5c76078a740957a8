-- +goose Up
-- compatible: yes
-- The session that asked for the change, which goes on after it; empty: none does.
ALTER TABLE email_change ADD COLUMN session ctext NOT NULL DEFAULT '';
