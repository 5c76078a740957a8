package engineio_test

import (
	"net/http"
	"reflect"
	"testing"

	"parley/engineio"
)

// A handshake keeps the named headers and nothing of the others, and goes with the session's end even where a client that
// polls has yet to hear of it.
func TestSession_Handshake_Headers(t *testing.T) {
	seen := make(chan *engineio.Handshake, 1)
	s := newServer(t, engineio.Options{Headers: []string{"cookie", "Origin"}}, recorder{
		close: func(s *engineio.Session, _ engineio.CloseReason) { seen <- s.Handshake() },
	})
	s.do("GET", "EIO=4&transport=polling", "", "Cookie", "a=b", "Accept-Language", "en", "X-Forwarded-For", "192.0.2.1")
	session := <-s.opened
	if got, want := session.Handshake().Header, (http.Header{"Cookie": {"a=b"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("kept: got %v, want %v", got, want)
	}
	session.Close(engineio.CloseForced)
	s.expectReason(engineio.CloseForced)
	if h := <-seen; h == nil {
		t.Error("the handshake was gone before OnClose")
	}
	if err := s.engine.Shutdown(t.Context()); err != nil { // so that all of the close is done
		t.Fatal(err)
	}
	if h := session.Handshake(); h != nil {
		t.Errorf("after the end: got %+v", h)
	}
}
