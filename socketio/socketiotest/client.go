// Package socketiotest is a small Socket.IO client for tests: revision 4 on
// Engine.IO 3 and revision 5 on Engine.IO 4, over one WebSocket or over
// polling, in the default namespace, text only. It shares no code with the
// server, so that the two cannot agree on the same mistake. It never reconnects
// and never upgrades; what real clients do is tested with real clients.
package socketiotest

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// Options say where and how to connect.
type Options struct {
	URL       string     // "http://127.0.0.1:8080", or with https
	Path      string     // "/socket.io/"
	EIO       int        // 3 or 4
	Transport string     // "websocket" or "polling"
	Query     url.Values // added to the handshake's URL
	Auth      any        // CONNECT payload, EIO 4 only; nil: none
	Header    http.Header
	TLS       *tls.Config // of https
}

// Refused is the server's refusal of the default namespace.
type Refused struct{ Text string }

// Error returns the text of the refusal.
func (r *Refused) Error() string { return "refused: " + r.Text }

// ErrClosed is returned once the connection is gone.
var ErrClosed = errors.New("socketiotest: connection closed")

// Event is an event of the server with its arguments.
type Event struct {
	Name string
	Args []json.RawMessage
}

// transport carries whole Engine.IO packets as text.
type transport interface {
	send(packet string) error
	receive() (packets []string, err error)
	close()
}

// Client is a connected socket. Its methods are safe for concurrent use.
type Client struct {
	transport transport
	eio       int
	sid       string

	mu      sync.Mutex
	changed chan struct{} // closed and replaced when something below changes
	nextAck int
	acks    map[int]chan []json.RawMessage
	events  []Event
	err     error
	done    chan struct{}
}

