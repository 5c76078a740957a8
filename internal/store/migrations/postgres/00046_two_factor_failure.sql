-- +goose Up
-- compatible: yes
-- Wrong codes in a row of a known device or a session of the account. Those of unknown devices are counted together in two_factor.
CREATE TABLE two_factor_failure (
    account   ctext  NOT NULL REFERENCES account (id),
    source    BYTEA  NOT NULL, -- a hash of the mark of the device, or of the session
    failures  BIGINT NOT NULL,
    failed_at BIGINT NOT NULL,
    PRIMARY KEY (account, source)
);
