package wire

import (
	"encoding/json"
	"slices"

	"parley/internal/chat"
)

// CurrentChat is the payload of [EventCurrentChat].
type CurrentChat struct {
	ID string `json:"id" rule:"required,max=128" doc:"account, group, inbox name, or file-transfer"`
}

// Empty is the payload of requests without fields, and of [PushClearAllUnread].
type Empty struct{}

// Operation is the payload of [EventOperate] and of [PushOperate]: any object.
type Operation struct{ JSON json.RawMessage }

func (o *Operation) decode(d *decoder, depth int) error {
	k, err := d.kind()
	if err != nil {
		return err
	}
	if k != kindObject {
		return chat.Invalid("", "must be an object")
	}
	start := d.pos
	if err := d.skip(depth); err != nil {
		return err
	}
	if d.pos-start > MaxOperate {
		return chat.Invalid("", "must be at most %d bytes", MaxOperate)
	}
	o.JSON = append(json.RawMessage(nil), d.data[start:d.pos]...)
	return nil
}

// MarshalJSON returns the object unchanged.
func (o *Operation) MarshalJSON() ([]byte, error) { return o.JSON, nil }

// Session is the payload of [PushClearUnread] and of [PushSessionRemoved].
type Session struct {
	ID   string           `json:"id" doc:"account, group, inbox name, or file-transfer"`
	Type chat.SessionType `json:"type" doc:"1 user, 2 group, 3 to 10 an inbox, 100 public account"`
}

// NewSession is the payload of [PushNewSession].
type NewSession struct {
	From    Person           `json:"from" doc:"sender of the message"`
	Type    chat.SessionType `json:"type" doc:"1 user, 2 group"`
	Message string           `json:"message" doc:"the message as one line"`
	ID      string           `json:"id" doc:"account, group, or file-transfer"`
	Name    string           `json:"name" doc:"name to show"`
	Logo    string           `json:"logo" doc:"picture to show"`
	IsPush  *bool            `json:"isPush,omitempty" doc:"false: the receiver has muted the direct chat; absent if it has not"`
}

// NewHistory is the payload of [PushNewHistory].
type NewHistory struct {
	From    Person    `json:"from" doc:"sender of the message"`
	To      HistoryTo `json:"to" doc:"chat of the message"`
	Message string    `json:"message" doc:"the message as one line"`
}

// HistoryTo is the recipient of the message: a group or an account.
type HistoryTo struct {
	GID chat.GroupID   `json:"gid,omitempty" doc:"the group, for a message in a group"`
	AID chat.AccountID `json:"aid,omitempty" doc:"the receiver, for a direct message; file-transfer for the chat with oneself"`
}

// Person is an account in a line of the chat list.
type Person struct {
	AccountID chat.AccountID `json:"accountId" doc:"account"`
	Fullname  string         `json:"fullname" doc:"name to show"`
	Avatar    string         `json:"avatar" doc:"address of the picture; may be empty"`
}

// Session returns the payload of "clear unread" and "session removed".
func (e *Encoder) Session(ref chat.ChatRef) *Session { return &Session{ref.ID, ref.Type} }

// NewSession returns the payload of "new session" for the receivers of a message in a group, or for one side of a
// direct chat.
func (e *Encoder) NewSession(ev *chat.MessageSent, to chat.AccountID) *NewSession {
	s := &NewSession{From: person(ev.From), Message: e.line(&ev.Posted)}
	if slices.Contains(ev.Muted, to) {
		s.IsPush = new(false)
	}
	switch {
	case ev.Group != nil:
		s.Type, s.ID, s.Name, s.Logo = chat.SessionGroup, string(ev.Group.ID), ev.Group.Name, ev.Group.Avatar
	case to == ev.Message.From:
		s.Type, s.ID, s.Name, s.Logo = chat.SessionUser, string(ev.To.ID), ev.To.Name, ev.To.Avatar
	default:
		s.Type, s.ID, s.Name, s.Logo = chat.SessionUser, string(ev.From.ID), ev.From.Name, ev.From.Avatar
	}
	return s
}

// NewHistory returns the payload of "new history".
func (e *Encoder) NewHistory(ev *chat.MessageSent) *NewHistory {
	h := &NewHistory{From: person(ev.From), Message: e.line(&ev.Posted)}
	if ev.Group != nil {
		h.To.GID = ev.Group.ID
	} else {
		h.To.AID = ev.Peer
	}
	return h
}

func person(a chat.Account) Person { return Person{a.ID, a.Name, a.Avatar} }
