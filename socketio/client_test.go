package socketio

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(bothWays{m}) }

// goroutines is the option of the engine of the servers of the tests.
var goroutines bool

// bothWays runs the tests with WebSockets that loops read, and again with a goroutine for each.
type bothWays struct{ *testing.M }

func (m bothWays) Run() int {
	code := m.run("loops")
	for _, name := range []string{"test.bench", "test.fuzz", "test.list"} {
		if flag.Lookup(name).Value.String() != "" {
			return code
		}
	}
	goroutines = true
	return max(code, m.run("goroutines"))
}

func (m bothWays) run(way string) int {
	code := m.M.Run()
	if code != 0 {
		fmt.Fprintln(os.Stderr, "these were the tests with", way)
	}
	return code
}

func newServer(options Options) *Server {
	options.Engine.Goroutines = goroutines
	return NewServer(options)
}

// patience is how long a test waits for what must come before it fails.
const patience = 20 * time.Second

// serve runs io on a real socket until the test ends.
func serve(t testing.TB, io *Server) string {
	t.Helper()
	server := httptest.NewServer(io)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := io.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		server.CloseClientConnections()
		server.Close()
	})
	return server.Listener.Addr().String()
}

// A client speaks Engine.IO in the raw: what it sends and gets are packets as they are on the wire, "42[…]". Binary messages
// are written in hex after "bin ", without the type byte of Engine.IO 3.
type client struct {
	t   testing.TB
	eio int
	sid string
	transport
}

type transport interface {
	write(packets ...string) error
	read() (string, error)
	io.Closer
}

var errClosed = errors.New("closed by the server")

// dial opens a session and reads the open packet.
func dial(t testing.TB, addr string, eio int, over string, query ...string) *client {
	t.Helper()
	c, err := tryDial(t, addr, eio, over, query...)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func tryDial(t testing.TB, addr string, eio int, over string, query ...string) (*client, error) {
	target := fmt.Sprintf("%s/socket.io/?EIO=%d&transport=%s", addr, eio, over)
	for _, q := range query {
		target += "&" + q
	}
	c := &client{t: t, eio: eio}
	if over == "websocket" {
		conn, buffered, _, err := ws.Dial(t.Context(), "ws://"+target)
		if err != nil {
			return nil, err
		}
		w := &webSocket{Conn: conn, in: conn, eio: eio}
		if buffered != nil {
			w.in = io.MultiReader(bytes.NewReader(peekAll(buffered)), conn)
		}
		c.transport = w
	} else {
		c.transport = &polling{url: "http://" + target, eio: eio, http: &http.Client{Transport: &http.Transport{}, Timeout: patience}}
	}
	open, err := c.read()
	if err != nil {
		c.Close()
		return nil, err
	}
	var handshake struct {
		SID string `json:"sid"`
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(open, "0")), &handshake); err != nil || handshake.SID == "" {
		c.Close()
		return nil, fmt.Errorf("open packet %q: %v", open, err)
	}
	c.sid = handshake.SID
	if p, ok := c.transport.(*polling); ok {
		p.url += "&sid=" + c.sid
	}
	return c, nil
}

func (c *client) send(packets ...string) {
	c.t.Helper()
	if err := c.write(packets...); err != nil {
		c.t.Fatalf("send %q: %v", packets, err)
	}
}

func (c *client) next() string {
	c.t.Helper()
	got, err := c.read()
	if err != nil {
		c.t.Fatalf("next packet: %v", err)
	}
	return got
}

func (c *client) want(packets ...string) {
	c.t.Helper()
	for _, want := range packets {
		got, err := c.read()
		if err != nil {
			c.t.Fatalf("got %v, want %s", err, want)
		}
		if got != want {
			c.t.Fatalf("got %s, want %s", got, want)
		}
	}
}

// wantJSON is want for a packet whose JSON may be written in another way: polling of revision 3 escapes what is not ASCII.
func (c *client) wantJSON(want string) {
	c.t.Helper()
	got := c.next()
	gotHead, gotArgs, _ := strings.Cut(got, "[")
	wantHead, wantArgs, _ := strings.Cut(want, "[")
	var gotValue, wantValue []any
	if err := json.Unmarshal([]byte("["+wantArgs), &wantValue); err != nil {
		c.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte("["+gotArgs), &gotValue); err != nil || gotHead != wantHead || !reflect.DeepEqual(gotValue, wantValue) {
		c.t.Fatalf("got %s, want %s", got, want)
	}
}

// wantClosed reads what is still to come, which must be nothing but the end.
func (c *client) wantClosed() {
	c.t.Helper()
	if got, err := c.read(); !errors.Is(err, errClosed) {
		c.t.Fatalf("got %q, %v, want the connection closed", got, err)
	}
}

