package wire

import (
	"encoding/json"
	"strconv"

	"parley/internal/chat"
)

// SendMessage is the payload of [EventSendMessage].
type SendMessage struct {
	ToUser    chat.AccountID `json:"touser" rule:"required,max=128" doc:"receiving account, or file-transfer"`
	Msg       string         `json:"msg" rule:"max=1000000" doc:"text, at most 20,480 UTF-16 units; required with type 1"`
	Type      int            `json:"type" rule:"required" doc:"1 text, 2 image, 3 voice, 4 attachment, 5 card, 6 location, 7 video"`
	File      *File          `json:"file,omitempty" doc:"required with type 2, 3, 4 and 7; it then needs a url, a key or an id"`
	Card      *Card          `json:"card,omitempty" doc:"required with type 5"`
	Location  *Location      `json:"location,omitempty" doc:"required with type 6"`
	Refer     *ReferTo       `json:"refer,omitempty" doc:"message that is quoted"`
	WaitingID string         `json:"waitingid,omitempty" rule:"max=128" doc:"the client's own name for the message; a repetition with the same name returns the same message"`
}

// Draft returns the message in chat's terms, or what is wrong with its content.
func (m *SendMessage) Draft() (chat.Draft, error) {
	c, err := content(m.Type, m.Msg, m.File, m.Card, m.Location)
	return draft(c, m.Refer, m.WaitingID), err
}

// SendGroupMessage is the payload of [EventSendGroupMessage].
type SendGroupMessage struct {
	ToGroup   chat.GroupID `json:"togroup" rule:"required,max=128" doc:"receiving group"`
	Msg       string       `json:"msg" rule:"max=1000000" doc:"as in send message"`
	Type      int          `json:"type" rule:"required" doc:"as in send message"`
	File      *File        `json:"file,omitempty" doc:"required with type 2, 3, 4 and 7; it then needs a url, a key or an id"`
	Card      *Card        `json:"card,omitempty" doc:"required with type 5"`
	Location  *Location    `json:"location,omitempty" doc:"required with type 6"`
	Refer     *ReferTo     `json:"refer,omitempty" doc:"message that is quoted"`
	WaitingID string       `json:"waitingid,omitempty" rule:"max=128" doc:"as in send message"`
}

// Draft returns the message in chat's terms, or what is wrong with its content.
func (m *SendGroupMessage) Draft() (chat.Draft, error) {
	c, err := content(m.Type, m.Msg, m.File, m.Card, m.Location)
	return draft(c, m.Refer, m.WaitingID), err
}

func draft(c chat.Content, refer *ReferTo, waitingID string) chat.Draft {
	d := chat.Draft{Content: c, WaitingID: waitingID}
	if refer != nil {
		d.Refer = refer.MessageID
	}
	return d
}

// Sent is the result of the two sends.
type Sent struct {
	ID        string `json:"id" doc:"the message's id"`
	WaitingID string `json:"waitingid,omitempty" doc:"as it was sent"`
	Socket    any    `json:"socket" shape:"UserMessage,GroupMessage" doc:"the stored message, as others receive it"`
}

// Message is what "new message" and "new group message" have in common
// (docs/protocol/message.md).
type Message struct {
	ID       string          `json:"id" doc:"message id"`
	From     chat.AccountID  `json:"from" doc:"sender"`
	UName    string          `json:"uname" doc:"the sender's name"`
	Logo     string          `json:"logo" doc:"the sender's picture"`
	Bot      bool            `json:"bot,omitempty" doc:"the sender is a bot, which writes for an incoming webhook"`
	To       string          `json:"to" doc:"receiving account, group, or file-transfer"`
	Type     int             `json:"type" doc:"as in send message"`
	Msg      Body            `json:"msg" doc:"text and file"`
	Card     json.RawMessage `json:"card,omitempty" shape:"Card" doc:"the card, as sent"`
	Location json.RawMessage `json:"location,omitempty" shape:"Location" doc:"the place, as sent"`
	App      App             `json:"app" doc:"application that the message was sent with; empty strings if there is none"`
	Refer    *Refer          `json:"refer,omitempty" doc:"quoted message"`
	IsWd     bool            `json:"iswd,omitempty" doc:"it was withdrawn"`
	Time     string          `json:"time" doc:"time at which it was stored; strictly increases within a chat"`
	TS       int64           `json:"ts" doc:"time of the message in Unix milliseconds. It is the same as time, unless a burst of messages has moved time on"`

	Reactions []Reaction `json:"reactions,omitempty" doc:"emoji on the message: that of most accounts first, then in the order of the code points"`
	Edited    int64      `json:"edited,omitempty" doc:"when its text was last edited, in Unix milliseconds"`
	Pinned    bool       `json:"pinned,omitempty" doc:"it is pinned in its chat"`
	Replies   int64      `json:"replies,omitempty" doc:"number of messages that quote it and are not withdrawn"`
}

