package store

import (
	"fmt"

	"parley/internal/chat"
)

// storedFiles compares the record of the files that messages name with the messages.
func (v *verifier) storedFiles() error {
	followed, err := v.tx.int("SELECT followed FROM file_state")
	if err != nil {
		return err
	}
	uses := make(map[chat.MessageID]string)
	if err := v.tx.query(func(scan scanFunc) error {
		var id chat.MessageID
		var key string
		err := scan(&id, &key)
		uses[id] = key
		return err
	}, "SELECT message, file_key FROM file_use"); err != nil {
		return err
	}
	if err := v.tx.undamaged("SELECT id, file FROM message WHERE file IS NOT NULL AND id > ?", "id", func(scan scanFunc) (int64, error) {
		var id chat.MessageID
		var file []byte
		if err := scan(&id, &file); err != nil {
			return 0, err
		}
		if key, recorded := keyOfFile(file), uses[id]; key != recorded && (int64(id) <= followed || recorded != "") {
			v.differ("file_use", fmt.Sprintf("message %d", id), "the file", recorded, key)
		}
		delete(uses, id)
		return int64(id), v.ctx.Err()
	}, func(err error) error { return v.readable("of message", err) }); err != nil {
		return err
	}
	if v.report.Damaged {
		return nil
	}
	for id, key := range uses {
		v.find("file_use", fmt.Sprintf("message %d, file %s", id, key), "the message names no file")
	}
	return v.tx.query(func(scan scanFunc) error {
		key, err := readString[string](scan)
		v.find("stored_file", key, "no message names it, and it is not marked for removal")
		return err
	}, "SELECT f.file_key FROM stored_file f WHERE f.remove_at = 0 AND NOT EXISTS (SELECT 1 FROM file_use u WHERE u.file_key = f.file_key)")
}
