package chat

import (
	"context"
	"errors"
	"time"
)

// MaxReactions is the maximum number of different emoji on a message.
const MaxReactions = 20

// MaxReactors is the maximum number of accounts that a [Reaction] names.
const MaxReactors = 3

// Reaction is an emoji that accounts have put on a message.
type Reaction struct {
	Emoji string       `cbor:",omitzero"`
	Count int64        `cbor:",omitzero"`
	Mine  bool         `cbor:",omitzero"` // the reader is one of them
	First []ReportName `cbor:",omitzero"` // the first accounts, at most three, with their present names
}

// Reactor is an account that has put an emoji on a message.
type Reactor struct {
	Account Account
	At      time.Time
}

// GivenReaction is one reaction of one account.
type GivenReaction struct {
	Message MessageID
	Emoji   string
	Account AccountID
	At      time.Time
}

// ReactionMark is the latest reaction of somebody else to [Membership.Reacted].
type ReactionMark struct {
	Message MessageID
	Emoji   string
	By      ReportName
	At      time.Time
}

// ReactionTx stores reactions.
type ReactionTx interface {
	// AddReaction returns false if the account has put the emoji on the message before.
	AddReaction(id MessageID, emoji string, a AccountID, at time.Time) (bool, error)
	// RemoveReaction returns false if there was none.
	RemoveReaction(id MessageID, emoji string, a AccountID) (bool, error)
	// Reactions returns the reactions to a message: the one of most accounts first, then in the order of the bytes of the emoji.
	Reactions(reader AccountID, id MessageID, names int) ([]Reaction, error)
	// Reactors pages through the accounts of a reaction, the first one first.
	Reactors(id MessageID, emoji string, offset, limit int) ([]Reactor, error)
	// ReactionsBy returns the reactions of an account to messages after one, by message. A message has at most MaxReactions of them.
	ReactionsBy(a AccountID, after MessageID, limit int) ([]GivenReaction, error)
	// ReactionsTo returns all reactions to messages, in the order in which they were given.
	ReactionsTo(ids []MessageID) (map[MessageID][]GivenReaction, error)
	// SetReacted sets [Membership.Reacted].
	SetReacted(ConversationID, AccountID, MessageID) error
}

// ReactionSet: an account has put an emoji on a message, or removed it. "message reaction" to both sides or the whole
// group, but not to Origin.
type ReactionSet struct {
	Message  MessageID
	From     AccountID // the author of the message
	Peer     AccountID // direct: the recipient of the message
	Group    GroupID   // group
	By       ReportName
	On       bool
	Marked   bool     // the author now has a mark in the chat list; see [ReactionMark]
	Reaction Reaction // afterwards; Mine has no meaning
	Origin   SocketID
}

func (ReactionSet) event() {}

// SetReaction puts an emoji on a message, or removes it. The emoji is in its normal form (package emoji). The caller must
// be able to write in the chat, except that reactions are allowed while only administrators can speak. The message must
// be one of the chat ([ErrMessageNotFound]); system messages and withdrawn messages take no reactions ([ErrForbidden]).
// A message has at most [MaxReactions] different emoji ([ErrTooManyReactions]). A repetition publishes nothing. Reactions
// do not count as unread. The author gets a mark in the chat list until it reads the chat, unless it looks at it.
//
// It returns all reactions to the message afterwards.
func (s *Service) SetReaction(ctx context.Context, by Actor, ref ChatRef, id MessageID, emoji string, on bool) ([]Reaction, error) {
	return update(ctx, s, func(tx Tx) ([]Reaction, error) {
		who, err := caller(tx, by)
		if err != nil {
			return nil, err
		}
		c, m, err := s.writable(tx, by.Account, ref, id)
		if err != nil {
			return nil, err
		}
		if m.System != NotSystem || m.Withdrawn() {
			return nil, ErrForbidden
		}
		changed, err := s.setReaction(tx, by.Account, m.ID, emoji, on)
		if err != nil {
			return nil, err
		}
		all, err := tx.Reactions(by.Account, m.ID, MaxReactors)
		if err != nil || !changed {
			return all, err
		}
		set := reactionSet(c, m, who, emoji, all)
		set.On, set.Origin = on, by.Socket
		if on {
			if set.Marked, err = s.markReaction(tx, c, m, by.Account); err != nil {
				return nil, err
			}
		}
		tx.Publish(set)
		return all, nil
	})
}

