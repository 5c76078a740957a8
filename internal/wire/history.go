package wire

import (
	"encoding/json"

	"parley/internal/chat"
)

// ChatRow is an entry of GET /chat_list (docs/protocol/history.md).
type ChatRow struct {
	Type      chat.SessionType `json:"type" doc:"1 user, 2 group, 3 to 10 an inbox"`
	Value     string           `json:"value" doc:"account, group or inbox name"`
	ID        string           `json:"id" doc:"the last message; of an inbox, the last notification"`
	Name      string           `json:"name" doc:"name to show"`
	Logo      string           `json:"logo" doc:"picture to show"`
	Msg       Line             `json:"msg" doc:"the last message as one line"`
	MsgType   int              `json:"msg_type,omitempty" doc:"type of the last message"`
	Time      string           `json:"time" doc:"of the last message"`
	TS        int64            `json:"ts" doc:"the same in Unix milliseconds"`
	From      ChatRowFrom      `json:"from" doc:"who sent the last message"`
	Count     int64            `json:"count" doc:"unread"`
	IsPush    bool             `json:"isPush" doc:"false: muted; of an inbox, quiet"`
	IsPost    bool             `json:"isPost" doc:"a group of an organization"`
	SysType   int              `json:"sysType,omitempty" doc:"the last message is a system message"`
	IsWd      bool             `json:"iswd,omitempty" doc:"the last message was withdrawn"`
	WdAdminID chat.AccountID   `json:"wdAdminid,omitempty" doc:"by this administrator"`
	AtList    []string         `json:"atlist" doc:"unread messages that mention me"`
	AtMsg     *AtMessage       `json:"at_msg,omitempty" doc:"the latest of them"`
	TopInfo   TopInfo          `json:"top_info" doc:"whether it is on top"`
	IsContact bool             `json:"isContact" doc:"still a contact, still a member"`
	IsSilent  *bool            `json:"isSilent,omitempty" doc:"inboxes only: whether it is quiet"`
	WeakCount int64            `json:"weak_count,omitempty" doc:"unread weak notifications"`
	ShowBadge *int             `json:"showBadge,omitempty" doc:"inboxes only: 1 while a notification of type 0 or 1 is unread, else 0"`
}

// ChatRowFrom is who sent the last message of a chat.
type ChatRowFrom struct {
	ID     chat.AccountID `json:"id" doc:"account; empty in an inbox"`
	Name   string         `json:"name" doc:"name to show; of an inbox, who or what the notification comes from"`
	Avatar string         `json:"avatar" doc:"address of the picture; may be empty"`
}

// AtMessage is a message that mentions the reader.
type AtMessage struct {
	MsgID string         `json:"msgid" doc:"message"`
	From  chat.AccountID `json:"from" doc:"who wrote it"`
	Time  string         `json:"time" doc:"when"`
	TS    int64          `json:"ts" doc:"the same in Unix milliseconds"`
}

// HistoryRow is what a message of history has beside the fields of its push.
type HistoryRow struct {
	FromAccount FromAccount    `json:"fromAccount" doc:"the sender"`
	IsWd        bool           `json:"iswd" doc:"it was withdrawn; its text is a notice then"`
	WdAdminID   chat.AccountID `json:"wdAdminid,omitempty" doc:"by this administrator"`
	WaitingID   string         `json:"waitingid,omitempty" doc:"of the reader's own messages"`
}

// FromAccount is who sent a message of history.
type FromAccount struct {
	ID   chat.AccountID `json:"id" doc:"account"`
	Name string         `json:"name" doc:"name to show"`
	Logo string         `json:"logo" doc:"address of the picture; may be empty"`
}

// UserHistoryRow is an entry of GET /messages and its relatives.
type UserHistoryRow struct {
	UserMessage
	HistoryRow
}

// GroupHistoryRow is an entry of GET /group_messages and its relatives.
type GroupHistoryRow struct {
	GroupMessage
	HistoryRow
}

