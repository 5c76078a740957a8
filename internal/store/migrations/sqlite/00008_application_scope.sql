-- +goose Up
-- What an application of kind server may do over the host API, as a JSON array,
-- and the one organization that an application is bound to.
ALTER TABLE application ADD COLUMN scopes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE application ADD COLUMN organization TEXT REFERENCES organization (id);

-- JSON arrays of {"value", "created", "expires"}, the newest first. The value of a
-- secret is its SHA-256 in hex; that of a signing key is the key itself.
ALTER TABLE application ADD COLUMN secrets TEXT NOT NULL DEFAULT '[]';
ALTER TABLE application ADD COLUMN signing_keys TEXT NOT NULL DEFAULT '[]';

-- The secret of an application of kind server goes on to open the host API, all of
-- it as before, and is kept only as a hash. That of another kind no longer opens it, and
-- goes on to sign JWTs: such a key has no time of creation. Nobody was ever told the
-- secret of the web client that comes with the server. sha256_hex is a function of the program.
UPDATE application SET
    scopes  = '["read","accounts","groups","messages","notifications","tokens","applications"]',
    secrets = '[{"value":"' || sha256_hex(secret) || '","created":' || created_at || ',"expires":0}]'
    WHERE kind = 'server';
UPDATE application SET
    signing_keys = '[{"value":' || json_quote(secret) || ',"created":0,"expires":0}]'
    WHERE kind <> 'server' AND app_key <> 'parley-web';
ALTER TABLE application DROP COLUMN secret;
