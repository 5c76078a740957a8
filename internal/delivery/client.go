package delivery

import (
	"context"
	"slices"
	"time"

	"parley/internal/chat"
	"parley/socketio"
)

// Client is a socket that is logged in. There may be tens of thousands of them
// that do nothing: it shares what it can and owns no goroutine, map or timer.
type Client struct {
	hub     *Hub
	socket  *socketio.Socket
	account *account
	app     *app
	session chat.SessionID
	expires int64        // Unix seconds; 0: never
	current chat.ChatRef // under presence.mu
}

// account is a person with at least one socket here. Its fields need the hub's lock.
type account struct {
	id      chat.AccountID
	clients []*Client
	rooms   []*room
	load    *load // while its groups are being looked up
}

// load is the look-up of an account's groups, shared by all sockets that come in
// meanwhile. What happens to the account's membership during it is kept,
// because nobody knows whether the look-up has seen it.
type load struct {
	done    chan struct{}
	err     error // set before done is closed
	changes []change
}

// change is an event about an account's membership of a group.
type change struct {
	group chat.GroupID
	kind  changeKind
	push  bool
}

type changeKind int

const (
	entered changeKind = iota
	left
	pushSet
)

// Attach makes the socket a receiver of the identity's pushes. It looks up the
// account's groups when this is its first socket, and returns when every event
// that commits from then on will reach the socket. Call it before the client
// knows that it is connected, and [Hub.Detach] when it is gone.
func (h *Hub) Attach(ctx context.Context, s *socketio.Socket, id chat.Identity) (*Client, error) {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil, ErrClosed
	}
	a := h.accounts[id.Account.ID]
	first := a == nil
	if first {
		a = &account{id: id.Account.ID, load: &load{done: make(chan struct{})}}
		h.accounts[a.id] = a
		h.loading[a] = struct{}{}
	}
	c := &Client{hub: h, socket: s, account: a, app: h.app(&id.App), session: id.Session}
	a.clients = append(a.clients, c)
	for _, r := range a.rooms {
		r.changed()
	}
	if !id.Expires.IsZero() {
		c.expires = id.Expires.Add(time.Second - 1).Unix() // never early
		h.expiring[c] = struct{}{}
	}
	loading := a.load
	h.clients.Add(1)
	h.mu.Unlock()

	if first {
		h.lookUp(ctx, a)
	}
	if loading != nil {
		<-loading.done
		if loading.err != nil {
			h.Detach(c)
			return nil, loading.err
		}
	}
	return c, nil
}

// lookUp fills in the groups of an account that has just come online.
//
//  1. The account is registered before the look-up, so that every event that
//     commits after the look-up's snapshot finds it.
//  2. Events that come during the look-up are applied after it, in their order:
//     those that the snapshot has seen change nothing then.
func (h *Hub) lookUp(ctx context.Context, a *account) {
	groups, err := h.groups.GroupsOf(ctx, a.id)
	h.mu.Lock()
	defer h.mu.Unlock()
	l := a.load
	a.load, l.err = nil, err
	delete(h.loading, a)
	defer close(l.done)
	if err != nil {
		if h.accounts[a.id] == a {
			delete(h.accounts, a.id) // the next socket tries again
		}
		return
	}
	for _, g := range groups {
		h.enter(a, g.Group, g.Push)
	}
	for _, c := range l.changes {
		switch c.kind {
		case entered:
			h.enter(a, c.group, c.push)
		case left:
			h.leave(a, h.rooms[c.group])
		case pushSet:
			h.rooms[c.group].setPush(a, c.push)
		}
	}
}

// Detach forgets the socket. A second call does nothing.
func (h *Hub) Detach(c *Client) {
	h.presence.move(c.account.id, &c.current, chat.ChatRef{})
	h.mu.Lock()
	defer h.mu.Unlock()
	a := c.account
	i := slices.Index(a.clients, c)
	if i < 0 {
		return
	}
	a.clients = slices.Delete(a.clients, i, i+1)
	delete(h.expiring, c)
	h.clients.Add(-1)
	for _, r := range a.rooms {
		r.changed()
	}
	if len(a.clients) > 0 {
		return
	}
	for len(a.rooms) > 0 {
		h.leave(a, a.rooms[len(a.rooms)-1])
	}
	if h.accounts[a.id] == a {
		delete(h.accounts, a.id)
	}
}

// Actor is who acts when the socket does.
func (c *Client) Actor() chat.Actor {
	return chat.Actor{Account: c.account.id, App: c.app.id, Socket: chat.SocketID(c.socket.ID())}
}

// Session is the log-in that the socket belongs to.
func (c *Client) Session() chat.SessionID { return c.session }

// ResultFirst reports whether the application takes the result of a send as the
// first argument of the acknowledgement.
func (c *Client) ResultFirst() bool { return c.app.resultFirst.Load() }

// SetCurrent says which chat the socket looks at; the zero value: none.
func (c *Client) SetCurrent(ref chat.ChatRef) {
	c.hub.presence.move(c.account.id, &c.current, ref)
}

// Current returns what SetCurrent has set last.
func (c *Client) Current() chat.ChatRef { return c.hub.presence.current(&c.current) }
