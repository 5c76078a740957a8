package server

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// slow is a connection whose writes reach their deadline after so many bytes.
type slow struct {
	net.Conn
	takes int
}

func (s slow) SetWriteDeadline(time.Time) error { return nil }

func (s slow) Write(b []byte) (int, error) {
	if len(b) <= s.takes {
		return len(b), nil
	}
	return s.takes, os.ErrDeadlineExceeded
}

// An answer was cut off at its deadline although the client had taken a part of it.
func TestTheTimeOfAnAnswerBeginsAgainAsItIsTaken(t *testing.T) {
	c := newConnections(limits(0, 0))
	const size = 10 * writeSize
	if n, err := c.newConnection(slow{takes: progress}).Write(make([]byte, size)); n != size || err != nil {
		t.Errorf("a slow client: got %d, %v, want %d bytes written", n, err, size)
	}
	n, err := c.newConnection(slow{takes: progress - 1}).Write(make([]byte, size))
	if n != progress-1 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a client that takes less: got %d, %v, want %d and the deadline", n, err, progress-1)
	}
}
