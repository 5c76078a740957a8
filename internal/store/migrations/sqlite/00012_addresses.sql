-- +goose Up
-- Addresses were stored whatever they were. Those that chat.CheckAddress refuses
-- are removed, because clients open them. is_safe_address is a function of the program.
UPDATE account SET avatar = '' WHERE avatar <> '' AND NOT is_safe_address(avatar);
UPDATE chat_group SET avatar = '' WHERE avatar <> '' AND NOT is_safe_address(avatar);
UPDATE application SET url = '' WHERE url <> '' AND NOT is_safe_address(url);
UPDATE notice SET url = '' WHERE url <> '' AND NOT is_safe_address(url);
