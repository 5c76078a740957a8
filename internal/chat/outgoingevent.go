package chat

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// OutgoingKind is a kind of event that an application can subscribe to: a noun and what happened.
type OutgoingKind string

// The kinds. The comments name the type of [OutgoingEvent.Data].
const (
	OutgoingMessageSent      OutgoingKind = "message.sent"        // OutgoingMessage
	OutgoingMessageEdited    OutgoingKind = "message.edited"      // OutgoingMessage
	OutgoingMessageWithdrawn OutgoingKind = "message.withdrawn"   // OutgoingMessage
	OutgoingMessageRead      OutgoingKind = "message.read"        // OutgoingRead
	OutgoingMessageAway      OutgoingKind = "message.away"        // OutgoingAway
	OutgoingGroupCreated     OutgoingKind = "group.created"       // OutgoingGroup with Members
	OutgoingGroupChanged     OutgoingKind = "group.changed"       // OutgoingGroup
	OutgoingGroupDissolved   OutgoingKind = "group.dissolved"     // OutgoingGroup
	OutgoingMembersAdded     OutgoingKind = "group.members-added" // OutgoingGroup with Members
	OutgoingMemberLeft       OutgoingKind = "group.member-left"   // OutgoingGroup with Account and How
	OutgoingRoleChanged      OutgoingKind = "group.role-changed"  // OutgoingGroup with Account and Admin
	OutgoingAccountCreated   OutgoingKind = "account.created"     // Account
	OutgoingAccountChanged   OutgoingKind = "account.changed"     // Account

	// OutgoingTest is for tests. Nobody subscribes to it.
	OutgoingTest OutgoingKind = "test" // OutgoingTestData
)

// OutgoingKinds are all kinds that can be subscribed to, in the order in which a subscription lists them.
var OutgoingKinds = []OutgoingKind{
	OutgoingMessageSent, OutgoingMessageEdited, OutgoingMessageWithdrawn, OutgoingMessageRead, OutgoingMessageAway,
	OutgoingGroupCreated, OutgoingGroupChanged, OutgoingGroupDissolved, OutgoingMembersAdded, OutgoingMemberLeft, OutgoingRoleChanged,
	OutgoingAccountCreated, OutgoingAccountChanged,
}

// OutgoingEvent is an event before it is encoded.
type OutgoingEvent struct {
	Kind  OutgoingKind
	Topic string
	At    time.Time
	Wait  time.Duration // before it is posted
	Data  any
}

// OutgoingMessage is a message, as it is after the event.
type OutgoingMessage struct {
	Posted *Posted
	By     AccountID // withdrawn: who withdrew it
}

// OutgoingRead tells that accounts have read a chat.
type OutgoingRead struct {
	Accounts []AccountID
	Chat     ChatKey   // zero: all chats of the accounts
	UpTo     MessageID // 0: everything
}

// OutgoingGroup is a group, as it is after the event.
type OutgoingGroup struct {
	Group   Group
	Members []GroupMember
	Account AccountID
	How     Departure
	Admin   bool
}

// OutgoingTestData is the content of a test.
type OutgoingTestData struct{ Subscription SubscriptionID }

// outgoingTx notes what has to be known for the events of subscriptions.
type outgoingTx struct {
	Tx
	events  []Event
	created []AccountID
}

func (t *outgoingTx) Publish(e Event) {
	t.events = append(t.events, e)
	t.Tx.Publish(e)
}

func (t *outgoingTx) CreateAccount(a Account) error {
	t.created = append(t.created, a.ID)
	return t.Tx.CreateAccount(a)
}

// subscribed returns fn with the storage of its events for subscriptions, in the same transaction.
func (s *Service) subscribed(fn func(Tx) error) func(Tx) error {
	if s.opts.EncodeOutgoing == nil {
		return fn
	}
	return func(tx Tx) error {
		o := &outgoingTx{Tx: tx}
		if err := fn(o); err != nil || len(o.events) == 0 {
			return err
		}
		return s.storeOutgoing(o)
	}
}

