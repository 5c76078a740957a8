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
)

// A connection that is no plain socket is read and written in another way.
func TestServer_TLS(t *testing.T) {
	s := &server{
		t: t, patience: 20 * time.Second,
		opened: make(chan *engineio.Session, 1), closed: make(chan engineio.CloseReason, 1),
	}
	s.engine = engineio.NewServer(engineio.Options{}, recorder{
		open:    func(session *engineio.Session) { s.opened <- session },
		message: echo,
		close:   func(_ *engineio.Session, reason engineio.CloseReason) { s.closed <- reason },
	})
	web := httptest.NewTLSServer(s.engine)
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
	c.binary(bytes.Repeat([]byte{7}, 3000))
	c.expectBinary(bytes.Repeat([]byte{7}, 3000))
	session.Send(engineio.TextFrame([]byte("last words")))
	session.Close(engineio.CloseForced)
	c.expectText("4last words")
	c.expectClose(1000)
	s.expectReason(engineio.CloseForced)
}
