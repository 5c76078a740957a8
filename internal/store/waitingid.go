package store

import (
	"crypto/sha256"
	"encoding/binary"

	"parley/internal/chat"
)

// A waitingid belongs to its sender for ever, so every send adds one to an index
// in no order, which dirties a page for itself. Kept as the hash of both, an entry
// is 15 bytes and not 80, and its key is compared as a number: a fifth of the pages.
// The full name is in the message, so an equal hash of another name is noticed.

// waitingName is where the search for a sender's waitingid starts.
func waitingName(from chat.AccountID, waitingID string) int64 {
	b := make([]byte, 0, 128)
	b = append(b, from...)
	b = append(b, 0)
	b = append(b, waitingID...)
	sum := sha256.Sum256(b)
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// takeWaitingID gives the sender's waitingid to the message that will have that
// id, or returns chat.ErrDuplicate when another one has it.
func (t *tx) takeWaitingID(from chat.AccountID, waitingID string, id chat.MessageID) error {
	if name := waitingName(from, waitingID); t.pending != nil && t.pending.take(name, id) {
		return t.writable()
	}
	for name := waitingName(from, waitingID); ; name++ {
		n, err := t.exec("INSERT INTO waitingid (name, message) VALUES (?, ?) ON CONFLICT DO NOTHING", name, int64(id))
		if n > 0 || err != nil {
			return err
		}
		m, err := t.waiting(name)
		if err != nil {
			return err
		}
		if m.From == from && m.WaitingID == waitingID {
			return chat.ErrDuplicate
		}
	}
}

func (t *tx) MessageByWaitingID(from chat.AccountID, waitingID string) (chat.Message, error) {
	for name := waitingName(from, waitingID); ; name++ {
		m, err := t.waiting(name)
		if err != nil || m.From == from && m.WaitingID == waitingID {
			return m, err
		}
	}
}

// waiting returns the message under a name, or chat.ErrNoRow.
func (t *tx) waiting(name int64) (chat.Message, error) {
	return first(t, readMessage, "SELECT "+messageColumns+" FROM message WHERE id = (SELECT message FROM waitingid WHERE name = ?)", name)
}
