-- +goose Up
-- The session that asked for the change, which goes on after it; empty: none does.
ALTER TABLE email_change ADD COLUMN session TEXT NOT NULL DEFAULT '';
