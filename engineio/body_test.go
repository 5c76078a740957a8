package engineio_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/engineio"
)

// A request whose body stopped held its connection for ever, before anybody had logged in: net/http reads what a handler has
// left of a body before it sends the answer, and nothing limited its time. Every such request is now answered, and its
// connection closed, within Options.WriteTimeout.
func TestServer_BodyThatStops(t *testing.T) {
	const polling = "EIO=4&transport=polling"
	bodies := map[string]string{
		"two bytes of a hundred":   "Content-Length: 100\r\n\r\n4x",
		"nothing of a hundred":     "Content-Length: 100\r\n\r\n",
		"a megabyte to come":       "Content-Length: 900000\r\n\r\n4x",
		"too large":                "Content-Length: 90000000\r\n\r\n4x",
		"half a chunk":             "Transfer-Encoding: chunked\r\n\r\n64\r\n4x",
		"chunks without an end":    "Transfer-Encoding: chunked\r\n\r\n2\r\n4x\r\n",
		"after 100 Continue":       "Content-Length: 100\r\nExpect: 100-continue\r\n\r\n",
		"a form of JSONP":          "Content-Length: 100\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nd=",
		"a binary payload":         "Content-Length: 100\r\nContent-Type: application/octet-stream\r\n\r\n\x00\x01",
		"with the next request":    "Content-Length: 100\r\n\r\nGET / HTTP/1.1\r\n\r\n",
		"a trailer without an end": "Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n2\r\n4x\r\n0\r\nX: y\r\n",
	}
	for _, request := range []struct{ method, query string }{
		{"POST", polling + "&sid=$sid"},
		{"POST", "EIO=3&transport=polling&j=0&sid=$sid3"},
		{"POST", polling + "&sid=unknown"},
		{"POST", polling},
		{"POST", "EIO=9"},
		{"POST", ""},
		{"POST", "%zz"},
		{"POST", "EIO=4&transport=websocket&sid=$sid"},
		{"GET", polling},
		{"GET", polling + "&sid=$sid"},
		{"GET", "EIO=4&transport=websocket"},
		{"GET", "EIO=9"},
		{"DELETE", polling + "&sid=$sid"},
		{"PUT", polling + "&sid=unknown"},
		{"OPTIONS", polling},
		{"HEAD", polling},
	} {
		for name, body := range bodies {
			t.Run(fmt.Sprintf("%s %s, %s", request.method, request.query, name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newPipeServer(t, engineio.Options{PingInterval: 10 * time.Minute}, recorder{})
					query := strings.NewReplacer("$sid3", s.openPolling(3, "").sid(), "$sid", s.openPolling(4, "").sid()).Replace(request.query)
					conn := s.send(request.method + " /?" + query + " HTTP/1.1\r\nHost: x\r\n" + body)
					began := time.Now()
					answer, err := io.ReadAll(conn)
					if err != nil {
						t.Fatal(err)
					}
					if took := time.Since(began); took > 30*time.Second+time.Second {
						t.Errorf("the connection was open for %v, want at most WriteTimeout", took)
					}
					if text := string(answer); !strings.Contains(text, " 408 ") && !strings.Contains(text, " 400 ") && !strings.Contains(text, " 413 ") && request.method != "OPTIONS" {
						t.Errorf("got %.300q", text)
					}
				})
			})
		}
	}
}

// send opens a connection and writes to it, as far as the server reads.
func (s *server) send(request string) net.Conn {
	s.t.Helper()
	conn, err := s.dial()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	go io.WriteString(conn, request)
	return conn
}

// A body that trickles has no more time than one that stops.
func TestServer_BodyThatTrickles(t *testing.T) {
	for _, query := range []string{"&sid=$sid", "&sid=unknown"} {
		synctest.Test(t, func(t *testing.T) {
			s := newPipeServer(t, engineio.Options{PingInterval: 10 * time.Minute}, recorder{})
			query := strings.ReplaceAll(query, "$sid", s.openPolling(4, "").sid())
			conn := s.send("POST /?EIO=4&transport=polling" + query + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
			var writer sync.WaitGroup
			defer writer.Wait()
			writer.Go(func() {
				for err := error(nil); err == nil; _, err = io.WriteString(conn, "x") {
					time.Sleep(time.Second)
				}
			})
			began := time.Now()
			_, err := io.Copy(io.Discard, conn)
			if took := time.Since(began); err != nil || took > 31*time.Second {
				t.Errorf("the connection was open for %v, %v; want at most WriteTimeout", took, err)
			}
		})
	}
}

// The same bodies, whole, leave the connection to the next request; and a poll that came with a body lasts as long as others.
func TestServer_WholeBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{PingInterval: 10 * time.Minute}, recorder{})
		p := s.openPolling(4, "")
		session := <-s.opened
		query := "/?EIO=4&transport=polling&sid=" + p.sid()
		conn, err := s.dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		reader := bufio.NewReader(conn)
		for _, step := range []struct {
			request string
			status  int
			body    string
		}{
			{"POST " + query + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n4a", 200, "ok"},
			{"POST /?EIO=4&transport=polling&sid=unknown HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n4a", 400, `{"code":1,"message":"Session ID unknown"}`},
			{"POST /?EIO=9 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n4a\r\n0\r\n\r\n", 400, `{"code":0,"message":"Transport unknown"}`},
			{"GET " + query + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nxyz", 200, "4a"},
			{"GET " + query + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nxyz", 200, "4later"},
		} {
			go io.WriteString(conn, step.request)
			if step.body == "4later" {
				synctest.Wait()
				time.Sleep(5 * time.Minute)
				session.Send(text("later"))
			}
			response, err := http.ReadResponse(reader, nil)
			if err != nil {
				t.Fatalf("%.80q: %v", step.request, err)
			}
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != step.status || string(body) != step.body {
				t.Errorf("%.80q: got %s %q, %v", step.request, response.Status, body, err)
			}
		}
	})
}

// A POST whose body is under way does not hold up the end of its session, nor then the http.Server.
func TestServer_Shutdown_BodyUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{})
		p := s.openPolling(4, "")
		conn := s.send("POST /?EIO=4&transport=polling&sid=" + p.sid() + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n4x")
		synctest.Wait()
		began := time.Now()
		if err := s.engine.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if _, err := io.Copy(io.Discard, conn); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %v, want a few seconds at most", took)
		}
	})
}

// A client that sends one request after another and reads no answer is closed, though each answer is small.
func TestServer_PipelineWithoutAReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{})
		conn, err := s.dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		began := time.Now()
		for range 100 {
			if _, err = io.WriteString(conn, "GET /?EIO=9 HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
				break
			}
		}
		if took := time.Since(began); err == nil || took > 31*time.Second {
			t.Errorf("got %v after %v, want the connection closed within WriteTimeout", err, took)
		}
	})
}
