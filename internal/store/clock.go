package store

import (
	"cmp"
	"time"

	"parley/internal/chat"
)

// clockSlack is how far times may be ahead of the clock before they are corrected.
// The clock is often set back by less while a server runs.
const clockSlack = 10 * time.Second

// followClock moves the times of messages back when the clock was ahead and has been
// set right: at the first message of a process, and when a message is older than one
// before it.
func (t *tx) followClock(now time.Time) error {
	latest, known := t.cache.clock.get(struct{}{})
	switch {
	case t.cache.damagedTimes:
		return nil
	case !known || latest.Sub(now) > clockSlack:
		return t.MoveTimesBack(now)
	case now.Sub(latest) >= time.Second: // often enough to notice
		t.cache.clock.put(struct{}{}, now)
	}
	return nil
}

// MoveTimesBack corrects messages and notifications with a time in the future; see
// [chat.Tx].
func (t *tx) MoveTimesBack(now time.Time) error {
	t.cache.clock.put(struct{}{}, now)
	if err := t.MoveSignInsBack(now); err != nil {
		return err
	}
	future := millis(now.Add(clockSlack))
	ahead, err := list(t, readConversation, "SELECT "+conversationColumns+" FROM conversation WHERE last_at > ?", future)
	if err != nil {
		t.cache.damagedTimes = t.cache.damagedTimes || t.conn.engine.isDamaged(err)
		return err
	}
	for i := range ahead {
		if err := t.moveMessagesBack(&ahead[i], now); err != nil {
			return err
		}
	}
	if n, err := t.exec("UPDATE inbox SET last_at = ? WHERE last_at > ?", millis(now), future); err != nil || n == 0 {
		return err
	}
	_, err = t.exec("UPDATE notice SET at = ? WHERE at > ?", millis(now), future)
	return err
}

// placed is a message as its place is decided.
type placed struct {
	seq, at int64
	sent    int64 // 0: at is what the clock said
}

// clock returns the time of the clock when the message was sent.
func (p placed) clock() int64 { return cmp.Or(p.sent, p.at) }

// moveMessagesBack corrects the times of a conversation. It does nothing if only a burst
// of messages is ahead: they were sent at the right time and are one millisecond apart.
func (t *tx) moveMessagesBack(c *conversation, now time.Time) error {
	messages, err := list(t, func(scan scanFunc) (m placed, err error) {
		err = scan(&m.seq, &m.at, &m.sent)
		return m, err
	}, `SELECT seq, at, COALESCE(sent_at, 0) FROM message
		WHERE conversation = ? AND seq > (SELECT COALESCE(max(seq), 0) FROM message WHERE conversation = ? AND at <= ?) ORDER BY seq`,
		int64(c.ID), int64(c.ID), millis(now))
	if err != nil {
		return err
	}
	wrong := false
	for _, m := range messages {
		wrong = wrong || m.clock() > millis(now.Add(clockSlack))
	}
	if !wrong {
		return nil
	}
	// A message gets the time when it was sent if that is known, else the latest possible one.
	latest := millis(now)
	places := make([]int64, len(messages))
	for i := len(messages) - 1; i >= 0; i-- {
		latest--
		if sent := messages[i].sent; sent > 0 {
			latest = min(latest, sent)
		}
		places[i] = latest
	}
	previous, err := t.int("SELECT COALESCE(max(at), 0) FROM message WHERE conversation = ? AND seq = ?", int64(c.ID), messages[0].seq-1)
	if err != nil {
		return err
	}
	for i, m := range messages {
		previous = max(previous+1, places[i])
		var sent any
		if m.sent > 0 && previous-m.sent > maxAhead.Milliseconds() {
			sent = m.sent
		}
		if err := t.moveMessage(c.ID, m.seq, previous, sent); err != nil {
			return err
		}
	}
	t.cache.conversations.drop(c.ID)
	_, err = t.exec("UPDATE conversation SET last_at = ? WHERE id = ?", previous, int64(c.ID))
	return err
}

// moveMessage gives a message another time.
func (t *tx) moveMessage(id chat.ConversationID, seq, at int64, sent any) error {
	const query = "SELECT " + messageColumns + " FROM message WHERE conversation = ? AND seq = ?"
	before, err := first(t, readMessage, query, int64(id), seq)
	if err != nil {
		return err
	}
	if _, err := t.exec("UPDATE message SET at = ?, sent_at = ?, former_at = COALESCE(former_at, at) WHERE id = ?", at, sent, int64(before.ID)); err != nil {
		return err
	}
	after, err := first(t, readMessage, query, int64(id), seq)
	if err != nil {
		return err
	}
	mentions, err := t.mentionsOf(before.ID)
	if err != nil {
		return err
	}
	return t.changeChecksum(before.ID, mentioningChecksum(&before, mentions), mentioningChecksum(&after, mentions))
}
