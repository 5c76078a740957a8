package delivery_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/engineio"
	"parley/internal/chat"
	"parley/internal/delivery"
	"parley/internal/wire"
	"parley/socketio"
	"parley/socketio/socketiotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The applications that a test's sockets may come through.
var apps = map[string]chat.Application{
	"web":    {ID: "web", Kind: chat.AppWeb},
	"mobile": {ID: "mobile", Kind: chat.AppMobile},
	"quiet":  {ID: "quiet", Kind: chat.AppWeb, MutedPushes: []string{wire.PushNewHistory, wire.PushNewSession, wire.PushNewGroupMessage}},
}

// node is a hub on real sockets, with the memberships that a test gives it.
type node struct {
	t   testing.TB
	hub *delivery.Hub
	url string

	mu      sync.Mutex
	groups  map[chat.AccountID][]chat.GroupSubscription
	lookUp  func(chat.AccountID) // called before a look-up answers; may be nil
	clients map[string]*delivery.Client
	sockets map[string]*socketiotest.Client
	gone    chan struct{} // one for every client that was detached
}

func newNode(t testing.TB, opts delivery.Options) *node {
	n := &node{
		t:       t,
		groups:  map[chat.AccountID][]chat.GroupSubscription{},
		clients: map[string]*delivery.Client{},
		sockets: map[string]*socketiotest.Client{},
		gone:    make(chan struct{}, 1000),
	}
	io := socketio.NewServer(socketio.Options{Engine: engineio.Options{}})
	ns := io.Of("/")
	n.hub = delivery.New(opts, io, ns, n)
	ns.Use(func(s *socketio.Socket, h *socketio.Handshake) error {
		s.SetValue(h.Query)
		return nil
	})
	ns.OnConnect(func(s *socketio.Socket) {
		q := s.Value().(url.Values)
		id := chat.Identity{
			Account: chat.Account{ID: chat.AccountID(q.Get("account"))},
			App:     apps[q.Get("app")],
			Session: chat.SessionID(q.Get("session")),
		}
		if q.Has("expires") {
			id.Expires = time.Unix(1000, 0)
		}
		c, err := n.hub.Attach(context.Background(), s, id, string(id.Session))
		if err != nil {
			t.Error(err)
			return
		}
		s.SetValue(c)
		n.mu.Lock()
		defer n.mu.Unlock()
		n.clients[q.Get("name")] = c
	})
	ns.OnDisconnect(func(s *socketio.Socket, _ socketio.Reason) {
		n.hub.Detach(s.Value().(*delivery.Client))
		n.gone <- struct{}{}
	})
	server := httptest.NewServer(io)
	n.url = server.URL
	t.Cleanup(func() {
		for _, s := range n.sockets {
			s.Close()
		}
		n.hub.Close()
		_ = io.Shutdown(context.Background())
		server.Close()
	})
	return n
}

// GroupsOf is delivery.GroupSource's.
func (n *node) GroupsOf(_ context.Context, a chat.AccountID) ([]chat.GroupSubscription, error) {
	n.mu.Lock()
	groups, lookUp := slices.Clone(n.groups[a]), n.lookUp
	n.mu.Unlock()
	if lookUp != nil {
		lookUp(a)
	}
	return groups, nil
}

// connect opens a socket; its name is "account" or "account/device".
func (n *node) connect(name, app string, more ...string) *socketiotest.Client {
	n.t.Helper()
	account, device, _ := strings.Cut(name, "/")
	q := url.Values{"name": {name}, "account": {account}, "app": {app}, "session": {"s-" + account + device}}
	for _, m := range more {
		q.Set(m, "1")
	}
	c, err := socketiotest.Connect(n.t.Context(), socketiotest.Options{URL: n.url, Path: "/", EIO: 4, Transport: "websocket", Query: q})
	if err != nil {
		n.t.Fatal(err)
	}
	n.sockets[name] = c
	return c
}

// origin is the id of a socket, as an event names the one that acted.
func (n *node) origin(name string) chat.SocketID {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.clients[name].Actor().Socket
}

// heard returns what every socket has heard since the last call, as lines
// "socket < push payload", the payload cut down to the fields of interest.
func (n *node) heard(fields ...string) []string {
	n.t.Helper()
	// Every client gets a last word; what came before it was delivered.
	for name := range n.sockets {
		account, _, _ := strings.Cut(name, "/")
		n.hub.Publish([]chat.Event{chat.SilenceSet{Account: chat.AccountID(account), Category: chat.CategoryInfo{Category: chat.Category("end " + name)}}})
	}
	var lines []string
	for name, s := range n.sockets {
		for {
			e, err := s.Take(n.t.Context(), nil)
			if err != nil {
				n.t.Fatalf("%s: %v", name, err)
			}
			if e.Name == wire.PushSilenceMessage && strings.Contains(string(e.Args[0]), "end ") {
				if strings.Contains(string(e.Args[0]), `"end `+name+`"`) {
					break
				}
				continue
			}
			lines = append(lines, name+" < "+e.Name+excerpt(n.t, e.Args, fields))
		}
	}
	slices.SortStableFunc(lines, func(a, b string) int {
		who, _, _ := strings.Cut(a, " < ")
		other, _, _ := strings.Cut(b, " < ")
		return strings.Compare(who, other)
	})
	return lines
}

func excerpt(t testing.TB, args []json.RawMessage, fields []string) string {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(args[0], &object); err != nil {
		t.Fatal(err)
	}
	var out string
	for _, f := range fields {
		if v, ok := object[f]; ok {
			out += " " + f + "=" + strings.Trim(string(v), `"`)
		}
	}
	return out
}
