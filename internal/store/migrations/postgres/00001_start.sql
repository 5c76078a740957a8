-- +goose Up
-- compatible: no, there is no version before
-- Times are Unix milliseconds, 0 for none; truth values are 0 and 1. Texts are compared by
-- bytes, as in SQLite: the collation of every column is "C".
-- Nothing that a message refers to is ever deleted.
CREATE DOMAIN ctext AS TEXT COLLATE "C";

-- How many transactions have written. A transaction that writes counts itself first
-- and so holds the row until it ends: transactions of all nodes follow one another.
CREATE TABLE commit_count (
    commits BIGINT NOT NULL
);
INSERT INTO commit_count VALUES (0);

CREATE TABLE organization (
    id         ctext    NOT NULL PRIMARY KEY,
    name       ctext    NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE application (
    id           ctext    NOT NULL PRIMARY KEY,
    app_key      ctext    NOT NULL UNIQUE,
    name         ctext    NOT NULL,
    url          ctext    NOT NULL,
    kind         ctext    NOT NULL,
    send_ack     ctext    NOT NULL,
    muted_pushes ctext    NOT NULL, -- JSON array of event names
    scopes       ctext    NOT NULL, -- JSON array
    organization ctext    REFERENCES organization (id),
    -- JSON arrays of {"value", "created", "expires"}, the newest first. The value of a
    -- secret is its SHA-256 in hex; that of a signing key is the key itself.
    secrets      ctext    NOT NULL,
    signing_keys ctext    NOT NULL,
    created_at   BIGINT NOT NULL
);

CREATE TABLE account (
    id         ctext    NOT NULL PRIMARY KEY,
    name       ctext    NOT NULL,
    avatar     ctext    NOT NULL,
    email      ctext    NOT NULL,
    active     BIGINT NOT NULL,
    find       ctext    NOT NULL, -- what a search finds the account by
    place      ctext    NOT NULL, -- its place among others by name
    created_at BIGINT NOT NULL
);
CREATE INDEX account_email ON account (lower(email)) WHERE email <> '';

CREATE TABLE token (
    session    ctext    NOT NULL PRIMARY KEY,
    hash       BYTEA  NOT NULL UNIQUE,
    account    ctext    NOT NULL REFERENCES account (id),
    app        ctext    REFERENCES application (id),
    label      ctext    NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    -- When somebody proved by signing in that the session is theirs; 0: it was issued without that.
    proven_at  BIGINT NOT NULL
);
CREATE INDEX token_account ON token (account, created_at);

CREATE TABLE revoked_jwt (
    session    ctext    NOT NULL PRIMARY KEY,
    account    ctext    REFERENCES account (id),
    at         BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX revoked_jwt_expires ON revoked_jwt (expires_at);

-- When everything ended that an account had been given until then. kept is the session
-- that went on; empty: none did.
CREATE TABLE account_ended (
    account ctext    NOT NULL PRIMARY KEY REFERENCES account (id),
    at      BIGINT NOT NULL,
    kept    ctext    NOT NULL
);

-- Codes that sign an account in; the hash of each, never itself.
CREATE TABLE signin_code (
    hash       BYTEA  NOT NULL PRIMARY KEY,
    account    ctext    NOT NULL REFERENCES account (id),
    reusable   BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX signin_code_expires_at ON signin_code (expires_at);

-- The hash with its parameters, as text.
CREATE TABLE password (
    account ctext    NOT NULL PRIMARY KEY REFERENCES account (id),
    hash    ctext    NOT NULL,
    set_at  BIGINT NOT NULL
);

-- The accounts of OpenID providers that belong to an account.
CREATE TABLE identity (
    issuer    ctext    NOT NULL,
    subject   ctext    NOT NULL,
    account   ctext    NOT NULL REFERENCES account (id),
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identity_account ON identity (account);

-- place is empty for accounts that are not active.
CREATE TABLE organization_member (
    organization ctext NOT NULL REFERENCES organization (id),
    account      ctext NOT NULL REFERENCES account (id),
    place        ctext NOT NULL DEFAULT '',
    PRIMARY KEY (organization, account)
);
CREATE INDEX organization_member_account ON organization_member (account);
CREATE INDEX organization_member_place ON organization_member (organization, place, account) WHERE place <> '';

-- A friendship is two rows, one for each side.
CREATE TABLE friendship (
    account ctext    NOT NULL REFERENCES account (id),
    friend  ctext    NOT NULL REFERENCES account (id),
    at      BIGINT NOT NULL,
    PRIMARY KEY (account, friend)
);

-- One row for each direction: a request that is made again takes the place of
-- the one before, and keeps its id.
CREATE TABLE friend_request (
    id          ctext    NOT NULL PRIMARY KEY,
    sender      ctext    NOT NULL REFERENCES account (id),
    receiver    ctext    NOT NULL REFERENCES account (id),
    message     ctext    NOT NULL,
    state       BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    told_at     BIGINT NOT NULL,
    answered_at BIGINT NOT NULL,
    UNIQUE (sender, receiver)
);
CREATE INDEX friend_request_receiver ON friend_request (receiver);

CREATE TABLE chat_group (
    id             ctext    NOT NULL PRIMARY KEY,
    name           ctext    NOT NULL,
    avatar         ctext    NOT NULL,
    announcement   ctext    NOT NULL,
    is_post        BIGINT NOT NULL,
    creator        ctext    NOT NULL REFERENCES account (id),
    members        BIGINT NOT NULL,
    banned         BIGINT NOT NULL,
    members_invite BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    dissolved_at   BIGINT NOT NULL
);

-- A direct chat has a < b, the chat with oneself a = b, a group neither.
CREATE TABLE conversation (
    id         BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    kind       BIGINT NOT NULL,
    a          ctext    REFERENCES account (id),
    b          ctext    REFERENCES account (id),
    group_id   ctext    UNIQUE REFERENCES chat_group (id),
    last_seq   BIGINT NOT NULL,
    counted    BIGINT NOT NULL,
    last_at    BIGINT NOT NULL,
    last_id    BIGINT NOT NULL,
    withdrawn  BIGINT NOT NULL, -- seq of the latest withdrawn message
    mentioned  BIGINT NOT NULL, -- no mention has a higher seq: spares the look-up
    created_at BIGINT NOT NULL,
    UNIQUE (a, b)
) WITH (fillfactor = 70); -- so that a new version of a row fits into its page

CREATE TABLE member (
    account      ctext    NOT NULL REFERENCES account (id),
    conversation BIGINT NOT NULL REFERENCES conversation (id),
    role         BIGINT NOT NULL,
    push         BIGINT NOT NULL,
    listed       BIGINT NOT NULL,
    top_at       BIGINT NOT NULL,
    join_seq     BIGINT NOT NULL,
    joined_at    BIGINT NOT NULL,
    left_at      BIGINT NOT NULL,
    left_seq     BIGINT NOT NULL,
    read_seq     BIGINT NOT NULL,
    -- Up to sure_seq a chat was read for certain; between it and read_seq because a
    -- socket of the account looked at the chat, which may turn out to have been dead.
    sure_seq     BIGINT NOT NULL,
    read_count   BIGINT NOT NULL,
    own          BIGINT NOT NULL,
    own_at_read  BIGINT NOT NULL,
    grouped      BIGINT NOT NULL, -- whether the conversation is a group
    departure    BIGINT NOT NULL DEFAULT 0, -- how a membership ended: 0 unknown, 1 left, 2 removed, 3 dissolved
    -- The name and the picture of the group when the membership ended: a former member sees nothing newer.
    left_name    ctext    NOT NULL DEFAULT '',
    left_avatar  ctext    NOT NULL DEFAULT '',
    PRIMARY KEY (account, conversation)
) WITH (fillfactor = 70);
CREATE INDEX member_conversation ON member (conversation, account);
CREATE INDEX member_unlisted ON member (conversation) WHERE listed = 0 AND left_at = 0;
CREATE INDEX member_admin ON member (conversation) WHERE role = 1 AND left_at = 0;
CREATE INDEX member_grouped ON member (account, conversation) WHERE grouped = 1;

-- The writer has just read the rows of a message's conversation, sender and
-- application, so that those three columns are not checked again.
CREATE TABLE message (
    id           BIGINT PRIMARY KEY,
    conversation BIGINT NOT NULL,
    seq          BIGINT NOT NULL,
    counted      BIGINT NOT NULL,
    system       BIGINT NOT NULL,
    type         BIGINT NOT NULL,
    text         ctext    NOT NULL,
    file         ctext,
    card         ctext,
    location     ctext,
    sender       ctext    NOT NULL,
    app          ctext,
    refer        BIGINT REFERENCES message (id),
    waitingid    ctext,
    at           BIGINT NOT NULL,
    sent_at      BIGINT, -- when it was sent, if that is not at
    -- The time that a message had while the clock was ahead; it has moved back since.
    former_at    BIGINT,
    report       ctext, -- what a system message reports, as JSON
    withdrawn_at BIGINT,
    withdrawn_by ctext    REFERENCES account (id),
    checksum     BIGINT NOT NULL -- of what the row says, for parley verify; see internal/store/checksum.go
);
CREATE UNIQUE INDEX message_seq ON message (conversation, seq);
CREATE INDEX message_withdrawn ON message (conversation, seq) WHERE withdrawn_at IS NOT NULL;
CREATE INDEX message_former ON message (conversation, former_at) WHERE former_at IS NOT NULL;
CREATE INDEX message_file ON message (conversation, seq) WHERE file IS NOT NULL;

-- Which message a sender has sent under a waitingid. The name is a hash of both,
-- or the next free number after it: see waitingid.go.
CREATE TABLE waitingid (
    name    BIGINT PRIMARY KEY,
    message BIGINT NOT NULL
);

-- No account: everyone in the conversation is meant.
CREATE TABLE mention (
    conversation BIGINT NOT NULL REFERENCES conversation (id),
    account      ctext    REFERENCES account (id),
    seq          BIGINT NOT NULL,
    message      BIGINT NOT NULL REFERENCES message (id)
);
CREATE UNIQUE INDEX mention_account ON mention (conversation, account, seq) WHERE account IS NOT NULL;
CREATE UNIQUE INDEX mention_everyone ON mention (conversation, seq) WHERE account IS NULL;
CREATE INDEX mention_message ON mention (message);

CREATE TABLE heard (
    account ctext    NOT NULL REFERENCES account (id),
    message BIGINT NOT NULL REFERENCES message (id),
    at      BIGINT NOT NULL,
    PRIMARY KEY (account, message)
);

CREATE TABLE inbox (
    account     ctext    NOT NULL REFERENCES account (id),
    category    ctext    NOT NULL,
    last_seq    BIGINT NOT NULL,
    strong      BIGINT NOT NULL,
    read_seq    BIGINT NOT NULL,
    read_strong BIGINT NOT NULL,
    silent      BIGINT NOT NULL,
    listed      BIGINT NOT NULL,
    top_at      BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    -- The order of arrival in a chat list: the last message, of any conversation, before
    -- the inbox's last notification, and that notification.
    after_message BIGINT NOT NULL DEFAULT 0,
    last_notice   BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account, category)
);

-- The text of a notification is stored once for all inboxes that it goes to.
CREATE TABLE notice (
    id        BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    category  ctext    NOT NULL,
    type      ctext    NOT NULL,
    text      ctext    NOT NULL,
    name      ctext    NOT NULL,
    url       ctext    NOT NULL,
    entity_id ctext    NOT NULL,
    weak      BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    checksum  BIGINT NOT NULL
);

CREATE TABLE notification (
    account  ctext    NOT NULL,
    category ctext    NOT NULL,
    seq      BIGINT NOT NULL,
    strong   BIGINT NOT NULL,
    notice   BIGINT NOT NULL REFERENCES notice (id),
    PRIMARY KEY (account, category, seq),
    FOREIGN KEY (account, category) REFERENCES inbox (account, category)
);

CREATE TABLE replay (
    app         ctext    NOT NULL REFERENCES application (id),
    idem_key    ctext    NOT NULL,
    fingerprint BYTEA  NOT NULL,
    status      BIGINT NOT NULL,
    body        BYTEA  NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (app, idem_key)
);
CREATE INDEX replay_at ON replay (at);

-- What a socket looks at, for a client that comes back after a restart.
CREATE TABLE current_chat (
    id      ctext    NOT NULL PRIMARY KEY, -- the socket that said so
    session ctext    NOT NULL,
    account ctext    NOT NULL REFERENCES account (id),
    type    BIGINT NOT NULL,
    chat    ctext    NOT NULL,
    at      BIGINT NOT NULL
);

-- The words of every message that a person sent and nobody has withdrawn, up to
-- the one named by search_state: see search.go for what they are.
CREATE TABLE message_index (
    id    BIGINT   PRIMARY KEY,
    words TSVECTOR NOT NULL
);
CREATE INDEX message_index_words ON message_index USING gin (words);

-- The words made of letters, for finding those that begin with what was typed.
CREATE TABLE search_word (word ctext NOT NULL PRIMARY KEY);

-- One row. Messages behind indexed have yet to be indexed. format is that of the
-- words: an index of another one is made anew.
CREATE TABLE search_state (
    indexed BIGINT NOT NULL,
    format  BIGINT NOT NULL
);
INSERT INTO search_state VALUES (0, 0);

-- No new message gets an id up to this one. 0: no message is known to be lost.
CREATE TABLE message_state (last_lost BIGINT NOT NULL);
INSERT INTO message_state (last_lost) VALUES (0);
