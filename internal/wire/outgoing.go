package wire

import (
	"encoding/json"
	"fmt"
	"time"

	"parley/internal/chat"
)

// Outgoing is the body that subscriptions get for every event (docs/outgoing-webhooks.md).
type Outgoing struct {
	Type      chat.OutgoingKind `json:"type"`
	Timestamp string            `json:"timestamp"` // of the event, RFC 3339 in UTC
	Data      any               `json:"data"`
}

// OutgoingChat names a chat.
type OutgoingChat struct {
	Kind     string           `json:"kind"`               // "direct" or "group"
	Accounts []chat.AccountID `json:"accounts,omitempty"` // direct: the two; one for the chat with oneself
	Group    chat.GroupID     `json:"group,omitempty"`
	Name     string           `json:"name,omitempty"` // of the group
}

// OutgoingMessage is the data of events of messages. Message is as in "new message".
type OutgoingMessage struct {
	Chat        OutgoingChat   `json:"chat"`
	Message     *UserMessage   `json:"message"`
	WithdrawnBy chat.AccountID `json:"withdrawnBy,omitempty"`
}

// OutgoingRead is the data of message.read.
type OutgoingRead struct {
	Accounts []chat.AccountID `json:"accounts"`
	Chat     *OutgoingChat    `json:"chat,omitempty"` // missing: all chats of the accounts
	UpTo     string           `json:"upTo,omitempty"` // the last message that was read; missing: everything
}

// OutgoingAway is the data of message.away.
type OutgoingAway struct {
	Chat      OutgoingChat           `json:"chat"`
	Message   *UserMessage           `json:"message"`
	Receivers []OutgoingAwayReceiver `json:"receivers"`
}

// OutgoingAwayReceiver is an account that is not online and has not read the message.
type OutgoingAwayReceiver struct {
	Account   chat.AccountID `json:"account"`
	Badge     int64          `json:"badge"` // everything unread that is not muted
	Muted     bool           `json:"muted"` // the chat is
	Mentioned bool           `json:"mentioned"`
}

// OutgoingGroup is the data of events of groups.
type OutgoingGroup struct {
	Group         OutgoingGroupState `json:"group"`
	Members       []OutgoingMember   `json:"members,omitempty"` // those that were added
	Account       chat.AccountID     `json:"account,omitempty"` // that left, or has another role
	Reason        string             `json:"reason,omitempty"`  // why it left: "left" or "removed"
	Administrator *bool              `json:"administrator,omitempty"`
}

// OutgoingGroupState is a group after the event.
type OutgoingGroupState struct {
	ID             chat.GroupID   `json:"id"`
	Name           string         `json:"name"`
	Avatar         string         `json:"avatar"`
	Announcement   string         `json:"announcement"`
	Discussion     bool           `json:"discussion"`
	Creator        chat.AccountID `json:"creator"`
	Members        int            `json:"members"`
	SpeakingBanned bool           `json:"speakingBanned"`
	MembersInvite  bool           `json:"membersInvite"`
	Dissolved      bool           `json:"dissolved"`
}

// OutgoingMember is a new member of a group.
type OutgoingMember struct {
	ID            chat.AccountID `json:"id"`
	Name          string         `json:"name"`
	Administrator bool           `json:"administrator"`
}

// OutgoingAccount is the data of events of accounts.
type OutgoingAccount struct {
	ID           chat.AccountID `json:"id"`
	Name         string         `json:"name"`
	Avatar       string         `json:"avatar"`
	Email        string         `json:"email"`
	Active       bool           `json:"active"`
	Language     string         `json:"language"`
	TimeZone     string         `json:"timeZone"`
	HidesReading bool           `json:"hidesReading"`
}

// OutgoingTest is the data of a test.
type OutgoingTest struct {
	Subscription chat.SubscriptionID `json:"subscription"`
}

// outgoingTime is the form of [Outgoing.Timestamp].
const outgoingTime = "2006-01-02T15:04:05.000Z"

