package delivery

import (
	"parley/internal/chat"
	"parley/internal/wire"
	"parley/socketio"
)

// messageSent sends, in this order for everybody: "new session" to those whose
// list gains the chat, the message, "new history", and "clear unread" to the
// other sockets of the accounts that read it on arrival.
func (h *Hub) messageSent(e *chat.MessageSent) {
	from := h.accounts[e.Message.From]
	spare := from.socket(e.Origin)
	if e.Group != nil {
		h.groupMessage(e, spare)
		return
	}
	enc := &h.opts.Encoder
	to := h.accounts[e.Peer]
	for _, gained := range e.Gained {
		h.toAccount(gained, "", wire.PushNewSession, func() any { return enc.NewSession(e, gained) })
	}
	for _, push := range []string{wire.PushNewMessage, wire.PushNewHistory} {
		h.begin()
		h.add(to, nil, push)
		h.add(from, spare, push)
		h.send(push, func() any {
			if push == wire.PushNewHistory {
				return enc.NewHistory(e)
			}
			return enc.UserMessage(&e.Posted)
		})
	}
	for _, reader := range e.Readers {
		peer := e.Message.From
		if reader == e.Message.From {
			peer = e.Peer
		}
		h.readElsewhere([]chat.AccountID{reader}, chat.ChatRef{Type: chat.SessionUser, ID: string(peer)})
	}
}

// groupMessage sends two variants: for members who have muted the group, and for the others.
func (h *Hub) groupMessage(e *chat.MessageSent, spare *socketio.Socket) {
	enc := &h.opts.Encoder
	h.begin()
	for _, gained := range e.Gained {
		h.add(h.accounts[gained], nil, wire.PushNewSession)
	}
	h.send(wire.PushNewSession, func() any { return enc.NewSession(e, "") })

	r := h.rooms[e.Group.ID]
	for _, setting := range []bool{true, false} {
		h.begin()
		h.addRoom(r, setting, spare, wire.PushNewGroupMessage)
		h.send(wire.PushNewGroupMessage, func() any { return enc.GroupMessage(&e.Posted, setting) })
	}
	h.begin()
	h.addRoom(r, true, spare, wire.PushNewHistory)
	h.addRoom(r, false, spare, wire.PushNewHistory)
	h.send(wire.PushNewHistory, func() any { return enc.NewHistory(e) })

	ref := chat.ChatRef{Type: chat.SessionGroup, ID: string(e.Group.ID)}
	h.readElsewhere(e.Readers, ref)
}

// readElsewhere tells the readers' sockets that do not look at the chat that it
// has been read.
func (h *Hub) readElsewhere(readers []chat.AccountID, ref chat.ChatRef) {
	bit := pushBits[wire.PushClearUnread]
	h.begin()
	for _, reader := range readers {
		a := h.accounts[reader]
		if a == nil || len(a.clients) == 1 && !h.presence.InCluster() {
			continue // the one socket is the one that reads
		}
		for _, c := range a.clients {
			if c.app.muted&bit == 0 && !h.presence.LooksAt(c.viewer, ref) {
				h.sockets = append(h.sockets, c.socket)
			}
		}
	}
	h.send(wire.PushClearUnread, func() any { return h.opts.Encoder.Session(ref) })
}

func (h *Hub) messageWithdrawn(e *chat.MessageWithdrawn) {
	enc := &h.opts.Encoder
	spare := h.accounts[e.By.ID].socket(e.Origin)
	h.begin()
	if e.Group != nil {
		r := h.rooms[e.Group.ID]
		h.addRoom(r, true, spare, wire.PushWithdrawGroupMessage)
		h.addRoom(r, false, spare, wire.PushWithdrawGroupMessage)
		h.send(wire.PushWithdrawGroupMessage, func() any { return enc.WithdrawnGroupMessage(e) })
		return
	}
	h.add(h.accounts[e.Message.From], spare, wire.PushWithdrawMessage)
	h.add(h.accounts[e.Peer], spare, wire.PushWithdrawMessage)
	h.send(wire.PushWithdrawMessage, func() any { return enc.WithdrawnMessage(e) })
}
