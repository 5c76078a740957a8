package chat

import (
	"context"
	"slices"
	"time"
)

// The rule for typing. A client tells that its account writes a message, and those who look at the same chat are told.
//
//  1. An account that may send a message to a chat may tell so. Nothing is stored.
//  2. The accounts that look at the chat at this moment ([Presence]), on any node, are told. Others are not told later.
//  3. It is told once in Settings.TypingPause for each account and chat. A request that comes earlier is accepted, and nobody is
//     told.
//  4. Nobody is told in groups with more than Settings.MaxTyping members, and in the chat with oneself.
//  5. Accounts that hide their activity ([Account.HidesActivity]) are neither told nor told of.

// Typed: "typing" to the sockets of To that look at the chat. It is in no commit.
type Typed struct {
	By   ReportName
	Chat ChatKey
	To   []AccountID
	At   time.Time
	Stay time.Duration // how long clients show it
}

func (Typed) event() {}

// typist is an account in a chat.
type typist struct {
	account AccountID
	chat    ChatKey
}

// TellTyping tells those who look at a chat that the caller writes a message. The permission is that of sending one.
func (s *Service) TellTyping(ctx context.Context, by Actor, ref ChatRef) error {
	var typed Typed
	var elsewhere bool
	err := s.store.View(ctx, func(tx Tx) error {
		typed, elsewhere = Typed{Chat: typed.Chat}, false
		me, err := caller(tx, by)
		if err != nil {
			return err
		}
		conversation, err := mayType(tx, me.ID, ref)
		if err != nil {
			return err
		}
		key, ok := KeyOf(me.ID, ref)
		if !ok || s.live().HideActivity {
			return nil
		}
		typed.By, typed.Chat = ReportName{ID: me.ID, Name: me.Name}, key
		typed.To, elsewhere, err = s.toldOfTyping(tx, me.ID, key, conversation)
		return err
	})
	if err != nil || len(typed.To) == 0 {
		return err
	}
	typed.At = s.now()
	pause := s.live().TypingPause
	typed.Stay = 2 * pause
	if s.typings.allow(typist{typed.By.ID, typed.Chat}, typed.At, pause) {
		s.pass(typed, elsewhere)
	}
	return nil
}

// mayType returns nil if the account may send a message to the chat, and the conversation of a group.
func mayType(tx Tx, me AccountID, ref ChatRef) (ConversationID, error) {
	if err := checkID("id", ref.ID); err != nil {
		return 0, err
	}
	switch ref.Type {
	case SessionUser:
		peer := AccountID(ref.ID)
		if peer == me || peer == FileTransfer {
			return 0, nil
		}
		_, err := contact(tx, me, peer)
		return 0, relationEnded(tx, me, peer, err)
	case SessionGroup:
		g, _, err := speakIn(tx, me, GroupID(ref.ID))
		return g.Conversation, err
	default:
		return 0, Invalid("type", "must be 1 or 2")
	}
}

// toldOfTyping returns the accounts that are told that the account types into a chat, and whether sockets of other nodes may be among them.
func (s *Service) toldOfTyping(tx Tx, me AccountID, key ChatKey, conversation ConversationID) ([]AccountID, bool, error) {
	lookers, elsewhere := s.presence.Lookers(key, me)
	if len(lookers) == 0 {
		return nil, false, nil
	}
	if key.Group != "" {
		g, err := tx.Group(key.Group)
		if err != nil || g.Members > s.live().MaxTyping {
			return nil, false, err
		}
		if lookers, err = othersIn(tx, conversation, me, lookers); err != nil {
			return nil, false, err
		}
	}
	shown, err := tx.ShowingActivity(append(lookers, me))
	if err != nil || len(shown) == 0 || shown[len(shown)-1] != me {
		return nil, false, err
	}
	return shown[:len(shown)-1], elsewhere, nil
}

// Lookers returns the accounts, except one, that look at a chat on any node, and whether some of them do on other nodes.
func (p *Presence) Lookers(k ChatKey, except AccountID) (all []AccountID, elsewhere bool) {
	if p == nil {
		return nil, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for a, viewers := range p.chats[k.presence()] {
		if a == except {
			continue
		}
		looks := false
		for _, v := range viewers {
			if !v.lost {
				looks = true
				elsewhere = elsewhere || !v.isHere()
			}
		}
		if looks {
			all = append(all, a)
		}
	}
	slices.Sort(all)
	return all, elsewhere
}
