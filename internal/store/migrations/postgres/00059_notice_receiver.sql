-- +goose Up
-- compatible: no, nodes of the version before write notices without a receiver, and cannot write any while this fills the table
-- The account of a notice that was sent to one account only. An erasure of the account empties these notices.
ALTER TABLE notice ADD COLUMN receiver TEXT;
UPDATE notice SET receiver = x.account
FROM (SELECT notice, min(account) AS account FROM notification GROUP BY notice HAVING count(*) = 1) x WHERE x.notice = notice.id;
CREATE INDEX notice_receiver ON notice (receiver) WHERE receiver IS NOT NULL;
