-- Times are Unix milliseconds, 0 for none; truth values are 0 and 1.
-- Nothing that a message refers to is ever deleted.

-- +goose Up
CREATE TABLE application (
    id           TEXT    NOT NULL PRIMARY KEY,
    app_key      TEXT    NOT NULL UNIQUE,
    secret       TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    url          TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    send_ack     TEXT    NOT NULL,
    muted_pushes TEXT    NOT NULL, -- JSON array of event names
    created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    avatar     TEXT    NOT NULL,
    email      TEXT    NOT NULL,
    active     INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE token (
    session    TEXT    NOT NULL PRIMARY KEY,
    hash       BLOB    NOT NULL UNIQUE,
    account    TEXT    NOT NULL REFERENCES account (id),
    app        TEXT    REFERENCES application (id),
    label      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX token_account ON token (account, created_at);

CREATE TABLE revoked_jwt (
    session    TEXT    NOT NULL PRIMARY KEY,
    account    TEXT    REFERENCES account (id),
    at         INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX revoked_jwt_expires ON revoked_jwt (expires_at);

CREATE TABLE organization (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE organization_member (
    organization TEXT NOT NULL REFERENCES organization (id),
    account      TEXT NOT NULL REFERENCES account (id),
    PRIMARY KEY (organization, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX organization_member_account ON organization_member (account);

-- A friendship is two rows, one for each side.
CREATE TABLE friendship (
    account TEXT    NOT NULL REFERENCES account (id),
    friend  TEXT    NOT NULL REFERENCES account (id),
    at      INTEGER NOT NULL,
    PRIMARY KEY (account, friend)
) STRICT, WITHOUT ROWID;

CREATE TABLE chat_group (
    id             TEXT    NOT NULL PRIMARY KEY,
    name           TEXT    NOT NULL,
    avatar         TEXT    NOT NULL,
    announcement   TEXT    NOT NULL,
    is_post        INTEGER NOT NULL,
    creator        TEXT    NOT NULL REFERENCES account (id),
    members        INTEGER NOT NULL,
    banned         INTEGER NOT NULL,
    members_invite INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    dissolved_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A direct chat has a < b, the chat with oneself a = b, a group neither.
CREATE TABLE conversation (
    id         INTEGER PRIMARY KEY,
    kind       INTEGER NOT NULL,
    a          TEXT    REFERENCES account (id),
    b          TEXT    REFERENCES account (id),
    group_id   TEXT    UNIQUE REFERENCES chat_group (id),
    last_seq   INTEGER NOT NULL,
    counted    INTEGER NOT NULL,
    last_at    INTEGER NOT NULL,
    last_id    INTEGER NOT NULL,
    withdrawn  INTEGER NOT NULL, -- seq of the latest withdrawn message
    mentioned  INTEGER NOT NULL, -- no mention has a higher seq: spares the look-up
    created_at INTEGER NOT NULL,
    UNIQUE (a, b)
) STRICT;

CREATE TABLE member (
    account      TEXT    NOT NULL REFERENCES account (id),
    conversation INTEGER NOT NULL REFERENCES conversation (id),
    role         INTEGER NOT NULL,
    push         INTEGER NOT NULL,
    listed       INTEGER NOT NULL,
    top_at       INTEGER NOT NULL,
    join_seq     INTEGER NOT NULL,
    joined_at    INTEGER NOT NULL,
    left_at      INTEGER NOT NULL,
    left_seq     INTEGER NOT NULL,
    read_seq     INTEGER NOT NULL,
    read_count   INTEGER NOT NULL,
    own          INTEGER NOT NULL,
    own_at_read  INTEGER NOT NULL,
    PRIMARY KEY (account, conversation)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_conversation ON member (conversation, account);
CREATE INDEX member_unlisted ON member (conversation) WHERE listed = 0 AND left_at = 0;
CREATE INDEX member_admin ON member (conversation) WHERE role = 1 AND left_at = 0;

-- A plain rowid table: new rows go to its end. Who appends one has just read the
-- rows of its conversation, sender and application, so that those three columns
-- are not checked again: it would take a quarter of the insertion.
CREATE TABLE message (
    id           INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    counted      INTEGER NOT NULL,
    system       INTEGER NOT NULL,
    type         INTEGER NOT NULL,
    text         TEXT    NOT NULL,
    file         TEXT,
    card         TEXT,
    location     TEXT,
    sender       TEXT    NOT NULL,
    app          TEXT,
    refer        INTEGER REFERENCES message (id),
    waitingid    TEXT,
    at           INTEGER NOT NULL,
    withdrawn_at INTEGER, -- NULL for most, and so not in the index
    withdrawn_by TEXT    REFERENCES account (id)
) STRICT;
CREATE UNIQUE INDEX message_seq ON message (conversation, seq);
CREATE INDEX message_withdrawn ON message (conversation, seq) WHERE withdrawn_at IS NOT NULL;
CREATE INDEX message_file ON message (conversation, seq) WHERE file IS NOT NULL;

-- Which message a sender has sent under a waitingid. The name is a hash of both,
-- or the next free number after it: see waitingid.go.
CREATE TABLE waitingid (
    name    INTEGER PRIMARY KEY,
    message INTEGER NOT NULL
) STRICT;

-- No account: everyone in the conversation is meant.
CREATE TABLE mention (
    conversation INTEGER NOT NULL REFERENCES conversation (id),
    account      TEXT    REFERENCES account (id),
    seq          INTEGER NOT NULL,
    message      INTEGER NOT NULL REFERENCES message (id)
) STRICT;
CREATE UNIQUE INDEX mention_account ON mention (conversation, account, seq) WHERE account IS NOT NULL;
CREATE UNIQUE INDEX mention_everyone ON mention (conversation, seq) WHERE account IS NULL;
CREATE INDEX mention_message ON mention (message);

CREATE TABLE heard (
    account TEXT    NOT NULL REFERENCES account (id),
    message INTEGER NOT NULL REFERENCES message (id),
    at      INTEGER NOT NULL,
    PRIMARY KEY (account, message)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox (
    account     TEXT    NOT NULL REFERENCES account (id),
    category    TEXT    NOT NULL,
    last_seq    INTEGER NOT NULL,
    strong      INTEGER NOT NULL,
    read_seq    INTEGER NOT NULL,
    read_strong INTEGER NOT NULL,
    silent      INTEGER NOT NULL,
    listed      INTEGER NOT NULL,
    top_at      INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    PRIMARY KEY (account, category)
) STRICT, WITHOUT ROWID;

-- What was said is stored once, however many inboxes it goes to.
CREATE TABLE notice (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    category  TEXT    NOT NULL,
    type      TEXT    NOT NULL,
    text      TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    url       TEXT    NOT NULL,
    entity_id TEXT    NOT NULL,
    weak      INTEGER NOT NULL,
    at        INTEGER NOT NULL
) STRICT;

CREATE TABLE notification (
    account  TEXT    NOT NULL,
    category TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    strong   INTEGER NOT NULL,
    notice   INTEGER NOT NULL REFERENCES notice (id),
    PRIMARY KEY (account, category, seq),
    FOREIGN KEY (account, category) REFERENCES inbox (account, category)
) STRICT, WITHOUT ROWID;

CREATE TABLE replay (
    app         TEXT    NOT NULL REFERENCES application (id),
    idem_key    TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL,
    status      INTEGER NOT NULL,
    body        BLOB    NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (app, idem_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX replay_at ON replay (at);