// ChatList returns the entries of GET /chat_list.
func (e *Encoder) ChatList(rows []chat.ChatRow) []ChatRow {
	out := make([]ChatRow, len(rows))
	for i := range rows {
		out[i] = e.chatRow(&rows[i])
	}
	return out
}

func (e *Encoder) chatRow(r *chat.ChatRow) ChatRow {
	row := ChatRow{
		Type:      r.Ref.Type,
		Value:     r.Ref.ID,
		Name:      r.Name,
		Logo:      r.Avatar,
		Time:      e.Time(r.At),
		TS:        r.At.UnixMilli(),
		Count:     r.Unread,
		IsPush:    r.Push,
		IsPost:    r.IsPost,
		AtList:    make([]string, len(r.Mentions)),
		TopInfo:   TopInfo{IsTop: !r.TopAt.IsZero(), Time: e.Time(r.TopAt)},
		IsContact: r.IsContact,
		WeakCount: r.Weak,
	}
	if p := r.Last; p != nil {
		m := &p.Message
		row.ID = messageID(m.ID)
		row.Msg = Line{e.line(p)}
		row.MsgType = int(m.Type)
		row.From = ChatRowFrom{p.From.ID, p.From.Name, p.From.Avatar}
		row.SysType = int(m.System)
		row.IsWd = m.Withdrawn()
		row.WdAdminID = administrator(m)
	}
	if n := r.Notice; n != nil {
		row.ID = messageID(chat.MessageID(n.ID))
		row.Msg = Line{cut(n.Text, maxLine)}
		row.From.Name = n.Name
	}
	if r.Ref.Type >= chat.SessionSystem && r.Ref.Type <= chat.SessionWorkflow {
		row.IsSilent, row.ShowBadge = &r.Silent, &r.ShowBadge
	}
	for i, m := range r.Mentions {
		row.AtList[i] = messageID(m.Message)
	}
	if len(r.Mentions) > 0 {
		at := r.Mentions[0]
		row.AtMsg = &AtMessage{messageID(at.Message), at.From, e.Time(at.At), at.At.UnixMilli()}
	}
	return row
}

// UserHistory returns the entries of GET /messages and its relatives.
func (e *Encoder) UserHistory(posted []chat.Posted, reader chat.AccountID) []UserHistoryRow {
	out := make([]UserHistoryRow, len(posted))
	for i := range posted {
		p := &posted[i]
		out[i] = UserHistoryRow{*e.UserMessage(p), historyRow(p, reader)}
		out[i].Msg.Files = heard(p)
	}
	return out
}

// GroupHistory returns the entries of GET /group_messages and its relatives.
func (e *Encoder) GroupHistory(posted []chat.Posted, reader chat.AccountID, push bool) []GroupHistoryRow {
	out := make([]GroupHistoryRow, len(posted))
	for i := range posted {
		p := &posted[i]
		out[i] = GroupHistoryRow{*e.GroupMessage(p, push), historyRow(p, reader)}
		out[i].Msg.Files = heard(p)
	}
	return out
}

func historyRow(p *chat.Posted, reader chat.AccountID) HistoryRow {
	row := HistoryRow{
		FromAccount: FromAccount{p.From.ID, p.From.Name, p.From.Avatar},
		IsWd:        p.Message.Withdrawn(),
		WdAdminID:   administrator(&p.Message),
	}
	if p.Message.From == reader {
		row.WaitingID = p.Message.WaitingID
	}
	return row
}

// administrator returns who withdrew a message that was not their own.
func administrator(m *chat.Message) chat.AccountID {
	if m.WithdrawnBy == m.From {
		return ""
	}
	return m.WithdrawnBy
}

// heard returns the file with read set when the reader has heard it.
func heard(p *chat.Posted) json.RawMessage {
	file := p.Message.File
	if !p.Heard || len(file) < 2 || p.Message.Withdrawn() {
		return file
	}
	out := make(json.RawMessage, 0, len(file)+12)
	out = append(out, file[:len(file)-1]...)
	if len(file) > 2 {
		out = append(out, ',')
	}
	return append(out, `"read":true}`...)
}
