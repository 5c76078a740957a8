-- +goose Up
-- When somebody proved by signing in that the session is theirs; 0: it was issued to them without that.
ALTER TABLE token ADD COLUMN proven_at INTEGER NOT NULL DEFAULT 0;

-- When everything ended that an account had been given until then: also what is kept nowhere and carries its own
-- date, as JWTs, upload tokens and known devices. kept is the session that went on; empty: none did.
CREATE TABLE account_ended (
    account TEXT    NOT NULL PRIMARY KEY REFERENCES account (id),
    at      INTEGER NOT NULL,
    kept    TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