// Connect opens a connection and joins the default namespace. A refusal is a
// *[Refused].
func Connect(ctx context.Context, o Options) (*Client, error) {
	c := &Client{eio: o.EIO, changed: make(chan struct{}), acks: map[int]chan []json.RawMessage{}, done: make(chan struct{})}
	var err error
	if o.Transport == "polling" {
		c.transport, err = dialPolling(ctx, o)
	} else {
		c.transport, err = dialWebSocket(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	joined := make(chan error, 1)
	go c.read(o, joined)
	select {
	case err := <-joined:
		if err != nil {
			c.Close()
			return nil, err
		}
		return c, nil
	case <-ctx.Done():
		c.Close()
		return nil, ctx.Err()
	}
}

// endpoint is the address of the handshake with the query that both transports need.
func (o Options) endpoint(scheme string) string {
	query := url.Values{}
	for name, values := range o.Query {
		query[name] = values
	}
	query.Set("EIO", strconv.Itoa(o.EIO))
	query.Set("transport", o.Transport)
	if o.EIO == 3 && o.Transport == "polling" {
		query.Set("b64", "1")
	}
	return scheme + strings.TrimPrefix(o.URL, "http") + o.Path + "?" + query.Encode()
}

// read handles packets until the connection ends.
func (c *Client) read(o Options, joined chan<- error) {
	defer close(c.done)
	for {
		packets, err := c.transport.receive()
		for _, packet := range packets {
			if err == nil {
				err = c.handle(packet, o, joined)
			}
		}
		if err != nil {
			c.fail(err)
			select {
			case joined <- err:
			default:
			}
			return
		}
	}
}

func (c *Client) handle(packet string, o Options, joined chan<- error) error {
	switch {
	case strings.HasPrefix(packet, "0"):
		if c.eio == 3 {
			return nil // the server connects "/" by itself
		}
		auth := []byte{}
		if o.Auth != nil {
			var err error
			if auth, err = json.Marshal(o.Auth); err != nil {
				return err
			}
		}
		return c.transport.send("40" + string(auth))
	case packet == "1":
		return ErrClosed
	case packet == "2":
		return c.transport.send("3")
	case packet == "40" || strings.HasPrefix(packet, "40{"):
		var answer struct{ SID string }
		if c.eio == 4 {
			if err := json.Unmarshal([]byte(packet[2:]), &answer); err != nil {
				return err
			}
		}
		c.sid = answer.SID
		joined <- nil
	case packet == "41":
		return ErrClosed
	case strings.HasPrefix(packet, "44"):
		joined <- refusal(packet[2:])
	case strings.HasPrefix(packet, "42"):
		var args []json.RawMessage
		if err := json.Unmarshal([]byte(packet[2:]), &args); err != nil || len(args) == 0 {
			return fmt.Errorf("socketiotest: bad event %q", packet)
		}
		var name string
		if err := json.Unmarshal(args[0], &name); err != nil {
			return err
		}
		c.change(func() { c.events = append(c.events, Event{Name: name, Args: args[1:]}) })
	case strings.HasPrefix(packet, "43"):
		return c.acknowledged(packet[2:])
	}
	return nil
}

func refusal(data string) error {
	var text string
	if json.Unmarshal([]byte(data), &text) == nil {
		return &Refused{Text: text}
	}
	var object struct{ Message string }
	if err := json.Unmarshal([]byte(data), &object); err != nil {
		return fmt.Errorf("socketiotest: bad refusal %q", data)
	}
	return &Refused{Text: object.Message}
}

func (c *Client) acknowledged(data string) error {
	digits := strings.IndexByte(data, '[')
	if digits < 1 {
		return fmt.Errorf("socketiotest: bad acknowledgement %q", data)
	}
	id, err := strconv.Atoi(data[:digits])
	if err != nil {
		return err
	}
	var args []json.RawMessage
	if err := json.Unmarshal([]byte(data[digits:]), &args); err != nil {
		return err
	}
	c.mu.Lock()
	answer, ok := c.acks[id]
	delete(c.acks, id)
	c.mu.Unlock()
	if !ok {
		return fmt.Errorf("socketiotest: acknowledgement %d was not asked for", id)
	}
	answer <- args
	return nil
}

// Emit sends an event without asking for an acknowledgement. An argument that
// is a json.RawMessage travels as it is.
func (c *Client) Emit(event string, args ...any) error {
	data, err := json.Marshal(append([]any{event}, args...))
	if err != nil {
		return err
	}
	return c.transport.send("42" + string(data))
}

// Request sends an event and waits for its acknowledgement. An argument that
// is a json.RawMessage travels as it is.
func (c *Client) Request(ctx context.Context, event string, args ...any) ([]json.RawMessage, error) {
	data, err := json.Marshal(append([]any{event}, args...))
	if err != nil {
		return nil, err
	}
	answer := make(chan []json.RawMessage, 1)
	c.mu.Lock()
	id := c.nextAck
	c.nextAck++
	c.acks[id] = answer
	c.mu.Unlock()
	if err := c.transport.send("42" + strconv.Itoa(id) + string(data)); err != nil {
		return nil, err
	}
	select {
	case args := <-answer:
		return args, nil
	case <-c.done:
		select {
		case args := <-answer:
			return args, nil
		default:
			return nil, ErrClosed
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Take removes and returns the oldest event for which want is true, and waits
// for one where there is none. A nil want takes whatever is oldest.
func (c *Client) Take(ctx context.Context, want func(Event) bool) (Event, error) {
	for {
		c.mu.Lock()
		for i, event := range c.events {
			if want == nil || want(event) {
				c.events = append(c.events[:i:i], c.events[i+1:]...)
				c.mu.Unlock()
				return event, nil
			}
		}
		changed, err := c.changed, c.err
		c.mu.Unlock()
		if err != nil {
			return Event{}, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Event{}, ctx.Err()
		}
	}
}

// Drain removes and returns every event that has arrived.
func (c *Client) Drain() []Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	events := c.events
	c.events = nil
	return events
}

// SID is the socket's id as the CONNECT answer gave it; empty on EIO 3.
func (c *Client) SID() string { return c.sid }

// Done is closed when the connection has ended.
func (c *Client) Done() <-chan struct{} { return c.done }

// Disconnect says goodbye: it leaves the default namespace. The connection stays.
func (c *Client) Disconnect() error { return c.transport.send("41") }

// Close drops the connection without a word, as a lost network does, and waits
// until the reader is gone.
func (c *Client) Close() {
	c.transport.close()
	<-c.done
}

// Break ends the connection with a reset, which the other side sees as an error,
// and waits until the reader is gone. Over polling it is Close.
func (c *Client) Break() {
	if w, ok := c.transport.(*webSocket); ok {
		w.reset()
	} else {
		c.transport.close()
	}
	<-c.done
}

func (c *Client) change(what func()) {
	c.mu.Lock()
	what()
	close(c.changed)
	c.changed = make(chan struct{})
	c.mu.Unlock()
}

func (c *Client) fail(err error) { c.change(func() { c.err = err }) }
