package store

import (
	"math"
	"slices"
	"strings"

	"parley/internal/chat"
)

// isReply is the condition of the index message_refer.
const isReply = "refer IS NOT NULL AND withdrawn_at IS NULL"

func (t *tx) CountReplies(ids []chat.MessageID, untilSeq int64) (map[chat.MessageID]int64, error) {
	if untilSeq == 0 {
		untilSeq = math.MaxInt64
	}
	all := make(map[chat.MessageID]int64)
	for _, part := range messageParts(ids) {
		err := t.query(func(scan scanFunc) error {
			var id chat.MessageID
			var n int64
			err := scan(&id, &n)
			all[id] = n
			return err
		}, "SELECT refer, count(*) FROM message WHERE refer IN (?"+strings.Repeat(", ?", len(part)-1)+") AND "+isReply+" AND seq <= ? GROUP BY refer", append(part, untilSeq)...)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (t *tx) Replies(id chat.MessageID, beforeSeq int64, limit int) ([]chat.Message, error) {
	all, err := t.listMessages(limit, "SELECT "+messageColumns+" FROM message WHERE refer = ? AND "+isReply+" AND seq < ? ORDER BY seq DESC"+limited,
		int64(id), beforeSeq, limit)
	slices.Reverse(all)
	return all, err
}
