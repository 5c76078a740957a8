package wire

import (
	"parley/internal/chat"
	"parley/internal/emoji"
)

// SetReaction is the payload of [EventSetReaction].
type SetReaction struct {
	Type      int            `json:"type" rule:"required" doc:"1 user, 2 group"`
	ID        string         `json:"id" rule:"required,max=128" doc:"account, group, or file-transfer"`
	MessageID chat.MessageID `json:"messageId" rule:"required" doc:"a message of this chat"`
	Emoji     Emoji          `json:"emoji" rule:"required" doc:"exactly one emoji; skin tones and joined sequences are emoji of their own"`
	IsOn      bool           `json:"isOn" rule:"required" doc:"false: remove the emoji"`
}

// Reactors is the payload of [EventReactors].
type Reactors struct {
	Type      int            `json:"type" rule:"required" doc:"1 user, 2 group"`
	ID        string         `json:"id" rule:"required,max=128" doc:"account, group, or file-transfer"`
	MessageID chat.MessageID `json:"messageId" rule:"required" doc:"a message of this chat"`
	Emoji     Emoji          `json:"emoji" rule:"required" doc:"the emoji"`
	Offset    int            `json:"offset,omitempty" doc:"number of accounts to skip"`
	Limit     int            `json:"limit,omitempty" doc:"at most so many accounts; 20 if absent"`
}

// Emoji is one emoji in its fully-qualified form (UTS #51).
type Emoji string

func (e *Emoji) decode(d *decoder, _ int) error {
	k, err := d.kind()
	if err != nil {
		return err
	}
	text, err := d.text(k)
	if err != nil {
		return err
	}
	form, ok := emoji.Normal(text)
	if !ok {
		return chat.Invalid("", "must be one emoji")
	}
	*e = Emoji(form)
	return nil
}

// Reaction is an emoji on a message.
type Reaction struct {
	Emoji string `json:"emoji" doc:"the emoji, in its fully-qualified form"`
	Count int64  `json:"count" doc:"number of accounts"`
	Mine  bool   `json:"mine,omitempty" doc:"the reader is one of them"`
	Users []Name `json:"users" doc:"the first accounts, at most three"`
}

// ReactionsSet is the result of [EventSetReaction].
type ReactionsSet struct {
	ID        string     `json:"id" doc:"the message"`
	Reactions []Reaction `json:"reactions" doc:"all reactions to the message: that of most accounts first, then in the order of the code points"`
}

// MessageReaction is the payload of [PushMessageReaction].
type MessageReaction struct {
	ID    string         `json:"id" doc:"the message"`
	From  chat.AccountID `json:"from" doc:"author of the message"`
	To    chat.AccountID `json:"to,omitempty" doc:"in a direct chat: the receiver of the message; file-transfer for the chat with oneself"`
	GID   chat.GroupID   `json:"gid,omitempty" doc:"in a group: the group"`
	By    Name           `json:"by" doc:"account that has put the emoji on the message, or removed it"`
	IsOn  bool           `json:"isOn" doc:"false: the emoji was removed"`
	Emoji string         `json:"emoji" doc:"the emoji"`
	Count int64          `json:"count" doc:"number of accounts that have it on the message now"`
	Users []Name         `json:"users" doc:"the first of them, at most three"`
	Mark  bool           `json:"mark,omitempty" doc:"the row of the chat in the chat list of the author has this reaction now"`
}

// Name is an account with its name.
type Name struct {
	ID   chat.AccountID `json:"id" doc:"account"`
	Name string         `json:"name" doc:"name to show"`
}

// ReactorList is the result of [EventReactors].
type ReactorList struct {
	Users []Reactor `json:"users" doc:"the accounts, the first one first"`
}

// Reactor is an account that has put an emoji on a message.
type Reactor struct {
	ID     chat.AccountID `json:"id" doc:"account"`
	Name   string         `json:"name" doc:"name to show"`
	Avatar string         `json:"avatar" doc:"address of the picture; may be empty"`
	TS     int64          `json:"ts" doc:"when, in Unix milliseconds"`
}

// ReactionMark is the latest reaction to a message of the reader.
type ReactionMark struct {
	MsgID string `json:"msgid" doc:"the message"`
	Emoji string `json:"emoji" doc:"the emoji"`
	By    Name   `json:"by" doc:"account that has reacted"`
	TS    int64  `json:"ts" doc:"when, in Unix milliseconds"`
}

// ReactionsSet returns the result of "set reaction".
func (e *Encoder) ReactionsSet(id chat.MessageID, all []chat.Reaction) *ReactionsSet {
	return &ReactionsSet{messageID(id), append([]Reaction{}, reactions(all)...)}
}

// Reactors returns the result of "reaction users".
func (e *Encoder) Reactors(all []chat.Reactor) *ReactorList {
	out := &ReactorList{Users: make([]Reactor, len(all))}
	for i, r := range all {
		out.Users[i] = Reactor{r.Account.ID, r.Account.Name, r.Account.Avatar, r.At.UnixMilli()}
	}
	return out
}

// MessageReaction returns the payload of "message reaction".
func (e *Encoder) MessageReaction(ev *chat.ReactionSet) *MessageReaction {
	return &MessageReaction{
		ID: messageID(ev.Message), From: ev.From, To: ev.Peer, GID: ev.Group, By: Name(ev.By), IsOn: ev.On,
		Emoji: ev.Reaction.Emoji, Count: ev.Reaction.Count, Users: namesOf(ev.Reaction.First), Mark: ev.Marked,
	}
}

// reactions returns nil if there are none.
func reactions(all []chat.Reaction) []Reaction {
	var out []Reaction
	for _, r := range all {
		out = append(out, Reaction{r.Emoji, r.Count, r.Mine, namesOf(r.First)})
	}
	return out
}

func namesOf(names []chat.ReportName) []Name {
	out := make([]Name, len(names))
	for i, n := range names {
		out[i] = Name(n)
	}
	return out
}

func reactionMark(m *chat.ReactionMark) *ReactionMark {
	if m == nil {
		return nil
	}
	return &ReactionMark{messageID(m.Message), m.Emoji, Name(m.By), m.At.UnixMilli()}
}
