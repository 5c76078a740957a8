package wire

import "parley/internal/chat"

// MarkUnread is the payload of [EventMarkUnread].
type MarkUnread struct {
	Type      int            `json:"type" rule:"required" doc:"1 user, 2 group"`
	ID        string         `json:"id" rule:"required,max=128" doc:"account, group, or file-transfer"`
	MessageID chat.MessageID `json:"msgid" rule:"required" doc:"the first message that is unread afterwards"`
}

// Ref returns the chat in chat's terms.
func (m *MarkUnread) Ref() chat.ChatRef {
	return chat.ChatRef{Type: chat.SessionType(m.Type), ID: m.ID}
}

// MarkedUnread is the result of [EventMarkUnread], and the payload of [PushMarkUnread].
type MarkedUnread struct {
	UnreadAgain
	FromID string `json:"fromid" doc:"the message from which on the account has marked the chat"`
	LastID string `json:"lastid" doc:"the latest message of the chat that num includes"`
}

// MarkedUnread returns the payload of "mark unread".
func (e *Encoder) MarkedUnread(m *chat.MarkedUnread) *MarkedUnread {
	return &MarkedUnread{UnreadAgain: *e.UnreadAgain(&m.Unread), FromID: messageID(m.From), LastID: messageID(m.Last)}
}
