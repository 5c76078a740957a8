package store

import (
	"errors"
	"time"

	"parley/internal/chat"
)

const (
	outgoingRowColumns = "subscription, event, kind, topic, at, since, body, attempts, next_at, dead_at, failure"
	outgoingColumns    = "id, " + outgoingRowColumns
)

func readOutgoing(scan scanFunc) (o chat.Outgoing, err error) {
	err = scan(&o.ID, &o.Subscription, &o.Event, &o.Kind, &o.Topic, when{&o.At}, when{&o.Since}, &o.Body,
		&o.Attempts, when{&o.NextAt}, when{&o.DeadAt}, &o.Failure)
	return o, err
}

// Most messages keep an event, so it must cost little: the events of a commit are one row.
const insertKept = "INSERT INTO outgoing_batch (events) VALUES (?)"

// keptVersion begins the events of a row of outgoing_batch. Each follows with its fields in the form of [touchedWriter].
const keptVersion = 1

func (t *tx) KeepOutgoing(o chat.Outgoing, to []chat.SubscriptionID) error {
	if err := t.writable(); err != nil {
		return err
	}
	w := touchedWriter{t.kept}
	w.text(o.Event).text(string(o.Kind)).text(o.Topic).number(millis(o.At)).number(millis(o.NextAt)).text(string(o.Body)).number(int64(len(to)))
	for _, s := range to {
		w.text(string(s))
	}
	t.kept, t.changed = w.b, true
	return nil
}

// keepEvents adds what a function has kept to the row of the commit.
func (c *conn) keepEvents(kept []byte) {
	if len(kept) > 0 && len(c.kept) == 0 {
		c.kept = append(c.kept, keptVersion)
	}
	c.kept = append(c.kept, kept...)
}

func (t *tx) HasKept() (bool, error) { return t.bool("SELECT EXISTS (SELECT 1 FROM outgoing_batch)") }

