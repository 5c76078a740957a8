package engineio_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"parley/engineio"
)

// The sections named here are those of the Engine.IO protocol, revision 3.

// "Anatomy of an Engine.IO session": the open packet, framed by its length in characters.
func TestV3_Anatomy_PollingHandshake(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	a := s.do("GET", "EIO=3&transport=polling", "")
	expectStatus(t, "handshake", a, 200)
	length, packet, _ := strings.Cut(a.body, ":")
	if got, want := length, fmt.Sprint(len(packet)); got != want {
		t.Errorf("length: got %s, want %s", got, want)
	}
	checkOpenPacket(t, packet, `["websocket"]`)
	if got, want := a.header.Get("Content-Type"), "text/plain; charset=UTF-8"; got != want {
		t.Errorf("Content-Type: got %q, want %q", got, want)
	}
}

// "Sample session with WebSocket only".
func TestV3_Anatomy_WebSocketHandshake(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	c := s.openWS("EIO=3&transport=websocket")
	_, packet := c.read()
	checkOpenPacket(t, string(packet), `[]`)
}

// Messages that the layer above sends in OnOpen come with the open packet.
func TestV3_Anatomy_SentOnOpen(t *testing.T) {
	s := newServer(t, testOptions(), recorder{open: func(s *engineio.Session) { s.Send(engineio.TextFrame([]byte("0"))) }})
	a := s.do("GET", "EIO=3&transport=polling", "")
	if !strings.HasSuffix(a.body, "}2:40") {
		t.Errorf("handshake: got %q, want the open packet and 2:40", a.body)
	}
	c := s.openWS("EIO=3&transport=websocket")
	c.read()
	c.expectText("40")
}

// "URLs": the reserved keys.
func TestV3_URLs_Refused(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	for _, query := range []string{"EIO=3", "EIO=3&transport=abc", "EIO=3&transport=polling&sid=unknown", "EIO=3&transport=polling&j=x"} {
		expectStatus(t, "GET "+query, s.do("GET", query, ""), 400)
	}
	expectStatus(t, "POST", s.do("POST", "EIO=3&transport=polling", ""), 400)
}

// "Payload": lengths count UTF-16 units; base64 for clients without XHR2.
func TestV3_Payload_Base64(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	for _, body := range []string{
		"6:4hello",
		"6:4test16:4test26:4test3",
		"6:4hello2:4€",
		"3:4😀1:4",
		"2:4€10:b4AQIDBA==",
		"2:b4",
		"20001:4" + strings.Repeat("中", 20_000),
		"2:4é", // one character that happens to be a byte
	} {
		p := s.openPolling(3, "&b64=1")
		expect(t, "POST", p.post(body), 200, "ok")
		expect(t, "GET", p.get(), 200, body)
	}
}

// "Payload": the form of the handshake's request holds for polls that do not repeat b64.
func TestV3_Payload_Base64OfHandshake(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(3, "&b64=1")
	p.query = strings.Replace(p.query, "&b64=1", "", 1)
	expect(t, "POST", p.post("10:b4AQIDBA=="), 200, "ok")
	expect(t, "GET", p.get(), 200, "10:b4AQIDBA==")
}

// "Payload": with XHR2 a payload is binary if anything in it is, else text.
func TestV3_Payload_Binary(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(3, "")
	expect(t, "POST", p.post("6:4hello10:b4AQIDBA=="), 200, "ok")
	a := p.get()
	expect(t, "GET", a, 200, "\x00\x06\xff4hello\x01\x05\xff\x04\x01\x02\x03\x04")
	if got, want := a.header.Get("Content-Type"), "application/octet-stream"; got != want {
		t.Errorf("Content-Type: got %q, want %q", got, want)
	}
	body := "\x00\x04\xff4€\x01\x05\xff\x04\x01\x02\x03\x04\x00\x01\x02\xff4" + strings.Repeat("a", 11)
	expect(t, "binary POST", p.post(body, "Content-Type", "application/octet-stream"), 200, "ok")
	expect(t, "GET", p.get(), 200, body)
	expect(t, "POST", p.post("2:4€"), 200, "ok")
	expect(t, "GET of text alone", p.get(), 200, "2:4€")
}

// "Payload": clients of the 1.x generation without XHR2 send each byte of a text's UTF-8 as a
// character and expect the same.
func TestV3_Payload_DoubledText(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(3, "&b64=1")
	session := <-s.opened
	const doubled = "4:4\u00e2\u0082\u00ac" // €
	expect(t, "POST", p.post(doubled), 200, "ok")
	expect(t, "GET", p.get(), 200, doubled)
	session.Send(engineio.TextFrame([]byte("é")))
	expect(t, "GET", p.get(), 200, "3:4\u00c3\u00a9")
}

// "Payload": a client that has shown that it does not double may send what looks like it.
func TestV3_Payload_SingleText(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(3, "&b64=1")
	expect(t, "POST", p.post("2:4€3:4\u00c3\u00a9"), 200, "ok")
	session := <-s.opened
	session.Send(engineio.TextFrame([]byte("é")))
	expect(t, "GET", p.get(), 200, "2:4€3:4\u00c3\u00a92:4é")
}

