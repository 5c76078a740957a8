package engineio_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"parley/engineio"
)

// The published suite of Socket.IO awaits the open packet, the answer to its CONNECT and the first
// event one after the other, each with a listener of its own. Node's ws hands out everything that
// came in one read before the next listener is there, so the suite hung on a server that sent
// the three in one write.
func TestSession_SendApart(t *testing.T) {
	for _, protocol := range []int{3, 4} {
		synctest.Test(t, func(t *testing.T) {
			s := newPipeServer(t, engineio.Options{}, recorder{
				open: func(s *engineio.Session) {
					s.SendApart(text("step"))
					s.Send(text("a"), text("b"))
				},
				message: func(s *engineio.Session, _ []byte, _ bool) {
					s.Send(text("a"))
					s.SendApart(text("step"))
					s.SendApart(text("last"))
				},
			})
			c := s.openWS(fmt.Sprintf("EIO=%d&transport=websocket", protocol))
			began := time.Now()
			later := func(what string) {
				t.Helper()
				if !time.Now().After(began) {
					t.Errorf("%s came together with what was sent before it", what)
				}
				began = time.Now()
			}
			together := func(what string) {
				t.Helper()
				if time.Now() != began {
					t.Errorf("%s came %v late", what, time.Since(began))
				}
			}
			c.read()
			later("the open packet")
			c.expectText("4step")
			later("the step")
			c.expectText("4a")
			later("the rest")
			c.expectText("4b")
			together("the end of the rest")

			// A write that has not returned yet would take the steps together. The test failed when the client was that fast.
			synctest.Wait()
			c.text("4x")
			c.expectText("4a")
			c.expectText("4step")
			together("the step")
			c.expectText("4last")
			later("the last step")
		})
	}
}

// Messages after a step are not lost when the session ends.
func TestSession_SendApart_Close(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{open: func(s *engineio.Session) {
		s.SendApart(text("step"))
		s.Send(text("a"))
		s.Close(engineio.CloseForced)
	}})
	c := s.openSession(4)
	c.expectText("4step")
	c.expectText("4a")
	s.expectReason(engineio.CloseForced)
	a := s.do("GET", "EIO=4&transport=polling", "")
	if a.status != 200 {
		t.Errorf("handshake: got %d", a.status)
	}
}

// The pauses are for clients that go step by step. A client that joined 128 namespaces at once had one for each of them, and
// waited a second for the last answer.
func TestSession_SendApart_Many(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{PingInterval: time.Hour}, recorder{message: func(s *engineio.Session, data []byte, _ bool) {
			s.SendApart(text("step " + string(data)))
			s.Send(text("event " + string(data)))
		}})
		c := s.openSession(4)
		var all []byte
		for i := range 128 {
			all = append(all, clientFrame(fin|opText, fmt.Appendf(nil, "4%d", i))...)
		}
		began := time.Now()
		go c.conn.Write(all)
		for i := range 128 {
			c.expectText(fmt.Sprintf("4step %d", i))
			c.expectText(fmt.Sprintf("4event %d", i))
		}
		if took := time.Since(began); took > 50*time.Millisecond {
			t.Errorf("all at once: the last answer came after %v", took)
		}
		// One after the other, too.
		began = time.Now()
		for i := range 128 {
			c.text(fmt.Sprintf("4%d", i))
			c.expectText(fmt.Sprintf("4step %d", i))
			c.expectText(fmt.Sprintf("4event %d", i))
		}
		if took := time.Since(began); took > 50*time.Millisecond {
			t.Errorf("one after the other: the last answer came after %v", took)
		}
		// Later it has pauses again.
		time.Sleep(time.Minute)
		c.text("4x")
		c.expectText("4step x")
		began = time.Now()
		c.expectText("4event x")
		if time.Now() == began {
			t.Error("a minute later the event came together with the step")
		}
	})
}
