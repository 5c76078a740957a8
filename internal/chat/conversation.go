package chat

import "time"

// ConversationID is storage's own number for a conversation; clients never see it.
type ConversationID int64

// ConversationKind tells direct chats, the chat with oneself and groups apart.
type ConversationKind int

// The kinds of conversation.
const (
	KindDirect ConversationKind = 1
	KindGroup  ConversationKind = 2
	KindSelf   ConversationKind = 3 // file-transfer
)

// Conversation is a log of messages.
type Conversation struct {
	ID        ConversationID
	Kind      ConversationKind
	A, B      AccountID // direct: the two, A < B. self: A is the owner
	Group     GroupID   // group
	LastSeq   int64
	Count     int64 // counting messages: not system. Withdrawn ones keep their number
	LastAt    time.Time
	LastID    MessageID
	Withdrawn int64 // seq of the latest withdrawn message, 0 if none: spares the correction
}

// Peer returns the other one of a direct chat, and [FileTransfer] for the chat with oneself.
func (c *Conversation) Peer(of AccountID) AccountID {
	switch {
	case c.Kind == KindSelf:
		return FileTransfer
	case c.A == of:
		return c.B
	default:
		return c.A
	}
}

// SessionType is the contract's number for an entry of the chat list.
type SessionType int

// The session types; 3 to 10 are the inbox's categories.
const (
	SessionUser      SessionType = 1
	SessionGroup     SessionType = 2
	SessionSystem    SessionType = 3
	SessionPost      SessionType = 4
	SessionCalendar  SessionType = 5
	SessionTask      SessionType = 6
	SessionKnowledge SessionType = 7
	SessionHR        SessionType = 8
	SessionWorksheet SessionType = 9
	SessionWorkflow  SessionType = 10
	SessionPublic    SessionType = 100
)

// ChatRef names an entry of somebody's chat list.
type ChatRef struct {
	Type SessionType
	ID   string // account, group, or the name of an inbox category
}

// Membership is one participant of a conversation: the cursor and the settings.
type Membership struct {
	Account      AccountID
	Conversation ConversationID
	Role         Role
	Push         bool      // false: muted; counts go to notPush
	Listed       bool      // in the chat list
	TopAt        time.Time // zero: not on top
	JoinSeq      int64
	JoinedAt     time.Time
	LeftAt       time.Time // zero: still a participant
	LeftSeq      int64     // the last message a former member may read
	ReadSeq      int64
	ReadCount    int64 // conversation's Count at ReadSeq
	Own          int64 // counting messages this participant ever sent here
	OwnAtRead    int64 // of these, up to ReadSeq
}

// Left reports whether the participant is no longer in the conversation.
func (m *Membership) Left() bool { return !m.LeftAt.IsZero() }

// ChatRow is an entry of somebody's chat list.
type ChatRow struct {
	Ref       ChatRef
	Name      string
	Avatar    string
	Last      *Posted // nil only for an inbox row
	Notice    *Notification
	At        time.Time
	Unread    int64
	Weak      int64 // inbox: weak notifications unread
	Push      bool
	IsPost    bool
	IsContact bool // direct: still contacts; group: still a member
	Silent    bool // inbox
	ShowBadge int  // inbox
	TopAt     time.Time
	Mentions  []Mention // since the read cursor, newest first
}
