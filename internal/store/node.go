package store

import (
	"errors"
	"time"
)

// ErrNodeGone is returned to a node that has left, or that others have declared gone. It
// must not write until it has joined with a new id.
var ErrNodeGone = errors.New("store: this node was declared gone")

// NodeInfo describes a node of the cluster.
type NodeInfo struct {
	ID      string
	Address string // at which other nodes reach it
	Version string // of its program
	// StartedAt and SeenAt are by the clock of the database; [Store.Join] sets them.
	StartedAt, SeenAt time.Time
}
