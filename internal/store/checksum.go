package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"parley/internal/chat"
)

// Messages and notices are stored with a checksum of their content, which does not change
// after the insertion. It detects changes that no count and no index shows: another order
// of the words, one more space, another card. It takes 8 bytes a row. It is no protection
// against somebody who can compute it. Times are not included, because they change when
// a wrong clock is corrected.

// messageChecksum returns the checksum of a message as it is stored, withdrawn or not.
func messageChecksum(m *chat.Message) int64 {
	var report []byte
	if m.Report != nil {
		report, _ = json.Marshal(m.Report) // texts and numbers: it cannot fail
	}
	return checksum(
		[]int64{int64(m.ID), int64(m.Conversation), m.Seq, int64(m.System), int64(m.Type), int64(m.Refer)},
		m.Text, string(m.File), string(m.Card), string(m.Location), string(report), string(m.From), string(m.App), m.WaitingID, string(m.WithdrawnBy))
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
	summed := false // a row with a checksum was read: all later rows must have one
	if err := v.tx.undamaged("SELECT "+messageColumns+", checksum FROM message WHERE id > ?", "id", func(scan scanFunc) (int64, error) {
		var sum *int64
		m, err := readMessage(func(dest ...any) error { return scan(append(dest, &sum)...) })
		if err != nil {
			return 0, err
		}
		v.checksum("message", fmt.Sprintf("%d in conversation %d", m.ID, m.Conversation), sum, messageChecksum(&m), &summed)
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
		v.checksum("notice", fmt.Sprint(n.ID), sum, noticeChecksum(&n), &summed)
		return int64(n.ID), v.ctx.Err()
	}, func(err error) error { return v.readable("of notice", err) })
}

func (v *verifier) checksum(table, row string, got *int64, want int64, summed *bool) {
	switch {
	case got == nil && *summed:
		v.find(table, row, "its checksum is missing")
	case got == nil:
		v.report.Unchecked++
	case *got != want:
		*summed = true
		v.find(table, row, "what it says differs from its checksum")
	default:
		*summed = true
	}
}
