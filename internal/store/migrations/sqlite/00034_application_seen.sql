-- +goose Up
-- When the application was last used; 0: never. It begins with what is known of tokens and changes.
ALTER TABLE application ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
UPDATE application SET seen_at = max(
    COALESCE((SELECT max(token.seen_at) FROM token WHERE token.app = application.id), 0),
    COALESCE((SELECT audit.at FROM audit WHERE audit.app = application.id AND audit.app <> '' ORDER BY audit.id DESC LIMIT 1), 0)
);
