package store

import (
	"context"

	"parley/internal/chat"
)

const (
	freeKept     = 256 // pages that stay free in the file, for new messages
	freeReturned = 256 // pages that one transaction gives back
	indexMerged  = 64  // pages of the index for searching that one transaction merges
)

// ReturnSpace gives disk space that removed rows have left back to the system, a part at a time. more is true if
// there may be more. PostgreSQL does it by itself. A file that an earlier version has made keeps its size, and new rows use the
// space; a copy of it, as in a backup, gives it back.
func (s *Store) ReturnSpace(ctx context.Context) (more bool, err error) {
	if s.engine.isServer() {
		return false, nil
	}
	err = s.Update(ctx, func(ct chat.Tx) error {
		t := ct.(*tx)
		more, err = t.mergeIndex()
		if err != nil || more {
			return err
		}
		more, err = t.returnPages()
		return err
	})
	return more, err
}

// mergeIndex drops entries of removed messages from the index for searching, in which a removal only marks them.
func (t *tx) mergeIndex() (more bool, err error) {
	const changes = "SELECT total_changes()"
	before, err := t.int(changes)
	if err != nil {
		return false, err
	}
	if _, err := t.exec("INSERT INTO message_index (message_index, rank) VALUES ('merge', ?)", indexMerged); err != nil {
		return false, err
	}
	after, err := t.int(changes)
	return after-before > 1, err // the statement itself counts as one
}

// returnPages shortens the file.
func (t *tx) returnPages() (more bool, err error) {
	const none = 0
	mode, err := t.int("PRAGMA auto_vacuum")
	if err != nil || mode == none {
		return false, err
	}
	free, err := t.int("PRAGMA freelist_count")
	if err != nil || free <= freeKept {
		return false, err
	}
	if err := t.writable(); err != nil {
		return false, err
	}
	t.changed = true
	// Each step of the statement frees one page.
	return free-freeReturned > freeKept, t.query(func(scanFunc) error { return nil }, "PRAGMA incremental_vacuum(256)")
}
