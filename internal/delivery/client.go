package delivery

import (
	"context"
	"fmt"
	"slices"
	"time"

	"parley/internal/chat"
	"parley/socketio"
)

// Client is a socket that is logged in. Tens of thousands of idle ones are possible, so a
// Client shares data with others and owns no goroutine, map or timer.
type Client struct {
	hub     *Hub
	socket  *socketio.Socket
	account *account
	app     *app
	session chat.SessionID
	logout  string // the name of the session for the client
	expires int64  // Unix seconds; 0: never
	viewer  *chat.Viewer
	away    bool       // nobody uses it; needs the hub's lock
	watches []*watched // needs the hub's lock
	unsure  bool       // whether those are contacts; needs the hub's lock
}

// account is a person with at least one socket here, or about to have it. Its
// fields need the hub's lock.
type account struct {
	id      chat.AccountID
	clients []*Client
	rooms   []*room
	load    *load // while its groups are being looked up
}

// load is the look-up of an account's groups, shared by all sockets that connect during it.
// Changes of the memberships during the look-up are kept, because it is unknown whether the
// look-up has seen them.
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

// Attach makes the socket a receiver of the identity's pushes. For the account's first
// socket it looks up the groups. It returns when every event that commits from then on will
// reach the socket; before that no event does. Call it before the client knows that it is
// connected, and call [Hub.Detach] when the socket ends. logoutName is the name of the
// session in "logout message".
func (h *Hub) Attach(ctx context.Context, s *socketio.Socket, id chat.Identity, logoutName string) (*Client, error) {
	c := &Client{hub: h, socket: s, session: id.Session, logout: logoutName}
	if !id.Expires.IsZero() {
		c.expires = id.Expires.Add(time.Second - 1).Unix() // never early
	}
	for {
		h.mu.Lock()
		if h.closed {
			h.mu.Unlock()
			return nil, ErrClosed
		}
		a := h.accounts[id.Account.ID]
		if a == nil {
			a = &account{id: id.Account.ID, load: &load{done: make(chan struct{})}}
			h.accounts[a.id] = a
			h.loading[a] = struct{}{}
			h.mu.Unlock()
			if err := h.lookUp(ctx, a, c, &id.App); err != nil {
				return nil, err
			}
			return c, nil
		}
		if a.load == nil {
			h.join(a, c, &id.App)
			h.mu.Unlock()
			return c, nil
		}
		loading := a.load
		h.mu.Unlock()
		<-loading.done
		if loading.err != nil {
			return nil, loading.err
		}
	}
}

// join adds a client to an account whose groups are known. It needs the lock.
func (h *Hub) join(a *account, c *Client, app *chat.Application) {
	c.account, c.app = a, h.app(app)
	c.viewer = h.presence.Join(a.id, chat.SocketID(c.socket.ID()), h.opts.Now(), c.socket.SignsOfLife)
	a.clients = append(a.clients, c)
	if c.expires != 0 {
		h.expiring[c] = struct{}{}
	}
	for _, r := range a.rooms {
		r.changed()
	}
	h.clients.Add(1)
	h.connectedNow(a.id)
}

// lookUp fills in the groups of an account that has just come online, with c.
//
//  1. The account is registered before the look-up, so that every event that
//     commits after the look-up's snapshot finds it.
//  2. Events that come during the look-up are applied after it, in their order:
//     those that the snapshot has seen change nothing then.
//  3. Nothing is pushed to the account before. Its client does not know yet that
//     it is connected: what it reads afterwards has everything from before.
func (h *Hub) lookUp(ctx context.Context, a *account, c *Client, app *chat.Application) error {
	groups, err := h.groupsOf(ctx, a.id)
	h.mu.Lock()
	defer h.mu.Unlock()
	l := a.load
	a.load, l.err = nil, err
	delete(h.loading, a)
	defer close(l.done)
	if err != nil {
		delete(h.accounts, a.id) // the next socket tries again
		return err
	}
	for _, g := range groups {
		h.enter(a, g.Group, g.Push)
	}
	for _, change := range l.changes {
		switch change.kind {
		case entered:
			h.enter(a, change.group, change.push)
		case left:
			h.leave(a, h.rooms[change.group])
		case pushSet:
			h.rooms[change.group].setPush(a, change.push)
		}
	}
	h.join(a, c, app)
	return nil
}

// groupsOf turns a panic into an error: others may wait for the answer.
func (h *Hub) groupsOf(ctx context.Context, a chat.AccountID) (_ []chat.GroupSubscription, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("delivery: look-up of groups panicked: %s", panicText(v))
		}
	}()
	return h.groups.GroupsOf(ctx, a)
}

// Detach forgets the socket. A second call does nothing.
func (h *Hub) Detach(c *Client) {
	h.presence.Leave(c.viewer)
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
	h.unwatch(c)
	defer h.connectedNow(a.id)
	for _, r := range a.rooms {
		r.changed()
	}
	if len(a.clients) > 0 {
		return
	}
	for len(a.rooms) > 0 {
		h.leave(a, a.rooms[len(a.rooms)-1])
	}
	delete(h.accounts, a.id)
}

// Actor returns the actor for requests of the socket.
func (c *Client) Actor() chat.Actor {
	return chat.Actor{Account: c.account.id, App: c.app.id, Socket: chat.SocketID(c.socket.ID())}
}

// Session is the log-in that the socket belongs to.
func (c *Client) Session() chat.SessionID { return c.session }

// LogoutName is the name by which the client knows its session; see [Hub.Attach].
func (c *Client) LogoutName() string { return c.logout }

// ResultFirst reports whether the application takes the result of a send as the
// first argument of the acknowledgement.
func (c *Client) ResultFirst() bool { return c.app.resultFirst.Load() }

// SetCurrent sets the current chat of the socket; the zero value means no chat.
func (c *Client) SetCurrent(ref chat.ChatRef) {
	c.hub.presence.Look(c.viewer, ref)
}

// Inherit is SetCurrent for a socket that has not said anything of the kind
// itself; it reports whether that was so. See [chat.Presence.Inherit] for the id.
func (c *Client) Inherit(id chat.SocketID, ref chat.ChatRef) bool {
	return c.hub.presence.Inherit(c.viewer, id, ref)
}

// Since is when the socket was attached.
func (c *Client) Since() time.Time { return c.viewer.Since() }

// Viewer is the socket as presence knows it.
func (c *Client) Viewer() *chat.Viewer { return c.viewer }

// Heir returns the latest socket of the same log-in that has come after c and has
// not said which chat it looks at: when c turns out to be lost, it is the same
// client come back before that was noticed.
func (h *Hub) Heir(c *Client) (heir *Client, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	own := slices.Index(c.account.clients, c)
	if own < 0 {
		return nil, false
	}
	// Clients are in the order in which they came.
	for _, other := range c.account.clients[own+1:] {
		if other.session == c.session && !h.presence.Settled(other.viewer) {
			heir = other
		}
	}
	return heir, heir != nil
}

// Current returns the chat that the socket looks at, and the id under which that is stored.
func (c *Client) Current() (chat.SocketID, chat.ChatRef) { return c.hub.presence.Current(c.viewer) }
