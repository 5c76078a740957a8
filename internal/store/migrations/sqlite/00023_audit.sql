-- +goose Up
-- Who did what and from where. Entries are added, never changed, and removed when they are
-- old. The id is the time in microseconds, or the next free one. Ids refer to no row.
CREATE TABLE audit (
    id          INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    actor       TEXT    NOT NULL,
    app         TEXT    NOT NULL,
    session     TEXT    NOT NULL,
    address     TEXT    NOT NULL,
    agent       TEXT    NOT NULL,
    request     TEXT    NOT NULL,
    target_type TEXT    NOT NULL,
    target      TEXT    NOT NULL,
    detail      TEXT    NOT NULL -- JSON object of texts, or empty
) STRICT;
CREATE INDEX audit_kind ON audit (kind, id);
CREATE INDEX audit_actor ON audit (actor, id) WHERE actor <> '';
CREATE INDEX audit_target ON audit (target, id) WHERE target <> '';