func (t *tx) TakeKept(limit int) ([]chat.KeptOutgoing, error) {
	var id int64
	var events []byte
	err := t.row([]any{&id, &events}, "SELECT id, events FROM outgoing_batch ORDER BY id LIMIT 1")
	if err == chat.ErrNoRow {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := touchedReader{b: events}
	if r.kind() != keptVersion {
		return nil, errKept
	}
	var all []chat.KeptOutgoing
	for len(r.b) > 0 && len(all) < limit && !r.failed {
		var k chat.KeptOutgoing
		k.Event, k.Kind, k.Topic = r.text(), chat.OutgoingKind(r.text()), r.text()
		k.At, k.NextAt, k.Body = moment(r.number()), moment(r.number()), []byte(r.text())
		k.Since = k.At
		for n := r.number(); n > 0 && !r.failed; n-- {
			k.To = append(k.To, chat.SubscriptionID(r.text()))
		}
		all = append(all, k)
	}
	switch {
	case r.failed:
		return nil, errKept
	case len(r.b) == 0:
		err = t.one("DELETE FROM outgoing_batch WHERE id = ?", id)
	default:
		err = t.one("UPDATE outgoing_batch SET events = ? WHERE id = ?", append([]byte{keptVersion}, r.b...), id)
	}
	return all, err
}

var errKept = errors.New("store: kept events cannot be read")

// AddOutgoing is called for many events at once, so PostgreSQL gets the rows of a batch together.
func (t *tx) AddOutgoing(o chat.Outgoing) error {
	if t.pending != nil {
		if err := t.writable(); err != nil {
			return err
		}
		t.pending.outgoing = append(t.pending.outgoing, o)
		t.changed = true
		return nil
	}
	_, err := t.exec("INSERT INTO outgoing ("+outgoingRowColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		string(o.Subscription), o.Event, string(o.Kind), o.Topic, millis(o.At), millis(o.Since), o.Body,
		int64(o.Attempts), millis(o.NextAt), millis(o.DeadAt), o.Failure)
	return err
}

// waitingFor selects the events of a subscription that wait.
const waitingFor = " FROM outgoing o WHERE subscription = ? AND dead_at = 0"

func (t *tx) DueOutgoing(s chat.SubscriptionID, now time.Time, limit int) ([]chat.Outgoing, error) {
	return list(t, readOutgoing, "SELECT "+outgoingColumns+waitingFor+` AND topic NOT IN (
			SELECT h.topic FROM outgoing h WHERE h.subscription = ? AND h.dead_at = 0 AND h.next_at > 0 AND h.next_at > ?)
		ORDER BY id`+limited, string(s), string(s), millis(now), limit)
}

func (t *tx) OldestOutgoing(s chat.SubscriptionID) (chat.Outgoing, error) {
	return first(t, readOutgoing, "SELECT "+outgoingColumns+waitingFor+" ORDER BY id LIMIT 1", string(s))
}

func (t *tx) NextOutgoing(s chat.SubscriptionID) (at time.Time, err error) {
	err = t.row([]any{when{&at}}, "SELECT MIN(next_at)"+waitingFor+" AND next_at > 0", string(s))
	return at, err
}

func (t *tx) Outgoing(id chat.OutgoingID) (chat.Outgoing, error) {
	return first(t, readOutgoing, "SELECT "+outgoingColumns+" FROM outgoing WHERE id = ?", int64(id))
}

func (t *tx) RemoveOutgoing(s chat.SubscriptionID, ids []chat.OutgoingID) error {
	if len(ids) == 0 {
		return nil
	}
	numbers := make([]int64, len(ids))
	for i, id := range ids {
		numbers[i] = int64(id)
	}
	_, err := t.exec("DELETE FROM outgoing WHERE subscription = ? AND "+t.conn.engine.among("id"), string(s), t.conn.engine.keys(numbers))
	return err
}

func (t *tx) PostponeOutgoing(id chat.OutgoingID, next time.Time, attempts int, failure string) error {
	return t.one("UPDATE outgoing SET next_at = ?, attempts = ?, failure = ? WHERE id = ? AND dead_at = 0",
		millis(next), int64(attempts), failure, int64(id))
}

func (t *tx) GiveUpOutgoing(id chat.OutgoingID, at time.Time, attempts int, failure string) error {
	return t.one("UPDATE outgoing SET dead_at = ?, next_at = 0, attempts = ?, failure = ? WHERE id = ? AND dead_at = 0",
		millis(at), int64(attempts), failure, int64(id))
}

func (t *tx) GiveUpOldOutgoing(s chat.SubscriptionID, before, at time.Time, limit int) (int64, error) {
	return t.exec(`UPDATE outgoing SET dead_at = ?, next_at = 0 WHERE id IN (
		SELECT id`+waitingFor+" AND since < ? ORDER BY id"+limited+")", millis(at), string(s), millis(before), limit)
}

func (t *tx) RetryOutgoing(s chat.SubscriptionID) error {
	_, err := t.exec("UPDATE outgoing SET next_at = 0 WHERE subscription = ? AND dead_at = 0 AND next_at > 0", string(s))
	return err
}

func (t *tx) ReplayOutgoing(id chat.OutgoingID, now time.Time) error {
	return t.one("UPDATE outgoing SET dead_at = 0, since = ?, attempts = 0, next_at = 0 WHERE id = ? AND dead_at > 0", millis(now), int64(id))
}

func (t *tx) ReplayOutgoingSince(s chat.SubscriptionID, from, now time.Time, limit int) (int64, error) {
	return t.exec(`UPDATE outgoing SET dead_at = 0, since = ?, attempts = 0, next_at = 0 WHERE id IN (
		SELECT id FROM outgoing WHERE subscription = ? AND dead_at > 0 AND at >= ? ORDER BY id`+limited+")",
		millis(now), string(s), millis(from), limit)
}

func (t *tx) DeadOutgoing(s chat.SubscriptionID, after chat.OutgoingID, limit int) ([]chat.Outgoing, error) {
	return list(t, readOutgoing, "SELECT "+outgoingColumns+" FROM outgoing WHERE subscription = ? AND dead_at > 0 AND id > ? ORDER BY id"+limited,
		string(s), int64(after), limit)
}

func (t *tx) RemoveDeadOutgoing(s chat.SubscriptionID, before time.Time, limit int) (int64, error) {
	return t.exec(`DELETE FROM outgoing WHERE id IN (
		SELECT id FROM outgoing WHERE subscription = ? AND dead_at > 0 AND dead_at < ? ORDER BY id`+limited+")", string(s), millis(before), limit)
}

// RemoveOutgoingOf removes the two kinds of rows one after the other, because each has an index.
func (t *tx) RemoveOutgoingOf(s chat.SubscriptionID, limit int) (removed int64, err error) {
	for _, which := range []string{"dead_at = 0", "dead_at > 0"} {
		n, err := t.exec("DELETE FROM outgoing WHERE id IN (SELECT id FROM outgoing WHERE subscription = ? AND "+which+limited+")",
			string(s), int64(limit)-removed)
		if removed += n; err != nil || removed >= int64(limit) {
			return removed, err
		}
	}
	return removed, nil
}

func (t *tx) CountOutgoing(s chat.SubscriptionID, most int) (c chat.OutgoingCount, err error) {
	if err = t.row([]any{&c.Waiting}, "SELECT COUNT(*) FROM (SELECT 1"+waitingFor+limited+") w", string(s), most); err != nil {
		return c, err
	}
	if err = t.row([]any{&c.Dead}, "SELECT COUNT(*) FROM (SELECT 1 FROM outgoing WHERE subscription = ? AND dead_at > 0"+limited+") d", string(s), most); err != nil {
		return c, err
	}
	if c.Waiting > 0 {
		err = t.row([]any{when{&c.Oldest}}, "SELECT at"+waitingFor+" ORDER BY id LIMIT 1", string(s))
	}
	return c, err
}