// UserMessage is the payload of [PushNewMessage].
type UserMessage struct {
	Message
	SysType int     `json:"sysType,omitempty" doc:"system messages only: 4 other"`
	Sys     *Report `json:"sys,omitempty" doc:"system messages only: what they report"`
}

// GroupMessage is the payload of [PushNewGroupMessage].
type GroupMessage struct {
	Message
	GroupName string  `json:"groupname" doc:"the group's name"`
	Avatar    string  `json:"avatar" doc:"the group's picture"`
	IsPush    bool    `json:"isPush" doc:"false: the receiver has muted the group"`
	SysType   int     `json:"sysType,omitempty" doc:"system messages only: 1 added, 2 removed, 3 renamed, 4 other"`
	Sys       *Report `json:"sys,omitempty" doc:"system messages that the server made: what they report. Absent for words of the host system and for messages from before this field"`
}

// Report has the facts of a system message in addition to its text, so that clients can
// word them in the language of the reader.
type Report struct {
	Kind  chat.ReportKind `json:"kind" doc:"what happened: group created, members added, member removed, member left, group renamed, picture changed, announcement changed, discussion converted, invitation by members, invitation by administrators, administrator added, administrator removed, creator changed, speaking banned, speaking permitted, group dissolved, message pinned"`
	By    ReportedUser    `json:"by" doc:"account that did it; for creator changed, the new creator"`
	Users []ReportedUser  `json:"users,omitempty" doc:"accounts that were added, removed or made administrators; at most ten"`
	Total int             `json:"total,omitempty" doc:"number of these accounts, including those that users does not list"`
	Name  string          `json:"name,omitempty" doc:"group renamed: new name of the group"`
	Text  string          `json:"text,omitempty" doc:"announcement changed: new announcement"`
	MsgID string          `json:"msgid,omitempty" doc:"message pinned: the message"`
}

// ReportedUser is an account in a [Report].
type ReportedUser struct {
	ID   chat.AccountID `json:"id" doc:"account"`
	Name string         `json:"name" doc:"name at that time"`
}

// report returns the report of a system message, or nil.
func report(m *chat.Message) *Report {
	r := m.Report
	if r == nil {
		return nil
	}
	out := &Report{Kind: r.Kind, By: ReportedUser(r.By), Total: r.Total, Name: r.Name, Text: r.Text}
	if r.Message != 0 {
		out.MsgID = messageID(r.Message)
	}
	for _, u := range r.Users {
		out.Users = append(out.Users, ReportedUser(u))
	}
	return out
}

// Body is the text of a message and its file.
type Body struct {
	Con   string `json:"con" doc:"text; for a withdrawn message, the notice that replaces it"`
	Files *Files `json:"files,omitempty" doc:"the file"`
}

// Line is a text without a file, in place of a [Body].
type Line struct {
	Con string `json:"con" doc:"text"`
}

// App names the application through which a message came.
type App struct {
	AppID chat.AppID `json:"appid" doc:"id of the application"`
	Name  string     `json:"name" doc:"its name"`
	URL   string     `json:"url" doc:"its address; may be empty"`
}

// Refer is the snapshot of a quoted message.
type Refer struct {
	MsgID     string          `json:"msgid" doc:"the quoted message"`
	Msg       string          `json:"msg" doc:"text"`
	Type      int             `json:"type" doc:"its type, as in send message"`
	Time      string          `json:"time" doc:"time of the message"`
	TS        int64           `json:"ts" doc:"its ts"`
	IsWd      bool            `json:"iswd" doc:"it was withdrawn later"`
	MsgDetail *ReferDetail    `json:"msgdetail,omitempty" doc:"present if it has a file"`
	Card      json.RawMessage `json:"card,omitempty" shape:"Card" doc:"its card"`
	Location  json.RawMessage `json:"location,omitempty" shape:"Location" doc:"its location"`
	User      ReferUser       `json:"user" doc:"author"`
}

