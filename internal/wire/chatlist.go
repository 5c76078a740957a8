package wire

import (
	"time"

	"parley/internal/chat"
)

// RemoveSession is the payload of [EventRemoveSession].
type RemoveSession struct {
	Type int    `json:"type" rule:"required" doc:"1 user, 2 group, 3 to 10 an inbox, 100 public account"`
	ID   string `json:"id" rule:"max=128" doc:"account, group or inbox name; optional for an inbox"`
}

func (r *RemoveSession) check() (err error) {
	r.ID, err = sessionID(r.Type, r.ID, "id")
	return err
}

// Ref returns the chat in chat's terms.
func (r *RemoveSession) Ref() chat.ChatRef {
	return chat.ChatRef{Type: chat.SessionType(r.Type), ID: r.ID}
}

// StickyOnTop is the payload of [EventStickyOnTop].
type StickyOnTop struct {
	Type  int    `json:"type" rule:"required" doc:"1 user, 2 group, 3 to 10 an inbox"`
	Value string `json:"value" rule:"max=128" doc:"account, group or inbox name; optional for an inbox"`
	IsTop bool   `json:"isTop" rule:"required" doc:"whether it is on top from now on"`
}

func (s *StickyOnTop) check() (err error) {
	s.Value, err = sessionID(s.Type, s.Value, "value")
	return err
}

// Ref returns the chat in chat's terms.
func (s *StickyOnTop) Ref() chat.ChatRef {
	return chat.ChatRef{Type: chat.SessionType(s.Type), ID: s.Value}
}

// sessionID checks the id of an entry of the chat list. An inbox is identified by its type:
// its id is the name of the type, and the id from the client is ignored. Package chat
// checks the type.
func sessionID(t int, id, field string) (string, error) {
	if info, ok := chat.CategoryBySession(chat.SessionType(t)); ok {
		return string(info.Category), nil
	}
	if id == "" {
		return "", chat.Invalid(field, "is required")
	}
	return id, nil
}

// Sticky is the payload of [PushStickyOnTop].
type Sticky struct {
	Type    chat.SessionType `json:"type" doc:"1 user, 2 group, 3 to 10 an inbox"`
	Value   string           `json:"value" doc:"account, group or inbox name"`
	TopInfo TopInfo          `json:"top_info" doc:"whether it is on top now"`
}

// TopInfo says whether a chat is on top, and since when.
type TopInfo struct {
	IsTop bool   `json:"isTop" doc:"whether it is on top"`
	Time  string `json:"time" doc:"empty if it is not on top"`
}

// ChatRow is an entry of GET /chat_list (docs/protocol/history.md).
type ChatRow struct {
	Type      chat.SessionType `json:"type" doc:"1 user, 2 group, 3 to 10 an inbox"`
	Value     string           `json:"value" doc:"account, group or inbox name"`
	ID        string           `json:"id" doc:"the last message; for an inbox, the last notification"`
	Name      string           `json:"name" doc:"name to show"`
	Logo      string           `json:"logo" doc:"picture to show"`
	Msg       Line             `json:"msg" doc:"the last message as one line; if its author has withdrawn it, a notice without the author's name, because clients put the name before it"`
	MsgType   int              `json:"msg_type,omitempty" doc:"type of the last message"`
	After     string           `json:"after,omitempty" doc:"inboxes only: id of the last message of any chat before the last notification. It tells the place of the inbox among the chats"`
	Time      string           `json:"time" doc:"time of the last message"`
	TS        int64            `json:"ts" doc:"time of the message, in Unix milliseconds"`
	From      *ChatRowFrom     `json:"from,omitempty" doc:"sender of the last message. Absent for an inbox, because clients take a row with this field for the chat of a person or a group"`
	Count     int64            `json:"count" doc:"unread count"`
	IsPush    bool             `json:"isPush" doc:"false: muted; for an inbox, silenced"`
	IsPost    bool             `json:"isPost" doc:"a group of an organization"`
	SysType   int              `json:"sysType,omitempty" doc:"the last message is a system message"`
	Sys       *Report          `json:"sys,omitempty" doc:"sys of the last message"`
	FileName  string           `json:"fileName,omitempty" doc:"name of the file of the last message"`
	IsWd      bool             `json:"iswd,omitempty" doc:"the last message was withdrawn"`
	WdAdminID chat.AccountID   `json:"wdAdminid,omitempty" doc:"the administrator who withdrew it"`
	AtList    []string         `json:"atlist" doc:"unread messages that mention the account"`
	AtMsg     *AtMessage       `json:"at_msg,omitempty" doc:"the latest of these messages"`
	TopInfo   TopInfo          `json:"top_info" doc:"whether it is on top"`
	IsContact *bool            `json:"isContact,omitempty" doc:"the person is still a contact, or the account is still a member; absent for an inbox"`
	Left      string           `json:"left,omitempty" doc:"groups that the reader is no longer a member of: removed, left, dissolved, or ended if the server does not know"`
	IsSilent  *bool            `json:"isSilent,omitempty" doc:"inboxes only: whether it is silenced"`
	WeakCount int64            `json:"weak_count,omitempty" doc:"unread weak notifications"`
	Reaction  *ReactionMark    `json:"reaction,omitempty" doc:"somebody has reacted to a message of the reader since the reader has last read the chat"`
	ShowBadge *int             `json:"showBadge,omitempty" doc:"inboxes only: 1 while a notification of type 0 or 1 is unread, else 0"`
}

