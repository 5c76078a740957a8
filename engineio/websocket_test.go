package engineio_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"parley/engineio"
)

// The sections named here are those of RFC 6455.

// Section 4.2.2: the server's opening handshake.
func TestWebSocket_OpeningHandshake(t *testing.T) {
	s := newServer(t, engineio.Options{Cookie: "io"}, recorder{})
	_, response := s.dialWS("EIO=4&transport=websocket", nil,
		"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol", "chat, superchat")
	if response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("got %s", response.Status)
	}
	session := <-s.opened
	for name, want := range map[string]string{
		"Sec-Websocket-Accept":   "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
		"Upgrade":                "websocket",
		"Connection":             "Upgrade",
		"Sec-Websocket-Protocol": "chat",
		"Set-Cookie":             "io=" + session.ID() + "; Path=/; HttpOnly; SameSite=Lax",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := response.Header.Get("Sec-WebSocket-Extensions"); got != "" {
		t.Errorf("extensions: got %q, want none", got)
	}
}

// Section 4.2.1: what the client's handshake must have.
func TestWebSocket_OpeningHandshake_Refused(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	for _, header := range [][]string{
		{"Sec-WebSocket-Key", ""},
		{"Sec-WebSocket-Key", "c2hvcnQ="},
		{"Sec-WebSocket-Key", "not base64 at all!!!!!!!"},
		{"Sec-WebSocket-Version", ""},
		{"Sec-WebSocket-Version", "8"},
		{"Upgrade", ""},
		{"Upgrade", "h2c"},
		{"Connection", "keep-alive"},
	} {
		if _, response := s.dialWS("EIO=4&transport=websocket", nil, header...); response.StatusCode != 400 {
			t.Errorf("%s: %q: got %s, want 400", header[0], header[1], response.Status)
		}
	}
}

// Frames that the client sends together with its handshake are not lost.
func TestWebSocket_EarlyData(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	early := append(clientFrame(fin|opText, []byte("4one")), clientFrame(fin|opText, []byte("4two"))...)
	c, _ := s.dialWS("EIO=4&transport=websocket", early)
	c.read() // open
	c.expectText("4one")
	c.expectText("4two")
}

// Section 5.4: fragmentation, with control frames between the fragments.
func TestWebSocket_Fragmentation(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	c := s.openSession(4)
	c.raw(clientFrame(opText, []byte("4€"[:2])))
	c.raw(clientFrame(opContinuation, []byte("4€"[2:])))
	c.raw(clientFrame(opContinuation, nil))
	c.raw(clientFrame(fin|opPing, []byte("between")))
	if opcode, payload := c.read(); opcode != opPong || string(payload) != "between" {
		t.Fatalf("got opcode %d %q, want the pong", opcode, payload)
	}
	c.raw(clientFrame(fin|opContinuation, []byte("!")))
	c.expectText("4€!")

	c.raw(clientFrame(opBinary, nil))
	c.raw(clientFrame(opContinuation, bytes.Repeat([]byte{1}, 200)))
	c.raw(clientFrame(fin|opContinuation, bytes.Repeat([]byte{2}, 70_000)))
	c.expectBinary(append(bytes.Repeat([]byte{1}, 200), bytes.Repeat([]byte{2}, 70_000)...))
}

// Section 5.5.3: of pings whose sender does not read, only the last needs a pong. A client that sent
// nothing but pings and read nothing took fifty bytes of memory for each two it was to get.
func TestWebSocket_PingFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{})
		c := s.openSession(4)
		const pings = 10_000
		for i := range pings {
			c.raw(clientFrame(fin|opPing, fmt.Append(nil, i)))
		}
		synctest.Wait()
		pongs, last := 0, ""
		for last != fmt.Sprint(pings-1) {
			opcode, payload := c.read()
			if opcode != opPong {
				t.Fatalf("got opcode %d %q, want a pong", opcode, payload)
			}
			pongs++
			last = string(payload)
		}
		if pongs > 2 { // one was being written
			t.Errorf("got %d pongs, want that which left and the last", pongs)
		}
		c.text("4hello")
		c.expectText("4hello")
	})
}

// Section 5.2: frames may be cut anywhere by the network.
func TestWebSocket_ByteByByte(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	c := s.openSession(4)
	var stream []byte
	for _, n := range []int{0, 1, 125, 126, 127, 3000} {
		stream = append(stream, clientFrame(fin|opText, []byte("4"+strings.Repeat("a", n)))...)
		stream = append(stream, clientFrame(fin|opPing, []byte("ping"))...)
	}
	go func() {
		for i := range stream {
			c.conn.Write(stream[i : i+1])
		}
	}()
	for _, n := range []int{0, 1, 125, 126, 127, 3000} {
		c.expectText("4" + strings.Repeat("a", n))
		if opcode, payload := c.read(); opcode != opPong || string(payload) != "ping" {
			t.Fatalf("got opcode %d %q, want the pong", opcode, payload)
		}
	}
}

