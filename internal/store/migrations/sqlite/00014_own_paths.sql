-- +goose Up
-- Paths on this server were stored with dot segments, double slashes and encoded
-- slashes, which browsers and proxies read as another address: /.//host as //host.
-- chat.CheckAddress refuses them now. is_safe_address is a function of the program.
UPDATE account SET avatar = '' WHERE avatar <> '' AND NOT is_safe_address(avatar);
UPDATE chat_group SET avatar = '' WHERE avatar <> '' AND NOT is_safe_address(avatar);
UPDATE application SET url = '' WHERE url <> '' AND NOT is_safe_address(url);
UPDATE notice SET url = '' WHERE url <> '' AND NOT is_safe_address(url);
