-- +goose Up
-- compatible: yes
-- The reading of the account, or of all members of the organization, is not shown to others.
ALTER TABLE account ADD COLUMN hides_reading BIGINT NOT NULL DEFAULT 0;
ALTER TABLE organization ADD COLUMN hides_reading BIGINT NOT NULL DEFAULT 0;
