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

-- When a message was sent, if that is not when it stands in its conversation: a
-- clock that was ahead has left messages in the future, and those after them
-- have to stand behind. NULL: as at.
ALTER TABLE message ADD COLUMN sent_at INTEGER;
