package store

import "time"

func (t *tx) AddSetUpSecret(hash [32]byte, node string, at time.Time) error {
	gone := "DELETE FROM setup_secret"
	if node != "" {
		gone += " WHERE node NOT IN (SELECT id FROM node)"
	}
	if _, err := t.exec(gone); err != nil {
		return err
	}
	return t.insert("INSERT INTO setup_secret (hash, node, made_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", hash[:], node, millis(at))
}

func (t *tx) HasSetUpSecret(hash [32]byte) (bool, error) {
	return t.bool("SELECT EXISTS (SELECT 1 FROM setup_secret WHERE hash = ?)", hash[:])
}

func (t *tx) RemoveSetUpSecrets() error {
	_, err := t.exec("DELETE FROM setup_secret")
	return err
}
