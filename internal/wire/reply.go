package wire

import "parley/internal/chat"

// MessageReplies is the payload of [EventReplies].
type MessageReplies struct {
	Type      int            `json:"type" rule:"required" doc:"1 user, 2 group"`
	ID        string         `json:"id" rule:"required,max=128" doc:"account, group, or file-transfer"`
	MessageID chat.MessageID `json:"messageId" rule:"required" doc:"a message of this chat"`
	Before    chat.MessageID `json:"before,omitempty" doc:"only replies before this message; the last replies if absent"`
	Limit     int            `json:"limit,omitempty" doc:"at most so many replies; 20 if absent"`
}

// Thread is the result of [EventReplies].
type Thread struct {
	Message ThreadMessage   `json:"message" doc:"the message"`
	Replies []ThreadMessage `json:"replies" doc:"replies to it, oldest first; fewer than limit only if there are none before them"`
}

// ThreadMessage is a message with its replies, or a reply: an entry of the history without the name, the picture and the
// setting of the group.
type ThreadMessage struct {
	UserMessage
	HistoryRow
}

// ReplyCount is the payload of [PushReplyCount].
type ReplyCount struct {
	ID      string         `json:"id" doc:"the message"`
	From    chat.AccountID `json:"from" doc:"author of the message"`
	To      chat.AccountID `json:"to,omitempty" doc:"in a direct chat: the receiver of the message; file-transfer for the chat with oneself"`
	GID     chat.GroupID   `json:"gid,omitempty" doc:"in a group: the group"`
	Replies int64          `json:"replies" doc:"number of replies that it has now"`
}

// Thread returns the result of "message replies".
func (e *Encoder) Thread(t *chat.Thread, reader chat.AccountID) *Thread {
	out := &Thread{Message: e.threadMessage(&t.Message, reader), Replies: make([]ThreadMessage, len(t.Replies))}
	for i := range t.Replies {
		out.Replies[i] = e.threadMessage(&t.Replies[i], reader)
	}
	return out
}

func (e *Encoder) threadMessage(p *chat.Posted, reader chat.AccountID) ThreadMessage {
	row := ThreadMessage{*e.UserMessage(p), historyRow(p, reader)}
	if p.Group != nil {
		row.To = string(p.Group.ID)
	}
	markHeard(row.Msg.Files, p)
	return row
}

// ReplyCount returns the payload of "reply count".
func (e *Encoder) ReplyCount(ev *chat.RepliesChanged) *ReplyCount {
	return &ReplyCount{ID: messageID(ev.Message), From: ev.From, To: ev.Peer, GID: ev.Group, Replies: ev.Count}
}