// ReferDetail has the file of a quoted message.
type ReferDetail struct {
	Files *Files `json:"files" doc:"its file"`
}

// ReferUser has both sets of names, for both generations of clients.
type ReferUser struct {
	ID        chat.AccountID `json:"id" doc:"account"`
	Name      string         `json:"name" doc:"name to show"`
	Avatar    string         `json:"avatar" doc:"address of the picture; may be empty"`
	AccountID chat.AccountID `json:"account_id" doc:"the same as id"`
	FullName  string         `json:"full_name" doc:"the same as name"`
}

// WithdrawMessage is the payload of [EventWithdrawMessage].
type WithdrawMessage struct {
	MessageID chat.MessageID `json:"messageId" rule:"required" doc:"message to withdraw"`
	ToUser    chat.AccountID `json:"touser" rule:"required,max=128" doc:"the other account of the chat"`
}

// WithdrawGroupMessage is the payload of [EventWithdrawGroupMessage].
type WithdrawGroupMessage struct {
	MessageID chat.MessageID `json:"messageId" rule:"required" doc:"message to withdraw"`
	GroupID   chat.GroupID   `json:"groupid" rule:"required,max=128" doc:"the group"`
}

// Withdrawn is the result of the two withdrawals.
type Withdrawn struct {
	ID        string          `json:"id" doc:"the message"`
	WaitingID string          `json:"waitingid,omitempty" doc:"as it was sent"`
	Socket    WithdrawnSocket `json:"socket" doc:"the message as it is now"`
}

// WithdrawnSocket is the message after the withdrawal.
type WithdrawnSocket struct {
	ID  string `json:"id" doc:"the message"`
	Msg Line   `json:"msg" doc:"the notice"`
}

// NewWithdrawMessage is the payload of [PushWithdrawMessage].
type NewWithdrawMessage struct {
	ID   string         `json:"id" doc:"the message"`
	From chat.AccountID `json:"from" doc:"account that sent it"`
	To   chat.AccountID `json:"to" doc:"receiving account; file-transfer for the chat with oneself"`
	Msg  Line           `json:"msg" doc:"the notice"`
}

// NewWithdrawGroupMessage is the payload of [PushWithdrawGroupMessage].
type NewWithdrawGroupMessage struct {
	ID   string         `json:"id" doc:"the message"`
	GID  chat.GroupID   `json:"gid" doc:"group"`
	From chat.AccountID `json:"from" doc:"account that withdrew it"`
	Msg  Line           `json:"msg" doc:"the notice"`
}

// VoiceAsRead is the payload of [EventVoiceAsRead].
type VoiceAsRead struct {
	MessageID chat.MessageID `json:"messageId" rule:"required" doc:"voice message that was heard"`
}

// VoiceRead is the payload of [PushVoiceAsRead].
type VoiceRead struct {
	MessageID string `json:"messageId" doc:"the voice message"`
}

// UserMessage returns the payload of "new message"; the same for both sides.
func (e *Encoder) UserMessage(p *chat.Posted) *UserMessage {
	return &UserMessage{Message: e.message(p, string(p.Peer)), SysType: int(p.Message.System), Sys: report(&p.Message)}
}

// GroupMessage returns the payload of "new group message" for receivers with the setting
// isPush.
func (e *Encoder) GroupMessage(p *chat.Posted, push bool) *GroupMessage {
	return &GroupMessage{
		Message:   e.message(p, string(p.Group.ID)),
		GroupName: p.Group.Name,
		Avatar:    p.Group.Avatar,
		IsPush:    push,
		SysType:   int(p.Message.System),
		Sys:       report(&p.Message),
	}
}

// Sent returns the result of a send.
func (e *Encoder) Sent(r *chat.Receipt) *Sent {
	sent := &Sent{ID: messageID(r.Message.ID), WaitingID: r.Message.WaitingID}
	if r.Group == nil {
		sent.Socket = e.UserMessage(&r.Posted)
	} else {
		sent.Socket = e.GroupMessage(&r.Posted, !r.Muted)
	}
	return sent
}

