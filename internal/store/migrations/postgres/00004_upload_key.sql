-- +goose Up
-- compatible: yes
-- The fingerprint of the key in upload.key, so that a server notices a folder that was
-- restored with another key. One row; none until a server has started.
CREATE TABLE upload_key (id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1), fingerprint ctext NOT NULL);
