package bus

import (
	"context"
	"time"

	"parley/internal/chat"
)

// Commit is a commit of one of the nodes.
type Commit struct {
	Number int64 // from 1, without gaps, over all nodes
	Node   string
	At     time.Time
	Events []chat.Event // of an own commit
	Body   []byte       // the events, encoded
}

// Message tells the other nodes of a commit. Without a number, it has events that are in no commit; nodes of earlier versions
// ignore it.
type Message struct {
	Commit
	// Missing says that the message does not have the events of the commit. They are in
	// the log.
	Missing bool
}

// Bus carries messages between nodes. It may lose, repeat and reorder them.
type Bus interface {
	// Publish sends a message to the other nodes. It may block while the bus is slow.
	Publish(Message) error
	// Check returns nil if the bus can be reached now.
	Check(context.Context) error
	// Close ends the bus after everything that was published has been sent, or when ctx
	// ends. After that the listener hears nothing.
	Close(context.Context) error
}

// Listener gets what a bus carries. Its methods must not block.
type Listener interface {
	// Hear takes in a message of another node.
	Hear(Message)
	// Interrupted says that messages may have been lost: the connection was broken and is
	// there again, or the node was too slow.
	Interrupted()
}
