package engineio_test

import (
	"bytes"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/engineio"
	"parley/engineio/rawio"
)

// lowered is a listener whose TLS connections are read and written as sockets.
type lowered struct{ net.Listener }

func (l lowered) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &rawio.Lower{Conn: conn}, nil
}

// TLS over a connection of rawio is read and written as a socket, other TLS as a net.Conn.
func TestServer_TLS(t *testing.T) {
	for _, isSocket := range []bool{false, true} {
		t.Run(map[bool]string{false: "net.Conn", true: "socket"}[isSocket], func(t *testing.T) { testTLS(t, isSocket) })
	}
}

func testTLS(t *testing.T, isSocket bool) {
	s := &server{
		t: t, patience: 20 * time.Second,
		opened: make(chan *engineio.Session, 1), closed: make(chan engineio.CloseReason, 1),
	}
	s.engine = engineio.NewServer(engineio.Options{}, recorder{
		open:    func(session *engineio.Session) { s.opened <- session },
		message: echo,
		close:   func(_ *engineio.Session, reason engineio.CloseReason) { s.closed <- reason },
	})
	web := httptest.NewUnstartedServer(s.engine)
	if isSocket {
		web.Listener = lowered{web.Listener}
	}
	web.StartTLS()
	defer web.Close()
	defer s.engine.Shutdown(t.Context())
	config := web.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	config.ServerName = "example.com" // as the certificate says
	config.NextProtos = nil
	s.dial = func() (net.Conn, error) { return tls.Dial("tcp", web.Listener.Addr().String(), config) }

	c := s.openSession(4)
	session := <-s.opened
	if !session.Handshake().Secure {
		t.Error("the handshake does not say that it is secure")
	}
	long := "4" + strings.Repeat("中", 200_000)
	c.text(long)
	c.expectText(long)
	for i := range 100 { // several in one record, and records in parts
		c.text("4" + strings.Repeat("x", 300*i))
	}
	for i := range 100 {
		c.expectText("4" + strings.Repeat("x", 300*i))
	}
	c.binary(bytes.Repeat([]byte{7}, 3000))
	c.expectBinary(bytes.Repeat([]byte{7}, 3000))
	// More than the socket takes waits until the client reads.
	part := strings.Repeat("z", 100_000)
	for range 30 {
		session.Send(engineio.TextFrame([]byte(part)))
	}
	for range 30 {
		c.expectText("4" + part)
	}
	session.Send(engineio.TextFrame([]byte("last words")))
	session.Close(engineio.CloseForced)
	c.expectText("4last words")
	c.expectClose(1000)
	s.expectReason(engineio.CloseForced)
}

// A client that does not read is closed as too slow, also if crypto/tls has encrypted what waits for it.
func TestServer_TLSOfASlowClient(t *testing.T) {
	s := &server{
		t: t, patience: 20 * time.Second,
		opened: make(chan *engineio.Session, 1), closed: make(chan engineio.CloseReason, 1),
	}
	s.engine = engineio.NewServer(engineio.Options{WriteTimeout: 100 * time.Millisecond}, recorder{
		open:    func(session *engineio.Session) { s.opened <- session },
		message: echo,
		close:   func(_ *engineio.Session, reason engineio.CloseReason) { s.closed <- reason },
	})
	web := httptest.NewUnstartedServer(s.engine)
	web.Listener = lowered{web.Listener}
	web.StartTLS()
	defer web.Close()
	defer s.engine.Shutdown(t.Context())
	config := web.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	config.ServerName = "example.com"
	config.NextProtos = nil
	s.dial = func() (net.Conn, error) { return tls.Dial("tcp", web.Listener.Addr().String(), config) }
	s.openSession(4)
	session := <-s.opened
	part := engineio.TextFrame(bytes.Repeat([]byte("z"), 500_000))
	for range 40 {
		session.Send(part)
	}
	s.expectReason(engineio.CloseSlowConsumer)
}
