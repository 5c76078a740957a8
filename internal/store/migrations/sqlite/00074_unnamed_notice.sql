-- +goose Up
-- An erasure by an earlier version removed the notifications of the person, and left the texts that no other notification names.
UPDATE notice SET text = '', name = '', url = '', entity_id = '',
    checksum = CASE WHEN checksum IS NULL THEN NULL ELSE empty_notice_checksum(weak, category, type) END
WHERE EXISTS (SELECT 1 FROM erasure)
  AND id NOT IN (SELECT notice FROM notification)
  AND (text <> '' OR name <> '' OR url <> '' OR entity_id <> '');
