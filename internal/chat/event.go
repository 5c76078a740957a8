package chat

import (
	"encoding/json"
	"time"
)

// Event is something that happened and is durable. Events are published in the
// order of the commits; delivery turns them into pushes. "All sockets of" an
// account below means those of this and of every other node.
type Event interface{ event() }

// MessageSent: the message to every socket of the participants except Origin. Before it
// "new session" to the accounts in Gained, whose chat list gains the chat. After it "new
// history" to every socket that got the message.
type MessageSent struct {
	Posted
	Origin  SocketID    `cbor:",omitzero"`
	To      Account     `cbor:",omitzero"` // direct: the recipient as the sender's other sockets show them
	Gained  []AccountID `cbor:",omitzero"` // their chat list gains the chat with this message
	Muted   []AccountID `cbor:",omitzero"` // direct: those of Gained that have muted the chat
	Readers []AccountID `cbor:",omitzero"` // present in the chat: read in the same commit; their other sockets get "clear unread"
}

// MessageWithdrawn: to both sides or the whole group, but not to Origin.
type MessageWithdrawn struct {
	Posted         // without content
	By     Account // who withdrew it
	Origin SocketID
}

// ChatRead: "clear unread" to the account's sockets but Origin.
type ChatRead struct {
	Account AccountID
	Ref     ChatRef
	Origin  SocketID
}

// ChatReadUpTo: a chat was read up to and including message UpTo. Left counts the
// messages after it, up to and including message Last. "unread left" to every socket of
// the account. If nothing is left, also "clear unread" to its sockets except Origin.
type ChatReadUpTo struct {
	Account    AccountID
	UpTo, Last MessageID
	Left       ChatUnread
	Origin     SocketID
}

// ReadTakenBack: a chat that was read only because a socket looked at it, which
// turned out to have been dead, is unread again, or unread messages that are behind younger ones were removed because of
// their age: "unread again" to all of the account's sockets.
type ReadTakenBack struct {
	Account AccountID
	Unread  ChatUnread
}

// AllRead: "clear all unread" to all of the account's sockets.
type AllRead struct {
	Account AccountID
	Groups  []GroupID `cbor:",omitzero"` // whose cursor has moved, for read marks
}

// SessionRemoved: to all of the account's sockets.
type SessionRemoved struct {
	Account AccountID
	Ref     ChatRef
}

// Operated: relayed verbatim to the account's web sockets but Origin.
type Operated struct {
	Account AccountID
	Payload json.RawMessage
	Origin  SocketID
}

// Shaken: to all sockets of To.
type Shaken struct {
	From, To AccountID
	At       time.Time
}

// GroupShaken: to all sockets of the members in To, never the caller's; nil To
// with All set means every member but From.
type GroupShaken struct {
	From    AccountID
	Group   GroupID
	To      []AccountID
	All     bool
	Message MessageID
	At      time.Time // of the message
}

// InboxCleared: to the account's sockets but Origin.
type InboxCleared struct {
	Account  AccountID
	Category Category
	Value    int64
	At       time.Time
	Origin   SocketID
}

// VoiceHeard: to the account's sockets but Origin.
type VoiceHeard struct {
	Account AccountID
	Message MessageID
	Origin  SocketID
}

// StickySet: to all of the account's sockets.
type StickySet struct {
	Account AccountID
	Ref     ChatRef
	Top     bool
	At      time.Time
}

// SilenceSet: to all of the account's sockets.
type SilenceSet struct {
	Account  AccountID
	Category CategoryInfo
	Silent   bool
}

// GroupEntered: the accounts in Added are members from now on. "new group" to
// every socket of theirs, "group member added" (Added without the creator of a
// new group) to the members who were there before. Created is set for a new group.
type GroupEntered struct {
	Group   Group // with Admins
	Added   []GroupMember
	Created bool
}

// GroupMemberLeft: "removed from group" to the person, then "group member
// removed" to the rest.
type GroupMemberLeft struct {
	Group   Group
	Account AccountID
	How     Departure
}

// GroupDissolved: "removed from group" to everybody in it.
type GroupDissolved struct{ Group Group }

// GroupRenamed: to all members.
type GroupRenamed struct {
	Group   Group
	OldName string
	By      Account
}

// GroupChanged: picture, announcement, from discussion to group, or another
// creator; "group changed" to all members.
type GroupChanged struct{ Group Group }

// GroupAdminSet: "group admin added" or "group admin removed" to all members.
type GroupAdminSet struct {
	Group   GroupID
	Account AccountID
	By      AccountID
	Admin   bool
}

// GroupBanSet: "ban speak" or "permit speak" to all members.
type GroupBanSet struct {
	Group  GroupID
	By     Account
	Banned bool
}

