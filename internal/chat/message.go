package chat

import (
	"encoding/json"
	"time"
)

// MessageID identifies a message: positive, below 2^53, increasing within a conversation.
type MessageID int64

// MessageType is the type of a message, with the numbers that clients use.
type MessageType int

// The types of message.
const (
	TypeText     MessageType = 1
	TypeImage    MessageType = 2
	TypeVoice    MessageType = 3
	TypeFile     MessageType = 4
	TypeCard     MessageType = 5
	TypeLocation MessageType = 6
	TypeVideo    MessageType = 7
)

// SystemType is the kind of a system message; 0 for a message of a person.
// System messages never count as unread.
type SystemType int

// The types of system message.
const (
	NotSystem     SystemType = 0
	SystemAdded   SystemType = 1
	SystemRemoved SystemType = 2
	SystemRenamed SystemType = 3
	SystemOther   SystemType = 4
)

// Content is the content of a message. File, Card and Location are JSON objects in the
// normal form of the protocol: package wire has checked them and removed unknown fields.
type Content struct {
	Type     MessageType     `cbor:",omitzero"`
	Text     string          `cbor:",omitzero"`
	File     json.RawMessage `cbor:",omitzero"` // nil when there is none
	Card     json.RawMessage `cbor:",omitzero"`
	Location json.RawMessage `cbor:",omitzero"`
}

// Message is one entry of a conversation's log.
type Message struct {
	Content
	ID           MessageID      `cbor:",omitzero"`
	Conversation ConversationID `cbor:",omitzero"`
	Seq          int64          `cbor:",omitzero"` // position in the log, from 1 without gaps
	Count        int64          `cbor:",omitzero"` // how many counting messages there are up to and with this one
	System       SystemType     `cbor:",omitzero"`
	Report       *Report        `cbor:",omitzero"` // of a system message; nil: only its text is known
	From         AccountID      `cbor:",omitzero"`
	App          AppID          `cbor:",omitzero"`
	Refer        MessageID      `cbor:",omitzero"` // the quoted message of the same conversation; 0: none
	WaitingID    string         `cbor:",omitzero"` // the sender's own name for it; empty: none
	At           time.Time      `cbor:",omitzero"` // its place: strictly increasing within a conversation, whole milliseconds
	SentAt       time.Time      `cbor:",omitzero"` // zero: At; see Sent
	FormerAt     time.Time      `cbor:",omitzero"` // its place before it moved back, because the clock had been ahead; zero: it never moved
	WithdrawnAt  time.Time      `cbor:",omitzero"` // zero: not withdrawn. A withdrawn message has no content any more
	WithdrawnBy  AccountID      `cbor:",omitzero"`
	EditedAt     time.Time      `cbor:",omitzero"` // zero: it has its first text
}

// Sent returns when the message was sent by the clock. That is At, unless messages
// came faster than the milliseconds that tell them apart.
func (m *Message) Sent() time.Time {
	if m.SentAt.IsZero() {
		return m.At
	}
	return m.SentAt
}

// Withdrawn reports whether the message was taken back.
func (m *Message) Withdrawn() bool { return !m.WithdrawnAt.IsZero() }

// Quote is the message that another one refers to, as it is now.
type Quote struct {
	Message Message `cbor:",omitzero"`
	From    Account `cbor:",omitzero"`
	Removed bool    `cbor:",omitzero"` // because of its age; only the ID of Message is known
}

// Posted is a message with everything that a receiver is shown.
type Posted struct {
	Message Message     `cbor:",omitzero"`
	Peer    AccountID   `cbor:",omitzero"` // direct: the recipient; empty in a group
	Group   *Group      `cbor:",omitzero"` // nil in a direct chat
	From    Account     `cbor:",omitzero"`
	App     Application `cbor:",omitzero"` // zero when the message came through none
	Quote   *Quote      `cbor:",omitzero"`
	Heard   bool        `cbor:",omitzero"` // voice: the account that asked has heard it

	Mark      *ReadMark  `cbor:",omitzero"` // in the history: of the reader's own message; nil if it has none
	Reactions []Reaction `cbor:",omitzero"`
	Pinned    bool       `cbor:",omitzero"`
	Replies   int64      `cbor:",omitzero"` // how many the reader may read
}

// Draft is a message to be sent.
type Draft struct {
	Content
	Refer     MessageID
	WaitingID string
}

// Receipt is the answer to a send: durable when it is returned.
type Receipt struct {
	Posted
	Muted     bool // in a group: the sender has muted it
	Duplicate bool // the same sender and WaitingID were stored before; nothing was delivered now
}
