package store

import (
	"context"
	"errors"

	"parley/internal/chat"
)

// UploadKey returns the fingerprint of the key that signs uploads and addresses of files,
// empty if none was stored.
func (s *Store) UploadKey(ctx context.Context) (fingerprint string, err error) {
	err = s.view(ctx, func(t *tx) error {
		fingerprint, err = first(t, readString[string], "SELECT fingerprint FROM upload_key")
		if errors.Is(err, chat.ErrNoRow) {
			return nil
		}
		return err
	})
	return fingerprint, err
}

// SetUploadKey stores the fingerprint in place of the previous one. It publishes
// [chat.UploadKeyChanged].
func (s *Store) SetUploadKey(ctx context.Context, fingerprint string) error {
	return s.Update(ctx, func(t chat.Tx) error {
		_, err := t.(*tx).exec(`INSERT INTO upload_key (id, fingerprint) VALUES (1, ?)
			ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint`, fingerprint)
		t.Publish(chat.UploadKeyChanged{})
		return err
	})
}
