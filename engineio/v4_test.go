package engineio_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"parley/engineio"
)

// The sections named here are those of the Engine.IO protocol, 4th revision.

func testOptions() engineio.Options { return engineio.Options{MaxPayload: 100_000} }

func checkOpenPacket(t *testing.T, packet string, upgrades string) {
	t.Helper()
	if !strings.HasPrefix(packet, "0") {
		t.Fatalf("open packet: got %q", packet)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(packet[1:]), &fields); err != nil {
		t.Fatalf("open packet: %v in %q", err, packet)
	}
	want := map[string]string{"upgrades": upgrades, "pingInterval": "25000", "pingTimeout": "20000", "maxPayload": "100000"}
	for key, value := range want {
		if got := string(fields[key]); got != value {
			t.Errorf("%s: got %s, want %s", key, got, value)
		}
	}
	var sid string
	if err := json.Unmarshal(fields["sid"], &sid); err != nil || len(sid) < 16 {
		t.Errorf("sid: got %s", fields["sid"])
	}
	if len(fields) != 5 {
		t.Errorf("open packet: got keys %v, want exactly sid and %v", fields, want)
	}
}

// "Handshake": the open packet has exactly these keys.
func TestV4_Handshake_Polling(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	a := s.do("GET", "EIO=4&transport=polling", "")
	expectStatus(t, "handshake", a, 200)
	checkOpenPacket(t, a.body, `["websocket"]`)
	if got, want := a.header.Get("Content-Type"), "text/plain; charset=UTF-8"; got != want {
		t.Errorf("Content-Type: got %q, want %q", got, want)
	}
	if got, want := a.header.Get("Cache-Control"), "no-store"; got != want {
		t.Errorf("Cache-Control: got %q, want %q", got, want)
	}
}

// "Handshake": WebSocket-only session; there is nothing to upgrade to.
func TestV4_Handshake_WebSocket(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	c := s.openWS("EIO=4&transport=websocket")
	_, packet := c.read()
	checkOpenPacket(t, string(packet), `[]`)
}

// "Query parameters": a mandatory one that is missing, or an unknown session, is HTTP 400.
func TestV4_QueryParameters_Refused(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(4, "")
	sid := "&sid=" + p.sid()
	tests := []struct {
		method, query string
		status, code  int
	}{
		{"GET", "transport=polling", 400, 5},
		{"GET", "EIO=abc&transport=polling", 400, 5},
		{"GET", "EIO=&transport=polling", 400, 5},
		{"GET", "EIO=2&transport=polling", 400, 5},
		{"GET", "EIO=5&transport=polling", 400, 5},
		{"GET", "EIO=44&transport=polling", 400, 5},
		{"GET", "EIO=04&transport=polling", 400, 5},
		{"GET", "EIO=4", 400, 0},
		{"GET", "EIO=4&transport=abc", 400, 0},
		{"GET", "EIO=4&transport=", 400, 0},
		{"GET", "EIO=4&transport=flashsocket", 400, 0},
		{"GET", "", 400, 0},
		{"POST", "EIO=4&transport=polling", 400, 2},
		{"PUT", "EIO=4&transport=polling", 400, 2},
		{"DELETE", "EIO=4&transport=polling", 400, 2},
		{"POST", "EIO=4&transport=websocket", 400, 2},
		{"GET", "EIO=4&transport=websocket", 400, 3}, // no WebSocket request
		{"GET", "EIO=4&transport=polling&sid=unknown", 400, 1},
		{"POST", "EIO=4&transport=polling&sid=unknown", 400, 1},
		{"GET", "EIO=4&transport=websocket&sid=unknown", 400, 1},
		{"GET", "EIO=3&transport=polling" + sid, 400, 3},     // not its revision
		{"GET", "EIO=4&transport=websocket" + sid, 400, 3},   // no WebSocket request
		{"PUT", "EIO=4&transport=polling" + sid, 400, 3},     //
		{"GET", "EIO=4&transport=polling&j=0" + sid, 400, 3}, // no JSONP in this revision
		{"GET", "EIO=4&transport=polling&%zz", 400, 3},
	}
	for _, test := range tests {
		a := s.do(test.method, test.query, "")
		var problem struct {
			Code    *int
			Message string
		}
		err := json.Unmarshal([]byte(a.body), &problem)
		if a.status != test.status || err != nil || problem.Code == nil || *problem.Code != test.code || problem.Message == "" {
			t.Errorf("%s %s: got %d %s, want %d with code %d", test.method, test.query, a.status, a.body, test.status, test.code)
		}
	}
	// None of them has harmed the session.
	expect(t, "POST", p.post("4hello"), 200, "ok")
	expect(t, "GET", p.get(), 200, "4hello")
}