func (s *Service) storeOutgoing(tx *outgoingTx) error {
	active, err := tx.ActiveSubscriptions()
	if err != nil || len(active) == 0 {
		return err
	}
	now := s.now()
	for _, e := range tx.events {
		all, err := tx.outgoing(e)
		if err != nil {
			return err
		}
		for i := range all {
			all[i].At = now
			if err := s.addOutgoing(tx, active, &all[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// addOutgoing stores an event for the subscriptions that ask for it.
func (s *Service) addOutgoing(tx Tx, active []Subscriber, e *OutgoingEvent) error {
	o := Outgoing{Kind: e.Kind, Topic: e.Topic, At: e.At, Since: e.At}
	if e.Wait > 0 {
		o.NextAt = e.At.Add(e.Wait)
	}
	var to []SubscriptionID
	for _, a := range active {
		if slices.Contains(a.Kinds, e.Kind) {
			to = append(to, a.ID)
		}
	}
	if len(to) == 0 {
		return nil
	}
	var err error
	if o.Body, err = s.opts.EncodeOutgoing(e); err != nil {
		return fmt.Errorf("chat: encode the event %s: %w", e.Kind, err)
	}
	o.Event = newID()
	return tx.KeepOutgoing(o, to)
}

// outgoing returns what subscriptions can get of an event.
func (t *outgoingTx) outgoing(e Event) ([]OutgoingEvent, error) {
	switch e := e.(type) {
	case MessageSent:
		topic, key := topicOf(&e.Posted)
		all := []OutgoingEvent{{Kind: OutgoingMessageSent, Topic: topic, Data: OutgoingMessage{Posted: &e.Posted}}}
		if len(e.Readers) > 0 {
			all = append(all, OutgoingEvent{Kind: OutgoingMessageRead, Topic: topic, Data: OutgoingRead{e.Readers, key, e.Message.ID}})
		}
		if e.Message.System == 0 { // those of the server do not count as unread
			all = append(all, OutgoingEvent{
				Kind: OutgoingMessageAway, Topic: awayTopic + strconv.FormatInt(int64(e.Message.ID), 10), Wait: awayPause, Data: OutgoingAway{Posted: &e.Posted},
			})
		}
		return all, nil
	case MessageEdited:
		return ofMessage(OutgoingMessageEdited, &e.Posted, ""), nil
	case MessageWithdrawn:
		return ofMessage(OutgoingMessageWithdrawn, &e.Posted, e.By.ID), nil
	case ChatRead:
		return readBy(e.Account, e.Ref, 0), nil
	case ChatReadUpTo:
		return readBy(e.Account, e.Left.Ref, e.UpTo), nil
	case AllRead:
		return []OutgoingEvent{{Kind: OutgoingMessageRead, Topic: accountTopic(e.Account), Data: OutgoingRead{Accounts: []AccountID{e.Account}}}}, nil
	case GroupEntered:
		kind := OutgoingMembersAdded
		if e.Created {
			kind = OutgoingGroupCreated
		}
		return ofGroup(kind, OutgoingGroup{Group: e.Group, Members: e.Added}), nil
	case GroupMemberLeft:
		return ofGroup(OutgoingMemberLeft, OutgoingGroup{Group: e.Group, Account: e.Account, How: e.How}), nil
	case GroupDissolved:
		return ofGroup(OutgoingGroupDissolved, OutgoingGroup{Group: e.Group}), nil
	case GroupRenamed:
		return ofGroup(OutgoingGroupChanged, OutgoingGroup{Group: e.Group}), nil
	case GroupChanged:
		return ofGroup(OutgoingGroupChanged, OutgoingGroup{Group: e.Group}), nil
	case GroupBanSet:
		g, err := t.Group(e.Group)
		return ofGroup(OutgoingGroupChanged, OutgoingGroup{Group: g}), err
	case GroupInviteSet:
		g, err := t.Group(e.Group)
		return ofGroup(OutgoingGroupChanged, OutgoingGroup{Group: g}), err
	case GroupAdminSet:
		g, err := t.Group(e.Group)
		return ofGroup(OutgoingRoleChanged, OutgoingGroup{Group: g, Account: e.Account, Admin: e.Admin}), err
	case AccountChanged:
		if e.Account.Bot {
			return nil, nil
		}
		kind := OutgoingAccountChanged
		if slices.Contains(t.created, e.Account.ID) {
			kind = OutgoingAccountCreated
		}
		return []OutgoingEvent{{Kind: kind, Topic: accountTopic(e.Account.ID), Data: e.Account}}, nil
	}
	return nil, nil
}

func ofMessage(kind OutgoingKind, p *Posted, by AccountID) []OutgoingEvent {
	topic, _ := topicOf(p)
	return []OutgoingEvent{{Kind: kind, Topic: topic, Data: OutgoingMessage{p, by}}}
}

func ofGroup(kind OutgoingKind, g OutgoingGroup) []OutgoingEvent {
	return []OutgoingEvent{{Kind: kind, Topic: ChatKey{Group: g.Group.ID}.topic(), Data: g}}
}

func readBy(a AccountID, ref ChatRef, upTo MessageID) []OutgoingEvent {
	key, ok := keyWithSelf(a, ref)
	if !ok {
		return nil
	}
	return []OutgoingEvent{{Kind: OutgoingMessageRead, Topic: key.topic(), Data: OutgoingRead{[]AccountID{a}, key, upTo}}}
}

// keyWithSelf is [KeyOf], also for the chat with oneself, whose key has the account twice.
func keyWithSelf(a AccountID, ref ChatRef) (ChatKey, bool) {
	if b := AccountID(ref.ID); ref.Type == SessionUser && (b == FileTransfer || b == a) {
		return ChatKey{A: a, B: a}, true
	}
	return KeyOf(a, ref)
}

// topicOf returns the topic and the key of the chat of a message.
func topicOf(p *Posted) (string, ChatKey) {
	ref := ChatRef{SessionUser, string(p.Peer)}
	if p.Group != nil {
		ref = ChatRef{SessionGroup, string(p.Group.ID)}
	}
	key, _ := keyWithSelf(p.From.ID, ref)
	return key.topic(), key
}

// topic is the name of a chat among the topics. A space is in no id of an account that is given to something new; two chats that
// had the same topic would only wait for each other.
func (k ChatKey) topic() string {
	if k.Group != "" {
		return "group " + string(k.Group)
	}
	return "chat " + string(k.A) + " " + string(k.B)
}

func accountTopic(a AccountID) string { return "account " + string(a) }
