package host

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
	"parley/internal/wire"
)

type sentMessage struct {
	ID        string         `json:"id" example:"1024"`
	From      chat.AccountID `json:"from" example:"0198c0de-0000-7000-8000-000000000001"`
	ToAccount chat.AccountID `json:"toAccount,omitempty"`
	ToGroup   chat.GroupID   `json:"toGroup,omitempty"`
	Type      int            `json:"type" doc:"waitingId of the request"`
	System    int            `json:"system,omitempty" doc:"System messages only: 4"`
	Text      string         `json:"text" example:"Hello"`
	At        time.Time      `json:"at"`
	WaitingID string         `json:"waitingId,omitempty"`
	Duplicate bool           `json:"duplicate" doc:"A message with the same sender and waitingId exists already; nothing was sent"`
}

type sentBody struct{ Body sentMessage }

func showSent(r chat.Receipt) *sentBody {
	m := r.Message
	out := sentMessage{
		ID: strconv.FormatInt(int64(m.ID), 10), From: m.From, ToAccount: r.Peer, Type: int(m.Type), System: int(m.System),
		Text: m.Text, At: m.Sent().UTC(), WaitingID: m.WaitingID, Duplicate: r.Duplicate,
	}
	if r.Group != nil {
		out.ToGroup = r.Group.ID
	}
	return &sentBody{out}
}

// newMessage is a message that a host system sends as an account.
type newMessage struct {
	From      chat.AccountID `json:"from" minLength:"1" limit:"id" doc:"The sending account; its rules apply" example:"0198c0de-0000-7000-8000-000000000001"`
	ToAccount chat.AccountID `json:"toAccount,omitempty" limit:"id" doc:"Receiving account, or file-transfer; either this or toGroup" example:"0198c0de-0000-7000-8000-000000000002"`
	ToGroup   chat.GroupID   `json:"toGroup,omitempty" limit:"id" doc:"Receiving group"`
	Type      int            `json:"type,omitempty" minimum:"1" maximum:"7" default:"1" doc:"1 text, 2 image, 3 voice, 4 attachment, 5 card, 6 location, 7 video"`
	Text      string         `json:"text,omitempty" doc:"Stored unchanged. If it is longer than the option chat.max-text, 20480 by default: message too long" example:"Hello"`
	File      *wire.File     `json:"file,omitempty"`
	Card      *wire.Card     `json:"card,omitempty"`
	Location  *wire.Location `json:"location,omitempty"`
	Refer     string         `json:"refer,omitempty" pattern:"^[1-9][0-9]{0,15}$" doc:"Id of a message of the same chat that is quoted"`
	WaitingID string         `json:"waitingId,omitempty" limit:"id" doc:"The sender's own name for the message; a repetition with the same name returns the same message"`
}

// messageFields maps the names of fields of send requests on sockets to their names here.
var messageFields = map[string]string{
	"touser": "body.toAccount", "togroup": "body.toGroup", "msg": "body.text",
	"refer": "body.refer", "refer.msgid": "body.refer", "waitingid": "body.waitingId",
}

// draft checks the content with the code that checks it on sockets, so that all stored messages
// have the same form.
func (m *newMessage) draft() (chat.Draft, error) {
	payload := wire.SendMessage{
		ToUser: "-", Msg: m.Text, Type: m.Type, File: m.File, Card: m.Card, Location: m.Location, WaitingID: m.WaitingID,
	}
	if m.Refer != "" {
		id, err := strconv.ParseInt(m.Refer, 10, 64)
		if err != nil {
			return chat.Draft{}, chat.Invalid("refer", "must be the id of a message")
		}
		payload.Refer = &wire.ReferTo{MessageID: chat.MessageID(id)}
	}
	encoded, err := json.Marshal(payload)
	if err != nil {
		return chat.Draft{}, err
	}
	checked, err := wire.Decode[wire.SendMessage](encoded)
	if err != nil {
		return chat.Draft{}, err
	}
	return checked.Draft()
}

func (a *api) messages() {
	const tag = "messages"
	addOnce(a, access{scopes: []chat.Scope{chat.ScopeMessages}}, endpoint.Operation{
		ID: "send-message", Path: "/v1/messages", Tag: tag, Status: http.StatusCreated, Errors: []int{403, 404, 429},
		Summary: "Send a message as an account",
		Doc: "To an account or to a group, under the same rules as from a socket. Pushes: `new message` or `new group message` to every " +
			"socket of everybody in the chat, including the sender's, with `new session` before it for a new chat and `new history` after it.",
		Fields: messageFields,
	}, func(ctx context.Context, app chat.Application, in *struct {
		Body newMessage `nameHint:"NewMessage"`
	},
	) (chat.Receipt, error) {
		m := in.Body
		draft, err := m.draft()
		if err != nil {
			return chat.Receipt{}, err
		}
		if (m.ToAccount == "") == (m.ToGroup == "") {
			return chat.Receipt{}, chat.Invalid("toAccount", "or toGroup is required, and not both")
		}
		by := chat.Actor{Account: m.From, App: app.ID}
		if m.ToGroup != "" {
			return a.chat.SendGroupMessage(ctx, by, m.ToGroup, draft)
		}
		return a.chat.SendMessage(ctx, by, m.ToAccount, draft)
	}, showSent)

	addOnce(a, access{scopes: []chat.Scope{chat.ScopeMessages}}, endpoint.Operation{
		ID: "send-system-message", Path: "/v1/groups/{group}/system-messages", Tag: tag, Status: http.StatusCreated,
		Errors:  []int{404},
		Summary: "Send a system message to a group",
		Doc:     "It does not count as unread. Push `new group message` with `sysType` 4 to all members.",
		Fields:  messageFields,
	}, func(ctx context.Context, app chat.Application, in *struct {
		InGroup
		Body struct {
			Text string `json:"text" minLength:"1" doc:"At most as long as the text of a message" example:"The server is restarted tonight at ten."`
		} `nameHint:"NewSystemMessage"`
	},
	) (chat.Receipt, error) {
		return a.chat.SendSystemMessage(ctx, app.ID, in.Group, in.Body.Text)
	}, showSent)
}
