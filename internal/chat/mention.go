package chat

import "time"

// Mention says that somebody was @-ed (or shaken) by a message of a group.
type Mention struct {
	Message MessageID
	At      time.Time
	From    AccountID
	All     bool // the whole group was meant
}

// Everyone is the mention of a whole group.
const Everyone AccountID = "all"
