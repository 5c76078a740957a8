-- +goose Up
-- compatible: yes
-- What is known of the backups of this database: one row.
CREATE TABLE backup_state (
    id            BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    began         BIGINT NOT NULL DEFAULT 0,  -- the last complete one; times in milliseconds
    took          BIGINT NOT NULL DEFAULT 0,
    bytes         BIGINT NOT NULL DEFAULT 0,
    folder        ctext  NOT NULL DEFAULT '',
    failed        BIGINT NOT NULL DEFAULT 0,  -- the last failure after that
    failure       ctext  NOT NULL DEFAULT '',
    running_until BIGINT NOT NULL DEFAULT 0   -- a running one renews this
);

INSERT INTO backup_state (id) VALUES (1);
