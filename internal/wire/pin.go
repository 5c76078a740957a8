package wire

import "parley/internal/chat"

// SetPin is the payload of [EventSetPin].
type SetPin struct {
	Type      int            `json:"type" rule:"required" doc:"1 user, 2 group"`
	ID        string         `json:"id" rule:"required,max=128" doc:"account, group, or file-transfer"`
	MessageID chat.MessageID `json:"messageId" rule:"required" doc:"a message of this chat"`
	IsPinned  bool           `json:"isPinned" rule:"required" doc:"false: the message is no longer pinned"`
}

// PinnedMessages is the payload of [EventPinnedMessages].
type PinnedMessages struct {
	Type int    `json:"type" rule:"required" doc:"1 user, 2 group"`
	ID   string `json:"id" rule:"required,max=128" doc:"account, group, or file-transfer"`
}

// PinList is the result of [EventPinnedMessages].
type PinList struct {
	Pins []Pin `json:"pins" doc:"the pinned messages, the one that was pinned last first"`
}

// Pin is a pinned message.
type Pin struct {
	Message Refer `json:"message" doc:"the message, in the form of a quoted message"`
	By      Name  `json:"by" doc:"account that has pinned it"`
	TS      int64 `json:"ts" doc:"when, in Unix milliseconds"`
}

// MessagePinned is the result of [EventSetPin] and the payload of [PushMessagePinned].
type MessagePinned struct {
	ID       string         `json:"id" doc:"the message"`
	From     chat.AccountID `json:"from" doc:"author of the message"`
	To       chat.AccountID `json:"to,omitempty" doc:"in a direct chat: the receiver of the message; file-transfer for the chat with oneself"`
	GID      chat.GroupID   `json:"gid,omitempty" doc:"in a group: the group"`
	By       Name           `json:"by" doc:"account that has made the change"`
	IsPinned bool           `json:"isPinned" doc:"false: it is no longer pinned"`
	Count    int            `json:"count" doc:"number of pinned messages of the chat afterwards"`
	Pin      *Pin           `json:"pin,omitempty" doc:"the pinned message; absent if it is no longer pinned"`
}

// Pins returns the result of "pinned messages".
func (e *Encoder) Pins(all []chat.PinnedMessage) *PinList {
	out := &PinList{Pins: make([]Pin, len(all))}
	for i := range all {
		out.Pins[i] = e.pin(&all[i])
	}
	return out
}

// MessagePinned returns the payload of "message pinned".
func (e *Encoder) MessagePinned(ev *chat.PinSet) *MessagePinned {
	out := &MessagePinned{
		ID: messageID(ev.Message), From: ev.From, To: ev.Peer, GID: ev.Group, By: Name(ev.By), IsPinned: ev.Pinned != nil, Count: ev.Count,
	}
	if ev.Pinned != nil {
		pin := e.pin(ev.Pinned)
		out.Pin = &pin
	}
	return out
}

func (e *Encoder) pin(p *chat.PinnedMessage) Pin {
	return Pin{Message: *e.refer(&p.Quote), By: Name{p.By.ID, p.By.Name}, TS: p.At.UnixMilli()}
}
