package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"parley/internal/config"
	"parley/internal/server/servertest"
)

// stalled are requests whose bodies have begun and do not end, before and after a log-in, wanted and unwanted. $sid is a session
// that polls, $token an access token.
var stalled = []string{
	"POST /nothing HTTP/1.1\r\nContent-Length: 100\r\n\r\n{}",
	"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n{}",
	"POST /chat_list HTTP/1.1\r\nContent-Length: 100\r\n\r\n{}",
	"GET /chat_list HTTP/1.1\r\nContent-Length: 100\r\n\r\n{}",
	"GET /readyz HTTP/1.1\r\nContent-Length: 100\r\n\r\n{}",
	"PUT /readyz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
	"DELETE /nothing HTTP/1.1\r\nContent-Length: 100\r\n\r\n{}",
	"OPTIONS /chat_list HTTP/1.1\r\nOrigin: https://x\r\nAccess-Control-Request-Method: GET\r\nContent-Length: 100\r\n\r\n{}",
	"POST /v1/accounts HTTP/1.1\r\nContent-Length: 100\r\n\r\n{}",
	"PUT /api/me/avatar HTTP/1.1\r\nContent-Length: 100\r\n\r\n{}",
	"POST /api/sign-in/password HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{}",
	"PUT /api/me/avatar HTTP/1.1\r\nAuthorization: Bearer $token\r\nContent-Type: image/png\r\nContent-Length: 100\r\n\r\n{}",
	"POST /upload HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000\r\n\r\n--x\r\n",
	"POST /upload HTTP/1.1\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n",
	"PUT /buckets/b/objects/o/uploads/u/1 HTTP/1.1\r\nContent-Length: 1000\r\n\r\nx",
	"POST /socket.io/?EIO=4&transport=polling&sid=unknown HTTP/1.1\r\nContent-Length: 100\r\n\r\n4",
	"POST /socket.io/?EIO=4&transport=polling&sid=$sid HTTP/1.1\r\nContent-Length: 100\r\n\r\n4",
	"POST /mds2?EIO=9 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n4",
	"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nContent-Length: 100\r\n\r\n4",
	"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nContent-Length: 100\r\n\r\n4",
	"POST /nothing HTTP/1.1\r\nContent-Length: 60\r\n\r\nGET /readyz HTTP/1.1\r\nHost: x\r\n\r\n",
}

