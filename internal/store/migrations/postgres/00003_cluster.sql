-- +goose Up
-- compatible: yes
-- Commits of the nodes of a cluster, for the other nodes. A node adds its row in the
-- transaction that it describes, so the numbers are those of commit_count and have no gaps.
-- A server that is alone adds none.
CREATE TABLE commit_log (
    number  BIGINT NOT NULL PRIMARY KEY,
    node    ctext  NOT NULL,
    at      BIGINT NOT NULL,
    touched BYTEA, -- what changed of the rows that nodes remember: see internal/store/touched.go
    before  BYTEA, -- events that the next transaction of every node must know
    events  BYTEA  -- events that are delivered
);
-- The server does not try to compress them: that takes longer than it saves for rows that
-- are deleted after minutes.
ALTER TABLE commit_log ALTER COLUMN events SET STORAGE EXTERNAL, ALTER COLUMN touched SET STORAGE EXTERNAL;

-- The nodes that are running. A node that does not say for some time that it still runs
-- is removed by another one.
CREATE TABLE node (
    id         ctext  NOT NULL PRIMARY KEY,
    address    ctext  NOT NULL, -- at which other nodes reach it
    version    ctext  NOT NULL, -- of its program
    started_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL
);

-- One row. The id tells the nodes of this database from those of another one on the same bus.
CREATE TABLE cluster (id ctext NOT NULL);
INSERT INTO cluster VALUES (replace(gen_random_uuid()::text, '-', ''));
