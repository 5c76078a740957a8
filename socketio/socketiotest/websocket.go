package socketiotest

import (
	"context"
	"io"
	"net"
	"sync"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

type webSocket struct {
	conn net.Conn
	read io.Reader  // the conn, or what the handshake had read beyond its end
	mu   sync.Mutex // one frame at a time
}

func dialWebSocket(ctx context.Context, o Options) (transport, error) {
	dialer := ws.Dialer{Header: ws.HandshakeHeaderHTTP(o.Header), TLSConfig: o.TLS}
	conn, buffered, _, err := dialer.Dial(ctx, o.endpoint("ws"))
	if err != nil {
		return nil, err
	}
	w := &webSocket{conn: conn, read: conn}
	if buffered != nil {
		w.read = buffered
	}
	return w, nil
}

func (w *webSocket) send(packet string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return wsutil.WriteClientText(w.conn, []byte(packet))
}

func (w *webSocket) receive() ([]string, error) {
	data, _, err := wsutil.ReadServerData(struct {
		io.Reader
		io.Writer
	}{w.read, w.conn})
	if err != nil {
		return nil, err
	}
	return []string{string(data)}, nil
}

func (w *webSocket) close() { _ = w.conn.Close() }

func (w *webSocket) reset() {
	if tcp, ok := w.conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	w.close()
}