// stall opens a connection for each of the requests.
func stall(t *testing.T, server *servertest.Server) (conns []net.Conn) {
	t.Helper()
	for _, request := range stalled {
		fill := strings.NewReplacer("$sid", pollingSession(t, server), "$token", server.Accounts[0].Token, " HTTP/1.1\r\n", " HTTP/1.1\r\nHost: x\r\n")
		c, err := net.Dial("tcp4", strings.TrimPrefix(server.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if _, err := io.WriteString(c, fill.Replace(request)); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	return conns
}

// pollingSession returns the id of a new session.
func pollingSession(t *testing.T, server *servertest.Server) string {
	t.Helper()
	response, err := http.Get(server.URL + "/socket.io/?EIO=4&transport=polling")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var open struct {
		SID string `json:"sid"`
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(string(body), "0")), &open); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return open.SID
}

// awaitHeartbeat returns after the next heartbeat of a session that polls, and answers it.
func awaitHeartbeat(server *servertest.Server, sid string) error {
	address := server.URL + "/socket.io/?EIO=4&transport=polling&sid=" + sid
	ping, err := http.Get(address)
	if err != nil {
		return err
	}
	defer ping.Body.Close()
	if body, err := io.ReadAll(ping.Body); err != nil || string(body) != "2" {
		return fmt.Errorf("got %q, %v, want a ping", body, err)
	}
	pong, err := http.Post(address, "text/plain", strings.NewReader("3"))
	if err != nil {
		return err
	}
	return pong.Body.Close()
}

// ended reports whether the server closes the connection; what it says before does not matter.
func ended(c net.Conn) error {
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return nil
}

// A request whose body stopped held its connection for ever, before any log-in: nothing limited the time in which
// net/http reads what a handler has left unread.
func TestStalledBodies(t *testing.T) {
	server := servertest.Start(t, func(c *config.Config) {
		c.Socket.WriteTimeout = time.Second
		c.Upload.IdleTimeout = time.Second
		c.Socket.PingInterval = 200 * time.Millisecond
	})
	for i, c := range stall(t, server) {
		if err := ended(c); err != nil {
			t.Errorf("the connection is still open after %q", stalled[i])
		}
	}
	// A byte with each heartbeat of the server is no better.
	conns := stall(t, server)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for sid := pollingSession(t, server); ; {
			select {
			case <-stop:
				return
			default:
			}
			if err := awaitHeartbeat(server, sid); err != nil {
				t.Errorf("heartbeat: %v", err)
				return
			}
			for _, c := range conns {
				_, _ = io.WriteString(c, "4") // fails once the connection has ended
			}
		}
	}()
	defer func() {
		close(stop)
		<-stopped
	}()
	for i, c := range conns {
		if err := ended(c); err != nil {
			t.Errorf("the connection is still open after %q and a byte now and then", stalled[i])
		}
	}
}

// When they take all connections there may be, the oldest are closed for a new one: forty-five of them kept /readyz from
// answering.
func TestStalledBodies_MakeRoom(t *testing.T) {
	server := servertest.Start(t, func(c *config.Config) {
		c.Socket.WriteTimeout = time.Hour
		c.Upload.IdleTimeout = time.Hour
		c.HTTP.MaxConnections = 10
	})
	a := server.Connect(4, "websocket", server.Accounts[0].Token)
	// Their bodies are wanted, and so have an hour.
	var sessions []string
	for range 30 {
		sessions = append(sessions, pollingSession(t, server))
	}
	for _, sid := range sessions {
		c, err := net.Dial("tcp4", strings.TrimPrefix(server.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n4", sid)
	}
	web := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	response, err := web.Get(server.URL + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("readyz: got %s", response.Status)
	}
	ping(t, a)
}

// A drain does not wait for them, whatever time they have: it took until its own limit.
func TestStalledBodies_Drain(t *testing.T) {
	server := servertest.Start(t, func(c *config.Config) {
		c.Socket.WriteTimeout = time.Hour
		c.Upload.IdleTimeout = time.Hour
		c.DrainTimeout = time.Minute
	})
	conns := stall(t, server)
	for _, half := range []string{"", "GET /socket.io/?EIO=4&tra", "GET / HTTP/1.1\r\nHost: x\r\n"} {
		c, err := net.Dial("tcp4", strings.TrimPrefix(server.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, half); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	a := server.Connect(4, "websocket", server.Accounts[0].Token)
	ping(t, a)
	if err := server.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if log := server.Log(); strings.Contains(log, "cut off") {
		t.Errorf("the drain waited until its end")
	}
	for _, c := range conns {
		if err := ended(c); err != nil {
			t.Error("a connection is still open after the drain")
		}
	}
}

// An answer that nobody reads holds its connection no longer than a body that nobody sends.
func TestUnreadAnswers(t *testing.T) {
	server := servertest.Start(t, func(c *config.Config) { c.Socket.WriteTimeout = time.Second })
	for _, path := range []string{"/", "/openapi.json", "/nothing", "/socket.io/?EIO=9"} {
		c, err := net.Dial("tcp4", strings.TrimPrefix(server.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		requests := strings.Repeat("GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n", 1000)
		_ = c.SetWriteDeadline(time.Now().Add(60 * time.Second))
		for err == nil {
			_, err = io.WriteString(c, requests)
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: the connection is still open", path)
		}
	}
}

// leaveUnread opens connections that ask for many answers and read none.
func leaveUnread(t *testing.T, server *servertest.Server, n int) {
	t.Helper()
	for range n {
		c, err := net.Dial("tcp4", strings.TrimPrefix(server.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if err := c.(*net.TCPConn).SetReadBuffer(4096); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, strings.Repeat("GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", 50)); err != nil {
			t.Fatal(err)
		}
	}
}

// Unread answers took all connections that there may be, and kept /readyz from answering for as long as they had to be read.
func TestUnreadAnswers_MakeRoom(t *testing.T) {
	server := servertest.Start(t, func(c *config.Config) {
		c.Socket.WriteTimeout = time.Hour
		c.HTTP.StallTimeout = time.Second
		c.HTTP.MaxConnections = 10
	})
	leaveUnread(t, server, 12)
	web := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	response, err := web.Get(server.URL + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("readyz: got %s", response.Status)
	}
}

// A drain does not wait for them either.
func TestUnreadAnswers_Drain(t *testing.T) {
	server := servertest.Start(t, func(c *config.Config) {
		c.Socket.WriteTimeout = time.Hour
		c.HTTP.StallTimeout = time.Second
		c.DrainTimeout = time.Minute
	})
	leaveUnread(t, server, 3)
	// More than the answers of the others that fit into buffers is on its way by then.
	response, err := http.Get(server.URL + "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if err := server.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if log := server.Log(); strings.Contains(log, "cut off") {
		t.Errorf("the drain waited until its end")
	}
}
