package engineio

import (
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

const webSocketGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

func isWebSocketUpgrade(r *http.Request) bool {
	return hasToken(r.Header, "Connection", "upgrade") && hasToken(r.Header, "Upgrade", "websocket")
}

func hasToken(h http.Header, name, token string) bool {
	for _, line := range h[name] {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

// acceptable reports whether the request can become a WebSocket (RFC 6455,
// section 4.2.1).
func acceptable(r *http.Request) bool {
	key, err := base64.StdEncoding.DecodeString(r.Header.Get("Sec-WebSocket-Key"))
	return r.Method == http.MethodGet && r.ProtoMajor == 1 && r.ProtoMinor >= 1 && isWebSocketUpgrade(r) &&
		r.Header.Get("Sec-WebSocket-Version") == "13" && err == nil && len(key) == 16
}

// tellVersion adds the supported version of the protocol to the refusal of another one (RFC 6455,
// section 4.4).
func tellVersion(h http.Header, r *http.Request) {
	if isWebSocketUpgrade(r) && r.Header.Get("Sec-WebSocket-Version") != "13" {
		h.Set("Sec-WebSocket-Version", "13")
	}
}

// switching returns the answer that makes the connection a WebSocket (RFC 6455, section 4.2.2).
// header contains further header fields of the answer.
func switching(r *http.Request, header http.Header) []byte {
	digest := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + webSocketGUID))
	var b strings.Builder
	b.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
	b.WriteString(base64.StdEncoding.EncodeToString(digest[:]))
	b.WriteString("\r\n")
	if protocol := firstSubprotocol(r); protocol != "" {
		// Browsers fail if they request a subprotocol and the answer has none.
		b.WriteString("Sec-WebSocket-Protocol: " + protocol + "\r\n")
	}
	_ = header.Write(&b)
	b.WriteString("\r\n")
	return []byte(b.String())
}

func firstSubprotocol(r *http.Request) string {
	name, _, _ := strings.Cut(r.Header.Get("Sec-WebSocket-Protocol"), ",")
	name = strings.TrimSpace(name)
	isToken := !strings.ContainsFunc(name, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, c)
	})
	if !isToken {
		return ""
	}
	return name
}

// hijack takes the connection from net/http, with the bytes that were already read from it.
func hijack(w http.ResponseWriter) (conn net.Conn, early []byte, err error) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, nil, err
	}
	_ = conn.SetDeadline(time.Time{})
	if n := buffered.Reader.Buffered(); n > 0 {
		peeked, _ := buffered.Peek(n)
		early = slices.Clone(peeked)
	}
	return conn, early, nil
}

// turnAway accepts a WebSocket and closes it at once, so that the client receives a close frame
// and not an error.
func turnAway(conn net.Conn, response []byte) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(turnAwayTime))
	if _, err := conn.Write(append(response, newCloseFrame(statusNormal).wire...)); err != nil {
		return
	}
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_, _ = io.Copy(io.Discard, conn)
}

const turnAwayTime = 2 * time.Second
