-- +goose Up
-- compatible: yes
-- An erasure by an earlier version removed the notifications of the person, and left the texts that no other notification names.
-- The checksum is that of noticeChecksum in checksum.go, with four empty texts.
UPDATE notice SET text = '', name = '', url = '', entity_id = '',
    checksum = CASE WHEN checksum IS NULL THEN NULL ELSE ('x' || encode(substring(sha256(int8send(weak)
        || int8send(octet_length(convert_to(category, 'UTF8'))) || convert_to(category, 'UTF8')
        || int8send(octet_length(convert_to(type, 'UTF8'))) || convert_to(type, 'UTF8')
        || decode(repeat('00', 32), 'hex')) FROM 1 FOR 8), 'hex'))::bit(64)::bigint END
WHERE EXISTS (SELECT 1 FROM erasure)
  AND NOT EXISTS (SELECT 1 FROM notification x WHERE x.notice = notice.id)
  AND (text <> '' OR name <> '' OR url <> '' OR entity_id <> '');