func (e *Encoder) message(p *chat.Posted, to string) Message {
	m := &p.Message
	return Message{
		ID:       messageID(m.ID),
		From:     m.From,
		UName:    p.From.Name,
		Logo:     p.From.Avatar,
		Bot:      p.From.Bot,
		To:       to,
		Type:     int(m.Type),
		Msg:      e.body(p),
		Card:     card(m.Card),
		Location: m.Location,
		App:      App{p.App.ID, p.App.Name, p.App.URL},
		Refer:    e.refer(p.Quote),
		IsWd:     m.Withdrawn(),
		Time:     e.Time(m.At),
		TS:       m.Sent().UnixMilli(),

		Reactions: reactions(p.Reactions),
		Edited:    edited(m),
		Pinned:    p.Pinned,
		Replies:   p.Replies,
	}
}

// edited returns when the text of the message was last edited; 0: never.
func edited(m *chat.Message) int64 {
	if m.EditedAt.IsZero() {
		return 0
	}
	return m.EditedAt.UnixMilli()
}

func (e *Encoder) body(p *chat.Posted) Body {
	if p.Message.Withdrawn() {
		return Body{Con: e.notice(p)}
	}
	return Body{Con: p.Message.Text, Files: e.file(&p.Message)}
}

// notice is the text in place of a withdrawn message, the same in the push and in the
// history. An account that withdraws another account's message is an administrator of
// the group.
func (e *Encoder) notice(p *chat.Posted) string {
	name := p.From.Name
	if by := p.Message.WithdrawnBy; by != "" && by != p.Message.From {
		name = e.say("An administrator", "管理员")
	}
	return chat.WithdrawNotice(e.language(), name)
}

func (e *Encoder) refer(q *chat.Quote) *Refer {
	if q == nil {
		return nil
	}
	m := &q.Message
	if q.Removed {
		return &Refer{MsgID: messageID(m.ID), Type: int(chat.TypeText), IsWd: true}
	}
	r := &Refer{
		MsgID:    messageID(m.ID),
		Msg:      m.Text,
		Type:     int(m.Type),
		Time:     e.Time(m.At),
		TS:       m.Sent().UnixMilli(),
		IsWd:     m.Withdrawn(),
		Card:     card(m.Card),
		Location: m.Location,
		User: ReferUser{
			ID: q.From.ID, Name: q.From.Name, Avatar: q.From.Avatar,
			AccountID: q.From.ID, FullName: q.From.Name,
		},
	}
	if f := e.file(m); f != nil {
		r.MsgDetail = &ReferDetail{f}
	}
	return r
}

// WithdrawResult returns the result of a withdrawal.
func (e *Encoder) WithdrawResult(p *chat.Posted) *Withdrawn {
	id := messageID(p.Message.ID)
	return &Withdrawn{
		ID:        id,
		WaitingID: p.Message.WaitingID,
		Socket:    WithdrawnSocket{ID: id, Msg: Line{e.notice(p)}},
	}
}

// WithdrawnMessage returns the payload of "new withdraw usermessage".
func (e *Encoder) WithdrawnMessage(ev *chat.MessageWithdrawn) *NewWithdrawMessage {
	return &NewWithdrawMessage{
		ID:   messageID(ev.Message.ID),
		From: ev.Message.From,
		To:   ev.Peer,
		Msg:  Line{e.notice(&ev.Posted)},
	}
}

// WithdrawnGroupMessage returns the payload of "new withdraw groupmessage".
func (e *Encoder) WithdrawnGroupMessage(ev *chat.MessageWithdrawn) *NewWithdrawGroupMessage {
	return &NewWithdrawGroupMessage{
		ID:   messageID(ev.Message.ID),
		GID:  ev.Group.ID,
		From: ev.By.ID,
		Msg:  Line{e.notice(&ev.Posted)},
	}
}

// VoiceRead returns the payload of "voice as read".
func (e *Encoder) VoiceRead(ev chat.VoiceHeard) *VoiceRead {
	return &VoiceRead{messageID(ev.Message)}
}

// messageID is a message's id as clients see it: a string, because not every
// client keeps a large number whole.
func messageID(id chat.MessageID) string { return strconv.FormatInt(int64(id), 10) }
