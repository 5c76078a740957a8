-- +goose Up
-- Wrong codes in a row of a known device or a session of the account. Those of unknown devices are counted together in two_factor.
CREATE TABLE two_factor_failure (
    account   TEXT    NOT NULL REFERENCES account (id),
    source    BLOB    NOT NULL, -- a hash of the mark of the device, or of the session
    failures  INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    PRIMARY KEY (account, source)
) STRICT, WITHOUT ROWID;
