-- +goose Up
-- Which start of the server wrote the database last, for the check at the next
-- one. layout is the version of the file's layout at that start: a copy that was
-- made by VACUUM INTO or a backup has another one. See internal/store/unclean.go.
CREATE TABLE folder_state (
    generation TEXT    NOT NULL,
    layout     INTEGER NOT NULL,
    probed     INTEGER NOT NULL
) STRICT;
INSERT INTO folder_state (generation, layout, probed) VALUES ('', 0, 0);