// "WebSocket": a mandatory parameter that is missing ends the connection.
func TestV4_WebSocket_Refused(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	for _, query := range []string{
		"transport=websocket", "EIO=abc&transport=websocket", "EIO=4", "EIO=4&transport=abc",
		"EIO=4&transport=websocket&sid=unknown",
	} {
		if _, response := s.dialWS(query, nil); response.StatusCode != 400 {
			t.Errorf("%s: got %s, want 400", query, response.Status)
		}
	}
}

// "Request path": it may be anything.
func TestV4_RequestPath_Any(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	for _, path := range []string{"/engine.io/", "/socket.io/", "/mds2", "/"} {
		response, err := s.http.Get("http://engine.test" + path + "?EIO=4&transport=polling&t=abc&token=x")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != 200 {
			t.Errorf("%s: got %s", path, response.Status)
		}
	}
}

// "Sending data", "Receiving data", "Packet encoding, HTTP long-polling".
func TestV4_Polling_Echo(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	long := "4" + strings.Repeat("中", 20_000)
	for _, body := range []string{
		"4hello",
		"4test1\x1e4test2\x1e4test3",
		"4hello\x1ebAQIDBA==",
		"bAQIDBA==\x1eb\x1e4",
		"4€é😀\x1e4",
		long,
	} {
		p := s.openPolling(4, "")
		a := p.post(body)
		expect(t, "POST", a, 200, "ok")
		if got, want := a.header.Get("Content-Type"), "text/html"; got != want {
			t.Errorf("Content-Type of the answer to POST: got %q, want %q", got, want)
		}
		expect(t, "GET", p.get(), 200, body)
	}
}

// "Receiving data": the server may let a poll wait.
func TestV4_Polling_WaitsForMessage(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(4, "")
	later := p.getLater()
	expect(t, "POST", p.post("4hello"), 200, "ok")
	expect(t, "GET", <-later, 200, "4hello")
}

// "Packet encoding": what is no packet closes the session.
func TestV4_Polling_InvalidPacketCloses(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	for _, body := range []string{
		"abc", "", "7", "9x", "\x1e", "4a\x1e", "\x1e4a", "4a\x1e\x1e4b", "4a\x1eabc", "b!!!", "bAQID=", "x", "€",
		"4\xff\xfe", "\x04\x01", "0", "0{}", "5",
	} {
		p := s.openPolling(4, "")
		expectStatus(t, fmt.Sprintf("POST %q", body), p.post(body), 400)
		p.expectGone()
		s.expectReason(engineio.CloseParseError)
	}
}

// "Packet encoding": packets before the invalid one count.
func TestV4_Polling_PacketsBeforeInvalidOne(t *testing.T) {
	got := make(chan string, 2)
	s := newServer(t, testOptions(), recorder{message: func(_ *engineio.Session, data []byte, _ bool) { got <- string(data) }})
	p := s.openPolling(4, "")
	expectStatus(t, "POST", p.post("4first\x1eabc\x1e4last"), 400)
	s.expectReason(engineio.CloseParseError)
	close(got)
	var all []string
	for m := range got {
		all = append(all, m)
	}
	if fmt.Sprint(all) != "[first]" {
		t.Errorf("messages: got %q, want only the first", all)
	}
}

// "Headers": octet-stream is for binary bodies, which this revision has none of.
func TestV4_Headers_OctetStreamRefused(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(4, "")
	expectStatus(t, "POST", p.post("4hello", "Content-Type", "application/octet-stream"), 400)
	p.expectGone()
	s.expectReason(engineio.CloseParseError)
}

// "Headers": without a content type, or with another one, the body is text.
func TestV4_Headers_TextInferred(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	for _, contentType := range []string{"", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "no type at all;;"} {
		p := s.openPolling(4, "")
		expect(t, "POST", p.post("4hello", "Content-Type", contentType), 200, "ok")
		expect(t, "GET", p.get(), 200, "4hello")
	}
}

