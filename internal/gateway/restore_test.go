package gateway_test

import (
	"net/url"
	"sync"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/gateway"
	"parley/internal/store"
	"parley/socketio/socketiotest"
	"parley/test/postgres"
)

// reading reports whether Alice looks at the chat with Bob.
func (h *house) reading() bool {
	return len(h.hub.Presence().Viewings(&chat.Conversation{Kind: chat.KindDirect, A: "alice", B: "bob"})) > 0
}

// aloneAndInCluster runs a test with a server that is alone and with a node of a cluster.
func aloneAndInCluster(t *testing.T, test func(t *testing.T, open func(testing.TB, gateway.Options) *house)) {
	t.Run("alone", func(t *testing.T) { test(t, open) })
	t.Run("in a cluster", func(t *testing.T) {
		server := postgres.Start(t, "fsync=off")
		test(t, func(t testing.TB, opts gateway.Options) *house {
			t.Helper()
			var mu sync.Mutex
			var encoded [][]chat.Event
			return openOn(t, store.Options{
				Database: server.Create(t), Node: "one",
				Encode: func(events []chat.Event) ([]byte, error) {
					mu.Lock()
					defer mu.Unlock()
					encoded = append(encoded, events)
					return []byte{byte(len(encoded) - 1)}, nil
				},
				Decode: func(b []byte) ([]chat.Event, error) {
					mu.Lock()
					defer mu.Unlock()
					return encoded[b[0]], nil
				},
			}, opts)
		})
	})
}

func TestCurrentChatIsRestored(t *testing.T) { aloneAndInCluster(t, testCurrentChatIsRestored) }

func testCurrentChatIsRestored(t *testing.T, open func(testing.TB, gateway.Options) *house) {
	lost := func(c *socketiotest.Client) { c.Close() }
	tests := []struct {
		name  string
		leave func(*socketiotest.Client)
		after time.Duration
		token func(*house) string
		want  bool
	}{
		{name: "connection lost", leave: lost, want: true},
		{name: "just in time", leave: lost, after: 59 * time.Second, want: true},
		{name: "too late", leave: lost, after: 61 * time.Second},
		{name: "another token", leave: lost, token: func(h *house) string { return h.issue("alice", 0) }},
		{name: "goodbye", leave: func(c *socketiotest.Client) {
			if err := c.Disconnect(); err != nil {
				t.Error(err)
			}
			c.Close()
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t, gateway.Options{})
			c := h.connect("alice", "web")
			h.wantAnswer(c, "current chat", `{"id":"bob"}`, `[false,1]`)
			if !h.reading() {
				t.Fatal("not present after current chat")
			}
			tt.leave(c)
			<-h.hub.ended
			if h.reading() {
				t.Fatal("present without a socket")
			}
			h.ahead.Store(int64(tt.after))
			token := h.token["alice"]
			if tt.token != nil {
				token = tt.token(h)
			}
			c = h.connectWith(token, "web")
			h.ask(c, "no such event") // an answer: it is connected for good
			if got := h.reading(); got != tt.want {
				t.Errorf("got present %t, want %t", got, tt.want)
			}
			h.wantAnswer(c, "clear chat", `{}`, `[false,1]`)
			if h.reading() {
				t.Error("present after clear chat")
			}
		})
	}
}

// One socket comes back for each that was lost, and no more.
func TestRestoredOnce(t *testing.T) { aloneAndInCluster(t, testRestoredOnce) }

func testRestoredOnce(t *testing.T, open func(testing.TB, gateway.Options) *house) {
	h := open(t, gateway.Options{})
	c := h.connect("alice", "web")
	h.wantAnswer(c, "current chat", `{"id":"bob"}`, `[false,1]`)
	c.Close()
	<-h.hub.ended
	h.wantAnswer(h.connect("alice", "web"), "clear chat", `{}`, `[false,1]`)
	h.ask(h.connect("alice", "web"), "no such event")
	if h.reading() {
		t.Error("a second socket was put into the chat, too")
	}
}

// A client is often back before the loss of its first connection is noticed.
func TestCurrentChatIsInherited(t *testing.T) { aloneAndInCluster(t, testCurrentChatIsInherited) }

func testCurrentChatIsInherited(t *testing.T, open func(testing.TB, gateway.Options) *house) {
	tests := []struct {
		name string
		back func(*house) *socketiotest.Client // while the first connection seems alive
		want bool
	}{
		{"same token", func(h *house) *socketiotest.Client { return h.connect("alice", "web") }, true},
		{"another token", func(h *house) *socketiotest.Client { return h.connectWith(h.issue("alice", 0), "web") }, false},
		{"has said where it is", func(h *house) *socketiotest.Client {
			c := h.connect("alice", "web")
			h.wantAnswer(c, "clear chat", `{}`, `[false,1]`)
			return c
		}, false},
		{"has been here for long", func(h *house) *socketiotest.Client {
			c := h.connect("alice", "web")
			h.ask(c, "no such event")
			h.ahead.Store(int64(2 * time.Minute))
			return c
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t, gateway.Options{})
			// An abandoned poll is a transport error, of which nobody knows how old it is.
			o := h.options(4)
			o.Transport, o.Query = "polling", url.Values{"token": {h.token["alice"]}, "app": {"web"}}
			lost, err := socketiotest.Connect(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(lost.Close)
			h.wantAnswer(lost, "current chat", `{"id":"bob"}`, `[false,1]`)
			c := tt.back(h)
			h.ask(c, "no such event")
			lost.Close()
			<-h.hub.ended
			if got := h.reading(); got != tt.want {
				t.Errorf("got present %t, want %t", got, tt.want)
			}
			h.ask(c, "clear chat", `{}`)
			if h.reading() {
				t.Error("present after clear chat")
			}
		})
	}
}

// Two windows of a browser share a token. Closing one is noticed at once, so the
// other is no client come back: what the closed one looked at is unread again.
func TestCurrentChatOfAClosedWindow(t *testing.T) {
	aloneAndInCluster(t, testCurrentChatOfAClosedWindow)
}

func testCurrentChatOfAClosedWindow(t *testing.T, open func(testing.TB, gateway.Options) *house) {
	h := open(t, gateway.Options{})
	closed := h.connect("alice", "web")
	h.wantAnswer(closed, "current chat", `{"id":"bob"}`, `[false,1]`)
	other, bob := h.connect("alice", "web"), h.connect("bob", "web")
	h.ask(other, "no such event") // an answer: it is connected for good
	closed.Close()
	<-h.hub.ended
	h.ask(bob, "send message", `{"touser":"alice","msg":"hello","type":1}`)
	want := `[false,{"user":[{"id":"bob","num":1}],"group":[],"num":1,"notPush":0}]`
	if got := h.ask(other, "unread count", `{}`); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// The one that comes next is looking again.
	h.ask(h.connect("alice", "web"), "no such event")
	if !h.reading() {
		t.Error("not restored to the next one")
	}
}
