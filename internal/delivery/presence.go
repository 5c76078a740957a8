package delivery

import (
	"sync"

	"parley/internal/chat"
)

// presence knows which accounts look at which chat. It has a lock of its own,
// because it is asked inside every transaction that stores a message.
type presence struct {
	mu    sync.Mutex
	chats map[chatKey]map[chat.AccountID]int // number of the account's sockets there
}

// chatKey names a conversation from wherever one looks at it: the group, or both
// accounts in order, or one of them twice.
type chatKey struct {
	group bool
	a, b  string
}

func keyOf(me chat.AccountID, ref chat.ChatRef) (chatKey, bool) {
	switch ref.Type {
	case chat.SessionGroup:
		return chatKey{group: true, a: ref.ID}, true
	case chat.SessionUser:
		if chat.AccountID(ref.ID) == chat.FileTransfer {
			return pair(me, me), true
		}
		return pair(me, chat.AccountID(ref.ID)), true
	}
	return chatKey{}, false // an inbox is read by its own request
}

func pair(a, b chat.AccountID) chatKey {
	if a > b {
		a, b = b, a
	}
	return chatKey{a: string(a), b: string(b)}
}

func (p *presence) present(c *chat.Conversation) []chat.AccountID {
	key := chatKey{group: true, a: string(c.Group)}
	switch {
	case c.Kind == chat.KindSelf:
		key = pair(c.A, c.A)
	case c.Kind != chat.KindGroup:
		key = pair(c.A, c.B)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	viewers := p.chats[key]
	if len(viewers) == 0 {
		return nil
	}
	accounts := make([]chat.AccountID, 0, len(viewers))
	for a := range viewers {
		accounts = append(accounts, a)
	}
	return accounts
}

// move takes a socket of the account from one chat to another.
func (p *presence) move(a chat.AccountID, current *chat.ChatRef, to chat.ChatRef) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if key, ok := keyOf(a, *current); ok {
		viewers := p.chats[key]
		if viewers[a]--; viewers[a] == 0 {
			delete(viewers, a)
		}
		if len(viewers) == 0 {
			delete(p.chats, key)
		}
	}
	*current = to
	if key, ok := keyOf(a, to); ok {
		viewers := p.chats[key]
		if viewers == nil {
			viewers = make(map[chat.AccountID]int, 1)
			p.chats[key] = viewers
		}
		viewers[a]++
	}
}

// current reads the chat that a socket looks at.
func (p *presence) current(of *chat.ChatRef) chat.ChatRef {
	p.mu.Lock()
	defer p.mu.Unlock()
	return *of
}

// looksAt reports whether a socket of the account looks at the chat.
func (p *presence) looksAt(a chat.AccountID, current *chat.ChatRef, key chatKey) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := keyOf(a, *current)
	return ok && at == key
}
