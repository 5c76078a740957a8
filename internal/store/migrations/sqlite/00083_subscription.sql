-- +goose Up
-- Subscriptions of applications to events, which are posted to an address.
CREATE TABLE subscription (
    id           TEXT    NOT NULL PRIMARY KEY,
    app          TEXT    NOT NULL REFERENCES application (id),
    url          TEXT    NOT NULL,
    note         TEXT    NOT NULL, -- of the owner
    kinds        TEXT    NOT NULL, -- JSON list
    secrets      TEXT    NOT NULL, -- JSON list, the newest first; in clear, because each event is signed
    created_at   INTEGER NOT NULL,
    stopped_at   INTEGER NOT NULL, -- no events are stored or posted since then; 0: it is not stopped
    stopped      TEXT    NOT NULL, -- why
    failures     INTEGER NOT NULL, -- attempts that have failed since the last one that has not
    failing_at   INTEGER NOT NULL, -- the first of these; 0: there are none
    next_at      INTEGER NOT NULL, -- no attempt before this; 0: no wait
    failure      TEXT    NOT NULL, -- of the last failed attempt
    delivered_at INTEGER NOT NULL, -- the last accepted event, to the minute; 0: none
    removed_at   INTEGER NOT NULL  -- its events are being removed; 0: it is not removed
) STRICT;
CREATE INDEX subscription_app ON subscription (app, created_at, id);

-- Events for subscriptions as a commit has made them, in one row, until there are rows of outgoing for them.
CREATE TABLE outgoing_batch (
    id     INTEGER NOT NULL PRIMARY KEY, -- in the order of the commits
    events BLOB    NOT NULL
) STRICT;

-- Events for subscriptions: those that wait to be accepted, and those that were given up. Accepted ones are removed.
CREATE TABLE outgoing (
    id           INTEGER NOT NULL PRIMARY KEY, -- in the order of the commits
    subscription TEXT    NOT NULL, -- without REFERENCES, which would need one more index
    event        TEXT    NOT NULL, -- the id that the receiver gets
    kind         TEXT    NOT NULL,
    topic        TEXT    NOT NULL, -- events of one topic are posted in order
    at           INTEGER NOT NULL,
    since        INTEGER NOT NULL, -- it is given up some time after this
    body         BLOB    NOT NULL, -- JSON
    attempts     INTEGER NOT NULL, -- that have failed
    next_at      INTEGER NOT NULL, -- no attempt before this; 0: no wait
    dead_at      INTEGER NOT NULL, -- when it was given up; 0: it waits
    failure      TEXT    NOT NULL  -- of the last attempt
) STRICT;
CREATE INDEX outgoing_waiting ON outgoing (subscription, id) WHERE dead_at = 0;
CREATE INDEX outgoing_held ON outgoing (subscription, topic, next_at) WHERE dead_at = 0 AND next_at > 0;
CREATE INDEX outgoing_dead ON outgoing (subscription, id) WHERE dead_at > 0;
