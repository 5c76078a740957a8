package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/internal/config"
	"parley/internal/server/servertest"
	"parley/internal/wire"
)

// TestHalfOpen opens ten thousand connections that say nothing, or half a
// request, or half a handshake. Others connect and are served meanwhile, the
// memory stays bounded, and the silent ones are closed in the end.
func TestHalfOpen(t *testing.T) {
	connections := 10_000
	if files := openFiles(t); files < uint64(2*connections+500) {
		connections = int(files-500) / 2 // both ends are in this process
		t.Logf("the limit of %d open files allows %d connections", files, connections)
	}
	server := servertest.Start(t, func(c *config.Config) { c.HTTP.MaxWaiting = connections / 4 })
	a := server.Connect(4, "websocket", server.Accounts[0].Token)
	address := strings.TrimPrefix(server.URL, "http://")
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)

	halves := []string{
		"",
		"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n",
		"GET /socket.io/?EIO=4&tra",
	}
	silent := make([]net.Conn, 0, connections)
	defer func() {
		for _, c := range silent {
			_ = c.Close()
		}
	}()
	for n := range connections {
		// Each address has its own ports.
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(n%200+1))}}
		c, err := dialer.DialContext(t.Context(), "tcp4", address)
		if err != nil {
			t.Fatalf("connection %d: %v", n, err)
		}
		silent = append(silent, c)
		if _, err := io.WriteString(c, halves[n%len(halves)]); err != nil {
			continue // closed already, in favour of a newer one
		}
		if n%1000 == 0 {
			ping(t, a)
		}
	}
	server.Connect(3, "polling", server.Accounts[1].Token)
	server.Connect(4, "websocket", server.Accounts[1].Token)
	ping(t, a)

	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc+after.StackInuse) - int64(before.HeapAlloc+before.StackInuse); grown > int64(connections)*16<<10 {
		t.Errorf("%d half-open connections hold %d KiB", connections, grown>>10)
	}
	// The oldest had to go for the newer ones.
	_ = silent[0].SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.Copy(io.Discard, silent[0]); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("the oldest silent connection: %v", err)
	}
}

// TestHalfOpen_Sessions makes thousands of sessions, with headers as long as they may be, and never says
// what they are for. The memory stays that of the permitted number, the oldest go, and
// others are served.
func TestHalfOpen_Sessions(t *testing.T) {
	const sessions, permitted = 5000, 200
	server := servertest.Start(t, func(c *config.Config) { c.Socket.MaxPending = permitted })
	a := server.Connect(4, "websocket", server.Accounts[0].Token)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)

	padding := strings.Repeat("x", 7<<10)
	web := &http.Client{}
	defer web.CloseIdleConnections()
	ask := func(query string) (status int, body string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/socket.io/?EIO=4&transport=polling"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Padding", padding)
		r.Header.Set("Cookie", "padding="+padding)
		response, err := web.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		b, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(b)
	}
	var first string
	for n := range sessions {
		status, body := ask("")
		var open struct {
			SID string `json:"sid"`
		}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(body, "0")), &open); status != http.StatusOK || err != nil {
			t.Fatalf("handshake %d: got %d %.100q", n, status, body)
		}
		if n == 0 {
			first = open.SID
		}
		if n%1000 == 0 {
			ping(t, a)
		}
	}
	if status, body := ask("&sid=" + first); status != http.StatusBadRequest {
		t.Errorf("the oldest session: got %d %.100q, want it gone", status, body)
	}
	server.Connect(3, "polling", server.Accounts[1].Token)
	server.Connect(4, "websocket", server.Accounts[1].Token)
	ping(t, a)

	runtime.GC()
	runtime.ReadMemStats(&after)
	// A session holds one copy of the cookie; all of them would be forty megabytes and more.
	if grown := int64(after.HeapAlloc+after.StackInuse) - int64(before.HeapAlloc+before.StackInuse); grown > 16<<20 {
		t.Errorf("%d sessions, of which %d may wait, hold %d KiB", sessions, permitted, grown>>10)
	}
}

func openFiles(t *testing.T) uint64 {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	return limit.Cur
}

// TestSlowClient sends megabytes to somebody who reads nothing. That client is
// closed when its queue is full, is counted, and loses nothing: it finds
// everything in the history. The sender and others never wait for it.
func TestSlowClient(t *testing.T) {
	server := servertest.Start(t, func(c *config.Config) { c.Socket.MaxQueue = 256 << 10 })
	alice, bob := server.Accounts[0], server.Accounts[1]
	a := server.Connect(4, "websocket", alice.Token)
	b := server.Connect(4, "websocket", bob.Token)

	slow := rawSocket(t, server, bob.Token)
	text := strings.Repeat("x", 20_000)
	const messages = 1000 // 20 MB, more than what the queue and the kernel's buffers take
	for n := range messages {
		payload := fmt.Sprintf(`{"touser":"%s","msg":"%s","type":1,"waitingid":"%d"}`, bob.ID, text, n)
		if refusal := refusalOf(ask(t, a, wire.EventSendMessage, json.RawMessage(payload))); refusal != "" {
			t.Fatalf("message %d: %s", n, refusal)
		}
		ping(t, b)
	}
	_ = slow.SetReadDeadline(time.Now().Add(20 * time.Second))
	got, err := io.Copy(io.Discard, slow)
	if errors.Is(err, os.ErrDeadlineExceeded) || got >= int64(messages*len(text)) {
		t.Errorf("the slow client got %d bytes and then %v: it was not closed", got, err)
	}
	received := 0
	for _, event := range b.Drain() {
		if event.Name == wire.PushNewMessage {
			received++
		}
	}
	if received != messages {
		t.Errorf("the quick client got %d messages, want %d", received, messages)
	}
}

// rawSocket logs in over WebSocket and then reads nothing.
func rawSocket(t *testing.T, server *servertest.Server, token string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp4", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	// Engine.IO 3 is in the default namespace without a packet of the client's.
	_, err = fmt.Fprintf(c, "GET %s?EIO=3&transport=websocket&token=%s&app=%s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", server.Path, token, server.App)
	if err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 512)
	for seen := ""; !strings.Contains(seen, "40"); {
		n, err := c.Read(first)
		if err != nil {
			t.Fatalf("logging in: %v", err)
		}
		seen += string(first[:n])
	}
	return c
}
