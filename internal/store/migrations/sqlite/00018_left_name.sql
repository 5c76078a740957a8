-- +goose Up
-- The name and the picture of a group when the membership ended: a former member sees
-- nothing newer. For memberships that ended before, those of today are the best known.
ALTER TABLE member ADD COLUMN left_name TEXT NOT NULL DEFAULT '';
ALTER TABLE member ADD COLUMN left_avatar TEXT NOT NULL DEFAULT '';
UPDATE member SET
    left_name = COALESCE((SELECT g.name FROM conversation c JOIN chat_group g ON g.id = c.group_id WHERE c.id = member.conversation), ''),
    left_avatar = COALESCE((SELECT g.avatar FROM conversation c JOIN chat_group g ON g.id = c.group_id WHERE c.id = member.conversation), '')
    WHERE left_at > 0 AND grouped = 1;
