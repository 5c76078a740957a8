package fault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/config"
	"parley/internal/server/servertest"
	"parley/internal/wire"
	"parley/socketio/socketiotest"
)

// line forwards connections to a server until it is cut. Afterwards it forwards no bytes and
// closes no connection, like a lost network.
type line struct {
	listener net.Listener
	far      string

	mu       sync.Mutex // held while bytes are forwarded to the server, so that none are after Cut
	cut      bool
	requests map[net.Conn]string // the method of the request without an answer, by connection of the client
}

func openLine(t *testing.T, server string) *line {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{listener: listener, far: strings.TrimPrefix(server, "http://"), requests: make(map[net.Conn]string)}
	ended := make(chan struct{})
	var forwards sync.WaitGroup
	forwards.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp4", l.far)
			if err != nil {
				_ = near.Close()
				continue
			}
			forwards.Go(func() { l.toServer(near, far) })
			forwards.Go(func() { l.toClient(far, near) })
			forwards.Go(func() {
				<-ended
				_, _ = near.Close(), far.Close()
			})
		}
	})
	t.Cleanup(func() {
		close(ended)
		_ = listener.Close()
		forwards.Wait()
	})
	return l
}

// toServer and toClient copy the bytes and the end of a connection, until the line is cut.
func (l *line) toServer(near, far net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := near.Read(buffer)
		l.mu.Lock()
		if l.cut {
			l.mu.Unlock()
			return
		}
		if n > 0 {
			_, _ = far.Write(buffer[:n])
			if method, _, _ := strings.Cut(string(buffer[:n]), " "); method == http.MethodGet || method == http.MethodPost {
				l.requests[near] = method
			}
		}
		l.mu.Unlock()
		if err != nil {
			_ = far.Close()
			return
		}
	}
}

func (l *line) toClient(far, near net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := far.Read(buffer)
		l.mu.Lock()
		cut := l.cut
		delete(l.requests, near)
		l.mu.Unlock()
		if cut {
			return
		}
		if n > 0 {
			_, _ = near.Write(buffer[:n])
		}
		if err != nil {
			_ = near.Close()
			return
		}
	}
}

// CutDuringPoll cuts the line while a poll of the client waits at the server, and no other
// request is under way. A request that the server handles later would be a sign of life of the
// client.
func (l *line) CutDuringPoll(t *testing.T, server *servertest.Server) {
	t.Helper()
	for !l.cutDuringPoll(t, server) {
		if t.Context().Err() != nil {
			t.Fatal("the client does not poll")
		}
	}
}

func (l *line) cutDuringPoll(t *testing.T, server *servertest.Server) bool {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	under := slices.Collect(maps.Values(l.requests))
	l.cut = len(under) == 1 && under[0] == http.MethodGet && figure(t, server, "parley_polls_waiting") == 1
	return l.cut
}

// figure returns the value of a metric without labels.
func figure(t *testing.T, server *servertest.Server, name string) float64 {
	t.Helper()
	response, err := http.Get(server.MetricsURL())
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(page)) {
		if text, found := strings.CutPrefix(line, name+" "); found {
			value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
	}
	t.Fatalf("the server has no metric %s", name)
	return 0
}

func (l *line) URL() string { return "http://" + l.listener.Addr().String() }

func (l *line) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
}

