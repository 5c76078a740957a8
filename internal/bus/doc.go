// Package bus carries events from the node that committed them to the other nodes of a
// cluster.
//
// The log of commits in the database is the truth: it has every commit with its events,
// numbered without gaps. A [Bus] only makes the others quick to know of a commit. A
// [Follower] puts the node's own commits and those from the bus into the order of their
// numbers, and reads what the bus has lost from the log. Events that are only about this moment, such as somebody
// typing, are in no commit: the bus alone carries them, and they may be lost.
//
// The package leaves to others what an event does, the log itself, and the decision what a
// node does that has lost the bus.
package bus