// "Payload": those with XHR2 send even text alone in the binary form, and take text beyond ASCII in no other.
func TestV3_Payload_TextInBinaryForm(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(3, "")
	expect(t, "POST", p.post("\x00\x04\xff4€", "Content-Type", "application/octet-stream"), 200, "ok")
	expect(t, "GET", p.get(), 200, "\x00\x04\xff4€")
}

// JSON can be written so that it does not matter which generation reads it.
func TestV3_Payload_JSONFrame(t *testing.T) {
	s := newServer(t, testOptions(), recorder{message: func(s *engineio.Session, data []byte, _ bool) { s.Send(engineio.JSONFrame(data)) }})
	p := s.openPolling(3, "&b64=1")
	expect(t, "POST", p.post(`13:42["e","€😀"]`), 200, "ok")
	expect(t, "GET", p.get(), 200, `28:42["e","\u20ac\ud83d\ude00"]`)

	c := s.openSession(3)
	c.text(`42["e","€😀"]`)
	c.expectText(`42["e","€😀"]`)
	p = s.openPolling(4, "")
	expect(t, "POST", p.post(`42["e","€😀"]`), 200, "ok")
	expect(t, "GET", p.get(), 200, `42["e","€😀"]`)
}

// "Payload": what is no payload closes the session.
func TestV3_Payload_Invalid(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	const text, binary = "text/plain;charset=UTF-8", "application/octet-stream"
	for _, test := range []struct{ contentType, body string }{
		{text, "abc"},
		{text, ""},
		{text, ":4a"},
		{text, "2"},
		{text, "2:"},
		{text, "3:4a"},
		{text, "0:"},
		{text, "-1:4a"},
		{text, "+2:4a"},
		{text, " 2:4a"},
		{text, "2x:4a"},
		{text, "99999999999999999999:4a"},
		{text, "2:4a2:"},
		{text, "2:4a4b"},
		{text, "2:4😀"}, // the second unit of a pair is missing
		{text, "4:4€"}, // counted in bytes
		{text, "2:9a"},
		{text, "2:4\xff"},
		{text, "1:b"},
		{text, "5:bAQID"}, // no type
		{text, "4:b4!!"},
		{text, "1:0"},
		{text, "1:5"},
		{binary, ""},
		{binary, "\x02\x01\xff4"},
		{binary, "\x00\xff4"},
		{binary, "\x00\x01"},
		{binary, "\x00\x0a\xff4"},
		{binary, "\x00\x05\xff4"},
		{binary, "\x00\x00\xff"},
		{binary, "\x01\x00\xff"},
		{binary, "\x01\x01\xff\x07"},
		{binary, "\x01\x01\xff4"},
		{binary, "\x00\x02\xff4\xff"},
		{binary, "\x00\x09\x09\x09\x09\x09\x09\x09\x09\x09\x09\x09\x09\x09\x09\xff4"},
		{binary, "2:4a"},
	} {
		p := s.openPolling(3, "")
		expectStatus(t, fmt.Sprintf("POST %q", test.body), p.post(test.body, "Content-Type", test.contentType), 400)
		p.expectGone()
		s.expectReason(engineio.CloseParseError)
	}
}

// "2 ping": the pong has the same data.
func TestV3_Ping_Answered(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(3, "")
	for range 3 {
		expect(t, "POST", p.post("1:2"), 200, "ok")
		expect(t, "GET", p.get(), 200, "1:3")
	}
	c := s.openSession(3)
	for range 3 {
		c.text("2")
		c.expectText("3")
		c.text("2probe")
		c.expectText("3probe")
	}
}

// "3 pong": the server's to send.
func TestV3_Pong_FromClientCloses(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	c := s.openSession(3)
	c.text("3")
	c.expectClose(1002)
	s.expectReason(engineio.CloseParseError)
	p := s.openPolling(3, "")
	expectStatus(t, "POST", p.post("1:3"), 400)
	p.expectGone()
}

// "Packet": a binary one has its type in the first byte.
func TestV3_Packet_Binary(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	c := s.openSession(3)
	for _, packet := range [][]byte{{4, 1, 2, 3, 4}, {4}} {
		c.binary(packet)
		c.expectBinary(packet)
	}
	c.binary([]byte{2})
	c.expectText("3")
	for _, packet := range [][]byte{{}, {7, 1}, {'4', 1}, {1 << 7}} {
		c := s.openSession(3)
		c.binary(packet)
		c.expectClose(1002)
		s.expectReason(engineio.CloseParseError)
	}
}

// "URLs", b64: all binary data is sent as base64 text, on WebSocket too, when that request says so.
func TestV3_Packet_Base64OnWebSocket(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	c := s.openWS("EIO=3&transport=websocket&b64=1")
	c.read()
	c.text("b4AQIDBA==")
	c.expectText("b4AQIDBA==")

	// Clients that say so only while they poll are binary after the upgrade.
	p := s.openPolling(3, "&b64=1")
	c = s.openWS("EIO=3&transport=websocket&sid=" + p.sid())
	c.text("2probe")
	c.expectText("3probe")
	expect(t, "POST", p.post("10:b4AQIDBA=="), 200, "ok")
	c.text("5")
	c.expectBinary([]byte{4, 1, 2, 3, 4})
}

