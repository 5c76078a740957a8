-- +goose Up
-- compatible: yes
-- Files that people have uploaded. remove_at is when the file is removed unless something names it by
-- then; 0: something names it.
CREATE TABLE stored_file (
    file_key  ctext  NOT NULL PRIMARY KEY,
    owner     ctext  NOT NULL,
    size      BIGINT NOT NULL,
    hash      ctext  NOT NULL, -- empty: the storage service has the file
    stored_at BIGINT NOT NULL,
    remove_at BIGINT NOT NULL
);
CREATE INDEX stored_file_remove ON stored_file (remove_at) WHERE remove_at > 0;

-- The file that a message names, for the messages up to the one in file_state.
CREATE TABLE file_use (
    message  BIGINT NOT NULL PRIMARY KEY,
    file_key ctext  NOT NULL
);
CREATE INDEX file_use_key ON file_use (file_key);

-- One row. followed is the last message of which file_use knows the file. walked is when every file in
-- the folder was last looked at, and walking the next part of the folder.
CREATE TABLE file_state (
    followed BIGINT NOT NULL,
    walked   BIGINT NOT NULL,
    walking  BIGINT NOT NULL
);
INSERT INTO file_state (followed, walked, walking) VALUES (0, 0, 0);
