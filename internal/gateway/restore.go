package gateway

import (
	"sync"
	"time"

	"parley/internal/chat"
)

// restore remembers the current chats of connections that broke, and of those that
// there were when the server ended, for clients that come back with the same token
// and do not say again where they are (docs/protocol/conversation.md). It has no
// timer: entries that are too old are dropped when another is put in, or asked for.
type restore struct {
	window time.Duration
	max    int

	mu    sync.Mutex
	chats map[loginKey][]broken
	order []loginKey // oldest first; one for every entry, also those taken since

	// Dropped, and still stored.
	gone []chat.SocketID
	lost []chat.CurrentChat // from before the start
}

// loginKey is a log-in: of a token, or of a JWT, whose issuer chooses the session.
type loginKey struct {
	session chat.SessionID
	account chat.AccountID
}

type broken struct {
	chat.CurrentChat
	until       time.Time
	beforeStart bool
}

func (r *restore) init(window time.Duration, max int) {
	r.window, r.max = window, max
	r.chats = make(map[loginKey][]broken)
}

func (r *restore) put(c chat.CurrentChat, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.prune(now)
	r.add(broken{c, now.Add(r.window), false})
}

// load adds the entries that were stored before the start, oldest first.
func (r *restore) load(stored []chat.CurrentChat, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range stored {
		r.add(broken{c, now.Add(r.window), true})
	}
}

func (r *restore) add(b broken) {
	key := loginKey{b.Session, b.Account}
	r.chats[key] = append(r.chats[key], b)
	r.order = append(r.order, key)
}

// take returns the current chat of the log-in's connection that broke last.
func (r *restore) take(session chat.SessionID, account chat.AccountID, now time.Time) (chat.CurrentChat, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := loginKey{session, account}
	list := r.chats[key]
	if len(list) == 0 {
		return chat.CurrentChat{}, false
	}
	last := list[len(list)-1]
	r.set(key, list[:len(list)-1])
	if !now.Before(last.until) {
		r.drop(last)
		return chat.CurrentChat{}, false
	}
	return last.CurrentChat, true
}

// expired returns the entries that were dropped since the last call: of connections
// that broke while the server ran, and of those from before the start.
func (r *restore) expired(now time.Time) (gone []chat.SocketID, lost []chat.CurrentChat) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.prune(now)
	gone, lost = r.gone, r.lost
	r.gone, r.lost = nil, nil
	return gone, lost
}

// again puts back entries that could not be removed from the database.
func (r *restore) again(gone []chat.SocketID, lost []chat.CurrentChat) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone, r.lost = append(r.gone, gone...), append(r.lost, lost...)
}

// prune drops entries that are too old, and the oldest if there are too many.
func (r *restore) prune(now time.Time) {
	for len(r.order) > 0 {
		key := r.order[0]
		// An entry that was taken has left its place behind. Where another of the
		// same log-in is there, the place is taken for that one's.
		if list := r.chats[key]; len(list) > 0 {
			if now.Before(list[0].until) && len(r.order) < r.max {
				return
			}
			r.drop(list[0])
			r.set(key, list[1:])
		}
		r.order = r.order[1:]
	}
}

func (r *restore) drop(b broken) {
	if b.beforeStart {
		r.lost = append(r.lost, b.CurrentChat)
	} else {
		r.gone = append(r.gone, b.ID)
	}
}

func (r *restore) set(key loginKey, list []broken) {
	if len(list) == 0 {
		delete(r.chats, key)
		return
	}
	r.chats[key] = list
}
