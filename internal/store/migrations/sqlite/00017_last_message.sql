-- +goose Up
-- No new message gets an id up to this one. Messages that were lost had such ids,
-- and clients still know them. 0: no message is known to be lost.
CREATE TABLE message_state (last_lost INTEGER NOT NULL) STRICT;
INSERT INTO message_state (last_lost) VALUES (0);