// GroupInviteSet: "can add member" to all members.
type GroupInviteSet struct {
	Group GroupID
	Can   bool
}

// GroupPushSet: "set group notice" to all of the account's sockets.
type GroupPushSet struct {
	Group   GroupID
	Account AccountID
	Push    bool
}

// Notified: "new notify" to all sockets of every account in Inboxes.
type Notified struct {
	Notification Notification // Account, Seq and Strong are of no meaning here
	Inboxes      []NotifiedInbox
}

// NotifiedInbox is one receiver of a notification.
type NotifiedInbox struct {
	Account AccountID
	Silent  bool
}

// LoggedOut: "logout message" to the sockets of the session, then disconnect.
// Account is empty when only the session is known (a JWT revoked by its jti).
type LoggedOut struct {
	Account AccountID
	Session SessionID   // empty: every session of the account
	Kept    []SessionID // but for these
}

// ContactChanged: "contact changed" to every socket of the accounts in To: the
// person looks otherwise now, or is a contact or friend of theirs, or no longer.
type ContactChanged struct {
	Person Person // as they see it
	To     []AccountID
}

// AccountChanged: no push; caches of name and avatar must know.
type AccountChanged struct{ Account Account }

// SettingsChanged: no push; each node applies them. These are all settings that are stored.
type SettingsChanged struct{ Settings []Setting }

// MailQueued: no push; a mail waits to be sent.
type MailQueued struct{}

// UploadKeyChanged: no push; each node reads the file upload.key again.
type UploadKeyChanged struct{}

// AppChanged: no push; caches must know.
type AppChanged struct{ App Application }

// ViewerMoved: no push. A socket of a node looks at the chat from now on, or at none if
// Ref is zero. It is published in the transaction that stores the current chat, so that a
// transaction of another node knows the viewer if it runs after that one.
type ViewerMoved struct {
	Node    string
	Socket  SocketID // the ID of the stored current chat
	Session SessionID
	Account AccountID
	Ref     ChatRef
	Since   time.Time // when the socket connected
	Seen    int64     // as in [CurrentChat]

	// Waits is set for a socket without a current chat that takes over that of a lost socket
	// of its session, once the loss is noticed.
	Waits bool
	// Heir is the socket of Node that takes over the current chat of a lost socket;
	// empty: the socket said itself where it looks. Unproven is what the lost
	// one leaves to it: reads that the client has not proved yet.
	Heir     SocketID
	Unproven PresenceRead // of seq; zero: none
	ReadAt   time.Time    // the latest of Unproven
}

// ReadsMade: no push. Presence has read the conversation for viewers of other nodes, in
// the transaction of a message. The node of a viewer then opens the mark of that viewer.
// It is delivered after the message.
type ReadsMade struct {
	Conversation Conversation // Kind, A, B and Group identify it; the other fields are of no meaning
	Reads        []PresenceRead
	At           time.Time // of the message
}

// NodeGone: no push. The node has left the cluster, or was declared gone because it was
// silent: its viewers look at nothing any more, and it refuses to write.
type NodeGone struct{ Node string }

// ForTransactions reports whether the transactions of other nodes must know the event: a
// node hears of it before its next transaction begins.
func ForTransactions(e Event) bool {
	switch e.(type) {
	case ViewerMoved, ReadsMade, MarkedUnread, NodeGone, Shaken:
		return true
	}
	return false
}

// ForDelivery reports whether the event is delivered after its commit.
func ForDelivery(e Event) bool {
	_, ok := e.(NodeGone)
	return !ok
}

func (MessageSent) event()      {}
func (MessageWithdrawn) event() {}
func (ChatRead) event()         {}
func (ChatReadUpTo) event()     {}
func (ReadTakenBack) event()    {}
func (AllRead) event()          {}
func (SessionRemoved) event()   {}
func (Operated) event()         {}
func (Shaken) event()           {}
func (GroupShaken) event()      {}
func (InboxCleared) event()     {}
func (VoiceHeard) event()       {}
func (StickySet) event()        {}
func (SilenceSet) event()       {}
func (GroupEntered) event()     {}
func (GroupMemberLeft) event()  {}
func (GroupDissolved) event()   {}
func (GroupRenamed) event()     {}
func (GroupChanged) event()     {}
func (GroupAdminSet) event()    {}
func (GroupBanSet) event()      {}
func (GroupInviteSet) event()   {}
func (GroupPushSet) event()     {}
func (Notified) event()         {}
func (LoggedOut) event()        {}
func (ContactChanged) event()   {}
func (AccountChanged) event()   {}
func (AppChanged) event()       {}
func (SettingsChanged) event()  {}
func (MailQueued) event()       {}
func (UploadKeyChanged) event() {}
func (ViewerMoved) event()      {}
func (ReadsMade) event()        {}
func (NodeGone) event()         {}
