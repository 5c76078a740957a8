package gateway

import (
	"sync"
	"time"

	"parley/internal/chat"
)

// restore remembers the current chats of connections that broke, for clients
// that come back with the same token and do not say again where they are
// (docs/protocol/conversation.md). It has no timer: what is too
// old is dropped when something is put in.
type restore struct {
	window time.Duration
	max    int

	mu    sync.Mutex
	chats map[restoreKey][]broken
	order []restoreKey // oldest first; one for every entry, also those taken since
}

// restoreKey is a log-in: of a token, or of a JWT, whose issuer chooses the session.
type restoreKey struct {
	session chat.SessionID
	account chat.AccountID
}

type broken struct {
	ref   chat.ChatRef
	until time.Time
}

func (r *restore) init(window time.Duration, max int) {
	r.window, r.max = window, max
	r.chats = make(map[restoreKey][]broken)
}

func (r *restore) put(session chat.SessionID, account chat.AccountID, ref chat.ChatRef, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.prune(now)
	key := restoreKey{session, account}
	r.chats[key] = append(r.chats[key], broken{ref, now.Add(r.window)})
	r.order = append(r.order, key)
}

// take returns the current chat of the log-in's connection that broke last.
func (r *restore) take(session chat.SessionID, account chat.AccountID, now time.Time) (chat.ChatRef, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := restoreKey{session, account}
	list := r.chats[key]
	if len(list) == 0 {
		return chat.ChatRef{}, false
	}
	last := list[len(list)-1]
	r.set(key, list[:len(list)-1])
	return last.ref, now.Before(last.until)
}

// prune drops what is too old, and the oldest where there is too much.
func (r *restore) prune(now time.Time) {
	for len(r.order) > 0 {
		key := r.order[0]
		// An entry that was taken has left its place behind. Where another of the
		// same log-in is there, the place is taken for that one's.
		if list := r.chats[key]; len(list) > 0 {
			if now.Before(list[0].until) && len(r.order) < r.max {
				return
			}
			r.set(key, list[1:])
		}
		r.order = r.order[1:]
	}
}

func (r *restore) set(key restoreKey, list []broken) {
	if len(list) == 0 {
		delete(r.chats, key)
		return
	}
	r.chats[key] = list
}