// TestDeadConnectionDoesNotRead cuts the line of a device that looks at a chat. The
// message that arrives then was read for it, on all devices, and stayed read although
// nobody had seen it. It is unread again as soon as the heartbeat shows the loss.
func TestDeadConnectionDoesNotRead(t *testing.T) {
	for _, eio := range []int{3, 4} {
		for _, transport := range []string{"websocket", "polling"} {
			t.Run(fmt.Sprintf("EIO %d over %s", eio, transport), func(t *testing.T) {
				t.Parallel()
				server := servertest.Start(t, func(c *config.Config) {
					c.Socket.PingInterval, c.Socket.PingTimeout = time.Second, 3*time.Second
					if transport == "websocket" {
						c.Socket.PingInterval = 4 * time.Second // no heartbeat is under way when the line is cut
					}
					c.Metrics.Listen = "127.0.0.1:0"
				})
				alice, bob := server.Accounts[0], server.Accounts[1]
				// Its heartbeats come from the server, so that it stays.
				desk := server.Connect(4, "websocket", bob.Token)
				line := openLine(t, server.URL)
				phone, err := socketiotest.Connect(t.Context(), socketiotest.Options{
					URL: line.URL(), Path: server.Path, EIO: eio, Transport: transport,
					Query: url.Values{"token": {bob.Token}, "app": {server.App}},
				})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(phone.Close)
				current := json.RawMessage(fmt.Sprintf(`{"id":"%s"}`, alice.ID))
				if answer := ask(t, phone, wire.EventCurrentChat, current); string(answer[1]) != "1" {
					t.Fatalf("current chat: got %s", answer)
				}
				before := unread(t, desk)
				if transport == "polling" {
					line.CutDuringPoll(t, server)
				} else {
					line.Cut()
				}

				send := map[string]any{"from": alice.ID, "toAccount": bob.ID, "text": "nobody sees this"}
				if status := server.Host("POST", "/messages", send, nil); status != 201 {
					t.Fatalf("message: got %d", status)
				}
				take(t, desk, wire.PushClearUnread)
				var again struct {
					Type, Num int
					ID        string
				}
				if err := json.Unmarshal(take(t, desk, wire.PushUnreadAgain), &again); err != nil {
					t.Fatal(err)
				}
				if again.Type != 1 || again.ID != string(alice.ID) || again.Num != 1 {
					t.Errorf("unread again: got %+v, want 1 of the chat with %s", again, alice.ID)
				}
				if got := unread(t, desk); got != before+1 {
					t.Errorf("unread count: got %d, want %d", got, before+1)
				}
			})
		}
	}
}

