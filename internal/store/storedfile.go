package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"parley/internal/chat"
)

// The table stored_file has a row for each uploaded file, and file_use has the file that each
// message names. A send does not write them: [Store.FollowFiles] reads the log of messages, as the indexer does, so that
// messages of any version of the program, and of all nodes, are there. Nothing is removed before it has read the whole log.
//
// A file is removed in this order, which a crash can interrupt at any point:
//
//  1. remove_at is set: when the file was uploaded, or in the transaction that takes it away from its last message.
//  2. When that time has passed, [Store.UnusedFiles] returns the file if no message names it and no backup runs.
//     A backup that begins later copies a database that does not name the file.
//  3. The server removes the file, and then the row, with [Store.FilesRemoved].

// StoredFile is a file that somebody has uploaded.
type StoredFile struct {
	Key      string
	Size     int64
	Hash     string    // empty: not known here
	StoredAt time.Time // zero: not known
}

// isUploadKey reports whether a key may be that of an upload: it begins with the uploader and a slash.
// Messages may name other files, which are elsewhere.
func isUploadKey(key string) bool { return strings.Contains(key, "/") }

// keyOfFile returns the key that the file of a message names, or nothing.
func keyOfFile(file []byte) string {
	var named struct {
		Key string `json:"key"`
	}
	if len(file) == 0 || json.Unmarshal(file, &named) != nil || !isUploadKey(named.Key) {
		return ""
	}
	return named.Key
}

// FileStored records an upload. Unless something names the file by removeAt, it is removed then.
func (s *Store) FileStored(ctx context.Context, f StoredFile, removeAt time.Time) error {
	return s.Update(ctx, func(t chat.Tx) error { return t.(*tx).fileStored(f, removeAt) })
}

func (t *tx) fileStored(f StoredFile, removeAt time.Time) error {
	owner, _, _ := strings.Cut(f.Key, "/")
	// The same upload can come twice, if the first answer was lost.
	_, err := t.exec(`INSERT INTO stored_file (file_key, owner, size, hash, stored_at, remove_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (file_key) DO UPDATE SET remove_at = CASE WHEN stored_file.remove_at = 0 THEN 0 ELSE excluded.remove_at END`,
		f.Key, owner, f.Size, f.Hash, millis(f.StoredAt), millis(removeAt))
	return err
}

// releaseFile is called in the transaction that takes the file away from a message. If no other
// message names the file, it is removed after the commit.
func (t *tx) releaseFile(m *chat.Message, now time.Time) error {
	key := keyOfFile(m.File)
	if key == "" {
		return nil
	}
	if _, err := t.exec("DELETE FROM file_use WHERE message = ?", int64(m.ID)); err != nil {
		return err
	}
	return t.releaseKey(key, now)
}

// removeFile is releaseFile for a message that is removed because of its age. It counts the file, if the message was
// the last one that named it.
func (t *tx) removeFile(m *chat.Message, now time.Time, n *chat.RemovedMessages) error {
	key := keyOfFile(m.File)
	if key == "" {
		return nil
	}
	size, err := t.int("SELECT size FROM stored_file WHERE file_key = ?", key)
	stored := err == nil
	if ifThere(err) != nil {
		return err
	}
	if err := t.releaseFile(m, now); err != nil || !stored {
		return err
	}
	used, err := t.bool("SELECT EXISTS (SELECT 1 FROM file_use WHERE file_key = ?)", key)
	if err == nil && !used {
		n.Files++
		n.Bytes += size
	}
	return err
}

// releaseKey marks a file for removal, unless something else names it.
func (t *tx) releaseKey(key string, now time.Time) error {
	used, err := t.bool("SELECT EXISTS (SELECT 1 FROM file_use WHERE file_key = ?)", key)
	if err != nil || used {
		return err
	}
	owner, _, _ := strings.Cut(key, "/")
	_, err = t.exec(`INSERT INTO stored_file (file_key, owner, size, hash, stored_at, remove_at) VALUES (?, ?, 0, '', 0, ?)
		ON CONFLICT (file_key) DO UPDATE SET remove_at = excluded.remove_at`, key, owner, millis(now))
	return err
}

