-- +goose Up
-- compatible: yes
-- One row. A program whose own version of the tables is lower than oldest cannot use them.
-- A program with a version from oldest on can, although the tables may be newer.
CREATE TABLE schema_state (oldest BIGINT NOT NULL);
INSERT INTO schema_state VALUES (5);