// "Receiving data": not more than one active GET.
func TestV4_ReceivingData_DuplicateGET(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(4, "")
	first := p.getLater()
	// Both are under way; whichever the server sees second is refused.
	second := p.getLater()
	one, two := <-first, <-second
	if one.status == 400 {
		one, two = two, one
	}
	expect(t, "first GET", one, 200, "1")
	expectStatus(t, "second GET", two, 400)
	p.expectGone()
	s.expectReason(engineio.CloseTransportError)
}

// "Sending data": not more than one active POST.
func TestV4_SendingData_DuplicatePOST(t *testing.T) {
	handling, release := make(chan bool), make(chan bool)
	s := newServer(t, testOptions(), recorder{message: func(*engineio.Session, []byte, bool) {
		handling <- true
		<-release
	}})
	p := s.openPolling(4, "")
	first := make(chan answer)
	go func() { a, _ := p.try(t.Context(), "POST", p.query, "4first"); first <- a }()
	<-handling
	expectStatus(t, "second POST", p.post("4second"), 400)
	release <- true
	<-first
	p.expectGone()
	s.expectReason(engineio.CloseTransportError)
}

// "Receiving data": a poll that the client gives up may have taken packets with it, so the session ends.
func TestV4_Polling_CancelledGETCloses(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(4, "")
	conn, err := s.dial()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /engine.io/?%s HTTP/1.1\r\nHost: engine.test\r\n\r\n", p.query)
	conn.Close()
	s.expectReason(engineio.CloseTransportError)
	p.expectGone()
}

// "Handshake": maxPayload is the limit of one chunk.
func TestV4_MaxPayload_Polling(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(4, "")
	full := "4" + strings.Repeat("a", 99_999)
	expect(t, "POST of maxPayload", p.post(full), 200, "ok")
	expect(t, "GET", p.get(), 200, full)
	expectStatus(t, "POST of more", p.post(full+"a"), 413)
	p.expectGone()
	s.expectReason(engineio.ClosePayloadTooLarge)
}

// "Handshake": a body whose length is not announced is limited too.
func TestV4_MaxPayload_Chunked(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(4, "")
	conn, err := s.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() {
		fmt.Fprintf(conn, "POST /engine.io/?%s HTTP/1.1\r\nHost: engine.test\r\nTransfer-Encoding: chunked\r\n\r\n", p.query)
		for range 200 {
			fmt.Fprintf(conn, "400\r\n%s\r\n", strings.Repeat("a", 1024))
		}
	}()
	s.expectReason(engineio.ClosePayloadTooLarge)
	p.expectGone()
}

// "Handshake": who is busy sending too much still gets to read the answer.
func TestV4_MaxPayload_AnswerIsRead(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	body := strings.Repeat("a", 6<<20)
	for _, request := range []string{
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body),
		fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body),
	} {
		p := s.openPolling(4, "")
		conn, err := s.dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := fmt.Fprintf(conn, "POST /engine.io/?%s HTTP/1.1\r\nHost: engine.test\r\n%s", p.query, request); err != nil {
			t.Fatalf("POST: %v", err)
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("answer: %v", err)
		}
		if response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("got %s, want 413", response.Status)
		}
		s.expectReason(engineio.ClosePayloadTooLarge)
	}
}

// "Handshake": on WebSocket the limit holds for a message, in one frame or in several.
func TestV4_MaxPayload_WebSocket(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	c := s.openSession(4)
	full := "4" + strings.Repeat("a", 99_999)
	c.text(full)
	c.expectText(full)
	c.raw(clientFrame(fin|opText, []byte(full+"a"))[:14]) // the header is enough
	c.expectClose(1009)
	s.expectReason(engineio.ClosePayloadTooLarge)

	c = s.openSession(4)
	c.raw(clientFrame(opText, []byte(full)))
	c.raw(clientFrame(fin|opContinuation, []byte("a")))
	c.expectClose(1009)
	s.expectReason(engineio.ClosePayloadTooLarge)
}

// "Packet encoding, WebSocket": text and binary as they are.
func TestV4_WebSocket_Echo(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	c := s.openSession(4)
	for _, text := range []string{"4hello", "4", "4€é😀\x1e", "4" + strings.Repeat("中", 30_000)} {
		c.text(text)
		c.expectText(text)
	}
	for _, data := range [][]byte{{1, 2, 3, 4}, {}, []byte(strings.Repeat("\xff", 70_000))} {
		c.binary(data)
		c.expectBinary(data)
	}
	// A client that cannot send binary frames.
	c.text("bAQIDBA==")
	c.expectBinary([]byte{1, 2, 3, 4})
}