// "4 message", "1 close".
func TestV3_WebSocket(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	c := s.openSession(3)
	c.text("4hello")
	c.expectText("4hello")
	c.text("4€é😀")
	c.expectText("4€é😀")
	c.text("1")
	c.expectClose(1000)
	s.expectReason(engineio.CloseTransportClose)
	for _, packet := range []string{"abc", "", "0", "5", "b", "bx"} {
		c := s.openSession(3)
		c.text(packet)
		c.expectClose(1002)
		s.expectReason(engineio.CloseParseError)
	}
}

// "1 close" on polling.
func TestV3_Close_Polling(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(3, "")
	later := p.getLater()
	expect(t, "POST", p.post("1:1"), 200, "ok")
	expect(t, "pending GET", <-later, 200, "1:6")
	p.expectGone()
	s.expectReason(engineio.CloseTransportClose)
}

// "Polling": one GET at a time.
func TestV3_Polling_DuplicateGET(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(3, "")
	first, second := p.getLater(), p.getLater()
	one, two := <-first, <-second
	if one.status == 400 {
		one, two = two, one
	}
	expect(t, "first GET", one, 200, "1:1")
	expectStatus(t, "second GET", two, 400)
	p.expectGone()
	s.expectReason(engineio.CloseTransportError)
}

// "Transport upgrading", "6 noop".
func TestV3_Upgrade(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(3, "")
	later := p.getLater()
	c := s.openWS("EIO=3&transport=websocket&sid=" + p.sid())
	c.text("2probe")
	c.expectText("3probe")
	expect(t, "pending GET", <-later, 200, "1:6")
	expect(t, "GET while probing", p.get(), 200, "1:6")
	c.text("5")
	c.text("4hello")
	c.expectText("4hello")
	c.text("2")
	c.expectText("3")
	expectStatus(t, "GET after the upgrade", p.get(), 400)
	s.openWS("EIO=3&transport=websocket&sid=" + p.sid()).expectClose(1000)
	c.text("4still here")
	c.expectText("4still here")
}

// "JSONP": the answer is a script, the POST a form.
func TestV3_JSONP(t *testing.T) {
	options := testOptions()
	options.JSONP = true
	s := newServer(t, options, recorder{})
	a := s.do("GET", "EIO=3&transport=polling&j=4", "")
	expectStatus(t, "handshake", a, 200)
	if !strings.HasPrefix(a.body, `___eio[4]("`) || !strings.HasSuffix(a.body, `");`) {
		t.Errorf("handshake: got %q", a.body)
	}
	if got, want := a.header.Get("Content-Type"), "text/javascript; charset=UTF-8"; got != want {
		t.Errorf("Content-Type: got %q, want %q", got, want)
	}
	// The browser evaluates it to the payload.
	if _, packet, _ := strings.Cut(a.body, ":0{\\\""); !strings.HasPrefix(packet, "sid\\\":\\\"") {
		t.Errorf("handshake: got %q", a.body)
	}

	p := s.openPolling(3, "")
	p.query += "&j=7"
	post := func(payload string) answer {
		return p.post(url.Values{"d": {payload}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	}
	for _, test := range []struct{ sent, got string }{
		{`4:4a\nb`, `4:4a\u000ab`},
		{`6:4a\\nbc`, `6:4a\\nbc`},
		{`4:4a\b`, `4:4a\\b`},
		{"3:4\u2028\u2029", `3:4\u2028\u2029`},
		{`13:4</script>"&+`, `13:4\u003c/script>\"&+`},
		{"3:4😀", "3:4😀"},
		{"10:b4AQIDBA==", "10:b4AQIDBA=="},
	} {
		expect(t, "POST "+test.sent, post(test.sent), 200, "ok")
		expect(t, "GET of "+test.sent, p.get(), 200, `___eio[7]("`+test.got+`");`)
	}
	expectStatus(t, "POST without d", p.post("x=1", "Content-Type", "application/x-www-form-urlencoded"), 400)
	p.query = strings.TrimSuffix(p.query, "&j=7")
	p.expectGone()
}

// "JSONP": j is an integer; nothing else may get into a script.
func TestV3_JSONP_Refused(t *testing.T) {
	options := testOptions()
	options.JSONP = true
	s := newServer(t, options, recorder{})
	for _, j := range []string{"", "x", "1x", "-1", "1](alert(1));//", "1234567890123"} {
		a := s.do("GET", "EIO=3&transport=polling&j="+url.QueryEscape(j), "")
		expectStatus(t, "j="+j, a, 400)
		if strings.Contains(a.body, "alert") {
			t.Errorf("j=%s: got %q", j, a.body)
		}
	}
	off := newServer(t, engineio.Options{}, recorder{})
	expect(t, "by default", off.do("GET", "EIO=3&transport=polling&j=0", ""), 400, `{"code":3,"message":"JSONP is off"}`)
}
