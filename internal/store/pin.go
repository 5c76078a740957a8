package store

import (
	"strings"

	"parley/internal/chat"
)

const pinColumns = "message, account, at"

func readPin(scan scanFunc) (p chat.Pin, err error) {
	err = scan(&p.Message, &p.By, when{&p.At})
	return p, err
}

func (t *tx) AddPin(c chat.ConversationID, p chat.Pin) (bool, error) {
	n, err := t.exec("INSERT INTO pin (message, conversation, account, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		int64(p.Message), int64(c), string(p.By), millis(p.At))
	return n > 0, err
}

func (t *tx) RemovePin(id chat.MessageID) (bool, error) {
	n, err := t.exec("DELETE FROM pin WHERE message = ?", int64(id))
	return n > 0, err
}

func (t *tx) CountPins(c chat.ConversationID) (int, error) {
	n, err := t.int("SELECT count(*) FROM pin WHERE conversation = ?", int64(c))
	return int(n), err
}

func (t *tx) Pins(c chat.ConversationID) ([]chat.Pin, error) {
	return list(t, readPin, "SELECT "+pinColumns+" FROM pin WHERE conversation = ? ORDER BY at DESC, message DESC", int64(c))
}

func (t *tx) PinnedOf(c chat.ConversationID) ([]chat.Message, error) {
	return list(t, readMessage, "SELECT "+messageColumns+" FROM message WHERE id IN (SELECT message FROM pin WHERE conversation = ?) AND expired = 0", int64(c))
}

func (t *tx) PinsOf(ids []chat.MessageID) (map[chat.MessageID]chat.Pin, error) {
	all := make(map[chat.MessageID]chat.Pin)
	for _, part := range messageParts(ids) {
		found, err := list(t, readPin, "SELECT "+pinColumns+" FROM pin WHERE message IN (?"+strings.Repeat(", ?", len(part)-1)+")", part...)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			all[p.Message] = p
		}
	}
	return all, nil
}

// pins checks that each is of a message of its conversation that can be seen.
func (v *verifier) pins() error {
	for what, query := range map[string]string{
		"its message is of another conversation":           "SELECT p.message FROM pin p JOIN message m ON m.id = p.message WHERE m.conversation <> p.conversation",
		"its message was withdrawn or is a system message": "SELECT p.message FROM pin p JOIN message m ON m.id = p.message WHERE m.withdrawn_at IS NOT NULL OR m.system <> 0",
	} {
		if err := v.readable("of pin", v.findRows("pin", what, query)); err != nil {
			return err
		}
	}
	return nil
}