// "Packet encoding": what is no packet closes the session.
func TestV4_WebSocket_InvalidPacketCloses(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	for _, packet := range []string{"abc", "", "7", "b!", "0", "5"} {
		c := s.openSession(4)
		c.text(packet)
		c.expectClose(1002)
		s.expectReason(engineio.CloseParseError)
	}
}

// "Heartbeat": the server sends the pings and the client the pongs.
func TestV4_Heartbeat_PingFromClientCloses(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	c := s.openSession(4)
	c.text("2")
	c.expectClose(1002)
	s.expectReason(engineio.CloseParseError)

	c = s.openSession(4)
	c.text("2probe") // only a WebSocket that is to become an upgrade is probed
	c.expectClose(1002)
	s.expectReason(engineio.CloseParseError)

	p := s.openPolling(4, "")
	expectStatus(t, "POST", p.post("2"), 400)
	p.expectGone()
	s.expectReason(engineio.CloseParseError)
}

// "Protocol", type close: the pending poll gets a noop, whichever of the two the server sees first.
func TestV4_Close_Polling(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	for range 20 {
		p := s.openPolling(4, "")
		later := p.getLater()
		expect(t, "POST", p.post("1"), 200, "ok")
		expect(t, "pending GET", <-later, 200, "6")
		p.expectGone()
		s.expectReason(engineio.CloseTransportClose)
	}
}

// "Protocol", type close: once the POST has its answer the session is unknown.
func TestV4_Close_PollingWithoutGET(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(4, "")
	expect(t, "POST", p.post("1"), 200, "ok")
	p.expectGone()
	s.expectReason(engineio.CloseTransportClose)
}

// "Protocol", type close: what was sent before it is answered, what comes after it does not count.
func TestV4_Close_PollingAmongMessages(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(4, "")
	later := p.getLater()
	expect(t, "POST", p.post("4y\x1e1\x1e4z"), 200, "ok")
	expect(t, "pending GET", <-later, 200, "4y\x1e6")
	s.expectReason(engineio.CloseTransportClose)
}

// "Protocol", type close.
func TestV4_Close_WebSocket(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	c := s.openSession(4)
	c.text("1")
	c.expectClose(1000)
	s.expectReason(engineio.CloseTransportClose)
}

// "Protocol", type noop: it says nothing.
func TestV4_Noop_Ignored(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	c := s.openSession(4)
	c.text("6")
	c.text("4hello")
	c.expectText("4hello")
}

// "Upgrade": the whole exchange.
func TestV4_Upgrade(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(4, "")
	session := <-s.opened
	c := s.openWS("EIO=4&transport=websocket&sid=" + p.sid())
	c.text("2probe")
	c.expectText("3probe")
	// A poll that comes now is let go.
	expect(t, "GET while probing", p.get(), 200, "6")
	c.text("5")
	c.text("4hello")
	c.expectText("4hello")
	if got := session.Transport(); got != "websocket" {
		t.Errorf("transport: got %q, want websocket", got)
	}
	expectStatus(t, "GET after the upgrade", p.get(), 400)
	expectStatus(t, "POST after the upgrade", p.post("4x"), 400)
	c.text("4still here")
	c.expectText("4still here")
	stats := s.engine.Stats()
	if stats.Upgraded != 1 || stats.WebSocketEIO4 != 1 || stats.PollingEIO4 != 0 {
		t.Errorf("stats: got %+v", stats)
	}
}

// "Upgrade": a pending GET gets a noop.
func TestV4_Upgrade_PendingGET(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(4, "")
	later := p.getLater()
	c := s.openWS("EIO=4&transport=websocket&sid=" + p.sid())
	c.text("2probe")
	c.expectText("3probe")
	expect(t, "pending GET", <-later, 200, "6")
	c.text("5")
	c.text("4hello")
	c.expectText("4hello")
}

// "Upgrade": a poll that is sent after the upgrade packet gets 400, also if it is handled first.
func TestV4_Upgrade_OvertakenByGET(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, testOptions(), recorder{})
		p := s.openPolling(4, "")
		c := s.openWS("EIO=4&transport=websocket&sid=" + p.sid())
		get := p.getLater()
		synctest.Wait()
		c.raw(append(clientFrame(fin|opText, []byte("2probe")), clientFrame(fin|opText, []byte("5"))...))
		c.expectText("3probe")
		expectStatus(t, "GET", <-get, 400)
		c.text("4a")
		c.expectText("4a")
	})
}

