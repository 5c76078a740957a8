package delivery

import (
	"container/heap"
	"context"
	"slices"
	"sync"
	"time"

	"parley/internal/chat"
	"parley/internal/wire"
)

// ReadMarkSource computes read marks.
type ReadMarkSource interface {
	// ChangedReadMarks is that of [chat.Service]. It must see every commit whose events were published.
	ChangedReadMarks(context.Context, chat.ChatKey, []chat.AccountID, chat.ReadMarkState) (map[chat.AccountID]chat.ChangedMarks, chat.ReadMarkState, error)
	// ReadMarkPause is the minimum time between two pushes about a chat.
	ReadMarkPause() time.Duration
}

// After the marks of a chat were computed, the goroutine rests this many times as long. So read marks use at most a quarter
// of a processor; under load they are pushed later.
const restAfterMarks = 3

// After a failure, the marks are computed again after this time.
const retryMarks = 5 * time.Second

// How often what is known of chats that nobody looks at is forgotten.
const forgetMarks = time.Minute

// readMarks tells sockets that look at a chat how many have read the messages of their account. Requirements:
//
//  1. Events say only that marks may have changed. The marks are read from the database afterwards, so that the last push
//     about a chat tells the present state, whatever events were merged or came from other nodes.
//  2. Between two reads of the marks of a chat at least ReadMarkPause passes. The first event after a pause is told at once.
//  3. A chat at which no socket of this node looks costs nothing.
type readMarks struct {
	source ReadMarkSource
	more   chan struct{} // holds a token when a chat waits that may be the first

	mu    sync.Mutex
	chats map[chat.ChatKey]*markedChat
	due   markQueue
}

// markedChat is a chat at which somebody looks.
type markedChat struct {
	key   chat.ChatKey
	waits bool // it is in the queue
	at    time.Time
	told  time.Time // when its marks were last read

	state chat.ReadMarkState // used by the goroutine only
}

func newReadMarks(source ReadMarkSource) *readMarks {
	return &readMarks{source: source, more: make(chan struct{}, 1), chats: make(map[chat.ChatKey]*markedChat)}
}

// touch notes that marks of a chat may have changed.
func (r *readMarks) touch(key chat.ChatKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.chats[key]
	if c == nil {
		c = &markedChat{key: key}
		r.chats[key] = c
	}
	r.enqueue(c, c.told.Add(r.source.ReadMarkPause()))
}

// enqueue needs the lock.
func (r *readMarks) enqueue(c *markedChat, at time.Time) {
	if c.waits {
		return
	}
	c.waits, c.at = true, at
	heap.Push(&r.due, c)
	select {
	case r.more <- struct{}{}:
	default:
	}
}

// take returns the chat that is due, or else how long to wait.
func (r *readMarks) take() (c *markedChat, wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.due) == 0 {
		return nil, forgetMarks
	}
	now := time.Now()
	if wait := r.due[0].at.Sub(now); wait > 0 {
		return nil, wait
	}
	c = heap.Pop(&r.due).(*markedChat)
	c.waits, c.told = false, now
	return c, 0
}

func (r *readMarks) again(c *markedChat, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.enqueue(c, at)
}

// forget removes chats at which nobody looks.
func (r *readMarks) forget(p *chat.Presence) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, c := range r.chats {
		if !c.waits && !p.Watched(key, "") {
			delete(r.chats, key)
		}
	}
}

// tellMarks is the goroutine.
func (h *Hub) tellMarks() {
	defer h.done.Done()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-h.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	forget := time.NewTicker(forgetMarks)
	defer forget.Stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		c, wait := h.marks.take()
		if c != nil {
			began := time.Now()
			h.tellMarksOf(ctx, c)
			wait = restAfterMarks * time.Since(began)
		}
		timer.Reset(wait)
		var more chan struct{}
		if c == nil {
			more = h.marks.more
		}
		select {
		case <-h.stop:
			return
		case <-forget.C:
			h.marks.forget(h.presence)
		case <-timer.C:
		case <-more:
		}
	}
}

