-- +goose Up
-- compatible: yes
-- Every transaction that writes updates the one row and reads all versions of it that are in
-- the page. They are removed when a third of the page is full, not only when all of it is.
ALTER TABLE commit_count SET (fillfactor = 30);
