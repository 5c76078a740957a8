package chat

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

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

// identity returns what identifies the conversation to other nodes.
func (c *Conversation) identity() Conversation {
	return Conversation{Kind: c.Kind, A: c.A, B: c.B, Group: c.Group}
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
	Departure    Departure
	LeftSeq      int64  // the last message a former member may read
	LeftName     string // of the group, as a former member knows it
	LeftAvatar   string
	ReadSeq      int64
	SureSeq      int64 // up to here for certain; up to ReadSeq because a socket of the account looked at the chat
	ReadCount    int64 // conversation's Count at ReadSeq
	Own          int64 // counting messages this participant ever sent here
	OwnAtRead    int64 // of these, up to ReadSeq

	// Reacted is an own message to which somebody has reacted since the participant last read the chat; 0: none.
	Reacted MessageID
	// Marked: the participant has marked messages as unread since it last read the chat; see [Service.MarkUnread].
	Marked bool
}

// Left reports whether the participant is no longer in the conversation.
func (m *Membership) Left() bool { return !m.LeftAt.IsZero() }

// hidesChanges reports whether the participant is a former member who must not know what happened to messages later: of
// reactions and pins nobody knows what there was when the membership ended. The end of the group hides nothing from its last members.
func (m *Membership) hidesChanges() bool { return m.Left() && m.Departure != DepartureDissolved }

// endedBefore reports whether the membership ended before its group was dissolved. A
// row from before the departure was recorded is decided by the times.
func (m *Membership) endedBefore(dissolved time.Time) bool {
	if m.Departure == DepartureUnknown {
		return m.Left() && m.LeftAt.Before(dissolved)
	}
	return m.Departure != DepartureDissolved
}

// known returns what the participant may know of the group: all of it or, for a former
// member, only the name and the picture from when the membership ended.
func (m *Membership) known(g Group) Group {
	if !m.Left() {
		return g
	}
	return Group{ID: g.ID, Conversation: g.Conversation, Name: m.LeftName, Avatar: m.LeftAvatar, IsPost: g.IsPost}
}

// chat is a conversation from the view of one of its participants.
type chat struct {
	ref    ChatRef // canonical: the chat with oneself is [FileTransfer]
	id     ConversationID
	member Membership
	begun  bool // false: a contact with whom nothing has been said
}

// findChat resolves an account's reference to one of its chats, for reading only: the
// messages stay readable after the end of the relation and in a dissolved group. The
// errors are those of docs/protocol/README.md:
//
//   - [ErrGroupNotFound]: the group does not exist; [ErrNotInGroup]: the account was never a member
//   - [ErrNotContact]: the other account is no contact and there is no message; also if it does not exist
func findChat(tx Tx, me AccountID, ref ChatRef) (chat, error) {
	switch ref.Type {
	case SessionUser:
		return findDirect(tx, me, AccountID(ref.ID))
	case SessionGroup:
		return findGroup(tx, me, GroupID(ref.ID))
	default:
		return chat{}, Invalid("type", "must be 1 or 2")
	}
}

func findDirect(tx Tx, me, peer AccountID) (chat, error) {
	if err := checkID("id", peer); err != nil {
		return chat{}, err
	}
	if peer == me {
		peer = FileTransfer
	}
	found := chat{ref: ChatRef{SessionUser, string(peer)}}
	with := peer
	if peer == FileTransfer {
		with = me
	}
	c, err := tx.DirectConversation(me, with)
	if err == nil {
		// A participant has no row only if the database lost it.
		found.member, err = tx.Membership(c.ID, me)
	}
	if errors.Is(err, ErrNoRow) {
		if peer != FileTransfer {
			_, err = contact(tx, me, peer)
			return found, err
		}
		return found, nil
	}
	if err != nil {
		return chat{}, err
	}
	found.id, found.begun = c.ID, true
	return found, nil
}

func findGroup(tx Tx, me AccountID, id GroupID) (chat, error) {
	if err := checkID("id", id); err != nil {
		return chat{}, err
	}
	g, err := tx.GroupHead(id)
	if err != nil {
		return chat{}, or(err, ErrGroupNotFound)
	}
	m, err := tx.Membership(g.Conversation, me)
	if err != nil {
		return chat{}, or(err, ErrNotInGroup)
	}
	return chat{ref: ChatRef{SessionGroup, string(id)}, id: g.Conversation, member: m, begun: true}, nil
}

// readable returns a message if the account may read it: the account is a participant
// of the conversation, or was one when the message arrived. Otherwise the error is the
// same as for a message that does not exist.
func readable(tx Tx, me AccountID, id MessageID) (Message, error) {
	m, err := tx.Message(id)
	if err != nil {
		return Message{}, or(err, ErrMessageNotFound)
	}
	member, err := tx.Membership(m.Conversation, me)
	if err != nil {
		return Message{}, or(err, ErrMessageNotFound)
	}
	if member.Left() && m.Seq > member.LeftSeq {
		return Message{}, ErrMessageNotFound
	}
	return m, nil
}

// Operate relays an object from one of the account's clients to its others. The
// clients define its contents; package wire limits its size.
func (s *Service) Operate(ctx context.Context, by Actor, payload json.RawMessage) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := caller(tx, by); err != nil {
			return err
		}
		tx.Publish(Operated{Account: by.Account, Payload: payload, Origin: by.Socket})
		return nil
	})
}
