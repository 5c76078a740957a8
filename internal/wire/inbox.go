package wire

import (
	"strconv"

	"parley/internal/chat"
)

// ClearNotification is the payload of [EventClearNotification].
type ClearNotification struct {
	Type  string `json:"type" rule:"required,max=128" doc:"inbox name"`
	Value int64  `json:"value" doc:"number of notifications that stay unread; 0 if absent"`
	Clear bool   `json:"clear" rule:"required" doc:"false: only notify the other devices of the account"`
}

// NotificationCleared is the payload of [PushClearNotification].
type NotificationCleared struct {
	Time  int64         `json:"time" doc:"Unix seconds"`
	Type  chat.Category `json:"type" doc:"inbox name"`
	Value int64         `json:"value" doc:"number of notifications that stay unread"`
}

// SilenceMessage is the payload of [EventSilenceMessage].
type SilenceMessage struct {
	Type      int            `json:"type" rule:"required" doc:"inbox, 3 to 10"`
	AccountID chat.AccountID `json:"AccountID,omitempty" rule:"max=128" doc:"ignored: the setting always is the caller's"`
	IsSilent  bool           `json:"isSilent" rule:"required" doc:"whether it is silenced from now on"`
}

// Silenced is the payload of [PushSilenceMessage].
type Silenced struct {
	Type      chat.SessionType `json:"type" doc:"3 to 10, of the inbox"`
	Value     chat.Category    `json:"value" doc:"inbox name"`
	IsSilent  bool             `json:"isSilent" doc:"whether it is silenced"`
	ShowBadge int              `json:"showBadge" doc:"always 0"`
}

// InboxUnread is an entry of the result of [EventInboxUnread].
type InboxUnread struct {
	Type      chat.SessionType `json:"type" doc:"3 to 10, of the inbox"`
	Value     chat.Category    `json:"value" doc:"inbox name"`
	Time      string           `json:"time" doc:"time of the latest notification"`
	TS        int64            `json:"ts" doc:"the same time in Unix milliseconds"`
	Msg       Line             `json:"msg" doc:"text of the latest notification"`
	Count     int64            `json:"count" doc:"unread notifications, without weak ones"`
	WeakCount int64            `json:"weak_count,omitempty" doc:"unread weak notifications"`
	IsSilent  bool             `json:"isSilent" doc:"whether it is silenced"`
}

// NewNotify is the payload of [PushNewNotify].
type NewNotify struct {
	AID      chat.AccountID `json:"aid" doc:"receiving account"`
	Type     any            `json:"type" shape:"string,integer" doc:"type of the event, a word that the host system defines; or a number that lights a badge: 0 (the account was mentioned) or 1 (somebody replied to the account)"`
	DType    int            `json:"dtype" doc:"inbox: 0 post, 1 system, 2 calendar, 3 task, 4 knowledge, 5 hr, 6 worksheet, 7 workflow"`
	Msg      string         `json:"msg" doc:"text"`
	Name     string         `json:"name,omitempty" doc:"name of the person or system that it comes from"`
	Weak     bool           `json:"weak,omitempty" doc:"weak: it is counted separately"`
	IsSilent bool           `json:"isSilent" doc:"the receiver has silenced the inbox"`
	URL      string         `json:"url,omitempty" doc:"address that opens on a click"`
	EntityID string         `json:"entityid,omitempty" doc:"id of the object that it is about"`
	ID       string         `json:"id" doc:"the notification's id"`
	Time     string         `json:"time" doc:"time of arrival"`
	TS       int64          `json:"ts" doc:"the same time in Unix milliseconds"`
}

// NotificationCleared returns the payload of "clear notification".
func (e *Encoder) NotificationCleared(ev chat.InboxCleared) *NotificationCleared {
	return &NotificationCleared{ev.At.Unix(), ev.Category, ev.Value}
}

// Silenced returns the payload of "new silence message".
func (e *Encoder) Silenced(ev chat.SilenceSet) *Silenced {
	return &Silenced{Type: ev.Category.Session, Value: ev.Category.Category, IsSilent: ev.Silent}
}

// InboxUnread returns the result of "inbox unread".
func (e *Encoder) InboxUnread(inboxes []chat.InboxUnread) []InboxUnread {
	out := make([]InboxUnread, len(inboxes))
	for i := range inboxes {
		box, last := &inboxes[i].Inbox, &inboxes[i].Last
		info, _ := chat.CategoryByName(box.Category)
		out[i] = InboxUnread{
			Type:      info.Session,
			Value:     box.Category,
			Time:      e.Time(last.At),
			TS:        last.At.UnixMilli(),
			Msg:       Line{last.Text},
			Count:     box.Unread(),
			WeakCount: box.WeakUnread(),
			IsSilent:  box.Silent,
		}
	}
	return out
}

// NewNotify returns the payload of "new notify" for one receiver.
func (e *Encoder) NewNotify(n *chat.Notification, to chat.NotifiedInbox) *NewNotify {
	info, _ := chat.CategoryByName(n.Category)
	return &NewNotify{
		AID:      to.Account,
		Type:     notifyType(n.Type),
		DType:    info.DType,
		Msg:      n.Text,
		Name:     n.Name,
		Weak:     n.Weak,
		IsSilent: to.Silent,
		URL:      n.URL,
		EntityID: n.EntityID,
		ID:       strconv.FormatInt(int64(n.ID), 10),
		Time:     e.Time(n.At),
		TS:       n.At.UnixMilli(),
	}
}

// notifyType is the type in the form that clients compare: two of the types are numbers.
func notifyType(t string) any {
	switch t {
	case "0":
		return 0
	case "1":
		return 1
	}
	return t
}
