-- +goose Up
-- compatible: yes
-- Other nodes wait with their transactions until the end of this one.
SET LOCAL statement_timeout = 0;
SELECT commits FROM commit_count FOR UPDATE;

-- Figures of direct chats, from which the chat list and the unread counts of an account are read;
-- see internal/store/arrival.go. They are 0 in a group.
ALTER TABLE member
    ADD COLUMN place BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN has_unread BIGINT NOT NULL DEFAULT 0;
UPDATE member m SET place = c.last_id,
        has_unread = CASE WHEN m.left_at = 0 AND c.counted - m.read_count > m.own - m.own_at_read THEN 1 ELSE 0 END
    FROM conversation c WHERE c.id = m.conversation AND m.grouped = 0;
CREATE INDEX member_list ON member (account, place, conversation, listed, grouped, top_at) WHERE listed = 1 AND grouped = 0 AND top_at = 0;
CREATE INDEX member_has_unread ON member (account, conversation) WHERE has_unread = 1;
CREATE INDEX member_top ON member (account, conversation) WHERE top_at > 0;

-- Nodes of the version before do not know the figures: at the end of their transactions the database computes them.
-- A node of this version sets parley.lists, and its statements do not wait for the function.
-- +goose StatementBegin
CREATE FUNCTION keep_member_list() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed BIGINT;
BEGIN
    IF TG_TABLE_NAME = 'member' THEN
        changed := NEW.conversation;
    ELSE
        changed := NEW.id;
    END IF;
    UPDATE member m SET place = c.last_id,
            has_unread = CASE WHEN m.left_at = 0 AND c.counted - m.read_count > m.own - m.own_at_read THEN 1 ELSE 0 END
        FROM conversation c WHERE c.id = changed AND m.conversation = c.id AND m.grouped = 0;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER conversation_member_list AFTER UPDATE OF last_id, counted ON conversation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.group_id IS NULL AND current_setting('parley.lists', true) IS DISTINCT FROM 'kept')
    EXECUTE FUNCTION keep_member_list();
CREATE CONSTRAINT TRIGGER member_member_list AFTER UPDATE OF read_count, own, own_at_read ON member
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.grouped = 0 AND current_setting('parley.lists', true) IS DISTINCT FROM 'kept')
    EXECUTE FUNCTION keep_member_list();