// TestSlowClientDoesNotRead sends to a device that looks at the chat and takes nothing
// of it, until its queue is full. All of that was read for it, what waited in the
// queue too.
func TestSlowClientDoesNotRead(t *testing.T) {
	server := servertest.Start(t, func(c *config.Config) { c.Socket.MaxQueue = 256 << 10 })
	alice, bob := server.Accounts[0], server.Accounts[1]
	desk := server.Connect(4, "websocket", bob.Token)
	before := unread(t, desk)
	a := server.Connect(4, "websocket", alice.Token)
	line := openLine(t, server.URL)
	phone, err := socketiotest.Connect(t.Context(), socketiotest.Options{
		URL: line.URL(), Path: server.Path, EIO: 4, Transport: "websocket",
		Query: url.Values{"token": {bob.Token}, "app": {server.App}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(phone.Close)
	ask(t, phone, wire.EventCurrentChat, json.RawMessage(fmt.Sprintf(`{"id":"%s"}`, alice.ID)))
	line.Cut()
	payload := json.RawMessage(fmt.Sprintf(`{"touser":"%s","msg":"%s","type":1}`, bob.ID, strings.Repeat("x", 20_000)))
	sent := 0
	for gone := false; !gone; sent++ {
		if refusal := refusalOf(ask(t, a, wire.EventSendMessage, payload)); refusal != "" {
			t.Fatal(refusal)
		}
		ping(t, desk)
		for _, event := range desk.Drain() {
			gone = gone || event.Name == wire.PushUnreadAgain
		}
	}
	if got := unread(t, desk); got != before+sent {
		t.Errorf("unread count: got %d, want all %d", got-before, sent)
	}
}

// TestCurrentChatAfterRestart ends the server while a device looks at a chat. The
// device comes back and does not say again where it looks, and what arrived in the
// open chat counted as unread.
func TestCurrentChatAfterRestart(t *testing.T) {
	binary := build(t)
	for name, end := range map[string]func(*Server) error{
		"SIGTERM": (*Server).Stop,
		"kill -9": func(s *Server) error { s.Kill(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			h := openHouse(t, binary)
			phone := h.connect("websocket")
			h.look(phone, "ann")
			h.say("before the end")
			h.wantUnread(phone, 0)
			if err := end(h.server); err != nil {
				t.Fatal(err)
			}
			h.start()
			phone = h.connect("polling")
			h.wantUnread(phone, 0)
			h.say("after the start")
			h.wantUnread(phone, 0)
			// Another window with the same token looks nowhere, nor does one after a goodbye.
			ask(t, phone, wire.EventClearChat, json.RawMessage(`{}`))
			if err := end(h.server); err != nil {
				t.Fatal(err)
			}
			h.start()
			phone = h.connect("websocket")
			h.say("nobody looks")
			h.wantUnread(phone, 1)
			h.verify()
		})
	}
}

// TestCrashOfAServerWithADeadClient ends the server before it has noticed that a
// connection was dead. Its client does not come back, so that what was read for it
// last is unread again when the time for coming back is over.
func TestCrashOfAServerWithADeadClient(t *testing.T) {
	t.Setenv("PARLEY_CHAT_RESTORE_WINDOW", "1s")
	h := openHouse(t, build(t))
	line := openLine(t, h.server.URL)
	phone := h.connectTo(line.URL(), "websocket")
	h.look(phone, "ann")
	h.say("seen")
	h.wantUnread(phone, 0)
	line.Cut()
	h.say("not seen")
	h.server.Kill()
	h.start()
	desk := h.connectAs("other token", "websocket")
	take(t, desk, wire.PushUnreadAgain)
	h.wantUnread(desk, 1)
	h.verify()
}

// house is a server process with Ann, who talks to Ben.
type house struct {
	t      *testing.T
	binary string
	folder string
	server *Server
	ids    map[string]string
	tokens map[string]string
}

func openHouse(t *testing.T, binary string) *house {
	h := &house{t: t, binary: binary, folder: t.TempDir(), ids: map[string]string{}, tokens: map[string]string{}}
	h.start()
	var organization struct{ ID string }
	h.host("/organizations", map[string]any{"name": "House"}, &organization)
	for _, name := range []string{"ann", "ben"} {
		var account struct{ ID string }
		h.host("/accounts", map[string]any{"name": name}, &account)
		h.ids[name] = account.ID
	}
	h.host("/organizations/"+organization.ID+"/members", map[string]any{"accounts": []string{h.ids["ann"], h.ids["ben"]}}, nil)
	for _, name := range []string{"token", "other token"} {
		var issued struct{ Token string }
		h.host("/accounts/"+h.ids["ben"]+"/tokens", map[string]any{}, &issued)
		h.tokens[name] = issued.Token
	}
	return h
}

func (h *house) start() {
	h.t.Helper()
	server, err := Start(h.t.Context(), h.binary, h.folder)
	if err != nil {
		h.t.Fatal(err)
	}
	h.server = server
	h.t.Cleanup(func() { _ = server.process.Process.Kill() })
}

func (h *house) host(path string, body, answer any) {
	h.t.Helper()
	if err := h.server.Host(h.t.Context(), "POST", path, body, answer); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) connect(transport string) *socketiotest.Client {
	h.t.Helper()
	return h.connectTo(h.server.URL, transport)
}

func (h *house) connectTo(url, transport string) *socketiotest.Client {
	h.t.Helper()
	through := *h.server
	through.URL = url
	return h.dial(&through, "token", transport)
}

func (h *house) connectAs(token, transport string) *socketiotest.Client {
	h.t.Helper()
	return h.dial(h.server, token, transport)
}

func (h *house) dial(server *Server, token, transport string) *socketiotest.Client {
	h.t.Helper()
	c, err := server.Connect(h.t.Context(), h.tokens[token], 4, transport)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(c.Close)
	return c
}

func (h *house) look(c *socketiotest.Client, at string) {
	h.t.Helper()
	if answer := ask(h.t, c, wire.EventCurrentChat, json.RawMessage(fmt.Sprintf(`{"id":"%s"}`, h.ids[at]))); string(answer[1]) != "1" {
		h.t.Fatalf("current chat: got %s", answer)
	}
}

// say is a message of Ann to Ben.
func (h *house) say(text string) {
	h.t.Helper()
	h.host("/messages", map[string]any{"from": h.ids["ann"], "toAccount": h.ids["ben"], "text": text}, nil)
}

func (h *house) wantUnread(c *socketiotest.Client, want int) {
	h.t.Helper()
	if got := unread(h.t, c); got != want {
		h.t.Errorf("unread count: got %d, want %d", got, want)
	}
}

func (h *house) verify() {
	h.t.Helper()
	if err := h.server.Stop(); err != nil {
		h.t.Error(err)
	}
	if out, err := exec.Command(h.binary, "verify", "--data", h.folder).CombinedOutput(); err != nil {
		h.t.Errorf("verify: %v\n%s", err, out)
	}
}

// unread is the whole figure of "unread count".
func unread(t *testing.T, c *socketiotest.Client) int {
	t.Helper()
	answer := ask(t, c, wire.EventUnreadCount, json.RawMessage(`{}`))
	var counts struct{ Num int }
	if err := json.Unmarshal(answer[1], &counts); err != nil {
		t.Fatalf("unread count: %s: %v", answer, err)
	}
	return counts.Num
}

// take waits for a push of that name and returns its payload.
func take(t *testing.T, c *socketiotest.Client, name string) json.RawMessage {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	event, err := c.Take(ctx, func(e socketiotest.Event) bool { return e.Name == name })
	if err != nil {
		t.Fatalf("push %s: %v", name, err)
	}
	return event.Args[0]
}
