package forward

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"parley/engineio/rawio"
)

// handshakeTime bounds the answer to a request for a WebSocket, which the owner never delays.
const handshakeTime = 10 * time.Second

// lingerTime is how long one direction may go on when the other has ended: the ends exchange the last frames in it.
const lingerTime = 6 * time.Second

// openTunnel asks the owner for a WebSocket, and copies bytes between it and the client until it ends. It returns once the
// copying has begun, so that the buffers and the stack of net/http can go. The error says why there was no answer.
func (f *Forwarder) openTunnel(address string, w http.ResponseWriter, r *http.Request) error {
	owner, err := f.dial(r.Context(), address)
	if err != nil {
		return err
	}
	answer, early, err := f.askUpgrade(owner, address, r) //nolint:bodyclose // the body is the connection
	switch {
	case err != nil:
		_ = owner.Close()
		return err
	case answer.StatusCode == refused:
		_ = owner.Close()
		return errRefused
	case answer.StatusCode != http.StatusSwitchingProtocols:
		copyAnswer(w, answer)
		_ = owner.Close()
		return nil
	}
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = owner.Close()
		return err
	}
	_ = client.SetDeadline(time.Time{})
	_ = owner.SetDeadline(time.Time{})
	t := &tunnel{client: client, owner: owner, timeout: f.options.WriteTimeout}
	t.sockets = [2]rawio.Socket{rawio.Of(client), rawio.Of(owner)}
	t.waiting = waiting{sid: r.URL.Query().Get("sid"), address: address, isWebSocket: true, cut: t.close}
	t.left.Store(2)
	if !f.begin(&t.waiting, 2) {
		t.close()
		return nil
	}
	toClient := append(switching(w.Header(), answer), early...)
	toOwner, _ := buffered.Peek(buffered.Reader.Buffered())
	toOwner = append([]byte(nil), toOwner...)
	go f.pump(t, client, owner, toClient)
	go f.pump(t, owner, client, toOwner)
	return nil
}

// dial connects to the private listener of a node.
func (f *Forwarder) dial(ctx context.Context, address string) (net.Conn, error) {
	conn, err := f.dialer.DialContext(ctx, "tcp", address)
	if err != nil || f.options.TLS == nil {
		return conn, err
	}
	secured := tls.Client(&rawio.Lower{Conn: conn}, f.options.TLS)
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secured, nil
}

// askUpgrade passes the request on. It returns the answer, and what the owner has sent after its header.
func (f *Forwarder) askUpgrade(owner net.Conn, address string, r *http.Request) (answer *http.Response, early []byte, err error) {
	stop := context.AfterFunc(r.Context(), func() { _ = owner.Close() })
	defer stop()
	_ = owner.SetDeadline(time.Now().Add(handshakeTime))
	request := f.newRequest(r.Context(), address, r)
	request.Body = nil
	request.Header["Connection"], request.Header["Upgrade"] = []string{"Upgrade"}, []string{"websocket"}
	if err := request.Write(owner); err != nil {
		return nil, nil, err
	}
	in := bufio.NewReader(owner)
	answer, err = http.ReadResponse(in, request)
	if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
		return answer, nil, err
	}
	peeked, _ := in.Peek(in.Buffered())
	return answer, append([]byte(nil), peeked...), nil
}

// switching is the answer for the client: the owner's, and the headers that this node has set.
func switching(own http.Header, answer *http.Response) []byte {
	var b strings.Builder
	b.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n")
	copyHeader(own, answer.Header)
	_ = own.Write(&b)
	b.WriteString("\r\n")
	return []byte(b.String())
}

// tunnel is a WebSocket that is passed on.
type tunnel struct {
	waiting
	client, owner net.Conn
	sockets       [2]rawio.Socket // of the client and of the owner
	timeout       time.Duration
	left          atomic.Int32 // directions

	once sync.Once
}

// close ends both directions.
func (t *tunnel) close() {
	t.once.Do(func() {
		_ = t.client.Close()
		_ = t.owner.Close()
	})
}

func (t *tunnel) socketOf(end net.Conn) rawio.Socket {
	if end == t.client {
		return t.sockets[0]
	}
	return t.sockets[1]
}

// pump copies from one end to the other, after what there is already.
func (f *Forwarder) pump(t *tunnel, to, from net.Conn, first []byte) {
	defer f.running.Done()
	err := t.write(to, first)
	if err == nil {
		err = t.copy(to, from)
	}
	if !errors.Is(err, io.EOF) {
		t.close()
	} else if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	} else {
		t.close()
	}
	if t.left.Add(-1) == 0 {
		t.close()
		f.end(&t.waiting)
		return
	}
	// The other end may never answer, or be unable to tell that it is gone.
	time.AfterFunc(lingerTime, t.close)
}

// copy copies until from ends, which is io.EOF, or something fails. It holds a buffer only while there is something to
// copy, and not while it waits.
func (t *tunnel) copy(to, from net.Conn) error {
	socket := t.socketOf(from)
	if socket.IsNone() {
		return t.copyStream(to, from)
	}
	var reader rawio.Reader
	for {
		if err := t.copyOnce(to, &reader, socket); err != nil {
			return err
		}
	}
}

func (t *tunnel) copyOnce(to net.Conn, reader *rawio.Reader, from rawio.Socket) error {
	buf, n, err := from.Read(reader)
	defer buf.Release()
	if n > 0 {
		if err := t.write(to, buf[:n]); err != nil {
			return err
		}
	}
	return err
}

// streamSize is the buffer of a connection that must wait with a buffer in hand, in bytes.
const streamSize = 2 << 10

func (t *tunnel) copyStream(to, from net.Conn) error {
	buf := make([]byte, streamSize)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if err := t.write(to, buf[:n]); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
}

// write gives the other end its time to accept b.
func (t *tunnel) write(to net.Conn, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	_ = to.SetWriteDeadline(time.Now().Add(t.timeout))
	socket := t.socketOf(to)
	if socket.IsNone() || socket.IsPlain() {
		_, err := to.Write(b)
		return err
	}
	for len(b) > 0 {
		n, err := socket.TryWrite(b)
		if b = b[n:]; err == nil {
			err = socket.Drain()
		}
		if err != nil {
			return err
		}
	}
	return nil
}
