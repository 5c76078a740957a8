package store

import (
	"fmt"
	"time"

	"parley/internal/chat"
)

func (t *tx) EditMessage(id chat.MessageID, text string, at time.Time) error {
	m, err := t.Message(id)
	if err != nil {
		return err
	}
	since := m.EditedAt
	if since.IsZero() {
		since = m.Sent()
	}
	before, err := t.int("SELECT COALESCE(max(number), 0) FROM revision WHERE message = ?", int64(id))
	if err != nil {
		return err
	}
	if err := t.addRevision(id, before+1, chat.Revision{Text: m.Text, At: since}); err != nil {
		return err
	}
	m.Text, m.EditedAt = text, at.Truncate(time.Millisecond)
	return t.ReplaceText(&m)
}

func (t *tx) addRevision(id chat.MessageID, n int64, r chat.Revision) error {
	at := millis(r.At)
	_, err := t.exec("INSERT INTO revision (message, number, text, at, checksum) VALUES (?, ?, ?, ?, ?)", int64(id), n, r.Text, at, revisionChecksum(id, n, r.Text, at))
	return err
}

// revisionChecksum detects changes of a former text, as the checksum of a message does; see checksum.go.
func revisionChecksum(id chat.MessageID, n int64, text string, at int64) int64 {
	return checksum([]int64{int64(id), n, at}, text)
}

func (t *tx) Revisions(id chat.MessageID) ([]chat.Revision, error) {
	return list(t, func(scan scanFunc) (r chat.Revision, err error) {
		err = scan(&r.Text, when{&r.At})
		return r, err
	}, "SELECT text, at FROM revision WHERE message = ? ORDER BY number", int64(id))
}

func (t *tx) ReplaceRevisions(id chat.MessageID, all []chat.Revision) error {
	if _, err := t.exec("DELETE FROM revision WHERE message = ?", int64(id)); err != nil {
		return err
	}
	for i, r := range all {
		if err := t.addRevision(id, int64(i+1), r); err != nil {
			return err
		}
	}
	return nil
}

// revisions compares the former texts with their checksums. Only a message that was edited and is not withdrawn has any.
func (v *verifier) revisions() error {
	err := v.tx.query(func(scan scanFunc) error {
		var id chat.MessageID
		var n, at, sum int64
		var text string
		if err := scan(&id, &n, &text, &at, &sum); err != nil {
			return err
		}
		if sum != revisionChecksum(id, n, text, at) {
			v.find("revision", fmt.Sprintf("%d of message %d", n, id), "its text or its time differs from its checksum")
		}
		return v.ctx.Err()
	}, "SELECT message, number, text, at, checksum FROM revision ORDER BY message, number")
	if err := v.readable("of revision", err); err != nil {
		return err
	}
	return v.readable("of revision", v.findRows("revision", "its message is not edited, or withdrawn",
		"SELECT DISTINCT r.message FROM revision r JOIN message m ON m.id = r.message WHERE m.edited_at IS NULL OR m.withdrawn_at IS NOT NULL"))
}

// findRows reports a difference for every message that a query returns.
func (v *verifier) findRows(table, what, query string) error {
	return v.tx.query(func(scan scanFunc) error {
		var id chat.MessageID
		err := scan(&id)
		v.find(table, fmt.Sprint("message ", id), what)
		return err
	}, query)
}
