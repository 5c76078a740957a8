package wire

import "parley/internal/chat"

// EditMessage is the payload of [EventEditMessage].
type EditMessage struct {
	Type      int            `json:"type" rule:"required" doc:"1 user, 2 group"`
	ID        string         `json:"id" rule:"required,max=128" doc:"account, group, or file-transfer"`
	MessageID chat.MessageID `json:"messageId" rule:"required" doc:"a text message of the caller in this chat"`
	Msg       string         `json:"msg" rule:"required,max=1000000" doc:"the new text, at most 20,480 UTF-16 units"`
}

// Edited is the result of [EventEditMessage].
type Edited struct {
	ID     string `json:"id" doc:"the message"`
	Socket any    `json:"socket" shape:"UserMessage,GroupMessage" doc:"the message as it is now"`
}

// MessageEdited is the payload of [PushMessageEdited].
type MessageEdited struct {
	ID     string         `json:"id" doc:"the message"`
	From   chat.AccountID `json:"from" doc:"its author"`
	To     chat.AccountID `json:"to,omitempty" doc:"in a direct chat: its receiver; file-transfer for the chat with oneself"`
	GID    chat.GroupID   `json:"gid,omitempty" doc:"in a group: the group"`
	Msg    Line           `json:"msg" doc:"the new text"`
	Edited int64          `json:"edited" doc:"when it was edited, in Unix milliseconds"`
}

// MessageRevisions is the payload of [EventMessageRevisions].
type MessageRevisions struct {
	Type      int            `json:"type" rule:"required" doc:"1 user, 2 group"`
	ID        string         `json:"id" rule:"required,max=128" doc:"account, group, or file-transfer"`
	MessageID chat.MessageID `json:"messageId" rule:"required" doc:"a message of this chat"`
}

// RevisionList is the result of [EventMessageRevisions].
type RevisionList struct {
	Revisions []Revision `json:"revisions" doc:"the texts, oldest first; the last one is the present text"`
}

// Revision is a text that a message has or had.
type Revision struct {
	Con string `json:"con" doc:"text"`
	TS  int64  `json:"ts" doc:"since when the message has or had it, in Unix milliseconds"`
}

// Edited returns the result of "edit message".
func (e *Encoder) Edited(p *chat.Posted) *Edited {
	out := &Edited{ID: messageID(p.Message.ID)}
	if p.Group == nil {
		out.Socket = e.UserMessage(p)
	} else {
		out.Socket = e.GroupMessage(p, true)
	}
	return out
}

// MessageEdited returns the payload of "message edited".
func (e *Encoder) MessageEdited(ev *chat.MessageEdited) *MessageEdited {
	m := &ev.Message
	out := &MessageEdited{ID: messageID(m.ID), From: m.From, To: ev.Peer, Msg: Line{m.Text}, Edited: m.EditedAt.UnixMilli()}
	if ev.Group != nil {
		out.GID = ev.Group.ID
	}
	return out
}

// Revisions returns the result of "message revisions".
func (e *Encoder) Revisions(all []chat.Revision) *RevisionList {
	out := &RevisionList{Revisions: make([]Revision, len(all))}
	for i, r := range all {
		out.Revisions[i] = Revision{r.Text, r.At.UnixMilli()}
	}
	return out
}