func (h *Hub) tellMarksOf(ctx context.Context, c *markedChat) {
	authors := h.markReceivers(c.key)
	if len(authors) == 0 {
		return
	}
	all, state, err := h.marks.source.ChangedReadMarks(ctx, c.key, authors, c.state)
	if err != nil {
		if ctx.Err() == nil {
			h.opts.Logger.Debug("read marks not told", "error", err)
			h.marks.again(c, time.Now().Add(retryMarks))
		}
		return
	}
	c.state = state
	for _, a := range h.markReceivers(c.key) {
		if !slices.Contains(authors, a) {
			// It has begun to look meanwhile, and may have asked for its marks before these were read.
			c.state = chat.ReadMarkState{}
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for a, changed := range all {
		ref := c.key.Ref(a)
		h.begin()
		h.addLookers(a, ref, wire.PushReadMarks)
		h.send(wire.PushReadMarks, func() any { return h.opts.Encoder.ReadMarksChanged(ref, changed) })
	}
	h.begin()
}

// markReceivers returns the accounts with a socket that looks at the chat and wants to be told.
func (h *Hub) markReceivers(key chat.ChatKey) (all []chat.AccountID) {
	watchers := h.presence.Watchers(key)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range watchers {
		h.begin()
		h.addLookers(a, key.Ref(a), wire.PushReadMarks)
		if len(h.sockets) > 0 {
			all = append(all, a)
		}
	}
	h.begin()
	return all
}

// addLookers puts the sockets of an account that look at the chat, and want the push, into the audience.
func (h *Hub) addLookers(id chat.AccountID, ref chat.ChatRef, push string) {
	a := h.accounts[id]
	if a == nil {
		return
	}
	bit := pushBits[push]
	for _, c := range a.clients {
		if c.app.muted&bit == 0 && h.presence.LooksAt(c.viewer, ref) {
			h.sockets = append(h.sockets, c.socket)
		}
	}
}

// touchMarks notes the chats with watchers in which an event may change marks.
func (h *Hub) touchMarks(e chat.Event) {
	if h.marks == nil {
		return
	}
	switch e := e.(type) {
	case chat.MessageSent:
		h.sentIn(&e)
	case chat.ChatRead:
		h.readIn(e.Account, e.Ref)
	case chat.ChatReadUpTo:
		h.readIn(e.Account, e.Left.Ref)
	case chat.ReadTakenBack:
		h.readIn(e.Account, e.Unread.Ref)
	case chat.MarkedUnread:
		h.readIn(e.Account, e.Unread.Ref)
	case chat.SessionRemoved:
		h.readIn(e.Account, e.Ref)
	case chat.AllRead:
		h.readersIn(e.Account, e.Groups)
	case chat.ReadersChanged:
		h.readersIn(e.Account, e.Groups)
	case chat.SettingsChanged:
		h.readersIn("", nil)
	case chat.GroupMemberLeft:
		h.touchWatched(chat.ChatKey{Group: e.Group.ID}, "")
	case chat.GroupDissolved:
		h.touchWatched(chat.ChatKey{Group: e.Group.ID}, "")
	case chat.ContactChanged:
		for _, a := range e.To {
			if key, ok := chat.KeyOf(a, chat.ChatRef{Type: chat.SessionUser, ID: string(e.Person.ID)}); ok {
				h.touchWatched(key, "")
			}
		}
	}
}

// sentIn notes the chat of a new message: its author gets its mark, and the marks of other authors change if the message was read
// at once. The marks of an account's own messages do not depend on its own reading.
func (h *Hub) sentIn(e *chat.MessageSent) {
	if e.Group == nil {
		if key, ok := chat.KeyOf(e.Message.From, chat.ChatRef{Type: chat.SessionUser, ID: string(e.Peer)}); ok {
			h.touchWatched(key, e.Peer)
		}
		return
	}
	var only chat.AccountID
	if len(e.Readers) == 1 {
		only = e.Readers[0]
	}
	h.touchWatched(chat.ChatKey{Group: e.Group.ID}, only)
}

// readIn notes that the cursor of an account has moved.
func (h *Hub) readIn(a chat.AccountID, ref chat.ChatRef) {
	if key, ok := chat.KeyOf(a, ref); ok {
		h.touchWatched(key, a)
	}
}

// readersIn notes the direct chats of an account and groups; without an account, all chats.
func (h *Hub) readersIn(a chat.AccountID, groups []chat.GroupID) {
	for _, key := range h.presence.WatchedChats(a) {
		h.touchWatched(key, "")
	}
	for _, g := range groups {
		h.touchWatched(chat.ChatKey{Group: g}, "")
	}
}

func (h *Hub) touchWatched(key chat.ChatKey, except chat.AccountID) {
	if h.presence.Watched(key, except) {
		h.marks.touch(key)
	}
}

// markQueue is the chats that wait, as a heap by time.
type markQueue []*markedChat

func (q markQueue) Len() int           { return len(q) }
func (q markQueue) Less(i, j int) bool { return q[i].at.Before(q[j].at) }
func (q markQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *markQueue) Push(x any)        { *q = append(*q, x.(*markedChat)) }
func (q *markQueue) Pop() any {
	last := len(*q) - 1
	c := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return c
}
