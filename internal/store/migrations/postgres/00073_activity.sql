-- +goose Up
-- compatible: yes
-- The activity of the account, or of all members of the organization, is not shown to others.
ALTER TABLE account ADD COLUMN hides_activity BIGINT NOT NULL DEFAULT 0;
ALTER TABLE organization ADD COLUMN hides_activity BIGINT NOT NULL DEFAULT 0;
