-- +goose Up
-- compatible: yes
-- Language and time zone of a person. Empty: those of the server.
ALTER TABLE account ADD COLUMN language ctext NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN time_zone ctext NOT NULL DEFAULT '';
