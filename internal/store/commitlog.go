package store

import (
	"time"

	"parley/internal/chat"
)

// Commit is an entry of the commit log. The numbers of commits have no gaps, and a commit
// sees all commits with lower numbers.
type Commit struct {
	Number int64
	Node   string    // that has committed
	At     time.Time // by the clock of the database
	// Events are those that are delivered; see [chat.ForDelivery]. An entry that was read from
	// the log has only Body, which contains them encoded.
	Events []chat.Event
	Body   []byte // nil: there are no events
}
