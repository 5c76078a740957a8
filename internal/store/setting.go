package store

import "parley/internal/chat"

func (t *tx) Settings() ([]chat.Setting, error) {
	return list(t, func(scan scanFunc) (s chat.Setting, err error) {
		err = scan(&s.Name, &s.Value)
		return s, err
	}, "SELECT name, value FROM setting ORDER BY name")
}

func (t *tx) SetSetting(s chat.Setting) error {
	_, err := t.exec("INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", s.Name, s.Value)
	return err
}

func (t *tx) RemoveSetting(name string) error {
	_, err := t.exec("DELETE FROM setting WHERE name = ?", name)
	return err
}