// Outgoing returns the body of an event for subscriptions.
func (e *Encoder) Outgoing(o *chat.OutgoingEvent) ([]byte, error) {
	body := Outgoing{Type: o.Kind, Timestamp: o.At.In(time.UTC).Format(outgoingTime)}
	switch data := o.Data.(type) {
	case chat.OutgoingMessage:
		body.Data = e.outgoingMessage(&data)
	case chat.OutgoingAway:
		m := e.outgoingMessage(&chat.OutgoingMessage{Posted: data.Posted})
		away := OutgoingAway{Chat: m.Chat, Message: m.Message, Receivers: []OutgoingAwayReceiver{}}
		for _, r := range data.Receivers {
			away.Receivers = append(away.Receivers, OutgoingAwayReceiver(r))
		}
		body.Data = away
	case chat.OutgoingRead:
		body.Data = outgoingRead(&data)
	case chat.OutgoingGroup:
		body.Data = outgoingGroup(&data)
	case chat.Account:
		body.Data = OutgoingAccount{
			ID: data.ID, Name: data.Name, Avatar: data.Avatar, Email: data.Email, Active: data.Active,
			Language: data.Language, TimeZone: data.TimeZone, HidesReading: data.HidesReading,
		}
	case chat.OutgoingTestData:
		body.Data = OutgoingTest{data.Subscription}
	default:
		return nil, fmt.Errorf("wire: an event has data of type %T", o.Data)
	}
	return json.Marshal(body)
}

func (e *Encoder) outgoingMessage(m *chat.OutgoingMessage) OutgoingMessage {
	p := m.Posted
	out := OutgoingMessage{Chat: OutgoingChat{Kind: "direct"}, WithdrawnBy: m.By}
	to := string(p.Peer)
	if p.Group != nil {
		to = string(p.Group.ID)
		out.Chat = OutgoingChat{Kind: "group", Group: p.Group.ID, Name: p.Group.Name}
	} else {
		peer := p.Peer
		if peer == chat.FileTransfer {
			peer = p.From.ID
		}
		out.Chat = outgoingChat(chat.ChatKey{A: min(p.From.ID, peer), B: max(p.From.ID, peer)})
	}
	out.Message = &UserMessage{Message: e.message(p, to), SysType: int(p.Message.System), Sys: report(&p.Message)}
	return out
}

func outgoingChat(k chat.ChatKey) OutgoingChat {
	switch {
	case k.Group != "":
		return OutgoingChat{Kind: "group", Group: k.Group}
	case k.A == k.B:
		return OutgoingChat{Kind: "direct", Accounts: []chat.AccountID{k.A}}
	default:
		return OutgoingChat{Kind: "direct", Accounts: []chat.AccountID{k.A, k.B}}
	}
}

func outgoingRead(r *chat.OutgoingRead) OutgoingRead {
	out := OutgoingRead{Accounts: r.Accounts}
	if r.Chat != (chat.ChatKey{}) {
		where := outgoingChat(r.Chat)
		out.Chat = &where
	}
	if r.UpTo != 0 {
		out.UpTo = messageID(r.UpTo)
	}
	return out
}

func outgoingGroup(d *chat.OutgoingGroup) OutgoingGroup {
	g := d.Group
	out := OutgoingGroup{
		Group: OutgoingGroupState{
			ID: g.ID, Name: g.Name, Avatar: g.Avatar, Announcement: g.Announcement, Discussion: !g.IsPost, Creator: g.Creator,
			Members: g.Members, SpeakingBanned: g.Banned, MembersInvite: g.MembersInvite, Dissolved: !g.DissolvedAt.IsZero(),
		},
		Account: d.Account,
	}
	for _, m := range d.Members {
		out.Members = append(out.Members, OutgoingMember{m.Account.ID, m.Account.Name, m.Role == chat.RoleAdmin})
	}
	switch {
	case d.How == chat.DepartureLeft:
		out.Reason = "left"
	case d.How == chat.DepartureRemoved:
		out.Reason = "removed"
	case d.Account != "":
		admin := d.Admin
		out.Administrator = &admin
	}
	return out
}
