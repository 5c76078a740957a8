package chat

import (
	"context"
	"slices"
	"time"
)

// Pin is a message that is pinned in its chat.
type Pin struct {
	Message MessageID
	By      AccountID
	At      time.Time
}

// PinnedMessage is a pinned message, as the chat shows it.
type PinnedMessage struct {
	Quote         // the message with its present content, and its author
	By    Account // who pinned it
	At    time.Time
}

// PinTx stores pins.
type PinTx interface {
	// AddPin returns false if the message is pinned.
	AddPin(c ConversationID, p Pin) (bool, error)
	// RemovePin returns false if the message is not pinned.
	RemovePin(MessageID) (bool, error)
	CountPins(ConversationID) (int, error)
	// Pins returns the pins of a conversation, the latest first.
	Pins(ConversationID) ([]Pin, error)
	// PinnedOf returns the pinned messages of a conversation, in no order.
	PinnedOf(ConversationID) ([]Message, error)
	// PinsOf returns which of the messages are pinned.
	PinsOf(ids []MessageID) (map[MessageID]Pin, error)
}

// PinSet: a message was pinned in its chat, or is no longer pinned. "message pinned" to both sides or the whole group, but
// not to Origin.
type PinSet struct {
	Message MessageID
	From    AccountID // the author of the message
	Peer    AccountID // direct: the recipient of the message
	Group   GroupID   // group
	By      ReportName
	Pinned  *PinnedMessage `cbor:",omitzero"` // nil: it is no longer pinned
	Count   int            // of pinned messages in the chat, afterwards
	Origin  SocketID       `cbor:",omitzero"`
}

func (PinSet) event() {}

// SetPin pins a message in its chat, or ends that. In a group, administrators can do it ([ErrForbidden]), in a direct chat
// both sides. The caller must be able to write in the chat, with the refusals of a send. The message must be one of the chat
// ([ErrMessageNotFound]); system messages and withdrawn messages are not pinned ([ErrForbidden]). A chat has at most
// Settings.MaxPins pinned messages ([ErrTooManyPins]). A repetition publishes nothing.
//
// A pin leaves a system message in the chat, which does not count as unread. The end of a pin leaves none.
func (s *Service) SetPin(ctx context.Context, by Actor, ref ChatRef, id MessageID, on bool) (PinSet, error) {
	return update(ctx, s, func(tx Tx) (PinSet, error) {
		who, err := caller(tx, by)
		if err != nil {
			return PinSet{}, err
		}
		c, m, err := s.pinnable(tx, by.Account, ref, id)
		if err != nil {
			return PinSet{}, err
		}
		if on && (m.System != NotSystem || m.Withdrawn()) {
			return PinSet{}, ErrForbidden
		}
		pin, changed, err := s.setPin(tx, c.ID, Pin{m.ID, by.Account, s.now()}, on)
		if err != nil {
			return PinSet{}, err
		}
		set := PinSet{Message: m.ID, From: m.From, Group: c.Group, By: ReportName{who.ID, who.Name}, Origin: by.Socket}
		if c.Kind != KindGroup {
			set.Peer = c.Peer(m.From)
		}
		if set.Count, err = tx.CountPins(c.ID); err != nil {
			return PinSet{}, err
		}
		if on {
			p, err := pinned(tx, pin, m)
			if err != nil {
				return PinSet{}, err
			}
			set.Pinned = &p
		}
		if !changed {
			return set, nil
		}
		tx.Publish(set)
		if on {
			err = s.announcePin(tx, by.App, &c, who, m.ID)
		}
		return set, err
	})
}

// pinnable returns a message of a chat in which the account may pin messages.
func (s *Service) pinnable(tx Tx, me AccountID, ref ChatRef, id MessageID) (Conversation, Message, error) {
	c, m, err := s.writable(tx, me, ref, id)
	if err != nil || c.Kind != KindGroup {
		return c, m, err
	}
	member, err := tx.Membership(c.ID, me)
	if err == nil && member.Role != RoleAdmin {
		err = ErrForbidden
	}
	return c, m, err
}

// setPin returns the pin of the message as it is then: an earlier one stays.
func (s *Service) setPin(tx Tx, c ConversationID, p Pin, on bool) (Pin, bool, error) {
	if !on {
		removed, err := tx.RemovePin(p.Message)
		return Pin{}, removed, err
	}
	before, err := tx.PinsOf([]MessageID{p.Message})
	if err != nil {
		return Pin{}, false, err
	}
	if earlier, is := before[p.Message]; is {
		return earlier, false, nil
	}
	n, err := tx.CountPins(c)
	if err != nil {
		return Pin{}, false, err
	}
	if n >= s.live().MaxPins {
		return Pin{}, false, ErrTooManyPins
	}
	added, err := tx.AddPin(c, p)
	return p, added, err
}

// announcePin leaves a system message in the chat.
func (s *Service) announcePin(tx Tx, app AppID, c *Conversation, by Account, id MessageID) error {
	report := &Report{Kind: ReportPinned, By: ReportName{by.ID, by.Name}, Message: id}
	if c.Kind == KindGroup {
		g, err := tx.GroupHead(c.Group)
		if err != nil {
			return err
		}
		_, err = s.announce(tx, app, g, by, SystemOther, s.text().pinned(by.Name), report)
		return err
	}
	peer := s.fileTransfer()
	if c.Kind == KindDirect {
		var err error
		if peer, err = tx.Account(c.Peer(by.ID)); err != nil {
			return err
		}
	}
	p := Posted{
		Message: Message{
			Content:      Content{Type: TypeText, Text: s.text().pinned(by.Name)},
			Conversation: c.ID,
			System:       SystemOther,
			Report:       report,
			From:         by.ID,
			App:          app,
			At:           s.now(),
		},
		Peer: peer.ID,
		From: by,
	}
	if err := through(tx, &p); err != nil {
		return err
	}
	_, err := s.post(tx, c, MessageSent{Posted: p, To: peer})
	return err
}

func pinned(tx Tx, p Pin, m Message) (PinnedMessage, error) {
	from, err := tx.Account(m.From)
	if err != nil {
		return PinnedMessage{}, err
	}
	by, err := tx.Account(p.By)
	return PinnedMessage{Quote: Quote{Message: m, From: from}, By: by, At: p.At}, err
}

// PinnedMessages returns the pinned messages of a chat, those that were pinned last first. Former members of a group get none,
// because nobody knows which of them were pinned when the membership ended; after the end of the group its last members get them.
func (s *Service) PinnedMessages(ctx context.Context, reader AccountID, ref ChatRef) ([]PinnedMessage, error) {
	return view(ctx, s, func(tx Tx) ([]PinnedMessage, error) {
		c, err := findChat(tx, reader, ref)
		if err != nil || !c.begun || c.member.hidesChanges() {
			return nil, err
		}
		pins, err := tx.Pins(c.id)
		if err != nil || len(pins) == 0 {
			return nil, err
		}
		messages, err := tx.PinnedOf(c.id)
		if err != nil {
			return nil, err
		}
		var all []PinnedMessage
		for _, p := range pins {
			i := slices.IndexFunc(messages, func(m Message) bool { return m.ID == p.Message })
			if i < 0 { // the database has lost it
				continue
			}
			shown, err := pinned(tx, p, messages[i])
			if err != nil {
				return nil, err
			}
			all = append(all, shown)
		}
		return all, nil
	})
}
