package delivery

import (
	"slices"
	"strings"

	"parley/internal/chat"
	"parley/internal/wire"
	"parley/socketio"
)

// deliver turns an event into pushes: the audience of each is laid down at the
// event's type in package chat. It needs the lock.
func (h *Hub) deliver(e chat.Event) {
	enc := &h.opts.Encoder
	switch e := e.(type) {
	case chat.MessageSent:
		h.messageSent(&e)
	case chat.MessageWithdrawn:
		h.messageWithdrawn(&e)
	case chat.MessageEdited:
		h.toParticipants(e.Message.From, e.Origin, e.Message.From, e.Peer, groupOf(e.Group), wire.PushMessageEdited, func() any { return enc.MessageEdited(&e) })
	case chat.ReactionSet:
		h.toParticipants(e.By.ID, e.Origin, e.From, e.Peer, e.Group, wire.PushMessageReaction, func() any { return enc.MessageReaction(&e) })
	case chat.PinSet:
		h.toParticipants(e.By.ID, e.Origin, e.From, e.Peer, e.Group, wire.PushMessagePinned, func() any { return enc.MessagePinned(&e) })
	case chat.VoiceHeard:
		h.toAccount(e.Account, e.Origin, wire.PushVoiceAsRead, enc.VoiceRead(e))
	case chat.ChatRead:
		h.toAccount(e.Account, e.Origin, wire.PushClearUnread, enc.Session(e.Ref))
	case chat.ChatReadUpTo:
		h.toAccount(e.Account, "", wire.PushUnreadLeft, enc.UnreadLeft(&e))
		if e.Left.Count == 0 {
			h.toAccount(e.Account, e.Origin, wire.PushClearUnread, enc.Session(e.Left.Ref))
		}
	case chat.MarkedUnread:
		h.toAccount(e.Account, e.Origin, wire.PushMarkUnread, enc.MarkedUnread(&e))
	case chat.ReadTakenBack:
		h.toAccount(e.Account, "", wire.PushUnreadAgain, enc.UnreadAgain(&e.Unread))
	case chat.AllRead:
		h.toAccount(e.Account, "", wire.PushClearAllUnread, wire.Empty{})
	case chat.SessionRemoved:
		h.toAccount(e.Account, "", wire.PushSessionRemoved, enc.Session(e.Ref))
	case chat.StickySet:
		h.toAccount(e.Account, "", wire.PushStickyOnTop, enc.Sticky(e))
	case chat.Operated:
		h.toAccount(e.Account, e.Origin, wire.PushOperate, e.Payload)
	case chat.Shaken:
		h.toAccount(e.To, "", wire.PushShake, enc.Shaken(e))
	case chat.GroupShaken:
		h.groupShaken(&e)
	case chat.InboxCleared:
		h.toAccount(e.Account, e.Origin, wire.PushClearNotification, enc.NotificationCleared(e))
	case chat.UnsentChanged:
		h.toAccount(e.Account, e.Origin, wire.PushDraftChanged, enc.Draft(e.Unsent))
	case chat.SilenceSet:
		h.toAccount(e.Account, "", wire.PushSilenceMessage, enc.Silenced(e))
	case chat.Notified:
		for _, to := range e.Inboxes {
			if h.accounts[to.Account] != nil {
				h.toAccount(to.Account, "", wire.PushNewNotify, enc.NewNotify(&e.Notification, to))
			}
		}
	case chat.GroupEntered:
		h.groupEntered(&e)
	case chat.GroupMemberLeft:
		h.groupMemberLeft(&e)
	case chat.GroupDissolved:
		h.groupDissolved(&e)
	case chat.GroupRenamed:
		h.toGroup(e.Group.ID, wire.PushGroupRenamed, enc.GroupRenamed(&e))
	case chat.GroupAdminSet:
		push, payload := enc.GroupAdmin(e)
		h.toGroup(e.Group, push, payload)
	case chat.GroupBanSet:
		push, payload := enc.SpeakBan(&e)
		h.toGroup(e.Group, push, payload)
	case chat.GroupInviteSet:
		h.toGroup(e.Group, wire.PushCanAddMember, enc.CanAddMember(e))
	case chat.GroupChanged:
		h.toGroup(e.Group.ID, wire.PushGroupChanged, enc.GroupChanged(&e.Group))
	case chat.GroupPushSet:
		h.groupPushSet(e)
	case chat.DirectPushSet:
		h.toAccount(e.Account, "", wire.PushSetUserNotice, enc.SetUserNotice(e))
	case chat.ContactChanged:
		h.contactChanged(&e)
	case chat.LoggedOut:
		h.loggedOut(e)
	case chat.AppChanged:
		// Even if it has no client yet: a client whose log-in was checked before this may
		// attach with the former application.
		h.app(&e.App).set(&e.App)
		if !e.App.DisabledAt.IsZero() {
			h.appDisabled(e.App.ID)
		}
	case chat.Typed:
		h.typed(&e)
	case chat.Attended:
		h.attended(&e)
	case chat.AttendanceWanted:
		h.attendanceWanted(e.Node)
	case chat.NodeGone:
		name, _, _ := strings.Cut(e.Node, "-") // a node that returns has another id, and the same name
		h.forgetNode(name)
	case chat.ReadsMade, chat.ViewerMoved:
		h.presence.Deliver(e)
	case missed:
		clear(h.apps)
		h.logouts.Add(1) // one of them may be lost
		close(e.done)
	case chat.AccountChanged, chat.SettingsChanged, chat.MailQueued, chat.UploadKeyChanged, chat.ReadersChanged, chat.AvailabilityChanged:
		// Nothing is remembered of them here.
	}
}

