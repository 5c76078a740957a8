package chat

import "time"

// HistoryQuery selects a stretch of a chat. At most one of the four bounds is
// set; with none the newest messages are meant. A Keyword searches instead, and
// then Page counts from 1.
type HistoryQuery struct {
	BeforeID    MessageID
	AfterID     MessageID
	BeforeAt    time.Time
	AfterAt     time.Time
	Keyword     string
	Page        int
	Limit       int
	OldestFirst bool
}
