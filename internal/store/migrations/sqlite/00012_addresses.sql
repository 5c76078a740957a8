-- +goose Up
-- Addresses were stored whatever their scheme. Those that chat.CheckAddress refuses
-- for it are removed, because clients open them.
UPDATE account SET avatar = ''
WHERE avatar <> '' AND lower(substr(avatar, 1, 8)) <> 'https://' AND lower(substr(avatar, 1, 7)) <> 'http://'
  AND (substr(avatar, 1, 1) <> '/' OR substr(avatar, 2, 1) IN ('/', '\'));

UPDATE chat_group SET avatar = ''
WHERE avatar <> '' AND lower(substr(avatar, 1, 8)) <> 'https://' AND lower(substr(avatar, 1, 7)) <> 'http://'
  AND (substr(avatar, 1, 1) <> '/' OR substr(avatar, 2, 1) IN ('/', '\'));

UPDATE application SET url = ''
WHERE url <> '' AND lower(substr(url, 1, 8)) <> 'https://' AND lower(substr(url, 1, 7)) <> 'http://'
  AND (substr(url, 1, 1) <> '/' OR substr(url, 2, 1) IN ('/', '\'));

UPDATE notice SET url = ''
WHERE url <> '' AND lower(substr(url, 1, 8)) <> 'https://' AND lower(substr(url, 1, 7)) <> 'http://'
  AND (substr(url, 1, 1) <> '/' OR substr(url, 2, 1) IN ('/', '\'));