// An audience is put together in h.sockets: begin, add, send.

// begin empties the audience, so that it does not keep its former clients alive.
func (h *Hub) begin() {
	clear(h.sockets)
	h.sockets = h.sockets[:0]
}

// add puts the sockets of an account, which may be nil, into the audience,
// but for those that do not want the push and the one to spare.
func (h *Hub) add(a *account, spare *socketio.Socket, push string) {
	if a == nil {
		return
	}
	bit := pushBits[push]
	for _, c := range a.clients {
		if c.socket != spare && c.app.muted&bit == 0 {
			h.sockets = append(h.sockets, c.socket)
		}
	}
}

// addRoom puts the sockets of the members with that setting into the audience.
func (h *Hub) addRoom(r *room, setting bool, spare *socketio.Socket, push string) {
	if r == nil {
		return
	}
	bit := pushBits[push]
	for _, s := range r.audience() {
		if s.push != setting || s.app.muted&bit != 0 {
			continue
		}
		start := len(h.sockets)
		h.sockets = append(h.sockets, s.sockets...)
		if spare == nil {
			continue
		}
		if i := slices.Index(h.sockets[start:], spare); i >= 0 {
			last := len(h.sockets) - 1
			h.sockets[start+i] = h.sockets[last]
			h.sockets = h.sockets[:last]
		}
	}
}

// send encodes the push once and sends it to the audience. payload is a function
// where making it is work that an empty audience spares.
func (h *Hub) send(push string, payload any) {
	if len(h.sockets) == 0 {
		return
	}
	if f, ok := payload.(func() any); ok {
		payload = f()
	}
	m, err := h.ns.NewMessage(push, payload)
	if err != nil {
		h.opts.Logger.Error("push not encoded", "push", push, "error", err)
		return
	}
	h.pushes.Add(uint64(len(h.sockets)))
	h.io.Broadcast(h.sockets, m)
}

// toAccount sends a push to the sockets of an account, but for the acting one.
func (h *Hub) toAccount(id chat.AccountID, origin chat.SocketID, push string, payload any) {
	a := h.accounts[id]
	h.begin()
	h.add(a, a.socket(origin), push)
	h.send(push, payload)
}

// toGroup sends a push to all members of a group.
func (h *Hub) toGroup(id chat.GroupID, push string, payload any) {
	r := h.rooms[id]
	h.begin()
	h.addRoom(r, true, nil, push)
	h.addRoom(r, false, nil, push)
	h.send(push, payload)
}

// toParticipants sends a push about a message to the members of its group, or to both sides of a direct chat if there is no
// group, but not to the acting socket.
func (h *Hub) toParticipants(by chat.AccountID, origin chat.SocketID, from, to chat.AccountID, g chat.GroupID, push string, payload func() any) {
	spare := h.accounts[by].socket(origin)
	h.begin()
	if g != "" {
		r := h.rooms[g]
		h.addRoom(r, true, spare, push)
		h.addRoom(r, false, spare, push)
	} else {
		h.add(h.accounts[from], spare, push)
		h.add(h.accounts[to], spare, push)
	}
	h.send(push, payload)
}

func groupOf(g *chat.Group) chat.GroupID {
	if g == nil {
		return ""
	}
	return g.ID
}

func (h *Hub) contactChanged(e *chat.ContactChanged) {
	h.begin()
	for _, id := range e.To {
		h.add(h.accounts[id], nil, wire.PushContactChanged)
	}
	h.send(wire.PushContactChanged, func() any { return h.opts.Encoder.ContactChanged(e) })
}

// socket finds the account's socket with that id; nil if it is not here.
func (a *account) socket(id chat.SocketID) *socketio.Socket {
	if a == nil || id == "" {
		return nil
	}
	for _, c := range a.clients {
		if c.socket.ID() == string(id) {
			return c.socket
		}
	}
	return nil
}

// appDisabled sends away the clients of an application.
func (h *Hub) appDisabled(id chat.AppID) {
	h.logouts.Add(1)
	for _, a := range h.accounts {
		for _, c := range a.clients {
			if c.app.id == id {
				h.leaving = append(h.leaving, c)
			}
		}
	}
}

func (h *Hub) loggedOut(e chat.LoggedOut) {
	h.logouts.Add(1)
	add := func(a *account) {
		for _, c := range a.clients {
			if e.Session == "" && !slices.Contains(e.Kept, c.session) || e.Session != "" && c.session == e.Session {
				h.leaving = append(h.leaving, c)
			}
		}
	}
	if e.Account == "" {
		for _, a := range h.accounts {
			add(a)
		}
	} else if a := h.accounts[e.Account]; a != nil {
		add(a)
	}
}
