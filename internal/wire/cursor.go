package wire

import (
	"strconv"

	"parley/internal/chat"
)

// ClearUnread is the payload of [EventClearUnread].
type ClearUnread struct {
	Type int    `json:"type" rule:"required" doc:"1 user, 2 group"`
	ID   string `json:"id" rule:"required,max=128" doc:"account, group, or file-transfer"`

	MessageID chat.MessageID `json:"msgid" rule:"notempty" doc:"read only up to and including this message of the chat; an extension of parley"`
}

// Ref returns the chat in chat's terms.
func (c *ClearUnread) Ref() chat.ChatRef {
	return chat.ChatRef{Type: chat.SessionType(c.Type), ID: c.ID}
}

// UnreadCount is the result of [EventUnreadCount].
type UnreadCount struct {
	User    []UserUnread  `json:"user" doc:"direct chats that have unread messages"`
	Group   []GroupUnread `json:"group" doc:"groups that have unread messages"`
	Num     int64         `json:"num" doc:"sum of all chats"`
	NotPush int64         `json:"notPush" doc:"the part of num in muted chats"`
}

// UserUnread is a direct chat with unread messages.
type UserUnread struct {
	ID     string `json:"id" doc:"the other account of the chat"`
	Num    int64  `json:"num" doc:"number of unread messages"`
	IsPush *bool  `json:"ispush,omitempty" doc:"false: muted; absent if it is not"`
}

// GroupUnread is a group with unread messages.
type GroupUnread struct {
	ID     string `json:"id" doc:"group"`
	Num    int64  `json:"num" doc:"number of unread messages"`
	IsPush bool   `json:"ispush" doc:"false: muted"`
	At     bool   `json:"at" doc:"the account was mentioned in an unread message"`
	MsgID  int64  `json:"msgid,omitempty" doc:"the latest such message, a number"`
	Time   string `json:"time,omitempty" doc:"its time"`
	TS     int64  `json:"ts,omitempty" doc:"its time in Unix milliseconds"`
}

// UnreadAgain is the payload of [PushUnreadAgain].
type UnreadAgain struct {
	Type  chat.SessionType `json:"type" doc:"1 user, 2 group"`
	ID    string           `json:"id" doc:"account or group"`
	Num   int64            `json:"num" doc:"number of unread messages"`
	At    bool             `json:"at" doc:"the account was mentioned in an unread message"`
	MsgID int64            `json:"msgid,omitempty" doc:"the latest such message, a number"`
	Time  string           `json:"time,omitempty" doc:"its time"`
	TS    int64            `json:"ts,omitempty" doc:"its time in Unix milliseconds"`
}

// UnreadLeft is the payload of [PushUnreadLeft].
type UnreadLeft struct {
	UnreadAgain
	ReadID string `json:"readid" doc:"everything up to and including this message is read"`
	LastID string `json:"lastid" doc:"the latest message of the chat that num includes"`
}

// AllUnread is the result of [EventAllUnread].
type AllUnread struct {
	Count   int64 `json:"count" doc:"chats and inbox together"`
	NotPush int64 `json:"notPush" doc:"the part of count in muted chats and inboxes"`
}

// UnreadCount returns the result of "unread count".
func (e *Encoder) UnreadCount(u chat.UnreadCounts) *UnreadCount {
	out := &UnreadCount{
		User:    make([]UserUnread, len(u.Users)),
		Group:   make([]GroupUnread, len(u.Groups)),
		Num:     u.Total,
		NotPush: u.Muted,
	}
	for i, c := range u.Users {
		out.User[i] = UserUnread{ID: c.Ref.ID, Num: c.Count, IsPush: falseOrAbsent(c.Push)}
	}
	for i, c := range u.Groups {
		g := GroupUnread{ID: c.Ref.ID, Num: c.Count, IsPush: c.Push}
		g.At, g.MsgID, g.Time, g.TS = e.mention(c.Mention)
		out.Group[i] = g
	}
	return out
}

// falseOrAbsent is for a field that is only present if it is false.
func falseOrAbsent(is bool) *bool {
	if is {
		return nil
	}
	return &is
}

// mention returns the fields of the latest mention, if there is one.
func (e *Encoder) mention(m *chat.Mention) (at bool, id int64, when string, ts int64) {
	if m == nil {
		return false, 0, "", 0
	}
	return true, int64(m.Message), e.Time(m.At), m.At.UnixMilli()
}

// UnreadAgain returns the payload of "unread again".
func (e *Encoder) UnreadAgain(u *chat.ChatUnread) *UnreadAgain {
	out := &UnreadAgain{Type: u.Ref.Type, ID: u.Ref.ID, Num: u.Count}
	out.At, out.MsgID, out.Time, out.TS = e.mention(u.Mention)
	return out
}

// UnreadLeft returns the payload of "unread left".
func (e *Encoder) UnreadLeft(r *chat.ChatReadUpTo) *UnreadLeft {
	return &UnreadLeft{UnreadAgain: *e.UnreadAgain(&r.Left), ReadID: messageID(r.UpTo), LastID: messageID(r.Last)}
}

// AllUnread returns the result of "all unread".
func (e *Encoder) AllUnread(u chat.UnreadTotals) *AllUnread { return &AllUnread{u.Count, u.Muted} }

// Number is the result of requests without another result: 1 or 0.
type Number int

// MarshalJSON avoids reflection for the most frequent result.
func (n Number) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, int64(n), 10), nil }
