-- +goose Up
-- compatible: yes
-- Who did what and from where. Entries are added, never changed, and removed when they are
-- old. The id is the time in microseconds, or the next free one. Ids refer to no row.
CREATE TABLE audit (
    id          BIGINT PRIMARY KEY,
    at          BIGINT NOT NULL,
    kind        ctext   NOT NULL,
    actor       ctext   NOT NULL,
    app         ctext   NOT NULL,
    session     ctext   NOT NULL,
    address     ctext   NOT NULL,
    agent       ctext   NOT NULL,
    request     ctext   NOT NULL,
    target_type ctext   NOT NULL,
    target      ctext   NOT NULL,
    detail      ctext   NOT NULL -- JSON object of texts, or empty
);
CREATE INDEX audit_kind ON audit (kind, id);
CREATE INDEX audit_actor ON audit (actor, id) WHERE actor <> '';
CREATE INDEX audit_target ON audit (target, id) WHERE target <> '';