// join connects to a namespace and returns the socket's id.
func (c *client) join(namespace string) string {
	c.t.Helper()
	prefix := "40"
	if namespace != "/" {
		prefix += namespace + ","
	}
	if c.eio == 3 {
		if namespace != "/" {
			c.send(prefix)
		}
		c.want(prefix)
		return strings.TrimPrefix(namespace+"#", "/#") + c.sid
	}
	c.send(prefix)
	answer := c.next()
	var payload map[string]string
	if err := json.Unmarshal([]byte(strings.TrimPrefix(answer, prefix)), &payload); err != nil || len(payload) != 1 || payload["sid"] == "" {
		c.t.Fatalf("got %s, want %s{\"sid\":…} with nothing else", answer, prefix)
	}
	return payload["sid"]
}

type webSocket struct {
	net.Conn
	in  io.Reader
	eio int
}

func (w *webSocket) write(packets ...string) error {
	var out bytes.Buffer // one write: the server must cope with packets that come together
	for _, p := range packets {
		if data, ok := strings.CutPrefix(p, "bin "); ok {
			b, err := hex.DecodeString(data)
			if err != nil {
				return err
			}
			if w.eio == 3 {
				b = append([]byte{4}, b...)
			}
			err = wsutil.WriteClientBinary(&out, b)
			if err != nil {
				return err
			}
		} else if err := wsutil.WriteClientText(&out, []byte(p)); err != nil {
			return err
		}
	}
	_, err := w.Write(out.Bytes())
	return err
}

func (w *webSocket) read() (string, error) {
	for {
		if err := w.SetReadDeadline(time.Now().Add(patience)); err != nil {
			return "", err
		}
		frame, err := ws.ReadFrame(w.in) //nolint:staticcheck // unbounded, but the peer is this test's own server
		if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
			return "", err
		}
		if err != nil || frame.Header.OpCode == ws.OpClose {
			return "", errClosed
		}
		if frame.Header.OpCode == ws.OpBinary {
			if w.eio == 3 {
				if len(frame.Payload) == 0 || frame.Payload[0] != 4 {
					return "", fmt.Errorf("binary %x without its type", frame.Payload)
				}
				frame.Payload = frame.Payload[1:]
			}
			return "bin " + hex.EncodeToString(frame.Payload), nil
		}
		switch p := string(frame.Payload); {
		case p == "2" && w.eio == 4:
			if err := w.write("3"); err != nil {
				return "", errClosed
			}
		case p == "6":
		default:
			return p, nil
		}
	}
}

func peekAll(r interface {
	Buffered() int
	Peek(int) ([]byte, error)
},
) []byte {
	b, _ := r.Peek(r.Buffered())
	return bytes.Clone(b)
}

// polling asks for base64, so that payloads are text in both revisions.
type polling struct {
	url  string
	eio  int
	http *http.Client
	got  []string
}

func (p *polling) Close() error {
	if strings.Contains(p.url, "&sid=") {
		_ = p.write("1") // it may be closed already; then there may be something left to take
		for err := error(nil); err == nil; {
			_, err = p.read()
		}
	}
	p.http.CloseIdleConnections()
	return nil
}

func (p *polling) write(packets ...string) error {
	var body strings.Builder
	for i, packet := range packets {
		if data, ok := strings.CutPrefix(packet, "bin "); ok {
			b, err := hex.DecodeString(data)
			if err != nil {
				return err
			}
			packet = map[int]string{3: "b4", 4: "b"}[p.eio] + base64.StdEncoding.EncodeToString(b)
		}
		if p.eio == 3 {
			fmt.Fprintf(&body, "%d:%s", len(utf16.Encode([]rune(packet))), packet)
			continue
		}
		if i > 0 {
			body.WriteByte(0x1e)
		}
		body.WriteString(packet)
	}
	response, err := p.http.Post(p.url, "text/plain;charset=UTF-8", strings.NewReader(body.String()))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(response.Body)
	// A packet that closes the session may be answered with 400; what matters is what the next poll says.
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusBadRequest {
		return fmt.Errorf("%s: %s", response.Status, answer)
	}
	return nil
}

func (p *polling) read() (string, error) {
	for {
		for len(p.got) > 0 {
			packet := p.got[0]
			p.got = p.got[1:]
			prefix := map[int]string{3: "b4", 4: "b"}[p.eio]
			switch data, ok := strings.CutPrefix(packet, prefix); {
			case ok:
				b, err := base64.StdEncoding.DecodeString(data)
				return "bin " + hex.EncodeToString(b), err
			case packet == "1":
				return "", errClosed
			case packet == "6":
			case packet == "2" && p.eio == 4:
				if err := p.write("3"); err != nil {
					return "", err
				}
			default:
				return packet, nil
			}
		}
		if err := p.poll(); err != nil {
			return "", err
		}
	}
}

func (p *polling) poll() error {
	response, err := p.http.Get(p.url + "&b64=1")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return errClosed
	}
	if p.eio == 4 {
		p.got = strings.Split(string(body), "\x1e")
		return nil
	}
	for rest := string(body); rest != ""; {
		digits, after, ok := strings.Cut(rest, ":")
		n, err := strconv.Atoi(digits)
		units := utf16.Encode([]rune(after))
		if !ok || err != nil || n > len(units) {
			return fmt.Errorf("payload %q", body)
		}
		p.got = append(p.got, string(utf16.Decode(units[:n])))
		rest = string(utf16.Decode(units[n:]))
	}
	return nil
}
