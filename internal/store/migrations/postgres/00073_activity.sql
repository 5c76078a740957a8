-- +goose Up
-- compatible: yes
-- The activity of the account, or of all members of the organization, is not shown to others.
ALTER TABLE account ADD COLUMN hides_activity BIGINT NOT NULL DEFAULT 0;
ALTER TABLE organization ADD COLUMN hides_activity BIGINT NOT NULL DEFAULT 0;

-- What an account says about itself, and when it was last connected.
CREATE TABLE availability (
    account TEXT   NOT NULL PRIMARY KEY REFERENCES account (id),
    emoji   TEXT   NOT NULL DEFAULT '',
    text    TEXT   NOT NULL DEFAULT '',
    quiet   BIGINT NOT NULL DEFAULT 0, -- 1: it does not want to be disturbed
    ends_at BIGINT NOT NULL DEFAULT 0, -- after this, it says nothing; 0: without an end
    seen_at BIGINT NOT NULL DEFAULT 0  -- 0: it is not known
);
