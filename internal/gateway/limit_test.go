package gateway

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"parley/internal/chat"
)

// However many keys there are, memory stays bounded, and so does the work: a look
// at all buckets for each new key once made this test run for minutes.
func TestLimitsAreBounded(t *testing.T) {
	var l limits[string]
	l.init(1, func(int) Rate { return Rate{1, 1} })
	now := time.Unix(0, 0)
	for i := range maxBuckets + 1000 {
		if !l.allow(strconv.Itoa(i), 0, now) {
			t.Fatalf("key %d: refused its first request", i)
		}
	}
	if got := len(l.buckets); got > maxBuckets {
		t.Errorf("got %d buckets, want at most %d", got, maxBuckets)
	}
	// Once they are full again, they all go at the next need.
	now = now.Add(time.Second)
	l.allow("x", 0, now)
	if got := len(l.buckets); got != 1 {
		t.Errorf("got %d buckets, want 1", got)
	}
}

func TestRestoreIsBounded(t *testing.T) {
	var r restore
	r.init(time.Minute, 3)
	now := time.Unix(0, 0)
	at := func(session, id string) chat.CurrentChat {
		return chat.CurrentChat{ID: chat.SocketID(id), Session: chat.SessionID(session), Account: "a", Ref: chat.ChatRef{Type: chat.SessionUser, ID: id}}
	}
	for _, id := range []string{"1", "2", "3", "4"} {
		r.put(at(id, id), now)
	}
	if _, ok := r.take("1", "a", now); ok {
		t.Error("the oldest was kept")
	}
	if _, ok := r.take("4", "b", now); ok {
		t.Error("another account got it")
	}
	if got, ok := r.take("4", "a", now); !ok || got != at("4", "4") {
		t.Errorf("got %v, %t, want %v", got, ok, at("4", "4"))
	}
	r.put(at("5", "5"), now.Add(2*time.Minute))
	if gone, lost := r.expired(now); !slices.Equal(gone, []chat.SocketID{"1", "2", "3"}) || len(lost) > 0 {
		t.Errorf("got %v and %v to be removed, want 1, 2 and 3", gone, lost)
	}
	if got := len(r.chats); got != 1 {
		t.Errorf("got %d log-ins remembered, want 1", got)
	}
	for i := range 1000 {
		r.put(at("6", strconv.Itoa(i)), now)
		r.take("6", "a", now)
	}
	if got := len(r.order); got > 3 {
		t.Errorf("got %d places, want at most 3", got)
	}
}
