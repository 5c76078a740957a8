package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"parley/socketio/socketiotest"
	"parley/test/ledger"
)

// device is a socket of a person that only listens. It reconnects whenever its connection
// ends, as clients do, and then reads in the history what it has missed.
type device struct {
	cluster   *Cluster
	person    *ledger.Person
	chats     []ledger.Chat
	eio       int
	transport string

	mu          sync.Mutex
	connections []*connection
}

// connection is what one connection has shown.
type connection struct {
	since  map[string]int64   // chat → the newest message in the history when it began
	pushed map[string][]int64 // chat → the messages that were pushed
}

// listen keeps the device connected until ctx ends.
func (d *device) listen(ctx context.Context, t *testing.T) {
	for ctx.Err() == nil {
		if err := d.connectOnce(ctx); err != nil {
			t.Error(err)
			return
		}
		pause(ctx, 20*time.Millisecond)
	}
}

// connectOnce connects and listens until the connection ends. Its error is a fault of the cluster.
func (d *device) connectOnce(ctx context.Context) error {
	opening, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	client, err := d.cluster.Connect(opening, d.person.Token, d.eio, d.transport)
	if err != nil {
		return nil // a node is gone or full of clients; the next attempt meets another
	}
	defer client.Close()
	c := &connection{since: map[string]int64{}, pushed: map[string][]int64{}}
	for _, chat := range d.chats {
		newest, err := d.newest(opening, chat)
		if err != nil {
			return nil
		}
		c.since[chat.ID] = newest
	}
	d.mu.Lock()
	d.connections = append(d.connections, c)
	d.mu.Unlock()
	for {
		event, err := client.Take(ctx, nil)
		if err != nil {
			return nil
		}
		if err := d.show(c, event); err != nil {
			return err
		}
	}
}

func (d *device) newest(ctx context.Context, c ledger.Chat) (int64, error) {
	var rows []struct{ ID string }
	if err := d.cluster.History(ctx, d.person.Token, c.Path, url.Values{c.Field: {c.ID}, "num": {"1"}}, &rows); err != nil || len(rows) == 0 {
		return 0, err
	}
	return strconv.ParseInt(rows[0].ID, 10, 64)
}

// show notes a message. It is an error if it was pushed before on the connection, or after a newer one.
func (d *device) show(c *connection, event socketiotest.Event) error {
	if event.Name != "new message" && event.Name != "new group message" {
		return nil
	}
	var message struct{ ID, From, To string }
	if err := json.Unmarshal(event.Args[0], &message); err != nil {
		return err
	}
	id, err := strconv.ParseInt(message.ID, 10, 64)
	if err != nil {
		return err
	}
	chat := message.To
	if event.Name == "new message" && message.To == d.person.ID {
		chat = message.From
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	before := c.pushed[chat]
	if len(before) > 0 && id <= before[len(before)-1] {
		return fmt.Errorf("%s: message %d of %s was pushed after %d", d.person.ID, id, chat, before[len(before)-1])
	}
	c.pushed[chat] = append(before, id)
	return nil
}

// missing compares the connections with the history, oldest first. A connection shows every message
// between the first and the last that it has shown, and the one that still lives all of them.
func (d *device) missing(c ledger.Chat, history []int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for n, connection := range d.connections {
		since, pushed := connection.since[c.ID], connection.pushed[c.ID]
		last := int64(0)
		if len(pushed) > 0 {
			last = pushed[len(pushed)-1]
		}
		alive := n == len(d.connections)-1
		for _, id := range history {
			if id <= since || id > last && !alive {
				continue
			}
			if _, found := slices.BinarySearch(pushed, id); !found {
				return fmt.Errorf("connection %d of %d of %s did not show message %d of %s (it began after %d, and showed %d messages up to %d)",
					n+1, len(d.connections), d.person.ID, id, c.ID, since, len(pushed), last)
			}
		}
	}
	return nil
}

// figures returns how many connections the device has had, and how many messages they have shown.
func (d *device) figures() (connections, shown int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.connections {
		for _, pushed := range c.pushed {
			shown += len(pushed)
		}
	}
	return len(d.connections), shown
}

// reader is a socket of a person that looks at one chat. It reconnects whenever its connection ends.
type reader struct {
	cluster *Cluster
	person  *ledger.Person
	chat    ledger.Chat
}

// look keeps the reader connected until ctx ends.
func (r *reader) look(ctx context.Context) {
	for ctx.Err() == nil {
		r.lookOnce(ctx)
		pause(ctx, 20*time.Millisecond)
	}
}

// lookOnce makes the chat the current chat, reads what came before, and stays until the connection ends.
func (r *reader) lookOnce(ctx context.Context) {
	opening, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	client, err := r.cluster.Connect(opening, r.person.Token, 4, "websocket")
	if err != nil {
		return // the next attempt meets another node
	}
	defer client.Close()
	kind := 1
	if r.chat.Field == "groupid" {
		kind = 2
	}
	if answer, err := client.Request(opening, "current chat", map[string]any{"id": r.chat.ID}); err != nil || string(answer[0]) != "false" {
		return
	}
	if answer, err := client.Request(opening, "clear unread", map[string]any{"type": kind, "id": r.chat.ID}); err != nil || string(answer[0]) != "false" {
		return
	}
	for err == nil {
		_, err = client.Take(ctx, nil)
	}
}

// hasRead waits until nothing of the chat is unread.
func (r *reader) hasRead(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		unread, err := ledger.Unread(waiting, r.cluster, r.person.Token)
		if err == nil && unread[r.chat.ID] == 0 {
			return nil
		}
		if waiting.Err() != nil {
			return fmt.Errorf("%s looks at %s: %d are unread (error %v)", r.person.ID, r.chat.ID, unread[r.chat.ID], err)
		}
		pause(waiting, 50*time.Millisecond)
	}
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