// Section 5.5.2 and 5.5.3: a ping is answered, an unasked pong is not.
func TestWebSocket_PingPong(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	c := s.openSession(4)
	c.raw(clientFrame(fin|opPong, []byte("unasked")))
	c.raw(clientFrame(fin|opPing, nil))
	if opcode, payload := c.read(); opcode != opPong || len(payload) != 0 {
		t.Fatalf("got opcode %d %q, want an empty pong", opcode, payload)
	}
	full := strings.Repeat("p", 125)
	c.raw(clientFrame(fin|opPing, []byte(full)))
	if opcode, payload := c.read(); opcode != opPong || string(payload) != full {
		t.Fatalf("got opcode %d %q", opcode, payload)
	}
}

// Sections 5.1, 5.2, 5.4, 5.5, 8.1: what ends the connection, and with which status.
func TestWebSocket_Violations(t *testing.T) {
	s := newServer(t, engineio.Options{MaxPayload: 1000}, recorder{})
	withBit := func(frame []byte, bit byte) []byte { frame[0] |= bit; return frame }
	unmasked := func(frame []byte) []byte { frame[1] &^= 0x80; return frame }
	text := func() []byte { return clientFrame(fin|opText, []byte("4hello")) }
	longer := func(header ...byte) []byte { return append(header, 0, 0, 0, 0, '4') }
	tests := []struct {
		name   string
		stream []byte
		status uint16
	}{
		{"RSV1", withBit(text(), 0x40), 1002},
		{"RSV2", withBit(text(), 0x20), 1002},
		{"RSV3", withBit(text(), 0x10), 1002},
		{"unmasked", unmasked(text()), 1002},
		{"reserved opcode 3", clientFrame(fin|3, nil), 1002},
		{"reserved opcode 7", clientFrame(fin|7, nil), 1002},
		{"reserved opcode 11", clientFrame(fin|11, nil), 1002},
		{"reserved opcode 15", clientFrame(fin|15, nil), 1002},
		{"continuation of nothing", clientFrame(fin|opContinuation, []byte("4a")), 1002},
		{"message inside a message", append(clientFrame(opText, []byte("4a")), text()...), 1002},
		{"fragmented ping", clientFrame(opPing, nil), 1002},
		{"fragmented close", clientFrame(opClose, nil), 1002},
		{"long ping", clientFrame(fin|opPing, make([]byte, 126)), 1002},
		{"length not minimal in 16 bits", longer(fin|opText, 0x80|126, 0, 1), 1002},
		{"length not minimal in 64 bits", longer(fin|opText, 0x80|127, 0, 0, 0, 0, 0, 0, 0, 200), 1002},
		{"length with the highest bit", longer(fin|opText, 0x80|127, 0x80, 0, 0, 0, 0, 1, 0, 0), 1002},
		{"huge length", longer(fin|opText, 0x80|127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 1009},
		{"too large", clientFrame(fin|opText, make([]byte, 1001)), 1009},
		{"not UTF-8", clientFrame(fin|opText, []byte("4\xff")), 1007},
		{"cut UTF-8", clientFrame(fin|opText, []byte("4€"[:3])), 1007},
		{"surrogate in UTF-8", clientFrame(fin|opText, []byte("4\xed\xa0\x80")), 1007},
		{"not UTF-8 in fragments", append(clientFrame(opText, []byte("4\xe2")), clientFrame(fin|opContinuation, []byte("\xff"))...), 1007},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := s.openSession(4)
			c.t = t
			// Frames after the violation are ignored.
			c.raw(append(test.stream, clientFrame(fin|opText, []byte("4after"))...))
			c.expectClose(test.status)
			want := engineio.CloseParseError
			if test.status == 1009 {
				want = engineio.ClosePayloadTooLarge
			}
			s.expectReason(want)
		})
	}
}

// Section 5.5.1 and 7: the closing handshake.
func TestWebSocket_ClosingHandshake(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	status := func(code uint16, reason string) []byte {
		return append(binary.BigEndian.AppendUint16(nil, code), reason...)
	}
	tests := []struct {
		payload []byte
		answer  uint16
	}{
		{nil, 0},
		{status(1000, ""), 1000},
		{status(1001, "going away"), 1001},
		{status(1011, ""), 1011},
		{status(3000, ""), 3000},
		{status(4999, "€"), 4999},
		{[]byte{3}, 1002},
		{status(0, ""), 1002},
		{status(999, ""), 1002},
		{status(1004, ""), 1002},
		{status(1005, ""), 1002},
		{status(1006, ""), 1002},
		{status(1015, ""), 1002},
		{status(2999, ""), 1002},
		{status(5000, ""), 1002},
		{status(1000, "\xff"), 1007},
	}
	for _, test := range tests {
		c := s.openSession(4)
		c.raw(clientFrame(fin|opClose, test.payload))
		c.expectClose(test.answer)
		s.expectReason(engineio.CloseTransportClose)
	}
}

// Section 7.1.1: a connection that ends without a close frame.
func TestWebSocket_ConnectionLost(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	c := s.openSession(4)
	c.raw(clientFrame(fin|opText, []byte("4 the rest is missing"))[:10])
	c.conn.Close()
	s.expectReason(engineio.CloseTransportClose)
}