// reactionSet returns the event of a change after which the message has the reactions all.
func reactionSet(c Conversation, m Message, by Account, emoji string, all []Reaction) ReactionSet {
	set := ReactionSet{Message: m.ID, From: m.From, Group: c.Group, By: ReportName{by.ID, by.Name}, Reaction: Reaction{Emoji: emoji}}
	if c.Kind != KindGroup {
		set.Peer = c.Peer(m.From)
	}
	for _, r := range all {
		if r.Emoji == emoji {
			set.Reaction = r
		}
	}
	return set
}

// eraseReactions removes reactions of a person who is being erased, and tells the members of the chats. It returns how many.
func eraseReactions(tx Tx, a Account) (int, error) {
	given, err := tx.ReactionsBy(a.ID, 0, erasePiece)
	if err != nil {
		return 0, err
	}
	for _, r := range given {
		if _, err := tx.RemoveReaction(r.Message, r.Emoji, a.ID); err != nil {
			return 0, err
		}
		m, err := tx.Message(r.Message)
		if errors.Is(err, ErrNoRow) { // the database has lost it
			continue
		}
		if err != nil {
			return 0, err
		}
		c, err := tx.Conversation(m.Conversation)
		if err != nil {
			return 0, err
		}
		all, err := tx.Reactions(a.ID, m.ID, MaxReactors)
		if err != nil {
			return 0, err
		}
		tx.Publish(reactionSet(c, m, a, r.Emoji, all))
	}
	return len(given), nil
}

func (s *Service) setReaction(tx Tx, a AccountID, id MessageID, emoji string, on bool) (changed bool, err error) {
	if !on {
		return tx.RemoveReaction(id, emoji, a)
	}
	before, err := tx.Reactions(a, id, 0)
	if err != nil {
		return false, err
	}
	if len(before) >= MaxReactions && !hasEmoji(before, emoji) {
		return false, ErrTooManyReactions
	}
	return tx.AddReaction(id, emoji, a, s.now())
}

func hasEmoji(reactions []Reaction, emoji string) bool {
	for _, r := range reactions {
		if r.Emoji == emoji {
			return true
		}
	}
	return false
}

// markReaction marks the message as reacted to, unless its author has reacted, looks at the chat or has left it.
func (s *Service) markReaction(tx Tx, c Conversation, m Message, by AccountID) (marked bool, err error) {
	if m.From == by {
		return false, nil
	}
	author, err := tx.Membership(c.ID, m.From)
	if err != nil || author.Left() {
		return false, or(err, nil)
	}
	if s.presence != nil {
		if err := s.knowViewers(tx); err != nil {
			return false, err
		}
		for _, v := range s.presence.Viewings(&c) {
			if v.Account == m.From {
				return false, nil
			}
		}
	}
	return true, tx.SetReacted(c.ID, m.From, m.ID)
}

// unmark removes the marks of a chat that its reader has read.
func unmark(tx Tx, c chat) error {
	if err := endMark(tx, c); err != nil || c.member.Reacted == 0 {
		return err
	}
	return tx.SetReacted(c.id, c.member.Account, 0)
}

// Reactors returns a page of the accounts that have put an emoji on a message that the caller may read. Former
// members of a group get none, as in the history.
func (s *Service) Reactors(ctx context.Context, reader AccountID, ref ChatRef, id MessageID, emoji string, offset, limit int) ([]Reactor, error) {
	if offset < 0 {
		return nil, Invalid("offset", "must not be negative")
	}
	return view(ctx, s, func(tx Tx) ([]Reactor, error) {
		c, _, err := findMessage(tx, reader, ref, id)
		if err != nil || c.member.Left() && c.member.Departure != DepartureDissolved {
			return nil, err
		}
		return tx.Reactors(id, emoji, offset, s.page(limit))
	})
}

// writable returns a message of a chat in which the account may act so that others see it, whether or not it may
// speak in the group. The refusals are those of a send.
func (s *Service) writable(tx Tx, me AccountID, ref ChatRef, id MessageID) (Conversation, Message, error) {
	found, err := findChat(tx, me, ref)
	if err != nil {
		return Conversation{}, Message{}, err
	}
	switch {
	case ref.Type == SessionGroup:
		_, _, err = memberGroup(tx, GroupID(ref.ID), me)
	case found.ref.ID != string(FileTransfer):
		_, err = contact(tx, me, AccountID(found.ref.ID))
		err = relationEnded(tx, me, AccountID(found.ref.ID), err)
	}
	if err != nil {
		return Conversation{}, Message{}, err
	}
	m, err := messageOf(tx, found, id)
	if err != nil {
		return Conversation{}, Message{}, err
	}
	c, err := tx.Conversation(found.id)
	return c, m, err
}