const (
	followRange = 2000 // ids of messages that are read at a time
	followFiles = 100  // files that are recorded in one write
)

// fileUse is a message that names a file.
type fileUse struct {
	message chat.MessageID
	key     string
	size    int64 // as the sender has told
	hash    string
	at      time.Time
	known   bool // stored_file has the file
}

// FollowFiles records which files the next messages name. find completes the
// size, hash and time of a file; false: this server does not store it. more is true if there may be further messages.
func (s *Store) FollowFiles(ctx context.Context, find func(StoredFile) (StoredFile, bool)) (more bool, err error) {
	var from, to, last int64
	var uses []fileUse
	if err := s.view(ctx, func(t *tx) error {
		uses = nil
		id, err := t.lastMessage()
		if err != nil {
			return err
		}
		last = int64(id)
		if from, err = t.int("SELECT followed FROM file_state"); err != nil {
			return err
		}
		to = min(from+followRange, last)
		uses, err = t.fileUses(from, to)
		if len(uses) == followFiles {
			to = int64(uses[len(uses)-1].message)
		}
		return err
	}); err != nil || from >= to {
		return false, err
	}
	found := make([]StoredFile, len(uses))
	keep := make([]bool, len(uses))
	for i, u := range uses {
		if !u.known {
			found[i], keep[i] = find(StoredFile{Key: u.key, Size: u.size, Hash: u.hash, StoredAt: u.at})
		}
	}
	return to < last, s.Update(ctx, func(ct chat.Tx) error {
		t := ct.(*tx)
		n, err := t.exec("UPDATE file_state SET followed = ? WHERE followed = ?", to, from)
		if err != nil || n == 0 { // another process was faster
			return err
		}
		for i, u := range uses {
			if err := t.recordUse(u, found[i], keep[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// fileUses reads the files of messages after an id, up to and with another.
func (t *tx) fileUses(from, to int64) (uses []fileUse, err error) {
	err = t.query(func(scan scanFunc) error {
		var u fileUse
		var file []byte
		if err := scan(&u.message, &file, when{&u.at}); err != nil {
			return err
		}
		var named struct {
			Size int64  `json:"size"`
			Hash string `json:"hash"`
		}
		if u.key = keyOfFile(file); u.key != "" {
			_ = json.Unmarshal(file, &named) // keyOfFile has read it
			u.size, u.hash = max(named.Size, 0), named.Hash
			uses = append(uses, u)
		}
		return nil
	}, "SELECT id, file, at FROM message WHERE id > ? AND id <= ? AND file IS NOT NULL ORDER BY id"+limited, from, to, followFiles)
	if err != nil {
		return nil, err
	}
	for i := range uses {
		if uses[i].known, err = t.bool("SELECT EXISTS (SELECT 1 FROM stored_file WHERE file_key = ?)", uses[i].key); err != nil {
			return nil, err
		}
	}
	return uses, nil
}

// recordUse records the file of a message, unless the message has lost it since.
func (t *tx) recordUse(u fileUse, found StoredFile, keep bool) error {
	n, err := t.exec(`INSERT INTO file_use (message, file_key) SELECT m.id, ? FROM message m WHERE m.id = ? AND m.file IS NOT NULL
		ON CONFLICT (message) DO UPDATE SET file_key = excluded.file_key`, u.key, int64(u.message))
	if err != nil || n == 0 {
		return err
	}
	if keep {
		if err := t.fileStored(found, time.Time{}); err != nil {
			return err
		}
	}
	// For an upload to a storage service, the size was not known before.
	_, err = t.exec("UPDATE stored_file SET remove_at = 0, size = CASE WHEN size = 0 THEN ? ELSE size END WHERE file_key = ?", u.size, u.key)
	return err
}

// UnusedFiles returns files that are to be removed now. It returns none while a backup runs, and until
// [Store.FollowFiles] has read all messages.
func (s *Store) UnusedFiles(ctx context.Context, now time.Time, limit int) (files []StoredFile, err error) {
	err = s.view(ctx, func(t *tx) error {
		files = nil
		if ready, err := t.mayRemoveFiles(); err != nil || !ready {
			return err
		}
		files, err = list(t, readStoredFile, `SELECT file_key, size, hash, stored_at FROM stored_file f WHERE f.remove_at > 0 AND f.remove_at <= ?
			AND NOT EXISTS (SELECT 1 FROM file_use u WHERE u.file_key = f.file_key) ORDER BY f.remove_at`+limited, millis(now), limit)
		return err
	})
	return files, err
}

func readStoredFile(scan scanFunc) (f StoredFile, err error) {
	err = scan(&f.Key, &f.Size, &f.Hash, when{&f.StoredAt})
	return f, err
}

// mayRemoveFiles reports whether no backup runs, and every message with a file is in file_use.
func (t *tx) mayRemoveFiles() (bool, error) {
	if runs, err := t.backupRuns(); err != nil || runs {
		return false, err
	}
	behind, err := t.bool("SELECT EXISTS (SELECT 1 FROM message WHERE id > (SELECT followed FROM file_state) AND file IS NOT NULL)")
	return !behind, err
}

// backupRuns reports whether a backup has said that it runs now. That time is always the real one.
func (t *tx) backupRuns() (bool, error) {
	return t.bool("SELECT running_until > ? FROM backup_state", millis(time.Now()))
}

// FilesRemoved forgets files of [Store.UnusedFiles] that were removed. A file that was uploaded again meanwhile stays known.
func (s *Store) FilesRemoved(ctx context.Context, files []StoredFile, now time.Time) error {
	if len(files) == 0 {
		return nil
	}
	return s.Update(ctx, func(ct chat.Tx) error {
		for _, f := range files {
			if _, err := ct.(*tx).exec("DELETE FROM stored_file WHERE file_key = ? AND remove_at > 0 AND remove_at <= ?", f.Key, millis(now)); err != nil {
				return err
			}
		}
		return nil
	})
}

// PostponeFile puts off the removal of a file of [Store.UnusedFiles] that could not be removed.
func (s *Store) PostponeFile(ctx context.Context, f StoredFile, to time.Time) error {
	return s.Update(ctx, func(ct chat.Tx) error {
		_, err := ct.(*tx).exec("UPDATE stored_file SET remove_at = ? WHERE file_key = ? AND remove_at > 0", millis(to), f.Key)
		return err
	})
}

// ReleaseLeftFiles corrects marks that an older version did not maintain: it marks files that no message names, and
// unmarks files that a message names again. It returns how many it has changed.
func (s *Store) ReleaseLeftFiles(ctx context.Context, now time.Time) (n int, err error) {
	var left []fileUse
	err = s.view(ctx, func(t *tx) error {
		left, err = list(t, func(scan scanFunc) (u fileUse, err error) {
			err = scan(&u.message, &u.key)
			return u, err
		}, `SELECT u.message, u.file_key FROM file_use u LEFT JOIN message m ON m.id = u.message
			WHERE m.id IS NULL OR m.file IS NULL`+limited, followFiles)
		return err
	})
	if err != nil {
		return 0, err
	}
	err = s.Update(ctx, func(ct chat.Tx) error {
		t := ct.(*tx)
		again, err := t.exec(`UPDATE stored_file SET remove_at = 0 WHERE remove_at > 0 AND remove_at <= ?
			AND EXISTS (SELECT 1 FROM file_use u WHERE u.file_key = stored_file.file_key)`, millis(now))
		if err != nil {
			return err
		}
		n = int(again)
		for _, u := range left {
			if _, err := t.exec("DELETE FROM file_use WHERE message = ?", int64(u.message)); err != nil {
				return err
			}
			if err := t.releaseKey(u.key, now); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// FileWalk is how far the server has looked at all files of its folder.
type FileWalk struct {
	Ended time.Time // the last time
	Part  int       // the next one of this time
}

// FileWalk returns how far the server has looked.
func (s *Store) FileWalk(ctx context.Context) (w FileWalk, err error) {
	err = s.view(ctx, func(t *tx) error {
		return t.row([]any{when{&w.Ended}, &w.Part}, "SELECT walked, walking FROM file_state")
	})
	return w, err
}

// FilesWalked records files of the folder of which nothing was known, and how far the server has looked.
func (s *Store) FilesWalked(ctx context.Context, files []StoredFile, removeAt time.Time, w FileWalk) error {
	return s.Update(ctx, func(ct chat.Tx) error {
		t := ct.(*tx)
		for _, f := range files {
			owner, _, _ := strings.Cut(f.Key, "/")
			if _, err := t.exec(`INSERT INTO stored_file (file_key, owner, size, hash, stored_at, remove_at)
				SELECT ?, ?, CAST(? AS BIGINT), ?, CAST(? AS BIGINT), CASE WHEN EXISTS (SELECT 1 FROM file_use WHERE file_key = ?) THEN 0 ELSE CAST(? AS BIGINT) END
				WHERE NOT EXISTS (SELECT 1 FROM stored_file WHERE file_key = ?)`,
				f.Key, owner, f.Size, f.Hash, millis(f.StoredAt), f.Key, millis(removeAt), f.Key); err != nil {
				return err
			}
		}
		_, err := t.exec("UPDATE file_state SET walked = ?, walking = ?", millis(w.Ended), w.Part)
		return err
	})
}

// UnknownFiles returns which of the keys have no record.
func (s *Store) UnknownFiles(ctx context.Context, keys []string) (unknown map[string]bool, err error) {
	err = s.view(ctx, func(t *tx) error {
		unknown = make(map[string]bool)
		for _, key := range keys {
			known, err := t.bool("SELECT EXISTS (SELECT 1 FROM stored_file WHERE file_key = ?)", key)
			if err != nil {
				return err
			}
			if !known {
				unknown[key] = true
			}
		}
		return nil
	})
	return unknown, err
}

// FileTotals are the number and the size of stored files, and of these, of those that nothing names.
type FileTotals struct {
	Files, Bytes, Unused, UnusedBytes int64
}

// FileTotals counts the stored files.
func (s *Store) FileTotals(ctx context.Context) (f FileTotals, err error) {
	err = s.view(ctx, func(t *tx) error {
		return t.row([]any{&f.Files, &f.Bytes, &f.Unused, &f.UnusedBytes}, `SELECT count(*), COALESCE(sum(size), 0),
			COALESCE(sum(CASE WHEN remove_at > 0 THEN 1 ELSE 0 END), 0), COALESCE(sum(CASE WHEN remove_at > 0 THEN size ELSE 0 END), 0) FROM stored_file`)
	})
	return f, err
}

// UsedAvatars returns the addresses of all pictures of accounts and groups, also of those that former
// members see. ok is false while a backup runs.
func (s *Store) UsedAvatars(ctx context.Context) (addresses []string, ok bool, err error) {
	err = s.view(ctx, func(t *tx) error {
		runs, err := t.backupRuns()
		if ok = !runs; err != nil || runs {
			return err
		}
		addresses, err = list(t, readString[string], `SELECT avatar FROM account WHERE avatar <> '' UNION SELECT avatar FROM chat_group WHERE avatar <> ''
			UNION SELECT left_avatar FROM member WHERE left_avatar <> ''`)
		return err
	})
	return addresses, ok, err
}
