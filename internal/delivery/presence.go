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

// set puts a socket into a chat, out of the one where it was. onlyUnsettled
// spares one that has been put anywhere before, and reports false then.
func (p *presence) set(c *Client, to chat.ChatRef, onlyUnsettled bool) bool {
	me := c.account.id
	p.mu.Lock()
	defer p.mu.Unlock()
	if onlyUnsettled && c.settled {
		return false
	}
	c.settled = true
	if key, ok := keyOf(me, c.current); ok {
		viewers := p.chats[key]
		if viewers[me]--; viewers[me] == 0 {
			delete(viewers, me)
		}
		if len(viewers) == 0 {
			delete(p.chats, key)
		}
	}
	c.current = to
	if key, ok := keyOf(me, to); ok {
		viewers := p.chats[key]
		if viewers == nil {
			viewers = make(map[chat.AccountID]int, 1)
			p.chats[key] = viewers
		}
		viewers[me]++
	}
	return true
}

func (p *presence) settled(c *Client) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return c.settled
}

func (p *presence) current(c *Client) chat.ChatRef {
	p.mu.Lock()
	defer p.mu.Unlock()
	return c.current
}

// looksAt reports whether a socket looks at the chat.
func (p *presence) looksAt(c *Client, key chatKey) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := keyOf(c.account.id, c.current)
	return ok && at == key
}