// "Upgrade": a probe ends the poll that is pending, whichever of the two connections is the older one.
func TestV4_Upgrade_ProbeEndsGET(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, testOptions(), recorder{})
		for _, first := range []string{"GET", "WebSocket"} {
			p := s.openPolling(4, "")
			var get <-chan answer
			if first == "GET" {
				get = p.getLater()
				synctest.Wait()
			}
			c := s.openWS("EIO=4&transport=websocket&sid=" + p.sid())
			if first != "GET" {
				get = p.getLater()
				synctest.Wait()
			}
			c.text("2probe")
			expect(t, "GET, "+first+" first", <-get, 200, "6")
			c.expectText("3probe")
			c.text("5")
			c.text("4a")
			c.expectText("4a")
		}
	})
}

// "Upgrade": nothing is lost or doubled, and the order stays, whatever is sent when.
func TestV4_Upgrade_KeepsMessages(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(4, "")
	session := <-s.opened
	c := s.openWS("EIO=4&transport=websocket&sid=" + p.sid())
	session.Send(engineio.TextFrame([]byte("1")))
	c.text("2probe")
	c.expectText("3probe")
	session.Send(engineio.TextFrame([]byte("2")))
	expect(t, "GET", p.get(), 200, "41\x1e42")
	session.Send(engineio.TextFrame([]byte("3")), engineio.BinaryFrame([]byte{4}))
	c.text("5")
	c.expectText("43")
	c.expectBinary([]byte{4})
	session.Send(engineio.TextFrame([]byte("5")))
	c.expectText("45")
}

// "Upgrade": a client opens not more than one WebSocket a session.
func TestV4_Upgrade_SecondWebSocketCloses(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(4, "")
	query := "EIO=4&transport=websocket&sid=" + p.sid()
	first := s.openWS(query)
	first.text("2probe")
	first.expectText("3probe")
	s.openWS(query).expectClose(1000) // while the first is probed
	first.text("5")
	first.text("4hello")
	first.expectText("4hello")
	s.openWS(query).expectClose(1000) // after the upgrade
	first.text("4still here")
	first.expectText("4still here")
}

// "Upgrade": a session that began on WebSocket has nothing to upgrade.
func TestV4_Upgrade_OfWebSocketSession(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	c := s.openSession(4)
	session := <-s.opened
	s.openWS("EIO=4&transport=websocket&sid=" + session.ID()).expectClose(1000)
	expectStatus(t, "GET", s.do("GET", "EIO=4&transport=polling&sid="+session.ID(), ""), 400)
	c.text("4hello")
	c.expectText("4hello")
}

// "Upgrade": a WebSocket that does not follow the rules is closed; polling goes on, and another may be tried.
func TestV4_Upgrade_BrokenRules(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(4, "")
	query := "EIO=4&transport=websocket&sid=" + p.sid()
	for _, first := range []string{"5", "4hello", "2", "2prob", "abc", "", "3probe", "1", "6"} {
		c := s.openWS(query)
		c.text(first)
		c.expectClose(1000)
	}
	c := s.openWS(query)
	c.binary([]byte("2probe"))
	c.expectClose(1000)
	c = s.openWS(query)
	c.text("2probe")
	c.expectText("3probe")
	c.text("4too early")
	c.expectClose(1000)
	c = s.openWS(query)
	c.raw([]byte{0xff, 0xff})
	c.expectClose(1000)
	c = s.openWS(query)
	c.text("2probe")
	c.expectText("3probe")
	c.conn.Close()

	expect(t, "POST", p.post("4hello"), 200, "ok")
	expect(t, "GET", p.get(), 200, "4hello")
	c = s.openWS(query)
	for {
		// The server may still be about to notice that the one before has gone.
		c.text("2probe")
		opcode, payload := c.read()
		if opcode == opText && string(payload) == "3probe" {
			break
		}
		c = s.openWS(query)
	}
	c.text("5")
	c.text("4upgraded")
	c.expectText("4upgraded")
}

// "Upgrade": the end of the session is the end of its candidate.
func TestV4_Upgrade_SessionClosesMeanwhile(t *testing.T) {
	s := newServer(t, testOptions(), recorder{})
	p := s.openPolling(4, "")
	c := s.openWS("EIO=4&transport=websocket&sid=" + p.sid())
	c.text("2probe")
	c.expectText("3probe")
	expect(t, "POST", p.post("1"), 200, "ok")
	c.expectClose(1000)
	s.expectReason(engineio.CloseTransportClose)
}