// ChatRowFrom is the sender of the last message of a chat.
type ChatRowFrom struct {
	ID     chat.AccountID `json:"id" doc:"account"`
	Name   string         `json:"name" doc:"name to show"`
	Avatar string         `json:"avatar" doc:"address of the picture; may be empty"`
}

// AtMessage is a message that mentions the reader.
type AtMessage struct {
	MsgID string         `json:"msgid" doc:"message"`
	From  chat.AccountID `json:"from" doc:"author"`
	Time  string         `json:"time" doc:"time"`
	TS    int64          `json:"ts" doc:"the same time in Unix milliseconds"`
}

// ChatList returns the entries of GET /chat_list.
func (e *Encoder) ChatList(rows []chat.ChatRow) []ChatRow {
	out := make([]ChatRow, len(rows))
	for i := range rows {
		out[i] = e.chatRow(&rows[i])
	}
	return out
}

// shownAt is the time of the last message or notification.
func shownAt(r *chat.ChatRow) time.Time {
	if r.Last != nil {
		return r.Last.Message.Sent()
	}
	return r.At
}

func (e *Encoder) chatRow(r *chat.ChatRow) ChatRow {
	row := ChatRow{
		Type:      r.Ref.Type,
		Value:     r.Ref.ID,
		Name:      r.Name,
		Logo:      r.Avatar,
		Time:      e.Time(r.At),
		TS:        shownAt(r).UnixMilli(),
		Count:     r.Unread,
		IsPush:    r.Push,
		IsPost:    r.IsPost,
		AtList:    make([]string, len(r.Mentions)),
		TopInfo:   TopInfo{IsTop: !r.TopAt.IsZero(), Time: e.Time(r.TopAt)},
		WeakCount: r.Weak,
		Reaction:  reactionMark(r.Reacted),
	}
	if p := r.Last; p != nil {
		m := &p.Message
		row.ID = messageID(m.ID)
		row.Msg = Line{e.chatLine(p)}
		row.MsgType = int(m.Type)
		row.From = &ChatRowFrom{p.From.ID, p.From.Name, p.From.Avatar}
		row.SysType = int(m.System)
		row.Sys = report(m)
		if f, ok := StoredFile(m); ok {
			row.FileName = cut(valueOf(f.Name), maxLine)
		}
		row.IsWd = m.Withdrawn()
		row.WdAdminID = administrator(m)
	}
	_, inbox := chat.CategoryBySession(r.Ref.Type)
	if !inbox && r.Last == nil {
		row.ID = messageID(r.LastID)
		row.From = &ChatRowFrom{} // clients tell a chat by it
	}
	if n := r.Notice; n != nil {
		row.ID = messageID(chat.MessageID(n.ID))
		row.Msg = Line{cut(n.Text, maxLine)}
		row.After = messageID(r.After)
	}
	if inbox {
		row.IsSilent, row.ShowBadge = &r.Silent, &r.ShowBadge
	} else {
		row.IsContact = &r.IsContact
		if r.Left {
			row.Left = departure(r.Departure)
		}
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

// departure names how a membership ended.
func departure(how chat.Departure) string {
	switch how {
	case chat.DepartureLeft:
		return "left"
	case chat.DepartureRemoved:
		return "removed"
	case chat.DepartureDissolved:
		return "dissolved"
	}
	return "ended"
}

// chatLine is the text of the message in the chat list. If the author has withdrawn the
// message, clients add the author's name before the notice.
func (e *Encoder) chatLine(p *chat.Posted) string {
	if p.Message.Withdrawn() && administrator(&p.Message) == "" {
		return chat.WithdrawPredicate(e.language())
	}
	return e.line(p)
}

// Sticky returns the payload of "new sticky on top".
func (e *Encoder) Sticky(ev chat.StickySet) *Sticky {
	s := &Sticky{Type: ev.Ref.Type, Value: ev.Ref.ID, TopInfo: TopInfo{IsTop: ev.Top}}
	if ev.Top {
		s.TopInfo.Time = e.Time(ev.At)
	}
	return s
}
