package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"parley/internal/chat"
)

// Messages and notices are stored with a checksum of their content, which rarely changes
// after the insertion. It detects changes that no count and no index shows: another order
// of the words, one more space, another card, another time, a mention that is missing. It takes
// 8 bytes a row. It is no protection against somebody who can compute it.
//
// The checksum of a message includes its times and its mentions, so it changes if a message is
// withdrawn or edited, mentions somebody, or moves back because a clock was wrong. Earlier versions did
// not include them. Both checksums are valid, and a row keeps the kind that it has. The times of
// notices are not included.

// messageChecksum returns the checksum of a message as it is stored, withdrawn or not, without
// mentions.
func messageChecksum(m *chat.Message) int64 { return mentioningChecksum(m, nil) }

// mentioningChecksum is messageChecksum for a message with mentions: accounts in any order,
// empty for everyone.
func mentioningChecksum(m *chat.Message, mentions []string) int64 {
	numbers, texts := checkedContent(m)
	slices.Sort(mentions)
	if !m.EditedAt.IsZero() {
		numbers = append(numbers, millis(m.EditedAt))
	}
	return checksum(append(numbers, millis(m.At), millis(m.SentAt), millis(m.FormerAt), millis(m.WithdrawnAt)), append(texts, mentions...)...)
}

// earlierChecksum is the checksum of earlier versions.
func earlierChecksum(m *chat.Message) int64 {
	numbers, texts := checkedContent(m)
	return checksum(numbers, texts...)
}

func checkedContent(m *chat.Message) (numbers []int64, texts []string) {
	var report []byte
	if m.Report != nil {
		report, _ = json.Marshal(m.Report) // texts and numbers: it cannot fail
	}
	return []int64{int64(m.ID), int64(m.Conversation), m.Seq, int64(m.System), int64(m.Type), int64(m.Refer)},
		[]string{m.Text, string(m.File), string(m.Card), string(m.Location), string(report), string(m.From), string(m.App), m.WaitingID, string(m.WithdrawnBy)}
}

// mentionsOf returns the mentions of a message for its checksum.
func (t *tx) mentionsOf(id chat.MessageID) ([]string, error) {
	return list(t, readString[string], "SELECT COALESCE(account, '') FROM mention WHERE message = ?", int64(id))
}

// changeChecksum stores the checksum of a changed message, unless the row has none or that
// of an earlier version, or did not match its checksum before.
func (t *tx) changeChecksum(id chat.MessageID, before, after int64) error {
	_, err := t.exec("UPDATE message SET checksum = ? WHERE id = ? AND checksum = ?", after, int64(id), before)
	return err
}

func noticeChecksum(n *chat.Notification) int64 {
	return checksum([]int64{flag(n.Weak)}, string(n.Category), n.Type, n.Text, n.Name, n.URL, n.EntityID)
}

func checksum(numbers []int64, texts ...string) int64 {
	b := make([]byte, 0, 512)
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	for _, t := range texts {
		b = binary.BigEndian.AppendUint64(b, uint64(len(t)))
		b = append(b, t...)
	}
	sum := sha256.Sum256(b)
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// checksums compares every message and notice with its checksum.
func (v *verifier) checksums() error {
	mentions := make(map[chat.MessageID][]string)
	known := true
	if err := v.tx.query(func(scan scanFunc) error {
		var id chat.MessageID
		var account string
		err := scan(&id, &account)
		mentions[id] = append(mentions[id], account)
		return err
	}, "SELECT message, COALESCE(account, '') FROM mention"); err != nil {
		known = false
		if err := v.readable("of mention", err); err != nil {
			return err
		}
	}
	summed := false // a row with a checksum was read: all later rows must have one
	if err := v.tx.undamaged("SELECT "+messageColumns+", checksum FROM message WHERE id > ?", "id", func(scan scanFunc) (int64, error) {
		var sum *int64
		m, err := readMessage(func(dest ...any) error { return scan(append(dest, &sum)...) })
		if err != nil {
			return 0, err
		}
		want := mentioningChecksum(&m, mentions[m.ID])
		if sum != nil && *sum != want && (!known || *sum == earlierChecksum(&m)) {
			want = *sum
		}
		v.checksum("message", fmt.Sprintf("%d in conversation %d", m.ID, m.Conversation), "its content, times or mentions differ from its checksum", sum, want, &summed)
		return int64(m.ID), v.ctx.Err()
	}, func(err error) error { return v.readable("of message", err) }); err != nil {
		return err
	}
	summed = false
	return v.tx.undamaged("SELECT id, category, type, text, name, url, entity_id, weak, checksum FROM notice WHERE id > ?", "id", func(scan scanFunc) (int64, error) {
		var n chat.Notification
		var sum *int64
		if err := scan(&n.ID, &n.Category, &n.Type, &n.Text, &n.Name, &n.URL, &n.EntityID, &n.Weak, &sum); err != nil {
			return 0, err
		}
		v.checksum("notice", fmt.Sprint(n.ID), "its content differs from its checksum", sum, noticeChecksum(&n), &summed)
		return int64(n.ID), v.ctx.Err()
	}, func(err error) error { return v.readable("of notice", err) })
}

func (v *verifier) checksum(table, row, differs string, got *int64, want int64, summed *bool) {
	switch {
	case got == nil && *summed:
		v.find(table, row, "its checksum is missing")
	case got == nil:
		v.report.Unchecked++
	case *got != want:
		*summed = true
		v.find(table, row, differs)
	default:
		*summed = true
	}
}
