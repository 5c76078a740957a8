-- +goose Up
-- compatible: yes
-- What the node says about itself with each sign of life: JSON; empty: nothing yet, or its version says nothing.
ALTER TABLE node ADD COLUMN figures ctext NOT NULL DEFAULT '';
