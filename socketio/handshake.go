package socketio

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// A Handshake describes the request of a client for a namespace. It may be kept.
type Handshake struct {
	Auth           json.RawMessage // payload of CONNECT, an object, in revision 5; nil if there was none
	NamespaceQuery url.Values      // of 40/custom?a=b, in revision 4; nil if there was none
	Query          url.Values      // of the URL of the first request
	Header         http.Header     // of the first request
	RemoteAddr     string
	Host, Path     string
	Secure         bool
	Protocol       int // of Engine.IO: 3 (Socket.IO revision 4) or 4 (revision 5)
	Time           time.Time
}

// A ConnectError is returned by middleware to refuse a socket with a text that the client may read. A client of revision 4 gets
// the message as a string ("error" event), one of revision 5 an object with message and data ("connect_error" event).
// Any other error is told as "internal error" and logged.
type ConnectError struct {
	Message string
	Data    any // optional; must be possible to encode as JSON
}

func (e *ConnectError) Error() string { return e.Message }

// Errors of sockets that are no longer there, or not yet.
var (
	// ErrNotConnected is returned for a socket whose CONNECT is not answered yet, or that is disconnected.
	ErrNotConnected = errors.New("socketio: not connected")
	// ErrAcked is returned by a second Ack of the same event.
	ErrAcked = errors.New("socketio: already acknowledged")
)
